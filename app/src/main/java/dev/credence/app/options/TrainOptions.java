package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NumberText;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.training.AdamWSettings;
import dev.credence.lab.training.CorpusTrainingSettings;
import dev.credence.torch.architecture.Precision;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Every setting of a training run, its default and its explanation: the command's options, the keys of a configuration
 * file and what a run's folder records are made from this class alone.
 */
public final class TrainOptions {
    static final String DEFAULT = " (default ${DEFAULT-VALUE})";

    private static final String CLIP = "it must be a number > 0, or inf";

    @Mixin
    private CorpusOptions corpus = new CorpusOptions();

    @Mixin
    private StartOptions start = new StartOptions();

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
    public TrainOptions() {}

    /**
     * Checks each setting by itself.
     *
     * @throws InputException naming the setting, its value and the rule
     */
    public void check() {
        corpus.settings();
        start.check();
        pace();
        optimiser();
        measuring();
    }

    /**
     * The typed settings.
     *
     * @return each as it was typed, or its default
     * @throws InputException naming the setting, its value and the rule; also where they do not fit each other
     */
    public CorpusTrainingSettings settings() {
        check();
        return new CorpusTrainingSettings(corpus.settings(), start.settings(), pace(), optimiser(), measuring());
    }

    private CorpusTrainingSettings.Pace pace() {
        return new CorpusTrainingSettings.Pace(steps, batch, length, products());
    }

    private Precision products() {
        return switch (precision) {
            case "float32" -> Precision.FLOAT32;
            case "bf16" -> Precision.BFLOAT16;
            default -> throw InputException.ofSetting("precision", precision, "it is float32 or bf16");
        };
    }

    private AdamWSettings optimiser() {
        return new AdamWSettings(lr, warmup, finalRate, weightDecay, beta1, beta2, clipNorm());
    }

    private double clipNorm() {
        try {
            double norm =
                    clip.toLowerCase(Locale.ROOT).equals("inf") ? Double.POSITIVE_INFINITY : NumberText.parse(clip);
            if (norm > 0) {
                return norm;
            }
        } catch (NumberFormatException e) {
            throw InputException.ofSetting("clip", clip, CLIP);
        }
        throw InputException.ofSetting("clip", clip, CLIP);
    }

    private CorpusTrainingSettings.Measuring measuring() {
        return new CorpusTrainingSettings.Measuring(
                logEvery, evaluateEvery, checkpointEvery, measure, new Journal.Sinks(tensorboard, mlflow));
    }
}
