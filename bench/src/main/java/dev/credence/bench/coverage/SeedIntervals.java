package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import dev.credence.lab.experiments.SeedInterval;
import dev.credence.methods.rewardmodel.RewardModel;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;

/** Intervals over seeds, as experiments and sweeps print them: means of a few values, and shares of a few trials. */
final class SeedIntervals {
    private static final int[] SEEDS = {2, 3, 5, 10};
    private static final int GRID = 20_001;
    private static final double WIDEST = 8; // standard deviations on both sides
    private static final double RARE = .05;

    /** What a seed's figure is like: a function of a normal number, with its exact mean. */
    private enum Kind {
        NORMAL("normal", z -> 1 + 0.1 * z),
        LOG_NORMAL("log-normal, σ = .5", z -> Math.exp(0.5 * z)),
        SKEWED("log-normal, σ = 1", Math::exp),
        SHARE("share near 1", z -> RewardModel.logistic(3 + z));

        private final String words;
        private final DoubleUnaryOperator of;
        private final double mean;

        Kind(String words, DoubleUnaryOperator of) {
            this.words = words;
            this.of = of;
            double sum = 0;
            double weights = 0;
            for (int i = 0; i < GRID; i++) {
                double z = WIDEST * (2.0 * i / (GRID - 1) - 1);
                double weight = Math.exp(-z * z / 2);
                sum += weight * of.applyAsDouble(z);
                weights += weight;
            }
            this.mean = sum / weights;
        }
    }

    private SeedIntervals() {}

    static Map<String, Figure> draw(RandomGenerator random) {
        Map<String, Figure> figures = new TreeMap<>();
        for (int seeds : SEEDS) {
            for (Kind kind : Kind.values()) {
                double[] values = new double[seeds];
                for (int i = 0; i < seeds; i++) {
                    values[i] = kind.of.applyAsDouble(random.nextGaussian());
                }
                boolean isShare = kind == Kind.SHARE;
                SeedInterval interval = isShare ? SeedInterval.within(values, 0, 1) : SeedInterval.of(values);
                figures.put(name(seeds) + kind.words, figure(interval, kind.mean));
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
        return new Figure(interval.lower(), interval.upper(), truth, true);
    }
}
