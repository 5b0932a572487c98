package dev.credence.app.experiment;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Is RL with a KL penalty like having seen fifty of each good example? Nominal copies 1/β against those reached, along training
 * paths, for the four readings of a reward (THEORY §2); and the same question of copies as observed data.
 */
public final class FiftyCopies {
    private static final double[] BETAS = {0.2, 0.1, 0.05, 0.02, 0.001, 0};
    private static final double[] QUICK_BETAS = {0.2, 0.02, 0};
    private static final List<String> TRAINED = List.of("rloo", "ppo", "grpo", "dpo");
    private static final double[] PRIOR = {.4, .3, .2, .1};
    private static final double[] APPROVAL = {.9, .5, .2, .05}; // best text last, as the scores
    private static final double[] SCORE = {0, .5, 1.5, 4}; // logits of no particular scale
    private static final int MOST_DRAWS = 64;
    private static final int ROUNDS = 50;

    /** How much is run. */
    public enum Extent {
        /** All coefficients, many steps and seeds. */
        WHOLE,
        /** Three coefficients, fewer steps and seeds. */
        QUICK
    }

    private FiftyCopies() {}

    /**
     * What was found.
     *
     * @param points of all paths
     * @param observed the exact optima read as copies of data
     */
    public record Outcome(List<PathPoint> points, List<ObservedCopies.Reading> observed) {}

    /**
     * Runs it on the table.
     *
     * @param extent how much
     * @param progress takes a line from time to time
     * @return the figures
     */
    public static Outcome run(Extent extent, Consumer<String> progress) {
        boolean quick = extent == Extent.QUICK;
        int steps = quick ? 200 : 1000;
        int seeds = quick ? 3 : 8;
        List<PathPoint> points = new ArrayList<>();
        List<ObservedCopies.Reading> observed = new ArrayList<>();
        TableModel prior = prior();
        readings(prior.given("")).forEach((reading, reward) -> {
            progress.accept("reading " + reading);
            TablePaths paths = new TablePaths(prior, reading, reward, steps, seeds);
            for (double beta : quick ? QUICK_BETAS : BETAS) {
                for (String method : TRAINED) {
                    if (beta > 0 || !method.equals("dpo")) {
                        points.addAll(paths.trained(method, beta));
                    }
                }
                points.addAll(paths.expertIteration(beta, ROUNDS));
                points.addAll(paths.bestOf(beta, MOST_DRAWS));
            }
        });
        for (double beta : BETAS) {
            observed.add(ObservedCopies.optimum(beta));
        }
        return new Outcome(points, observed);
    }

    private static TableModel prior() {
        Map<String, Double> byName = new LinkedHashMap<>();
        for (int i = 0; i < PRIOR.length; i++) {
            byName.put(String.valueOf((char) ('a' + i)), PRIOR[i]);
        }
        return TableModel.of(Distribution.of(byName));
    }

    /** The four readings: log-probability, probability, score, score over its deviation under the prior. */
    private static Map<String, RewardFunction> readings(Distribution prior) {
        double mean = prior.expectation(SCORE);
        double variance = 0;
        for (int i = 0; i < SCORE.length; i++) {
            variance += prior.probability(i) * (SCORE[i] - mean) * (SCORE[i] - mean);
        }
        double deviation = Math.sqrt(variance);
        Map<String, RewardFunction> readings = new LinkedHashMap<>();
        readings.put("a", (prompt, text) -> Math.log(approval(text)));
        readings.put("b", (prompt, text) -> approval(text));
        readings.put("c", (prompt, text) -> SCORE[text.charAt(0) - 'a']);
        readings.put("d", (prompt, text) -> (SCORE[text.charAt(0) - 'a'] - mean) / deviation);
        return readings;
    }

    private static double approval(String text) {
        return APPROVAL[APPROVAL.length - 1 - (text.charAt(0) - 'a')];
    }
}
