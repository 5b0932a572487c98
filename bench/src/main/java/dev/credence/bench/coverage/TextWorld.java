package dev.credence.bench.coverage;

import dev.credence.bench.coverage.World.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Text-like prompts: many outcomes with log-normal probabilities, a tilt with a log-normal departure (docs/theory.md#thinned-draws).
 *
 * @param rewards how the reward is drawn
 * @param texts outcomes a prompt
 * @param copies λ of the tilt
 * @param departure standard deviation of the noise, nats
 * @param asked the stated λ
 */
record TextWorld(Rewards rewards, int texts, double copies, double departure, double asked) {
    private static final double SPREAD = 2.5;

    /** How rewards are drawn. */
    enum Rewards {
        /** 0, ½ and 1 at .94, .05 and .01. */
        LEVELS,
        /** Half a count of five trials at ¼. */
        COUNT,
        /** Standard normal. */
        NORMAL;

        double draw(RandomGenerator random) {
            return switch (this) {
                case LEVELS -> {
                    double uniform = random.nextDouble();
                    yield uniform < 0.94 ? 0 : uniform < 0.99 ? 0.5 : 1;
                }
                case COUNT ->
                    0.5
                            * IntStream.range(0, 5)
                                    .filter(i -> random.nextDouble() < 0.25)
                                    .count();
                case NORMAL -> random.nextGaussian();
            };
        }
    }

    List<Table> tables(int prompts, RandomGenerator random) {
        List<Table> tables = new ArrayList<>();
        for (int c = 0; c < prompts; c++) {
            tables.add(table(random));
        }
        return tables;
    }

    private Table table(RandomGenerator random) {
        double[] prior = new double[texts];
        double[] policy = new double[texts];
        double[] reward = new double[texts];
        for (int i = 0; i < texts; i++) {
            double log = SPREAD * random.nextGaussian();
            reward[i] = rewards.draw(random);
            prior[i] = Math.exp(log);
            policy[i] = Math.exp(log + copies * reward[i] + departure * random.nextGaussian());
        }
        return new Table(prior, policy, reward);
    }

    /** The same outcomes in the order of the policy's log-ratio, so that neighbours are alike. */
    static Table sorted(Table table) {
        int[] order = IntStream.range(0, table.reward().length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> table.policy()[i] / table.prior()[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        return new Table(
                permuted(table.prior(), order), permuted(table.policy(), order), permuted(table.reward(), order));
    }

    private static double[] permuted(double[] values, int[] order) {
        return IntStream.of(order).mapToDouble(i -> values[i]).toArray();
    }
}
