package dev.credence.methods.training;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Random worlds to hunt for methods that end elsewhere than they say: 2 to so many texts, one prompt or several with weights,
 * priors from flat to steep with texts of probability 0, rewards with ties, rare and extreme ones, and β from .02 to 1,000.
 *
 * @param prior the prior
 * @param rewards prompt to (outcomes)
 * @param beta KL coefficient
 * @param words what kind it is
 */
record RandomTables(TableModel prior, Map<String, double[]> rewards, double beta, String words) {
    private enum Shape {
        NORMAL,
        LEVELS,
        RARE,
        EXTREME,
        EQUAL,
        SHARE,
        LOG_PROBABILITY
    }

    static RandomTables of(long seed, int most) {
        RandomGenerator random = new SplittableRandom(seed);
        for (int i = 0; i < 3; i++) {
            random.nextLong();
        }
        double beta = Math.exp(uniform(random, Math.log(.02), Math.log(1000)));
        int prompts = random.nextInt(10) < 7 ? 1 : 2 + random.nextInt(3);
        Shape shape = Shape.values()[random.nextInt(Shape.values().length)];
        double scale = Math.exp(uniform(random, Math.log(.1), Math.log(10)));
        double steep = new double[] {.3, 1.5, 4}[random.nextInt(3)];
        Map<String, Distribution> rows = new LinkedHashMap<>();
        Map<String, Double> weights = new LinkedHashMap<>();
        Map<String, double[]> rewards = new LinkedHashMap<>();
        int texts = 0;
        for (int c = 0; c < prompts; c++) {
            int n = (int) Math.round(Math.exp(uniform(random, Math.log(2), Math.log(most))));
            texts += n;
            String prompt = "p" + c;
            Distribution prior = distribution(n, steep, random);
            rows.put(prompt, prior);
            rewards.put(prompt, rewards(shape, scale, prior, random));
            weights.put(prompt, .1 + random.nextDouble());
        }
        String words = texts + " texts, " + prompts + " prompts, " + shape + " x " + scale + ", prior " + steep;
        return new RandomTables(TableModel.of(rows, weights), rewards, beta, words);
    }

    RewardFunction reward() {
        return (prompt, text) -> Objects.requireNonNull(rewards.get(prompt))[Integer.parseInt(text.substring(1))];
    }

    private static Distribution distribution(int n, double steep, RandomGenerator random) {
        List<String> outcomes = new ArrayList<>();
        double[] logWeight = new double[n];
        boolean holes = n > 3 && random.nextInt(5) == 0;
        for (int i = 0; i < n; i++) {
            outcomes.add("x" + i);
            boolean hole = holes && i > 1 && random.nextInt(5) == 0;
            logWeight[i] = hole ? Double.NEGATIVE_INFINITY : steep * random.nextGaussian();
        }
        return Distribution.ofLogWeights(outcomes, logWeight);
    }

    private static double[] rewards(Shape shape, double scale, Distribution prior, RandomGenerator random) {
        double[] r = new double[prior.size()];
        for (int i = 0; i < r.length; i++) {
            r[i] = switch (shape) {
                case NORMAL -> scale * random.nextGaussian();
                case LEVELS -> random.nextInt(4);
                case RARE -> 0;
                case EXTREME -> random.nextGaussian();
                case EQUAL -> scale;
                case SHARE -> random.nextDouble();
                case LOG_PROBABILITY -> -scale * Math.log(1 / random.nextDouble());
            };
        }
        int one = random.nextInt(r.length);
        if (shape == Shape.RARE) { // the least likely text that is possible is the good one
            for (int i = 0; i < r.length; i++) {
                boolean rarer = prior.probability(one) == 0
                        || (prior.probability(i) > 0 && prior.probability(i) < prior.probability(one));
                one = rarer ? i : one;
            }
            r[one] = scale;
        }
        if (shape == Shape.EXTREME) {
            r[one] = random.nextBoolean() ? 3 * scale : -3 * scale;
        }
        return r;
    }

    private static double uniform(RandomGenerator random, double from, double to) {
        return from + (to - from) * random.nextDouble();
    }
}
