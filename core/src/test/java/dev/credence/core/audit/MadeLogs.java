package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Logs of made-up worlds, sound ones and ones that cannot be; texts are positions of a table. */
final class MadeLogs {
    /** A prompt's table, arrays are (texts). */
    @SuppressWarnings("ArrayRecordComponent")
    record World(double[] logPrior, double[] logPolicy, double[] reward) {
        static World of(double[] logPrior, double[] logTilt, double[] reward) {
            double[] policy = new double[logPrior.length];
            for (int i = 0; i < policy.length; i++) {
                policy[i] = logPrior[i] + logTilt[i];
            }
            return new World(normalised(logPrior), normalised(policy), reward);
        }

        /** The sampler's distribution where it is another one: both sharpened, or cut to the likeliest. */
        World sampledAt(double temperature, int top) {
            return new World(sampler(logPrior, temperature, top), sampler(logPolicy, temperature, top), reward);
        }
    }

    private MadeLogs() {}

    static double[] normalised(double[] logWeights) {
        double largest = java.util.Arrays.stream(logWeights).max().orElseThrow();
        double log = largest
                + Math.log(java.util.Arrays.stream(logWeights)
                        .map(x -> Math.exp(x - largest))
                        .sum());
        return java.util.Arrays.stream(logWeights).map(x -> x - log).toArray();
    }

    static double[] sampler(double[] log, double temperature, int top) {
        double edge = java.util.Arrays.stream(log)
                .sorted()
                .skip(Math.max(0, log.length - top))
                .findFirst()
                .orElseThrow();
        return normalised(java.util.Arrays.stream(log)
                .map(x -> x < edge ? Double.NEGATIVE_INFINITY : x / temperature)
                .toArray());
    }

    /** A small world or a text-like one, mild to violent, its good texts common or rare. */
    static World random(RandomGenerator random) {
        int texts = (int) Math.exp(Math.log(2) + random.nextDouble() * Math.log(3000));
        double spread = 3 * random.nextDouble();
        double noise = random.nextInt(3) == 0 ? 0 : 2.5 * random.nextDouble();
        double lambda = 10 * random.nextDouble() * random.nextDouble();
        double good = Math.pow(10, -3.5 * random.nextDouble());
        boolean normal = random.nextBoolean();
        double[] prior = new double[texts];
        double[] tilt = new double[texts];
        double[] reward = new double[texts];
        for (int i = 0; i < texts; i++) {
            prior[i] = spread * random.nextGaussian();
            reward[i] = normal ? random.nextGaussian() : random.nextDouble() < good ? 1 : 0;
            tilt[i] = lambda * reward[i] + noise * random.nextGaussian();
        }
        return World.of(prior, tilt, reward);
    }

    /** So many draws of each side: prior and policy, as {@code sampler} draws them, scored as {@code scored} says. */
    static List<Logs.Row> draw(String prompt, World scored, World sampler, int[] counts, RandomGenerator random) {
        List<Logs.Row> rows = new ArrayList<>();
        for (int source = 0; source < 2; source++) {
            double[] cumulative = cumulative(source == 0 ? sampler.logPrior : sampler.logPolicy);
            for (int k = 0; k < counts[source]; k++) {
                int x = find(cumulative, random.nextDouble());
                rows.add(new Logs.Row(
                        prompt, source, scored.reward[x], scored.logPrior[x], scored.logPolicy[x], -1, false, x));
            }
        }
        return rows;
    }

    static double[] cumulative(double[] log) {
        double[] sums = new double[log.length];
        double sum = 0;
        for (int i = 0; i < log.length; i++) {
            sum += Math.exp(log[i]);
            sums[i] = sum;
        }
        return sums;
    }

    static int find(double[] cumulative, double at) {
        int found = java.util.Arrays.binarySearch(cumulative, at * cumulative[cumulative.length - 1]);
        return Math.min(cumulative.length - 1, found < 0 ? -found - 1 : found + 1);
    }

    /** A sound log of several prompts and of 10 to 2,000 records a source. */
    static List<Logs.Row> sound(RandomGenerator random) {
        int prompts = 1 + (random.nextBoolean() ? 0 : random.nextInt(20));
        int records = 10 + (int) Math.exp(random.nextDouble() * Math.log(prompts > 1 ? 200 : 2000));
        int others = random.nextBoolean() ? records : 10 + random.nextInt(300);
        return IntStream.range(0, prompts)
                .boxed()
                .flatMap(c -> {
                    World world = random(random);
                    return draw("p" + c, world, world, new int[] {records, others}, random).stream();
                })
                .toList();
    }

    static PromptPool pool(RolloutLog log) {
        return new PromptPool(log.prompts().stream()
                .map(p -> PromptAtoms.of(new LogAtoms(log, p, p.weight(), 0), Double.NaN))
                .toList());
    }
}
