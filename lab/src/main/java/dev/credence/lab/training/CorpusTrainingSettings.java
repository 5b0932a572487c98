package dev.credence.lab.training;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Journal;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that decides what a training run on a corpus computes, but for the corpus and the seed:
 * {@code CorpusTrainingSettings.standard().steps(500).batch(32)}. The parts check each setting by itself, the whole whether
 * they fit each other.
 *
 * @param corpus how the corpus becomes documents
 * @param start what the run begins with; standard: a new model
 * @param pace how much is learned
 * @param optimiser how a gradient becomes a step
 * @param measuring what is measured and kept on the way
 */
public record CorpusTrainingSettings(
        CorpusSettings corpus, Start start, Pace pace, AdamWSettings optimiser, Measuring measuring) {
    /**
     * Checks whether the sizes of a new model fit.
     *
     * @param corpus as above
     * @param start as above
     * @param pace as above
     * @param optimiser as above
     * @param measuring as above
     * @throws InputException naming the setting, its value and the rule
     */
    public CorpusTrainingSettings {
        if (start instanceof Start.FromScratch made) {
            require(
                    made.width() % made.heads() == 0,
                    "width",
                    made.width(),
                    "it must be a multiple of heads, " + made.heads());
        }
    }

    /**
     * How much is learned.
     *
     * @param steps of the optimiser; 1 or more, standard: 1,000
     * @param batch sequences a step, computed in pieces whose gradients add up; 1 or more, standard: 64
     * @param length tokens of a sequence at most, its first one, which is given, included; 2 or more, standard: 128
     * @param precision what the factors of a step's products by weights are rounded to, single precision or bfloat16;
     *     parameters, moments and losses that are measured stay in single precision, the standard
     */
    public record Pace(long steps, int batch, int length, Precision precision) {
        /**
         * Checks each setting.
         *
         * @param steps as above
         * @param batch as above
         * @param length as above
         * @param precision as above
         * @throws InputException naming the setting, its value and the rule
         */
        public Pace {
            require(steps >= 1, "steps", steps, "it must be 1 or more");
            require(batch >= 1, "batch", batch, "it must be 1 or more");
            require(length >= 2, "length", length, "it must be 2 or more");
            require(
                    precision == Precision.FLOAT32 || precision == Precision.BFLOAT16,
                    "precision",
                    precision,
                    "it is float32 or bf16");
        }

        /** {@return the standard of each} */
        public static Pace standard() {
            return new Pace(1000, 64, 128, Precision.FLOAT32);
        }
    }

    /**
     * What is measured and kept on the way.
     *
     * @param logEvery steps that one line of the metrics is the mean of; 1 or more, standard: 10
     * @param evaluateEvery steps between measurements of the validation loss; 1 or more, standard: 250
     * @param checkpointEvery steps between checkpoints, from the last of which a killed run goes on; 1 or more, standard: 500
     * @param measure training sequences that the final model's loss is measured on, 0 for none; standard: 10,000
     * @param sinks where metrics go beside the run's folder; standard: nowhere
     */
    public record Measuring(long logEvery, long evaluateEvery, long checkpointEvery, int measure, Journal.Sinks sinks) {
        /**
         * Checks each setting.
         *
         * @param logEvery as above
         * @param evaluateEvery as above
         * @param checkpointEvery as above
         * @param measure as above
         * @param sinks as above
         * @throws InputException naming the setting, its value and the rule
         */
        public Measuring {
            require(checkpointEvery >= 1, "checkpoint-every", checkpointEvery, "it must be 1 or more");
            require(evaluateEvery >= 1, "evaluate-every", evaluateEvery, "it must be 1 or more");
            require(logEvery >= 1, "log-every", logEvery, "it must be 1 or more");
            require(measure >= 0, "measure", measure, "it must be 0 or more");
        }

        /** {@return the standard of each} */
        public static Measuring standard() {
            return new Measuring(10, 250, 500, 10_000, Journal.Sinks.none());
        }
    }

    /** {@return the standard of each: a new model of four blocks, 1,000 steps} */
    public static CorpusTrainingSettings standard() {
        return new CorpusTrainingSettings(
                CorpusSettings.standard(),
                Start.FromScratch.standard(),
                Pace.standard(),
                AdamWSettings.standard(),
                Measuring.standard());
    }

    /**
     * The same but for how the corpus becomes documents.
     *
     * @param other how
     * @return the settings
     */
    public CorpusTrainingSettings corpus(CorpusSettings other) {
        return new CorpusTrainingSettings(other, start, pace, optimiser, measuring);
    }

    /**
     * The same but for what the run begins with.
     *
     * @param other a new model or a checkpoint
     * @return the settings
     */
    public CorpusTrainingSettings start(Start other) {
        return new CorpusTrainingSettings(corpus, other, pace, optimiser, measuring);
    }

    /**
     * The same from a checkpoint, all of whose weights are trained.
     *
     * @param folder in the hub's format
     * @return the settings
     */
    public CorpusTrainingSettings from(Path folder) {
        return start(new Start.FromCheckpoint(folder, null));
    }

    /**
     * The same from a checkpoint that stays as it is: an adapter beside its weights is trained.
     *
     * @param folder in the hub's format
     * @param adapter what is trained
     * @return the settings
     */
    public CorpusTrainingSettings from(Path folder, LoraSettings adapter) {
        return start(new Start.FromCheckpoint(folder, adapter));
    }

    /**
     * The same but for the steps.
     *
     * @param other how many in all
     * @return the settings
     */
    public CorpusTrainingSettings steps(long other) {
        return pace(new Pace(other, pace.batch(), pace.length(), pace.precision()));
    }

    /**
     * The same but for the batch.
     *
     * @param sequences a step
     * @return the settings
     */
    public CorpusTrainingSettings batch(int sequences) {
        return pace(new Pace(pace.steps(), sequences, pace.length(), pace.precision()));
    }

    /**
     * The same but for the length of sequences.
     *
     * @param tokens at most, the first one, which is given, included
     * @return the settings
     */
    public CorpusTrainingSettings length(int tokens) {
        return pace(new Pace(pace.steps(), pace.batch(), tokens, pace.precision()));
    }

    /**
     * The same but for how much is learned.
     *
     * @param other how much
     * @return the settings
     */
    public CorpusTrainingSettings pace(Pace other) {
        return new CorpusTrainingSettings(corpus, start, other, optimiser, measuring);
    }

    /**
     * The same but for the learning rate at its peak.
     *
     * @param peak finite and > 0
     * @return the settings
     */
    public CorpusTrainingSettings lr(double peak) {
        return optimiser(optimiser.rate(peak, optimiser.warmup(), optimiser.finalLr()));
    }

    /**
     * The same but for the optimiser.
     *
     * @param other AdamW with other settings
     * @return the settings
     */
    public CorpusTrainingSettings optimiser(AdamWSettings other) {
        return new CorpusTrainingSettings(corpus, start, pace, other, measuring);
    }

    /**
     * The same but for what is measured and kept.
     *
     * @param other what
     * @return the settings
     */
    public CorpusTrainingSettings measuring(Measuring other) {
        return new CorpusTrainingSettings(corpus, start, pace, optimiser, other);
    }

    /** {@return each as a run's record has it, by name; what is left out is as by standard} */
    public Map<String, String> named() {
        Map<String, String> settings = new LinkedHashMap<>();
        corpus.nameIn(settings);
        start.nameIn(settings);
        settings.put("steps", Long.toString(pace.steps()));
        settings.put("batch", Integer.toString(pace.batch()));
        settings.put("length", Integer.toString(pace.length()));
        optimiser.nameIn(settings);
        settings.put("precision", pace.precision() == Precision.BFLOAT16 ? "bf16" : "float32");
        settings.put("checkpoint-every", Long.toString(measuring.checkpointEvery()));
        settings.put("evaluate-every", Long.toString(measuring.evaluateEvery()));
        settings.put("log-every", Long.toString(measuring.logEvery()));
        settings.put("measure", Integer.toString(measuring.measure()));
        if (measuring.sinks().tensorboard()) {
            settings.put("tensorboard", "true");
        }
        String server = measuring.sinks().mlflow();
        if (server != null) {
            settings.put("mlflow", server);
        }
        return settings;
    }

    /**
     * The settings that a run's record names.
     *
     * @param settings as {@link #named} writes them, or as they were typed; those that are missing have their standard
     * @return the settings
     * @throws InputException naming a setting that cannot be read, its value and the rule
     */
    public static CorpusTrainingSettings ofNamed(Map<String, String> settings) {
        NamedSettings of = new NamedSettings(settings);
        CorpusTrainingSettings standard = standard();
        Pace pace = standard.pace;
        Measuring measuring = standard.measuring;
        return new CorpusTrainingSettings(
                CorpusSettings.ofNamed(of),
                Start.ofNamed(settings),
                new Pace(
                        of.whole("steps", pace.steps()),
                        of.number("batch", pace.batch()),
                        of.number("length", pace.length()),
                        of.text("precision", "float32").equals("bf16") ? Precision.BFLOAT16 : Precision.FLOAT32),
                AdamWSettings.ofNamed(settings),
                new Measuring(
                        of.whole("log-every", measuring.logEvery()),
                        of.whole("evaluate-every", measuring.evaluateEvery()),
                        of.whole("checkpoint-every", measuring.checkpointEvery()),
                        of.number("measure", measuring.measure()),
                        new Journal.Sinks(of.text("tensorboard", "false").equals("true"), settings.get("mlflow"))));
    }

    static void require(boolean good, String setting, @Nullable Object value, String rule) {
        if (!good) {
            throw InputException.ofSetting(setting, String.valueOf(value), rule);
        }
    }
}
