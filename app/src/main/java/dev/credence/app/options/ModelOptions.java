package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NumberText;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.BeginToken;
import dev.credence.lab.conditioning.ConditioningPlan;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.processes.ProcessPlaces;
import dev.credence.lab.runs.CheckpointInterval;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What conditioning a model needs beyond a world. */
public final class ModelOptions {
    private static final int AUDIT_SAMPLES = 1000;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "Of a model: prompts, one a line: text, or JSON strings, or objects with prompt and"
                    + " prompt_weight.")
    private @Nullable String prompts;

    private @Nullable String prompt; // one, in their place

    @Option(names = "--horizon", paramLabel = "T", description = "Of a model: tokens after which texts are cut.")
    private @Nullable Integer horizon;

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description = "Of a model: the run's folder, new or empty, with the tuned policy in the hub's format in the"
                    + " end; of several methods each in a folder of its name below (default: a new one in runs where one"
                    + " trains). Of methods that draw their texts go there, a log to audit: rollouts.parquet (default:"
                    + " they are not kept).")
    private @Nullable String save;

    @Option(
            names = "--audit-samples",
            paramLabel = "N",
            description =
                    "Of a model whose texts are too many to enumerate: texts to draw a prompt and model for the audit"
                            + " (default 1,000).")
    private int auditSamples = AUDIT_SAMPLES;

    @Option(
            names = "--draws",
            paramLabel = "N",
            description =
                    "Of a model, for methods that draw: how many texts of it they may draw in all (default 200 for each"
                            + " text of --audit-samples); they end there with what they have. With it they draw even where all texts"
                            + " could be listed.")
    private @Nullable Long draws;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N|Ts",
            description =
                    "Of a model: steps, or seconds (60s, the default), between checkpoints, which a killed run goes"
                            + " on from.")
    private @Nullable String every;

    @Option(
            names = "--kl-limit",
            paramLabel = "NATS",
            description = "Of a model: a KL from the prior a text at which training has diverged and stops as failed"
                    + " (default: --horizon times log of the vocabulary, where the prior finds the policy's texts less"
                    + " likely than random tokens; inf for none). Not --target-kl, at which a method is done.")
    private @Nullable String klLimit;

    @Option(
            names = "--ess-limit",
            paramLabel = "SHARE",
            description = "Of a model: where rollouts are reused, training has diverged when importance weights leave a"
                    + " smaller share of them three steps in a row (default 0.05).")
    private @Nullable Double essLimit;

    @Option(
            names = "--tensorboard",
            description = "Of a model: write metrics as TensorBoard's event files too, into the run's folder.")
    private boolean tensorboard;

    @Option(
            names = "--mlflow",
            paramLabel = "URL",
            description = "Of a model: send metrics to an MLflow server too, such as http://localhost:5000.")
    private @Nullable String mlflow;

    @Mixin
    private ProcessOptions processes = new ProcessOptions();

    @Mixin
    private BeginOption begin = new BeginOption();

    /** For the parser, which fills the fields. */
    public ModelOptions() {}

    /**
     * Of a world these say nothing.
     *
     * @param world its name
     * @throws InputException if one is given
     */
    public void refuse(String world) {
        refuse(world, "prompts", prompts);
        refuse(world, "horizon", horizon);
        refuse(world, "save", save);
        refuse(world, "draws", draws);
        refuse(world, "checkpoint-every", every);
        refuse(world, "kl-limit", klLimit);
        refuse(world, "ess-limit", essLimit);
        refuse(world, "tensorboard", tensorboard ? "given" : null);
        refuse(world, "mlflow", mlflow);
        refuse(world, "processes", processes.asked());
    }

    private static void refuse(String world, String option, @Nullable Object value) {
        if (value != null) {
            throw InputException.ofSetting(
                    option, value.toString(), "it is about a model's checkpoint folder; " + world + " is none");
        }
    }

    /** {@return the prompts of the file} */
    public Prompts read() {
        return Prompts.read(prompts());
    }

    /**
     * Takes one prompt in the place of a file.
     *
     * @param text its text
     * @throws InputException if there is a file too
     */
    public void prompt(String text) {
        if (prompts != null) {
            throw InputException.ofSetting("prompt", text, "give a prompt or --prompts, a file of them, not both");
        }
        prompt = text;
    }

    /** {@return the file's name from any working folder, or the prompt itself as a JSON string} */
    public String prompts() {
        if (prompt != null) {
            return Prompts.literal(prompt);
        }
        if (prompts == null) {
            throw InputException.ofSetting(
                    "prompts",
                    "missing",
                    "name a file of prompts, or give --prompt TEXT; --prompt '' begins from nothing");
        }
        return ConditioningPlan.absolute(prompts);
    }

    /** {@return how a training is watched and kept} */
    public ConditioningPlan.Care care() {
        if (essLimit != null && !(essLimit >= 0 && essLimit < 1)) {
            throw InputException.ofSetting("ess-limit", essLimit.toString(), "it must be in [0, 1)");
        }
        String interval = every == null ? "60s" : every;
        CheckpointInterval.parse(interval);
        return new ConditioningPlan.Care(interval, klLimit(), essLimit, tensorboard, mlflow);
    }

    private @Nullable Double klLimit() {
        if (klLimit == null) {
            return null;
        }
        try {
            double nats = klLimit.equals("inf") ? Double.POSITIVE_INFINITY : NumberText.parse(klLimit);
            if (nats > 0) {
                return nats;
            }
        } catch (NumberFormatException e) {
            throw InputException.ofSetting("kl-limit", klLimit, "it must be a number of nats, or inf");
        }
        throw InputException.ofSetting("kl-limit", klLimit, "it must be above 0, or inf");
    }

    /** {@return processes that share the steps of methods that train: how many, and where} */
    public ProcessPlaces processes() {
        return processes.places();
    }

    /** {@return tokens after which texts are cut} */
    public int horizon() {
        if (horizon == null || !(horizon > 0)) {
            throw InputException.ofSetting(
                    "horizon",
                    horizon == null ? "missing" : horizon.toString(),
                    "texts are cut after so many tokens: 1 or more");
        }
        return horizon;
    }

    /** {@return texts to draw of a method that draws, or null} */
    public @Nullable Long draws() {
        if (draws != null && !(draws >= 1)) {
            throw InputException.ofSetting("draws", draws.toString(), "it must be a whole number of at least 1");
        }
        return draws;
    }

    /** {@return whether a folder was named} */
    public boolean isSaved() {
        return save != null;
    }

    /** {@return where the texts of a method that draws go, if it is the only one; or null} */
    public @Nullable Path log() {
        return save == null ? null : Path.of(save, "rollouts.parquet");
    }

    /** {@return texts to draw a prompt and model} */
    public int auditSamples() {
        if (!(auditSamples > 1)) {
            throw InputException.ofSetting("audit-samples", Integer.toString(auditSamples), "it must be at least 2");
        }
        return auditSamples;
    }

    /** {@return whether prompts get the begin token} */
    public BeginToken begin() {
        return begin.begin();
    }

    /**
     * Refuses early what {@link #folder} would refuse late.
     *
     * @throws IOException if the folder cannot be looked into
     */
    public void requireFree() throws IOException {
        if (save != null) {
            StoredRun.requireFree(Path.of(save));
        }
    }

    /**
     * A new folder for the run.
     *
     * @param otherwise its name in {@code runs} where none was named, numbered where there is such a run already
     * @return the folder
     * @throws IOException if it cannot be made
     */
    public Path folder(String otherwise) throws IOException {
        return save == null ? RunFolder.make(null, otherwise) : Path.of(save);
    }
}
