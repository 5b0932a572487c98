package dev.credence.lab.rewards;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.CheckpointInterval;
import dev.credence.lab.training.AdamWSettings;
import dev.credence.lab.training.Start;
import dev.credence.torch.architecture.LoraSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a reward model is learned.
 *
 * @param start a language model or a reward model to begin with and what of it is trained, or a new model
 * @param steps of the optimiser; standard: 0, which reads each judgement eight times, within 100 to 300 steps
 * @param batch judgements a step; 1 or more, standard: 32
 * @param optimiser standard: a peak rate of 0.0005 after 20 steps, else AdamW's
 * @param heldOut share of the judgements, in [0, 1), that is not learned but foretold at the end; standard: 0.1
 * @param every how often a checkpoint is written that a killed training goes on from; standard: 60 seconds
 */
public record RewardSettings(
        Start start, long steps, int batch, AdamWSettings optimiser, double heldOut, CheckpointInterval every) {
    private static final int READINGS = 8; // more, and a model of few judgements knows them by heart
    private static final int FEWEST = 100;
    private static final int MOST = 300;

    /**
     * Checks each setting.
     *
     * @param start as above
     * @param steps as above
     * @param batch as above
     * @param optimiser as above
     * @param heldOut as above
     * @param every as above
     * @throws InputException naming the setting, its value and the rule
     */
    public RewardSettings {
        require(steps >= 0, "steps", steps, "it must be 1 or more; 0 goes by the number of judgements");
        require(batch >= 1, "batch", batch, "it must be 1 or more");
        require(heldOut >= 0 && heldOut < 1, "held-out", heldOut, "it must be in [0, 1)");
    }

    /** {@return the standard of each, for a new model} */
    public static RewardSettings standard() {
        return new RewardSettings(
                Start.FromScratch.standard(),
                0,
                32,
                AdamWSettings.standard().rate(5e-4, 20, 0),
                0.1,
                CheckpointInterval.parse("60s"));
    }

    /**
     * The same on a model.
     *
     * @param folder its checkpoint
     * @param adapter the low-rank adapter that is trained beside the frozen weights and merged at the end; null trains them all
     * @return the settings
     */
    public RewardSettings from(Path folder, @Nullable LoraSettings adapter) {
        return start(new Start.FromCheckpoint(folder, adapter));
    }

    /**
     * The same but for what it begins with.
     *
     * @param other a model, there or new
     * @return the settings
     */
    public RewardSettings start(Start other) {
        return new RewardSettings(other, steps, batch, optimiser, heldOut, every);
    }

    /**
     * The same but for the length.
     *
     * @param other steps of the optimiser
     * @param judgements a step
     * @return the settings
     */
    public RewardSettings steps(long other, int judgements) {
        return new RewardSettings(start, other, judgements, optimiser, heldOut, every);
    }

    /**
     * The same but for the optimiser.
     *
     * @param other AdamW
     * @return the settings
     */
    public RewardSettings optimiser(AdamWSettings other) {
        return new RewardSettings(start, steps, batch, other, heldOut, every);
    }

    /**
     * The same but for what is held out.
     *
     * @param share of the judgements
     * @return the settings
     */
    public RewardSettings heldOut(double share) {
        return new RewardSettings(start, steps, batch, optimiser, share, every);
    }

    /**
     * The same but for the checkpoints.
     *
     * @param other how often one is written
     * @return the settings
     */
    public RewardSettings every(CheckpointInterval other) {
        return new RewardSettings(start, steps, batch, optimiser, heldOut, other);
    }

    /** What {@link #named} wrote. */
    static RewardSettings ofNamed(Map<String, String> settings) {
        RewardSettings standard = standard();
        return new RewardSettings(
                Start.ofNamed(settings),
                Long.parseLong(settings.getOrDefault("steps", "0")),
                Integer.parseInt(settings.getOrDefault("batch", Integer.toString(standard.batch))),
                AdamWSettings.ofNamed(settings),
                Double.parseDouble(settings.getOrDefault("held-out", Double.toString(standard.heldOut))),
                CheckpointInterval.parse(settings.getOrDefault("checkpoint-every", "60s")));
    }

    /** The steps for so many judgements to learn. */
    long steps(int learned) {
        long read = (long) READINGS * learned / batch;
        return steps > 0 ? steps : Math.max(FEWEST, Math.min(MOST, read));
    }

    /** {@return each by its name, as text} */
    public Map<String, String> named() {
        Map<String, String> settings = new LinkedHashMap<>();
        start.nameIn(settings);
        settings.put("steps", Long.toString(steps));
        settings.put("batch", Integer.toString(batch));
        settings.put("held-out", Double.toString(heldOut));
        optimiser.nameIn(settings);
        settings.put("checkpoint-every", every.toString());
        return settings;
    }

    private static void require(boolean good, String setting, Object value, String rule) {
        if (!good) {
            throw InputException.ofSetting(setting, String.valueOf(value), rule);
        }
    }
}
