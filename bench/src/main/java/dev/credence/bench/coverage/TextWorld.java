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
 * @param spread standard deviation of log π0, nats: at 2.5 a few hundred texts are most of the draws, at 0.5 hardly any recurs
 */
record TextWorld(Rewards rewards, int texts, double copies, double departure, double asked, double spread) {
    private static final double SPREAD = 2.5;

    /** Texts of which some recur. */
    TextWorld(Rewards rewards, int texts, double copies, double departure, double asked) {
        this(rewards, texts, copies, departure, asked, SPREAD);
    }

    /** How rewards are drawn. */
    enum Rewards {
        /** 0, ½ and 1 at .94, .05 and .01. */
        LEVELS,
        /** Half a count of five trials at ¼. */
        COUNT,
        /** Standard normal. */
        NORMAL,
        /** Exponential of mean one: its tilts end at λ = 1. */
        EXPONENTIAL,
        /** e to a standard normal: no tilt of it has a mean. */
        LOG_NORMAL,
        /** Uniform on an interval of variance one, of which the audit is not told. */
        UNIFORM;

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
                case EXPONENTIAL -> random.nextExponential();
                case LOG_NORMAL -> Math.exp(random.nextGaussian());
                case UNIFORM -> Math.sqrt(12) * random.nextDouble();
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
            double log = spread * random.nextGaussian();
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
