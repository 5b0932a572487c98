package dev.credence.report;

import java.util.List;
import java.util.Map;

/**
 * What was measured in one training run.
 *
 * @param name of the run
 * @param facts what is said of it above the drawings, such as its status
 * @param settings that it was run with, folded below the drawings
 * @param points in the order of steps
 */
public record TrainingCurves(String name, Map<String, String> facts, Map<String, String> settings, List<Point> points) {
    /** The mean loss of batches. */
    public static final String LOSS = "loss";

    /** The loss on what is held out. */
    public static final String VALIDATION = "validation_loss";

    /**
     * What was measured at one step.
     *
     * @param step how many steps had been taken
     * @param values by name, such as {@link #LOSS}
     */
    public record Point(long step, Map<String, Double> values) {}

    /** The points that have a value of a name. */
    List<Point> having(String measure) {
        return points.stream()
                .filter(point -> point.values().containsKey(measure))
                .toList();
    }
}
