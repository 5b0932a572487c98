package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import dev.credence.lab.experiments.SeedInterval;
import dev.credence.methods.rewardmodel.RewardModel;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Intervals over seeds, as experiments and sweeps print them: means of a few values, and shares of a few trials. */
final class SeedIntervals {
    private static final int[] SEEDS = {2, 3, 5, 10};
    private static final int GRID = 20_001;
    private static final double WIDEST = 8; // standard deviations on both sides
    private static final double RARE = .05;

    /** What a seed's figure is like: a function of a normal number, with its exact mean. */
    private enum Kind {
        NORMAL("normal"),
        LOG_NORMAL("log-normal, σ = .5"),
        SKEWED("log-normal, σ = 1"),
        FREE("log-normal, σ = 1, without a bound that is known"),
        SHARE("share near 1");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        double of(double z) {
            return switch (this) {
                case NORMAL -> 1 + 0.1 * z;
                case LOG_NORMAL -> Math.exp(0.5 * z);
                case SKEWED, FREE -> Math.exp(z);
                case SHARE -> RewardModel.logistic(3 + z);
            };
        }

        SeedInterval interval(double[] values) {
            return switch (this) {
                case NORMAL, FREE -> SeedInterval.of(values);
                case LOG_NORMAL, SKEWED -> SeedInterval.within(values, 0, Double.POSITIVE_INFINITY);
                case SHARE -> SeedInterval.within(values, 0, 1);
            };
        }

        double mean() {
            double sum = 0;
            double weights = 0;
            for (int i = 0; i < GRID; i++) {
                double z = WIDEST * (2.0 * i / (GRID - 1) - 1);
                double weight = Math.exp(-z * z / 2);
                sum += weight * of(z);
                weights += weight;
            }
            return sum / weights;
        }
    }

    private SeedIntervals() {}

    static Map<String, Figure> draw(RandomGenerator random) {
        Map<String, Figure> figures = new TreeMap<>();
        for (int seeds : SEEDS) {
            for (Kind kind : Kind.values()) {
                double[] values = new double[seeds];
                for (int i = 0; i < seeds; i++) {
                    values[i] = kind.of(random.nextGaussian());
                }
                figures.put(name(seeds) + kind.words, figure(kind.interval(values), kind.mean()));
            }
            double[] rare = new double[seeds]; // 1 in most seeds, 0 in a few
            for (int i = 0; i < seeds; i++) {
                rare[i] = random.nextDouble() < RARE ? 0 : 1;
            }
            figures.put(name(seeds) + "0 in one of twenty, else 1", figure(SeedInterval.within(rare, 0, 1), 1 - RARE));
        }
        for (int trials : new int[] {20, 200}) {
            for (double p : new double[] {.05, .5}) {
                int count = 0;
                for (int i = 0; i < trials; i++) {
                    count += random.nextDouble() < p ? 1 : 0;
                }
                figures.put("share of " + trials + " trials, " + p, figure(SeedInterval.share(count, trials), p));
            }
        }
        return figures;
    }

    private static String name(int seeds) {
        return "mean of " + seeds + " seeds, ";
    }

    private static Figure figure(SeedInterval interval, double truth) {
        return new Figure(interval.lower(), interval.mean(), interval.upper(), truth, true);
    }
}
