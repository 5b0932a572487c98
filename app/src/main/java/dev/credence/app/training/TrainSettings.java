package dev.credence.app.training;

import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.torch.architecture.Precision;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Every setting of a training run, its default and its explanation: the command's options, the keys of a configuration
 * file and what a run's folder records are made from this class alone.
 */
public final class TrainSettings {
    static final String DEFAULT = " (default ${DEFAULT-VALUE})";

    @Mixin
    private CorpusSettings corpus = new CorpusSettings();

    @Mixin
    private ModelSettings model = new ModelSettings();

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
            names = "--precision",
            paramLabel = "float32|bf16",
            defaultValue = "float32",
            description =
                    "bf16 rounds the factors of a step's products by weights to bfloat16; the parameters, their moments, what"
                            + " is saved and every loss that is measured stay in single precision" + DEFAULT)
    private String precision = "float32";

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
        corpus.check();
        model.check();
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
        products();
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
        model.checkTogether();
    }

    static void require(boolean good, String option, Object value, String rule) {
        if (!good) {
            throw InputException.ofOption(option, String.valueOf(value), rule);
        }
    }

    /** {@return how the corpus becomes documents} */
    public CorpusSettings corpus() {
        return corpus;
    }

    /** {@return what the run begins with} */
    public ModelSettings model() {
        return model;
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

    /** {@return what the factors of products are rounded to} */
    public Precision products() {
        return switch (precision) {
            case "float32" -> Precision.FLOAT32;
            case "bf16" -> Precision.BFLOAT16;
            default -> throw InputException.ofOption("--precision", precision, "it is float32 or bf16");
        };
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
