package dev.credence.bench.limits;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A random table: 2, 10, 50, 200 or, one in twenty, 1,000 texts a prompt, one prompt or several with weights, priors from flat to steep, in every
 * third table with texts of probability 0, rewards with ties and without, β log-uniform from .02 to 1,000.
 *
 * @param prior the prior
 * @param rewards prompt to (texts)
 * @param beta KL coefficient
 * @param words what kind it is
 */
record LimitTable(TableModel prior, Map<String, double[]> rewards, double beta, String words) {
    private static final int[] TEXTS = {2, 2, 2, 2, 10, 10, 10, 10, 10, 10, 50, 50, 50, 50, 50, 50, 200, 200, 200, 1000
    };
    private static final double LEAST = .02;
    private static final double MOST = 1000;

    private static final double[] EDGE_BETAS = {1e-9, 1e-6, 1e-3, .02, .3, 1, 30, 1e3, 1e6, 1e9};
    private static final int[] EDGE_TEXTS = {1, 1, 2, 3, 3, 10, 10, 100, 3000};
    private static final double[] EDGE_SCALES = {1, 1, 1, 1, 1e-6, 1e-3, 1e3, 1e9};
    private static final Shape[] EDGE_SHAPES = {
        Shape.EQUAL, Shape.NORMAL, Shape.LEVELS, Shape.TWO_LEVELS, Shape.RARE, Shape.LOG_PROBABILITY
    };

    private enum Shape {
        NORMAL,
        LEVELS,
        TWO_LEVELS,
        RARE,
        OUTLIER,
        EQUAL,
        LOG_PROBABILITY
    }

    /** The table of a number. */
    static LimitTable of(long seed, int number) {
        RandomGenerator random = new SplittableRandom(31 * seed + 1_000_003L * number);
        double beta = Math.exp(uniform(random, Math.log(LEAST), Math.log(MOST)));
        int texts = TEXTS[random.nextInt(TEXTS.length)];
        int prompts = random.nextInt(3) > 0 ? 1 : 2 + random.nextInt(texts < 1000 ? 3 : 1);
        Shape shape = Shape.values()[random.nextInt(Shape.values().length)];
        double scale = Math.exp(uniform(random, Math.log(.1), Math.log(10)));
        double steep = new double[] {.3, 1.5, 4}[random.nextInt(3)];
        boolean holes = random.nextInt(3) == 0;
        Map<String, Distribution> rows = new LinkedHashMap<>();
        Map<String, Double> weights = new LinkedHashMap<>();
        Map<String, double[]> rewards = new LinkedHashMap<>();
        for (int c = 0; c < prompts; c++) {
            Distribution row = distribution(texts, steep, holes && texts > 2, random);
            rows.put("p" + c, row);
            rewards.put("p" + c, rewards(shape, scale, row, random));
            weights.put("p" + c, .1 + random.nextDouble());
        }
        String words = texts + " texts, " + prompts + " prompts, " + shape + " times " + scale + ", prior " + steep
                + (holes ? " with holes" : "") + ", beta " + beta;
        return new LimitTable(TableModel.of(rows, weights), rewards, beta, words);
    }

    /**
     * A table that is not as one expects: one text or thousands, rewards all alike, in one prompt alone, tiny or huge, texts of
     * probability 0 or rare beyond counting, prompts whose weights differ a trillionfold, β from 10⁻⁹ to 10⁹.
     */
    static LimitTable edge(long seed, int number) {
        RandomGenerator random = new SplittableRandom(31 * seed + 1_000_003L * number + 7);
        double beta = EDGE_BETAS[random.nextInt(EDGE_BETAS.length)];
        int texts = EDGE_TEXTS[random.nextInt(EDGE_TEXTS.length)];
        int prompts = random.nextBoolean() || texts > 1000 ? 1 : 2 + random.nextInt(3);
        double scale = EDGE_SCALES[random.nextInt(EDGE_SCALES.length)];
        double steep = new double[] {0, .3, 4, 20}[random.nextInt(4)];
        boolean holes = random.nextInt(3) == 0;
        Shape shape = EDGE_SHAPES[random.nextInt(EDGE_SHAPES.length)];
        boolean oneAlike = random.nextInt(4) == 0;
        Map<String, Distribution> rows = new LinkedHashMap<>();
        Map<String, Double> weights = new LinkedHashMap<>();
        Map<String, double[]> rewards = new LinkedHashMap<>();
        for (int c = 0; c < prompts; c++) {
            Distribution row = distribution(texts, steep, holes && texts > 2, random);
            double[] r = rewards(oneAlike && c == 0 ? Shape.EQUAL : shape, 1, row, random);
            rows.put("p" + c, row);
            rewards.put("p" + c, Arrays.stream(r).map(each -> scale * each).toArray());
            weights.put("p" + c, new double[] {1, 1e-6, 1e6, .3}[random.nextInt(4)]);
        }
        String words = texts + " texts, " + prompts + " prompts, " + shape + " times " + scale + ", prior " + steep
                + (holes ? " with holes" : "") + ", beta " + beta;
        return new LimitTable(TableModel.of(rows, weights), rewards, beta, words);
    }

    RewardFunction reward() {
        return (prompt, text) -> given(prompt)[Integer.parseInt(text.substring(1))];
    }

    /** (texts) of a prompt. */
    double[] given(String prompt) {
        return Objects.requireNonNull(rewards.get(prompt));
    }

    /** The same with rewards squeezed into (0, 1), for methods that take probabilities. */
    LimitTable asProbabilities() {
        Map<String, double[]> squeezed = new LinkedHashMap<>();
        rewards.forEach((prompt, row) -> {
            double[] chances = new double[row.length];
            for (int i = 0; i < row.length; i++) {
                chances[i] = 1 / (1 + Math.exp(-row[i]));
            }
            squeezed.put(prompt, chances);
        });
        return new LimitTable(prior, squeezed, beta, words);
    }

    private static Distribution distribution(int texts, double steep, boolean holes, RandomGenerator random) {
        List<String> names = new ArrayList<>();
        double[] logWeight = new double[texts];
        for (int i = 0; i < texts; i++) {
            names.add("x" + i);
            boolean hole = holes && i > 1 && random.nextInt(5) == 0;
            logWeight[i] = hole ? Double.NEGATIVE_INFINITY : steep * random.nextGaussian();
        }
        return Distribution.ofLogWeights(names, logWeight);
    }

    private static double[] rewards(Shape shape, double scale, Distribution prior, RandomGenerator random) {
        double[] r = new double[prior.size()];
        for (int i = 0; i < r.length; i++) {
            r[i] = switch (shape) {
                case NORMAL -> scale * random.nextGaussian();
                case LEVELS -> random.nextInt(4);
                case TWO_LEVELS -> random.nextInt(10) == 0 ? scale : 0;
                case RARE -> 0;
                case OUTLIER -> random.nextGaussian();
                case EQUAL -> scale;
                case LOG_PROBABILITY -> scale * Math.log(random.nextDouble());
            };
        }
        if (shape == Shape.RARE) {
            int rarest = 0;
            for (int i = 0; i < r.length; i++) {
                double p = prior.probability(i);
                rarest = p > 0 && p < prior.probability(rarest) ? i : rarest;
            }
            r[rarest] = scale;
        }
        if (shape == Shape.OUTLIER) {
            r[random.nextInt(r.length)] = random.nextBoolean() ? 3 * scale : -3 * scale;
        }
        return r;
    }

    private static double uniform(RandomGenerator random, double from, double to) {
        return from + (to - from) * random.nextDouble();
    }
}
