package dev.credence.lab.training;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to.
 *
 * @param steps taken in all
 * @param parameters numbers that were trained
 * @param trainTokens tokens of the training sequences that are scored
 * @param measured the final model's loss over training sequences, or null where none was wanted
 * @param validation the final model's loss over what was held out, or null where nothing was
 * @param seconds that the steps of this process took
 * @param stepsHere steps that this process took
 */
public record TrainingOutcome(
        long steps,
        long parameters,
        long trainTokens,
        @Nullable Loss measured,
        @Nullable Loss validation,
        double seconds,
        long stepsHere) {
    /**
     * A mean loss.
     *
     * @param value nats a token
     * @param tokens how many were scored
     */
    public record Loss(double value, long tokens) {}

    /** {@return the figures by the names of the JSON} */
    public Map<String, @Nullable Object> figures() {
        Map<String, @Nullable Object> figures = new LinkedHashMap<>();
        figures.put("steps", steps);
        figures.put("parameters", parameters);
        figures.put("train_tokens", trainTokens);
        put(figures, "train_loss", measured);
        put(figures, "validation_loss", validation);
        figures.put("seconds", seconds);
        figures.put("seconds_per_step", stepsHere == 0 ? null : (Object) (seconds / stepsHere));
        return figures;
    }

    private static void put(Map<String, @Nullable Object> figures, String name, @Nullable Loss loss) {
        if (loss != null) {
            figures.put(name, loss.value());
            figures.put(name + "_tokens", loss.tokens());
        }
    }
}
