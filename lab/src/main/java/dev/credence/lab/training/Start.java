package dev.credence.lab.training;

import static dev.credence.lab.training.CorpusTrainingSettings.require;

import dev.credence.torch.architecture.LoraSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a run begins with, and what of it is trained. */
public sealed interface Start {
    /**
     * A checkpoint, to go on from with its tokenizer.
     *
     * @param folder in the hub's format
     * @param adapter the low-rank adapter that is trained beside the frozen weights; null trains the weights
     */
    record FromCheckpoint(Path folder, @Nullable LoraSettings adapter) implements Start {
        /**
         * Checks the adapter.
         *
         * @param folder as above
         * @param adapter as above
         * @throws dev.credence.core.provenance.InputException if its scale is one that a run's record cannot tell
         */
        public FromCheckpoint {
            require(
                    adapter == null || !adapter.rankStabilised(),
                    "lora",
                    "rank-stabilised",
                    "a run's record tells of the scale alpha / rank only");
        }

        @Override
        public void nameIn(Map<String, String> settings) {
            settings.put("from", folder.toString());
            if (adapter != null) {
                String targets = adapter.targets().pattern();
                settings.put("lora", Integer.toString(adapter.rank()));
                settings.put("lora-alpha", Double.toString(adapter.alpha()));
                settings.put("lora-targets", targets.isEmpty() ? ".*" : targets);
            }
        }
    }

    /**
     * A new model of GPT-2's architecture.
     *
     * @param tokenizer a folder with tokenizer.json and tokenizer_config.json; null, the standard, trains one on the corpus
     * @param vocabulary tokens of the byte-level byte-pair tokenizer that is trained; 257 or more, standard: 512
     * @param layers blocks; 1 or more, standard: 4
     * @param width of the residual stream; a multiple of the heads, standard: 128
     * @param heads of attention; 1 or more, standard: 4
     * @param context positions; 2 or more, standard: 128
     */
    record FromScratch(@Nullable Path tokenizer, int vocabulary, int layers, int width, int heads, int context)
            implements Start {
        /**
         * Checks each size by itself; whether they fit, the whole settings check.
         *
         * @param tokenizer as above
         * @param vocabulary as above
         * @param layers as above
         * @param width as above
         * @param heads as above
         * @param context as above
         * @throws dev.credence.core.provenance.InputException naming the setting, its value and the rule
         */
        public FromScratch {
            require(vocabulary >= 257, "vocabulary", vocabulary, "it must be 257 or more: 256 bytes and the end");
            require(layers >= 1, "layers", layers, "it must be 1 or more");
            require(width >= 1, "width", width, "it must be 1 or more");
            require(heads >= 1, "heads", heads, "it must be 1 or more");
            require(context >= 2, "context", context, "it must be 2 or more");
        }

        /** {@return the standard of each} */
        public static FromScratch standard() {
            return new FromScratch(null, 512, 4, 128, 4, 128);
        }

        /**
         * The same with a tokenizer that is there.
         *
         * @param folder with tokenizer.json and tokenizer_config.json
         * @return the settings
         */
        public FromScratch tokenizer(Path folder) {
            return new FromScratch(folder, vocabulary, layers, width, heads, context);
        }

        /**
         * The same but for the tokenizer that is trained.
         *
         * @param tokens of it
         * @return the settings
         */
        public FromScratch vocabulary(int tokens) {
            return new FromScratch(tokenizer, tokens, layers, width, heads, context);
        }

        /**
         * The same but for the blocks.
         *
         * @param other how many
         * @return the settings
         */
        public FromScratch layers(int other) {
            return new FromScratch(tokenizer, vocabulary, other, width, heads, context);
        }

        /**
         * The same but for the residual stream.
         *
         * @param other its width
         * @param heads of attention, a divisor of the width
         * @return the settings
         */
        public FromScratch width(int other, int heads) {
            return new FromScratch(tokenizer, vocabulary, layers, other, heads, context);
        }

        /**
         * The same but for the positions.
         *
         * @param other how many
         * @return the settings
         */
        public FromScratch context(int other) {
            return new FromScratch(tokenizer, vocabulary, layers, width, heads, other);
        }

        @Override
        public void nameIn(Map<String, String> settings) {
            if (tokenizer != null) {
                settings.put("tokenizer", tokenizer.toString());
            }
            settings.put("vocabulary", Integer.toString(vocabulary));
            settings.put("layers", Integer.toString(layers));
            settings.put("width", Integer.toString(width));
            settings.put("heads", Integer.toString(heads));
            settings.put("context", Integer.toString(context));
        }
    }

    /**
     * What {@link #nameIn} wrote.
     *
     * @param settings by name
     * @return where the training starts
     */
    static Start ofNamed(Map<String, String> settings) {
        return ofNamed(new NamedSettings(settings));
    }

    /** The same. */
    private static Start ofNamed(NamedSettings of) {
        String from = of.values().get("from");
        if (from != null) {
            int rank = of.number("lora", 0);
            double alpha = of.real("lora-alpha", 0);
            return new FromCheckpoint(
                    Path.of(from),
                    rank == 0
                            ? null
                            : new LoraSettings(
                                    rank,
                                    alpha == 0 ? 2.0 * rank : alpha,
                                    false,
                                    Pattern.compile(of.text("lora-targets", ".*"))));
        }
        FromScratch standard = FromScratch.standard();
        String tokenizer = of.values().get("tokenizer");
        return new FromScratch(
                tokenizer == null ? null : Path.of(tokenizer),
                of.number("vocabulary", standard.vocabulary),
                of.number("layers", standard.layers),
                of.number("width", standard.width),
                of.number("heads", standard.heads),
                of.number("context", standard.context));
    }

    /**
     * Writes down what is not as by standard or must be known, by its name in a run's record.
     *
     * @param settings takes each
     */
    void nameIn(Map<String, String> settings);
}
