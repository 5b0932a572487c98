package dev.credence.methods;

import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.TableModel;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A policy and how it came about.
 *
 * @param method the method's name
 * @param settings the options in force
 * @param aim what it aims at
 * @param policy the exact probabilities of what the method's procedure yields
 * @param drawsPerText how many prior draws the procedure takes on average for one text; empty where it does not draw
 * @param modelCalls how many texts training drew or computed, by policy and reference; empty where nothing was trained
 * @param training how the training ended; null where nothing was trained
 */
public record Conditioned(
        String method,
        Map<String, String> settings,
        Aim aim,
        TableModel policy,
        OptionalDouble drawsPerText,
        OptionalLong modelCalls,
        @Nullable TrainingEnd training) {
    /**
     * A policy for which nothing was trained.
     *
     * @param method as above
     * @param settings as above
     * @param aim as above
     * @param policy as above
     * @param drawsPerText as above
     * @param modelCalls as above
     */
    public Conditioned(
            String method,
            Map<String, String> settings,
            Aim aim,
            TableModel policy,
            OptionalDouble drawsPerText,
            OptionalLong modelCalls) {
        this(method, settings, aim, policy, drawsPerText, modelCalls, null);
    }

    /**
     * The same with other settings shown.
     *
     * @param others name to value
     * @return a changed copy
     */
    public Conditioned showing(Map<String, String> others) {
        return new Conditioned(method, others, aim, policy, drawsPerText, modelCalls, training);
    }
}
