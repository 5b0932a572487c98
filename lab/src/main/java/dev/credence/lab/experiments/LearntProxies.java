package dev.credence.lab.experiments;

import dev.credence.core.figures.FigureFormat;
import dev.credence.core.model.Continuation;
import dev.credence.core.posterior.OveroptimisationCurve;
import dev.credence.core.posterior.OveroptimisationCurve.Form;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Divergences;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.rewardmodel.Judgement;
import dev.credence.methods.rewardmodel.JudgementLoss;
import dev.credence.methods.rewardmodel.RewardModel;
import dev.credence.methods.training.TrainingTask;
import dev.credence.torch.training.TransformerPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The transformer's part of {@link OverOptimisation}: proxies are reward models learned from pairs that gold decides, policies small
 * transformers of several widths that have learnt the same texts. All that can be written is enumerated, so that the paths of
 * conditioning, of best-of-n and of a filter are exact for each learnt proxy; what chance there is lies in priors, pairs and fits.
 *
 * <p>A text is a few letters, each with a value; its quality x is their sum, scaled to variance 1 under even letters, and its gold
 * reward that of the table's world, a·x − c·(x² − 1). What is no such text is as bad as the worst one.
 */
final class LearntProxies {
    private static final int LAYERS = 2;
    private static final int HEADS = 2;
    private static final int BATCH = 64;
    private static final double RATE = 0.01;
    private static final int JUDGED = 10_000; // fresh pairs that proxies are held against
    private static final int MOST = 20_000; // texts

    private final ExperimentSettings settings;
    private final int letters;
    private final int length;
    private final SmallTexts texts;
    private final int[] prompt;
    private final double[] gold; // (texts)
    private final double[] distances;
    private final int[] widths;

    /**
     * A path.
     *
     * @param start gold reward of the prior
     * @param distance √KL, as far as can be reached
     * @param gold (distances) gained over the prior
     * @param departure (distances) share of the KL that no conditioning on the proxy explains
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Path(double start, double[] distance, double[] gold, double[] departure) {
        double peak() {
            return Arrays.stream(gold).max().orElse(0);
        }

        double peakDistance() {
            int best = 0;
            for (int i = 1; i < gold.length; i++) {
                best = gold[i] > gold[best] ? i : best;
            }
            return distance[best];
        }

        double end() {
            return gold[gold.length - 1];
        }

        OveroptimisationCurve fit(Form form) {
            return OveroptimisationCurve.fit(form, distance, gold);
        }

        /** Error on points that were held out of the fit; NaN where there are too few to hold any out. */
        double heldOut(Form form) {
            return distance.length < 4 ? Double.NaN : OverOptimisation.heldOut(form, distance, gold);
        }

        double middleDeparture() {
            return departure[departure.length / 2];
        }
    }

    /**
     * What one seed came to.
     *
     * @param paths of conditioning, best-of-n and filters by name
     * @param figures single ones by name
     */
    record Seed(Map<String, Path> paths, Map<String, Double> figures) {
        Path path(String name) {
            return Objects.requireNonNull(paths.get(name), name);
        }
    }

    private LearntProxies(ExperimentSettings settings) {
        this.settings = settings;
        this.letters = settings.count("transformer.letters");
        this.length = settings.count("transformer.length");
        int count = SmallTexts.count(letters + 1, length);
        if (count < 0 || count > MOST) {
            throw InputException.ofSetting(
                    "transformer.length",
                    settings.text("transformer.length"),
                    "all texts are enumerated, at most " + MOST + " of them; fewer letters, or a shorter text");
        }
        this.texts = new SmallTexts(letters + 1, length);
        this.prompt = new int[] {letters + 1};
        this.distances = Arrays.stream(settings.numbers("transformer.distances"))
                .sorted()
                .distinct()
                .toArray();
        this.widths = Arrays.stream(settings.counts("transformer.widths"))
                .sorted()
                .distinct()
                .toArray();
        this.gold = gold();
        for (int width : widths) {
            if (width % HEADS != 0) {
                throw InputException.ofSetting(
                        "transformer.widths", settings.text("transformer.widths"), "each must be even");
            }
        }
        if (distances.length < 4) {
            throw InputException.ofSetting(
                    "transformer.distances", settings.text("transformer.distances"), "at least four, to fit a curve");
        }
    }

    static List<ExperimentKey> settings() {
        return List.of(
                ExperimentKey.word(
                        "transformer", List.of("no", "yes"), "whether proxies and policies are learned besides"),
                ExperimentKey.wholes(
                        "transformer.pairs", "50,500,5000", 1, 1_000_000, "pairs that a proxy is learned from"),
                ExperimentKey.wholes("transformer.widths", "8,16,32", 2, 512, "widths of the policies; even"),
                ExperimentKey.whole("transformer.letters", 4, 2, 20, "letters of a text"),
                ExperimentKey.whole("transformer.length", 5, 2, 12, "letters in a text"),
                ExperimentKey.numbers(
                        "transformer.distances",
                        "0.25,0.5,0.75,1,1.25,1.5,1.75,2,2.25",
                        1e-3,
                        30,
                        "√KL at which the paths are looked at, as far as they can be reached"),
                ExperimentKey.whole("transformer.ensemble", 3, 2, 100, "members of the ensembles of the fewest pairs"),
                ExperimentKey.whole("transformer.seeds", 3, 2, 1000, "repeats, of which the intervals are"),
                ExperimentKey.whole("transformer.prior.steps", 300, 1, 1_000_000, "steps that a policy learns texts"),
                ExperimentKey.whole("transformer.reward.steps", 150, 1, 1_000_000, "steps that a proxy learns"),
                ExperimentKey.whole("transformer.steps", 120, 1, 100_000, "steps of the RL at the middle distance"),
                ExperimentKey.whole("transformer.samples", 64, 2, 10_000, "texts that a step of the RL draws"));
    }

    static Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new TreeMap<>();
        if (effort.transformer()) {
            standards.put("transformer", "yes");
        }
        switch (effort.size()) {
            case QUICK ->
                standards.putAll(
                        Map.of("transformer.seeds", "2", "transformer.pairs", "50,1000", "transformer.steps", "60"));
            case FULL -> standards.putAll(Map.of("transformer.seeds", "8", "transformer.steps", "400"));
            case STANDARD -> {}
        }
        return standards;
    }

    /**
     * Adds what is learned, where it is asked for.
     *
     * @return sentences for the conclusion; empty where it is not
     */
    static String run(ExperimentSettings settings, ExperimentResult.Builder result, Listener listener) {
        return settings.text("transformer").equals("no") ? "" : new LearntProxies(settings).run(result, listener);
    }

    private double[] gold() {
        double a = settings.number("gold.linear");
        double c = settings.number("gold.square");
        double deviation = Math.sqrt((letters * (double) letters - 1) / 12); // of an even letter
        double[] gold = new double[texts.size()];
        double least = Double.POSITIVE_INFINITY;
        List<int[]> all = texts.all();
        for (int i = 0; i < gold.length; i++) {
            if (isText(all.get(i))) {
                double sum = Arrays.stream(all.get(i)).sum() - length * (letters + 1) / 2.0;
                double x = sum / deviation / Math.sqrt(length);
                gold[i] = a * x - c * (x * x - 1);
                least = Math.min(least, gold[i]);
            }
        }
        for (int i = 0; i < gold.length; i++) {
            gold[i] = isText(all.get(i)) ? gold[i] : least;
        }
        return gold;
    }

    private boolean isText(int[] tokens) {
        return tokens.length == length && Arrays.stream(tokens).noneMatch(token -> token > letters);
    }

    private String run(ExperimentResult.Builder result, Listener listener) {
        List<Seed> seeds = new ArrayList<>();
        int count = settings.count("transformer.seeds");
        Remaining remaining = new Remaining(count, listener, System::nanoTime);
        for (int k = 0; k < count; k++) {
            long seed = settings.whole("seed") * 7127 + k;
            seeds.add(KeptRecord.part(listener, "proxies-" + k, Seed.class, () -> seed(seed, listener)));
            remaining.did(1, "learnt proxies " + (k + 1) + " of " + count);
        }
        return new LearntProxiesReport(settings).report(seeds, result);
    }

    private int fewest() {
        return Arrays.stream(settings.counts("transformer.pairs")).min().orElseThrow();
    }

    private int most() {
        return Arrays.stream(settings.counts("transformer.pairs")).max().orElseThrow();
    }

    private Seed seed(long seed, Listener listener) {
        SplittableRandom random = new SplittableRandom(seed);
        Seed made = new Seed(new LinkedHashMap<>(), new LinkedHashMap<>());
        List<SmallTransformer> priors = new ArrayList<>();
        try {
            for (int width : widths) {
                priors.add(prior(width, random.nextLong(), listener));
            }
            SmallTransformer largest = priors.get(priors.size() - 1);
            List<double[]> logs = priors.stream()
                    .map(prior -> texts.logProbs(prior.model(), prompt))
                    .toList();
            double[] last = logs.get(logs.size() - 1);
            if (Arrays.stream(gold).max().orElse(0) > Arrays.stream(gold).min().orElse(0)) {
                made.paths.put("gold", conditioned(last, gold));
            }
            double[] proxy = {};
            for (int n : settings.counts("transformer.pairs")) {
                List<Judgement.Pair> pairs = pairs(n, random);
                proxy = scores(largest, pairs, random, listener);
                made.paths.put(Integer.toString(n), conditioned(last, proxy));
                made.figures.put(n + ".accuracy", accuracy(proxy));
                made.figures.put(n + ".outside", outside(last, proxy));
                if (n == fewest()) {
                    ensembles(largest, pairs, last, random, listener).forEach(made.paths::put);
                }
                if (n == most()) {
                    sizes(made, priors, logs, proxy, random, listener);
                    for (int w = 0; w < widths.length - 1; w++) {
                        String name = "reward." + widths[w];
                        double[] narrower = scores(priors.get(w), pairs, random, listener);
                        made.paths.put(name, conditioned(last, narrower));
                        made.figures.put(name + ".accuracy", accuracy(narrower));
                        made.figures.put(name + ".outside", outside(last, narrower));
                    }
                }
            }
        } finally {
            priors.forEach(SmallTransformer::close);
        }
        return made;
    }

    private SmallTransformer prior(int width, long seed, Listener listener) {
        return SmallTransformer.trained(
                new SmallTransformer.Size(letters + 2, length + 2, LAYERS, width, HEADS),
                new SmallTransformer.Training(settings.count("transformer.prior.steps"), BATCH, RATE),
                random -> new Continuation(prompt, Arrays.copyOf(text(random), length + 1)),
                seed,
                listener);
    }

    private int[] text(SplittableRandom random) {
        return IntStream.range(0, length).map(i -> 1 + random.nextInt(letters)).toArray();
    }

    /** Pairs of even texts, decided by Bradley and Terry's rule on gold. */
    private List<Judgement.Pair> pairs(int n, SplittableRandom random) {
        List<Judgement.Pair> pairs = new ArrayList<>();
        while (pairs.size() < n) {
            int[] one = text(random);
            int[] other = text(random);
            boolean first =
                    random.nextDouble() < RewardModel.logistic(gold[texts.index(one)] - gold[texts.index(other)]);
            if (!Arrays.equals(one, other)) {
                pairs.add(new Judgement.Pair("", word(first ? one : other), word(first ? other : one), 1));
            }
        }
        return pairs;
    }

    private static String word(int[] tokens) {
        StringBuilder word = new StringBuilder();
        Arrays.stream(tokens).forEach(token -> word.append((char) ('a' + token - 1)));
        return word.toString();
    }

    private int[] ids(JudgementLoss.Judged judged) {
        return IntStream.concat(Arrays.stream(prompt), judged.text().chars().map(c -> c - 'a' + 1))
                .toArray();
    }

    private double[] scores(
            SmallTransformer base, List<Judgement.Pair> pairs, SplittableRandom random, Listener listener) {
        LearntReward.Fitting fitting = new LearntReward.Fitting(settings.count("transformer.reward.steps"), RATE, 0);
        try (LearntReward proxy = LearntReward.fit(base.model(), pairs, this::ids, fitting, random.split(), listener)) {
            return texts.scores(proxy.model(), prompt);
        }
    }

    /** Each member learns a resample of the same pairs. */
    private Map<String, Path> ensembles(
            SmallTransformer base,
            List<Judgement.Pair> pairs,
            double[] prior,
            SplittableRandom random,
            Listener listener) {
        List<double[]> members = new ArrayList<>();
        for (int member = 0; member < settings.count("transformer.ensemble"); member++) {
            List<Judgement.Pair> drawn = new ArrayList<>();
            for (int i = 0; i < pairs.size(); i++) {
                drawn.add(pairs.get(random.nextInt(pairs.size())));
            }
            members.add(scores(base, drawn, random, listener));
        }
        Map<String, Path> paths = new LinkedHashMap<>();
        paths.put("ensemble.mean", conditioned(prior, pooled(members, own -> mean(own))));
        paths.put(
                "ensemble.min",
                conditioned(
                        prior, pooled(members, own -> Arrays.stream(own).min().orElseThrow())));
        paths.put("ensemble.mean_variance", conditioned(prior, pooled(members, own -> {
            double mean = mean(own);
            return mean
                    - Arrays.stream(own)
                            .map(x -> (x - mean) * (x - mean))
                            .average()
                            .orElseThrow();
        })));
        return paths;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private double[] pooled(List<double[]> members, ToDoubleFunction<double[]> pool) {
        double[] pooled = new double[texts.size()];
        Arrays.setAll(
                pooled,
                i -> pool.applyAsDouble(
                        members.stream().mapToDouble(own -> own[i]).toArray()));
        return pooled;
    }

    /** Policies of several widths on one proxy: by conditioning, as the best of n, filtered, and by RL at the middle distance. */
    private void sizes(
            Seed made,
            List<SmallTransformer> priors,
            List<double[]> logs,
            double[] proxy,
            SplittableRandom random,
            Listener listener) {
        double middle = distances[distances.length / 2];
        for (int w = 0; w < widths.length; w++) {
            String name = "size." + widths[w];
            double[] prior = logs.get(w);
            made.paths.put(name, conditioned(prior, proxy));
            made.paths.put(name + ".bon", bestOf(prior, proxy));
            made.paths.put(name + ".filter", filtered(prior, proxy));
            TiltedFamily family = TiltedFamily.ofLog(prior, proxy);
            double lambda = family.lambdaAtKl(Math.min(middle * middle, 0.9 * most(family)));
            SmallTexts.Rl rl = new SmallTexts.Rl(
                    "rloo",
                    1 / lambda,
                    settings.count("transformer.steps"),
                    settings.count("transformer.samples"),
                    0.003);
            TrainingTask.Prompt asked = new TrainingTask.Prompt("", prompt, 1);
            try (TransformerPolicy policy =
                    texts.trained(priors.get(w).model(), Map.of(asked, proxy), rl, random.nextLong(), listener)) {
                double[] trained = texts.logProbs(policy.transformer(), prompt);
                double kl = Math.max(0, Divergences.kl(trained, prior));
                double mean = expected(trained, proxy);
                double nearest = family.at(family.lambdaAtMean(mean)).klToPrior();
                made.figures.put(name + ".rl.kl", kl);
                made.figures.put(name + ".rl.gold", expected(trained, gold) - expected(prior, gold));
                made.figures.put(name + ".rl.departure_share", kl > 0 ? Math.max(0, 1 - nearest / kl) : 0);
                double there = family.lambdaAtKl(Math.min(kl, 0.999 * most(family)));
                made.figures.put(
                        name + ".rl.beside", expected(family.logPosterior(there), gold) - expected(prior, gold));
            }
        }
    }

    /** Mass on what is no text at the far end of conditioning's path, which no pair was of. */
    private double outside(double[] prior, double[] proxy) {
        TiltedFamily family = TiltedFamily.ofLog(prior, proxy);
        double far = distances[distances.length - 1];
        double[] logs = family.logPosterior(family.lambdaAtKl(Math.min(far * far, 0.98 * most(family))));
        List<int[]> all = texts.all();
        return Math.min(
                1,
                IntStream.range(0, logs.length)
                        .filter(i -> !isText(all.get(i)))
                        .mapToDouble(i -> Math.exp(logs[i]))
                        .sum());
    }

    private static double most(TiltedFamily family) {
        return family.at(Double.POSITIVE_INFINITY).klToPrior();
    }

    private static double expected(double[] logs, double[] values) {
        double sum = 0;
        for (int i = 0; i < logs.length; i++) {
            sum += Math.exp(logs[i]) * values[i];
        }
        return sum;
    }

    /** The exact path of conditioning on a score. */
    private Path conditioned(double[] prior, double[] score) {
        TiltedFamily family = TiltedFamily.ofLog(prior, score);
        double most = Math.sqrt(most(family));
        double[] reached = Arrays.stream(distances).filter(d -> d < 0.99 * most).toArray();
        if (reached.length < 4) {
            throw InputException.ofSetting(
                    "transformer.distances",
                    settings.text("transformer.distances"),
                    "four at least must be reached; the best text by a proxy is " + FigureFormat.of(most)
                            + " √nat away");
        }
        double start = expected(prior, gold);
        double[] own = new double[reached.length];
        for (int i = 0; i < reached.length; i++) {
            double[] logs = family.logPosterior(family.lambdaAtKl(reached[i] * reached[i]));
            own[i] = expected(logs, gold) - start;
        }
        return new Path(start, reached, own, new double[reached.length]);
    }

    /** The exact path of the best of n by a score, ties shared: no conditioning on the score at any strength. */
    private Path bestOf(double[] prior, double[] score) {
        return chosen(
                prior,
                score,
                Arrays.stream(settings.counts("n"))
                        .<DoubleUnaryOperator>mapToObj(n -> below -> Math.pow(below, n))
                        .toList());
    }

    /** The exact path of what is tuned on the prior's best share by a score, as feedme is, to its limit: the share falls. */
    private Path filtered(double[] prior, double[] score) {
        return chosen(
                prior,
                score,
                Arrays.stream(distances)
                        .mapToObj(d -> Math.exp(-d * d))
                        .<DoubleUnaryOperator>map(share -> below -> Math.max(0, (below - (1 - share)) / share))
                        .toList());
    }

    /**
     * A path whose policies depend on the score's ranks alone.
     *
     * @param chances (policies) mass of the scores that the prior has this mass at or below
     */
    private Path chosen(double[] prior, double[] score, List<DoubleUnaryOperator> chances) {
        Integer[] order = IntStream.range(0, score.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble(i -> score[i]));
        TiltedFamily family = TiltedFamily.ofLog(prior, score);
        double most = most(family);
        List<double[]> points = new ArrayList<>();
        double start = expected(prior, gold);
        for (DoubleUnaryOperator chance : chances) {
            double[] logs = new double[prior.length];
            double below = 0;
            for (int from = 0; from < order.length; ) {
                int to = from;
                double level = 0;
                while (to < order.length && score[order[to]] == score[order[from]]) {
                    level += Math.exp(prior[order[to++]]);
                }
                double above = to == order.length ? 1 : Math.min(1, below + level);
                double mass = chance.applyAsDouble(above) - chance.applyAsDouble(below);
                for (int i = from; i < to; i++) {
                    logs[order[i]] = prior[order[i]] + Math.log(Math.max(mass, 0)) - Math.log(level);
                }
                below = above;
                from = to;
            }
            double kl = Math.max(0, Divergences.kl(logs, prior));
            if (kl > 1e-6) {
                double nearest = Math.min(
                        most,
                        family.at(family.lambdaAtMean(expected(logs, score))).klToPrior());
                points.add(new double[] {
                    Math.sqrt(kl), expected(logs, gold) - start, Math.max(0, Math.min(1, 1 - nearest / kl))
                });
            }
        }
        points.sort(Comparator.comparingDouble(point -> point[0]));
        return new Path(start, column(points, 0), column(points, 1), column(points, 2));
    }

    private static double[] column(List<double[]> points, int column) {
        return points.stream().mapToDouble(point -> point[column]).toArray();
    }

    /** Share of fresh pairs that a proxy foretells. */
    private double accuracy(double[] proxy) {
        SplittableRandom random = new SplittableRandom(JUDGED);
        double right = 0;
        double all = 0;
        for (int k = 0; k < JUDGED; k++) {
            int one = texts.index(text(random));
            int other = texts.index(text(random));
            if (one != other) {
                double p = RewardModel.logistic(gold[one] - gold[other]);
                right += proxy[one] > proxy[other] ? p : proxy[one] < proxy[other] ? 1 - p : 0.5;
                all++;
            }
        }
        return right / all;
    }
}
