package dev.credence.app.training;

import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.data.corpora.Division;
import dev.credence.data.corpora.Sequences;
import dev.credence.torch.LoraSettings;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Every setting of a training run, its default and its explanation: the command's options, the keys of a configuration
 * file and what a run's folder records are made from this class alone.
 */
public final class TrainSettings {
    private static final String DEFAULT = " (default ${DEFAULT-VALUE})";

    @Option(
            names = "--documents",
            paramLabel = "RULE",
            defaultValue = "paragraphs",
            description =
                    "How a text file falls into documents: paragraphs (between empty lines), speeches (those whose"
                            + " first line ends with a colon), lines, file, or separator:LINE" + DEFAULT)
    private String documents = "paragraphs";

    @Option(
            names = "--field",
            paramLabel = "NAME",
            defaultValue = "text",
            description = "The field or column that holds the document, in JSON Lines and Parquet" + DEFAULT)
    private String field = "text";

    @Option(
            names = "--draws",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Documents drawn from a world, where the corpus is one" + DEFAULT)
    private int draws = 10000;

    @Option(
            names = "--validation",
            paramLabel = "SHARE",
            defaultValue = "0.05",
            description =
                    "Share of the documents that is held out to measure the validation loss; 0 for none" + DEFAULT)
    private double validation = 0.05;

    @Option(
            names = "--long",
            paramLabel = "split|cut",
            defaultValue = "split",
            description = "Documents longer than --length go on in further sequences (split), or lose the rest (cut)"
                    + DEFAULT)
    private String longOnes = "split";

    @Option(
            names = "--from",
            paramLabel = "DIR",
            description = "Go on from this checkpoint folder, with its tokenizer (default: from scratch).")
    private @Nullable String from;

    @Option(
            names = "--lora",
            paramLabel = "R",
            defaultValue = "0",
            description =
                    "With --from: train a low-rank adapter of rank R beside the frozen weights, and save it alone; 0"
                            + " trains the weights" + DEFAULT)
    private int lora;

    @Option(
            names = "--lora-alpha",
            paramLabel = "X",
            defaultValue = "0",
            description = "With --lora: the adapter is scaled by X/R; 0 stands for X = 2R" + DEFAULT)
    private double loraAlpha;

    @Option(
            names = "--lora-targets",
            paramLabel = "REGEX",
            defaultValue = ".*",
            description = "With --lora: found in the stored names of the projections that are adapted" + DEFAULT)
    private String loraTargets = ".*";

    @Option(
            names = "--tokenizer",
            paramLabel = "DIR",
            description =
                    "From scratch: a folder with tokenizer.json and tokenizer_config.json (default: one is trained on"
                            + " the corpus, see --vocabulary).")
    private @Nullable String tokenizer;

    @Option(
            names = "--vocabulary",
            paramLabel = "N",
            defaultValue = "512",
            description =
                    "From scratch without --tokenizer: tokens of the byte-level byte-pair tokenizer that is trained on"
                            + " the corpus" + DEFAULT)
    private int vocabulary = 512;

    @Option(
            names = "--layers",
            paramLabel = "N",
            defaultValue = "4",
            description = "From scratch: blocks of the model" + DEFAULT)
    private int layers = 4;

    @Option(
            names = "--width",
            paramLabel = "N",
            defaultValue = "128",
            description = "From scratch: width of the residual stream" + DEFAULT)
    private int width = 128;

    @Option(
            names = "--heads",
            paramLabel = "N",
            defaultValue = "4",
            description = "From scratch: attention heads; a divisor of the width" + DEFAULT)
    private int heads = 4;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "128",
            description = "From scratch: positions of the model" + DEFAULT)
    private int context = 128;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Steps of the optimiser" + DEFAULT)
    private long steps = 1000;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description =
                    "Sequences a step; however many, they are computed in pieces whose gradients add up" + DEFAULT)
    private int batch = 64;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens of a sequence at most, its first one, which is given, included" + DEFAULT)
    private int length = 128;

    @Option(
            names = "--lr",
            paramLabel = "X",
            defaultValue = "0.001",
            description = "Learning rate of AdamW at its peak" + DEFAULT)
    private double lr = 0.001;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "50",
            description = "Steps in which the rate rises from 0 to --lr, on a line; then it falls along half a cosine"
                    + DEFAULT)
    private long warmup = 50;

    @Option(
            names = "--final-lr",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of --lr that is left at the last step" + DEFAULT)
    private double finalRate;

    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            defaultValue = "0.01",
            description = "Decoupled decay of matrices; biases and normalisations have none" + DEFAULT)
    private double weightDecay = 0.01;

    @Option(
            names = "--beta1",
            paramLabel = "X",
            defaultValue = "0.9",
            description = "Decay of AdamW's first moment" + DEFAULT)
    private double beta1 = 0.9;

    @Option(
            names = "--beta2",
            paramLabel = "X",
            defaultValue = "0.999",
            description = "Decay of AdamW's second moment" + DEFAULT)
    private double beta2 = 0.999;

    @Option(
            names = "--clip",
            paramLabel = "X",
            defaultValue = "1",
            description = "Gradients longer than this are scaled down to it; inf leaves them" + DEFAULT)
    private String clip = "1";

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            defaultValue = "500",
            description = "Steps between checkpoints; a killed run goes on from the last one" + DEFAULT)
    private long checkpointEvery = 500;

    @Option(
            names = "--evaluate-every",
            paramLabel = "N",
            defaultValue = "250",
            description = "Steps between measurements of the validation loss" + DEFAULT)
    private long evaluateEvery = 250;

    @Option(
            names = "--log-every",
            paramLabel = "N",
            defaultValue = "10",
            description = "Steps that one line of the metrics is the mean of" + DEFAULT)
    private long logEvery = 10;

    @Option(
            names = "--measure",
            paramLabel = "N",
            defaultValue = "10000",
            description =
                    "At the end, training sequences that the final model's loss is measured on; 0 for none" + DEFAULT)
    private int measure = 10000;

    @Option(
            names = "--tensorboard",
            description = "Write metrics as TensorBoard's event files too, into the run's folder.")
    private boolean tensorboard;

    @Option(
            names = "--mlflow",
            paramLabel = "URL",
            description = "Send metrics to an MLflow server too, such as http://localhost:5000.")
    private @Nullable String mlflow;

    /** For the parser, which fills the fields. */
    public TrainSettings() {}

    /**
     * Checks each setting by itself.
     *
     * @throws InputException naming the option, its value and the rule
     */
    public void check() {
        division();
        longOnes();
        require(draws >= 1, "--draws", draws, "it must be 1 or more");
        require(validation >= 0 && validation < 1, "--validation", validation, "it must be in [0, 1)");
        require(vocabulary >= 257, "--vocabulary", vocabulary, "it must be 257 or more: 256 bytes and the end");
        require(lora >= 0, "--lora", lora, "it must be 0 or more");
        require(loraAlpha >= 0, "--lora-alpha", loraAlpha, "it must be 0 or more");
        require(isPattern(loraTargets), "--lora-targets", loraTargets, "it must be a regular expression");
        require(layers >= 1, "--layers", layers, "it must be 1 or more");
        require(width >= 1, "--width", width, "it must be 1 or more");
        require(heads >= 1, "--heads", heads, "it must be 1 or more");
        require(context >= 2, "--context", context, "it must be 2 or more");
        require(steps >= 1, "--steps", steps, "it must be 1 or more");
        require(batch >= 1, "--batch", batch, "it must be 1 or more");
        require(length >= 2, "--length", length, "it must be 2 or more");
        require(lr > 0 && lr < Double.POSITIVE_INFINITY, "--lr", lr, "it must be finite and > 0");
        require(warmup >= 0, "--warmup", warmup, "it must be 0 or more");
        require(finalRate >= 0 && finalRate <= 1, "--final-lr", finalRate, "it must be in [0, 1]");
        require(weightDecay >= 0, "--weight-decay", weightDecay, "it must be 0 or more");
        require(beta1 >= 0 && beta1 < 1, "--beta1", beta1, "it must be in [0, 1)");
        require(beta2 >= 0 && beta2 < 1, "--beta2", beta2, "it must be in [0, 1)");
        require(clipNorm() > 0, "--clip", clip, "it must be a number > 0, or inf");
        require(checkpointEvery >= 1, "--checkpoint-every", checkpointEvery, "it must be 1 or more");
        require(evaluateEvery >= 1, "--evaluate-every", evaluateEvery, "it must be 1 or more");
        require(logEvery >= 1, "--log-every", logEvery, "it must be 1 or more");
        require(measure >= 0, "--measure", measure, "it must be 0 or more");
    }

    /**
     * Checks whether the settings fit each other.
     *
     * @throws InputException naming an option, its value and the rule
     */
    public void checkTogether() {
        require(lora == 0 || from != null, "--lora", lora, "an adapter stands on a model: give --from DIR");
        require(width % heads == 0, "--width", width, "it must be a multiple of --heads, " + heads);
        if (from != null && tokenizer != null) {
            throw InputException.ofOption(
                    "--tokenizer", tokenizer, "a model goes on with the tokenizer of --from; give one of the two");
        }
    }

    private static void require(boolean good, String option, Object value, String rule) {
        if (!good) {
            throw InputException.ofOption(option, String.valueOf(value), rule);
        }
    }

    /** {@return how text files fall into documents} */
    public Division division() {
        return Division.of(documents);
    }

    /** {@return the field that holds the document} */
    public String field() {
        return field;
    }

    /** {@return documents drawn from a world} */
    public int draws() {
        return draws;
    }

    /** {@return share held out} */
    public double validation() {
        return validation;
    }

    /** {@return what becomes of long documents} */
    public Sequences.Overlong longOnes() {
        return switch (longOnes) {
            case "split" -> Sequences.Overlong.SPLIT;
            case "cut" -> Sequences.Overlong.CUT;
            default -> throw InputException.ofOption("--long", longOnes, "it is split or cut");
        };
    }

    /** {@return the checkpoint to go on from, or null} */
    public @Nullable String from() {
        return from;
    }

    /** {@return the adapter to be trained, or null where the weights are} */
    public @Nullable LoraSettings lora() {
        double alpha = loraAlpha == 0 ? 2.0 * lora : loraAlpha;
        return lora == 0 ? null : new LoraSettings(lora, alpha, false, Pattern.compile(loraTargets));
    }

    private static boolean isPattern(String text) {
        try {
            return !Pattern.compile(text).pattern().isEmpty();
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    /** {@return the tokenizer's folder, or null where none is given} */
    public @Nullable String tokenizer() {
        return tokenizer;
    }

    /** {@return tokens of a tokenizer that is trained} */
    public int vocabulary() {
        return vocabulary;
    }

    /** {@return blocks of a new model} */
    public int layers() {
        return layers;
    }

    /** {@return width of a new model} */
    public int width() {
        return width;
    }

    /** {@return heads of a new model} */
    public int heads() {
        return heads;
    }

    /** {@return positions of a new model} */
    public int context() {
        return context;
    }

    /** {@return steps in all} */
    public long steps() {
        return steps;
    }

    /** {@return sequences a step} */
    public int batch() {
        return batch;
    }

    /** {@return tokens of a sequence at most} */
    public int length() {
        return length;
    }

    /** {@return steps between checkpoints} */
    public long checkpointEvery() {
        return checkpointEvery;
    }

    /** {@return steps between measurements of the validation loss} */
    public long evaluateEvery() {
        return evaluateEvery;
    }

    /** {@return steps that a line of the metrics is the mean of} */
    public long logEvery() {
        return logEvery;
    }

    /** {@return training sequences measured at the end} */
    public int measure() {
        return measure;
    }

    /** {@return whether event files are written} */
    public boolean tensorboard() {
        return tensorboard;
    }

    /** {@return the MLflow server, or null} */
    public @Nullable String mlflow() {
        return mlflow;
    }

    /** {@return AdamW with these settings} */
    public Optimiser optimiser() {
        return new Optimiser(
                Optimiser.Rule.ADAMW,
                LearningRate.cosine(lr, warmup, steps, finalRate),
                beta1,
                beta2,
                1e-8,
                weightDecay,
                clipNorm(),
                0);
    }

    private double clipNorm() {
        try {
            return clip.toLowerCase(Locale.ROOT).equals("inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(clip);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
