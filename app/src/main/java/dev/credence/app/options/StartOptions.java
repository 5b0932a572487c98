package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.training.Start;
import dev.credence.torch.architecture.LoraSettings;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a run begins with: a checkpoint or a new model, and what of it is trained. */
public final class StartOptions {
    private static final String DEFAULT = TrainOptions.DEFAULT;

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
                    "With --from: train a low-rank adapter of rank R beside the frozen weights (train saves it alone,"
                            + " reward merges it into them); 0 trains the weights" + DEFAULT)
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

    /** For the parser, which fills the fields. */
    public StartOptions() {}

    /** Checks each setting by itself. */
    void check() {
        require(lora >= 0, "lora", lora, "it must be 0 or more");
        require(loraAlpha >= 0, "lora-alpha", loraAlpha, "it must be 0 or more");
        require(isPattern(loraTargets), "lora-targets", loraTargets, "it must be a regular expression");
        fromScratch();
    }

    /**
     * What the run begins with.
     *
     * @return the start
     * @throws InputException naming the setting, its value and the rule; also where they do not fit each other
     */
    public Start settings() {
        check();
        require(lora == 0 || from != null, "lora", lora, "an adapter stands on a model: give --from DIR");
        require(
                from == null || tokenizer == null,
                "tokenizer",
                String.valueOf(tokenizer),
                "a model goes on with the tokenizer of --from; give one of the two");
        return from == null ? fromScratch() : new Start.FromCheckpoint(Path.of(from), adapter());
    }

    private Start.FromScratch fromScratch() {
        Path folder = tokenizer == null ? null : Path.of(tokenizer);
        return new Start.FromScratch(folder, vocabulary, layers, width, heads, context);
    }

    private @Nullable LoraSettings adapter() {
        double alpha = loraAlpha == 0 ? 2.0 * lora : loraAlpha;
        return lora == 0 ? null : new LoraSettings(lora, alpha, false, Pattern.compile(loraTargets));
    }

    private static void require(boolean good, String setting, Object value, String rule) {
        if (!good) {
            throw InputException.ofSetting(setting, String.valueOf(value), rule);
        }
    }

    private static boolean isPattern(String text) {
        try {
            return !Pattern.compile(text).pattern().isEmpty();
        } catch (PatternSyntaxException e) {
            return false;
        }
    }
}
