package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
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
    private static final Map<String, String> METHODS = new LinkedHashMap<>(); // by what stands behind a size

    static {
        METHODS.put("", "conditioning");
        METHODS.put(".bon", "best-of-n");
        METHODS.put(".filter", "tuning on what a filter passes");
    }

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
    private record Path(double start, double[] distance, double[] gold, double[] departure) {
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
    private record Seed(Map<String, Path> paths, Map<String, Double> figures) {
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
        return report(seeds, result);
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
                double nearest = Math.min(most, family.at(family.lambdaAtMean(expected(logs, score))).klToPrior());
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

    private String report(List<Seed> seeds, ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "Learnt proxies: gold along conditioning's path, gained over the prior, mean over seeds",
                "proxy",
                "accuracy",
                "mass on no text at the far end",
                "α",
                "β",
                "peak, √nat",
                "peak, reward",
                "at the far end",
                "hump");
        for (String name : seeds.get(0).paths.keySet()) {
            boolean isSize = name.startsWith("size.");
            put(
                    result,
                    seeds,
                    name,
                    ".alpha",
                    "Slope at the start of gold",
                    p -> p.fit(Form.BEST_OF_N).alpha());
            put(
                    result,
                    seeds,
                    name,
                    ".beta",
                    "Bend of gold",
                    p -> p.fit(Form.BEST_OF_N).beta());
            forms(result, seeds, name);
            if (isSize) {
                put(result, seeds, name, ".intercept", "Gold reward where it starts", Path::start);
                if (!name.endsWith(Integer.toString(width(name)))) {
                    put(
                            result,
                            seeds,
                            name,
                            ".departure_share",
                            "Share of the KL in the middle that no conditioning on the proxy explains",
                            Path::middleDeparture);
                }
                continue;
            }
            put(result, seeds, name, ".peak.d", "√KL of the largest gold", Path::peakDistance);
            put(result, seeds, name, ".peak.gold", "Largest gold gained", Path::peak);
            put(result, seeds, name, ".end.gold", "Gold gained at the far end", Path::end);
            put(result, seeds, name, ".hump", "How far gold falls from its largest", p -> p.peak() - p.end());
            String id = "transformer." + name;
            table.row(
                    name,
                    meanOf(seeds, name + ".accuracy"),
                    meanOf(seeds, name + ".outside"),
                    result.estimate(id + ".alpha"),
                    result.estimate(id + ".beta"),
                    result.estimate(id + ".peak.d"),
                    result.estimate(id + ".peak.gold"),
                    result.estimate(id + ".end.gold"),
                    result.estimate(id + ".hump"));
        }
        for (String name : seeds.get(0).figures.keySet()) {
            double[] interval = SeedInterval.of(seeds.stream()
                    .mapToDouble(seed -> seed.figures.getOrDefault(name, Double.NaN))
                    .toArray());
            boolean isShare = name.endsWith("share") || name.endsWith("accuracy") || name.endsWith("outside");
            boolean isKl = name.endsWith("kl");
            result.estimated(
                    "transformer." + name,
                    figure(name),
                    new double[] {
                        isShare || isKl ? Math.max(0, interval[0]) : interval[0],
                        interval[1],
                        isShare ? Math.min(1, interval[2]) : interval[2]
                    },
                    isShare ? "share" : isKl ? "nats" : "reward");
        }
        result.table("proxies", table.build());
        result.table("sizes", sizes(result));
        result.table("forms", formsTable(seeds, result));
        differences(seeds, result);
        result.picture(
                picture(
                        seeds,
                        "learnt",
                        "Gold along conditioning's path, learnt proxies",
                        "Each proxy is a reward"
                                + " model of so many pairs; gold is conditioned on itself. Means over seeds, all texts enumerated."));
        result.picture(
                picture(
                        seeds,
                        "sizes",
                        "Policies of three widths on one proxy",
                        "Gold itself, not what is gained:"
                                + " curves that differ in the intercept alone are parallel. Conditioning, and best-of-n, which is none."));
        return words(seeds, result);
    }

    /** Which of the two forms tells points that it was not fitted to. */
    private static void forms(ExperimentResult.Builder result, List<Seed> seeds, String name) {
        put(
                result,
                seeds,
                name,
                ".rl_form.alpha",
                "Slope in the form for RL of gold",
                p -> p.fit(Form.RL).alpha());
        put(
                result,
                seeds,
                name,
                ".rl_form.beta",
                "Bend in the form for RL of gold",
                p -> p.fit(Form.RL).beta());
        if (seeds.stream().anyMatch(seed -> seed.path(name).distance.length < 4)) {
            return;
        }
        put(
                result,
                seeds,
                name,
                ".heldout.tilt",
                "Error of d(α − βd) on held-out points of gold",
                p -> p.heldOut(Form.BEST_OF_N));
        put(
                result,
                seeds,
                name,
                ".heldout.rl",
                "Error of d(α − β log d) on held-out points of gold",
                p -> p.heldOut(Form.RL));
        put(
                result,
                seeds,
                name,
                ".heldout.difference",
                "The second form's error less the first's, of gold",
                p -> p.heldOut(Form.RL) - p.heldOut(Form.BEST_OF_N));
    }

    /** 1 where d(α − βd) surely tells held-out points better, −1 where the form for RL does, else 0. */
    private static int better(ExperimentResult.Builder result, String name) {
        Finding difference = result.figure("transformer." + name + ".heldout.difference");
        return difference.lower() > 0 ? 1 : difference.upper() < 0 ? -1 : 0;
    }

    private static List<String> compared(List<Seed> seeds, ExperimentResult.Builder result) {
        return seeds.get(0).paths.keySet().stream()
                .filter(name -> result.stands("transformer." + name + ".heldout.difference"))
                .toList();
    }

    private static DataTable formsTable(List<Seed> seeds, ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "Gao, Schulman and Hilton's two forms on each path: gold gained, and errors on points that were held out",
                "path",
                "α of d(α − βd)",
                "β",
                "error",
                "α of d(α − β log d)",
                "β of it",
                "error of it",
                "better");
        for (String name : compared(seeds, result)) {
            String id = "transformer." + name;
            int better = better(result, name);
            table.row(
                    words(name),
                    result.estimate(id + ".alpha"),
                    result.estimate(id + ".beta"),
                    result.estimate(id + ".heldout.tilt"),
                    result.estimate(id + ".rl_form.alpha"),
                    result.estimate(id + ".rl_form.beta"),
                    result.estimate(id + ".heldout.rl"),
                    better > 0 ? "d(α − βd)" : better < 0 ? "d(α − β log d)" : "not told");
        }
        return table.build();
    }

    /** A path's name in words. */
    private static String words(String name) {
        return name.matches("\\d+")
                ? name + " pairs"
                : name.startsWith("size.")
                        ? "width " + name.replace("size.", "").replace(".bon", ", best of n").replace(".filter", ", filter")
                        : name.startsWith("reward.")
                                ? "reward model of width " + name.replace("reward.", "")
                                : name.replace('.', ' ').replace('_', ' ');
    }

    private static int width(String name) {
        return Integer.parseInt(name.split("\\.")[1]);
    }

    private static double meanOf(List<Seed> seeds, String name) {
        return seeds.stream()
                .mapToDouble(seed -> seed.figures.getOrDefault(name, Double.NaN))
                .average()
                .orElse(Double.NaN);
    }

    private static String figure(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "accuracy" ->
                "Share of fresh pairs that the proxy of " + name.replace(".accuracy", "") + " pairs foretells?";
            case "outside" ->
                "Mass on what is no text at the far end of conditioning on the proxy of " + name.replace(".outside", "")
                        + " pairs?";
            case "kl" -> "How far RL on the proxy goes, " + name.replace(".rl.kl", "") + "?";
            case "departure_share" ->
                "Share of RL's KL that no conditioning on the proxy explains, "
                        + name.replace(".rl.departure_share", "") + "?";
            case "beside" -> "Gold gained by conditioning at RL's KL, " + name.replace(".rl.beside", "") + "?";
            default -> "Gold gained by RL on the proxy, " + name.replace(".rl.gold", "") + "?";
        };
    }

    private static void put(
            ExperimentResult.Builder result,
            List<Seed> seeds,
            String name,
            String figure,
            String question,
            ToDoubleFunction<Path> of) {
        String path = name.equals("gold")
                ? " conditioned on gold itself"
                : name.endsWith(".bon") || name.endsWith(".filter")
                        ? ", " + words(name)
                        : " of conditioning on the proxy, " + words(name);
        double[] values = seeds.stream()
                .mapToDouble(seed -> of.applyAsDouble(seed.path(name)))
                .toArray();
        String unit = figure.endsWith("share")
                ? "share"
                : figure.endsWith("alpha")
                ? "reward/√nat"
                : figure.endsWith("beta") ? "reward/nat" : figure.endsWith(".d") ? "√nat" : "reward";
        double[] interval = SeedInterval.of(values);
        boolean isPositive = List.of(".hump", ".peak.d", ".departure_share", ".heldout.tilt", ".heldout.rl")
                .contains(figure);
        if (figure.equals(".peak.d") && interval[2] - interval[0] < 1e-9) { // seeds that agree do so on the grid alone
            double[] at = seeds.get(0).path(name).distance;
            double step = at.length > 1 ? at[at.length - 1] - at[at.length - 2] : at[0];
            interval = new double[] {interval[1] - step, interval[1], interval[1] + step};
        }
        interval[0] = isPositive ? Math.max(0, interval[0]) : interval[0];
        interval[2] = figure.endsWith("share") ? Math.min(1, interval[2]) : interval[2];
        result.estimated("transformer." + name + figure, question + path + "?", interval, unit);
    }

    private DataTable sizes(ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "Policies of several widths on the proxy of the most pairs",
                "width",
                "method",
                "intercept",
                "α",
                "β",
                "RL: KL, nats",
                "RL: gold gained",
                "conditioning at that KL",
                "departure");
        for (int width : widths) {
            String id = "transformer.size." + width;
            table.row(
                    width,
                    "conditioning",
                    result.estimate(id + ".intercept"),
                    result.estimate(id + ".alpha"),
                    result.estimate(id + ".beta"),
                    result.estimate(id + ".rl.kl"),
                    result.estimate(id + ".rl.gold"),
                    result.estimate(id + ".rl.beside"),
                    result.estimate(id + ".rl.departure_share"));
            table.row(
                    width,
                    "best of n",
                    result.estimate(id + ".bon.intercept"),
                    result.estimate(id + ".bon.alpha"),
                    result.estimate(id + ".bon.beta"),
                    null,
                    null,
                    null,
                    result.estimate(id + ".bon.departure_share"));
            table.row(
                    width,
                    "filter",
                    result.estimate(id + ".filter.intercept"),
                    result.estimate(id + ".filter.alpha"),
                    result.estimate(id + ".filter.beta"),
                    null,
                    null,
                    null,
                    result.estimate(id + ".filter.departure_share"));
        }
        return table.build();
    }

    /** The largest policy's curve less the smallest's, seed by seed. */
    private void differences(List<Seed> seeds, ExperimentResult.Builder result) {
        String small = "size." + widths[0];
        String large = "size." + widths[widths.length - 1];
        for (String method : METHODS.keySet()) {
            for (String part : new String[] {"intercept", "alpha", "beta"}) {
                ToDoubleFunction<Path> of = path -> part.equals("intercept")
                        ? path.start()
                        : part.equals("alpha")
                                ? path.fit(Form.BEST_OF_N).alpha()
                                : path.fit(Form.BEST_OF_N).beta();
                double[] values = seeds.stream()
                        .mapToDouble(seed -> of.applyAsDouble(seed.paths.get(large + method))
                                - of.applyAsDouble(seed.paths.get(small + method)))
                        .toArray();
                result.estimated(
                        "transformer.sizes" + method + "." + part,
                        "How much more is the " + part + " of the widest policy than of the narrowest"
                                + ", by " + METHODS.get(method) + "?",
                        SeedInterval.of(values),
                        part.equals("intercept") ? "reward" : part.equals("alpha") ? "reward/√nat" : "reward/nat");
            }
        }
    }

    private Picture picture(List<Seed> seeds, String id, String title, String caption) {
        boolean isSizes = id.equals("sizes");
        List<Picture.Series> series = new ArrayList<>();
        for (String name : seeds.get(0).paths.keySet()) {
            if (name.startsWith("size.") != isSizes || name.endsWith(".filter")) {
                continue; // filters are in the table: nine lines cannot be told apart
            }
            int points = seeds.stream()
                    .mapToInt(seed -> seed.path(name).distance.length)
                    .min()
                    .orElse(0);
            double[] x = new double[points];
            double[] y = new double[points];
            for (Seed seed : seeds) {
                Path path = seed.path(name);
                for (int i = 0; i < points; i++) {
                    x[i] += path.distance[i] / seeds.size();
                    y[i] += (path.gold[i] + (isSizes ? path.start : 0)) / seeds.size();
                }
            }
            series.add(Picture.Series.line(words(name), x, y));
        }
        return Picture.of(
                id, title, caption, Picture.Axis.linear("√KL, √nat"), Picture.Axis.linear("gold reward"), series);
    }

    private String words(List<Seed> seeds, ExperimentResult.Builder result) {
        String few = "transformer." + fewest();
        String many = "transformer." + most();
        Finding fall = result.figure(few + ".hump");
        Finding end = result.figure(many + ".end.gold");
        if (!seeds.get(0).paths.containsKey("gold")) {
            return " On transformers there is no gold either: whatever a proxy learnt, nothing is gained or lost.";
        }
        Finding own = result.figure("transformer.gold.end.gold");
        String ensemble = List.of("mean", "min", "mean_variance").stream()
                .max(Comparator.comparingDouble(kind -> result.estimate("transformer.ensemble." + kind + ".end.gold")))
                .orElse("mean");
        Finding pooled = result.figure("transformer.ensemble." + ensemble + ".end.gold");
        Finding alone = result.figure(few + ".end.gold");
        String help = pooled.lower() > alone.upper()
                ? "more than"
                : pooled.upper() < alone.lower() ? "less than" : "which these seeds do not tell from";
        return " On transformers (" + seeds.size() + " seeds), along conditioning's exact path on a proxy learnt from "
                + fewest() + " pairs, gold is largest at √KL = " + FigureFormat.of(result.estimate(few + ".peak.d"))
                + " and falls by " + interval(fall) + " beyond; learnt from " + most() + " it ends at "
                + interval(end) + " where gold itself gives " + interval(own) + ", with "
                + interval(result.figure(many + ".outside")) + " of its mass on what is no text and no pair was of"
                + ". The best ensemble of as few pairs (" + ensemble.replace('_', ' ') + ") ends at "
                + interval(pooled) + ", " + help + " the single proxy's " + interval(alone) + "."
                + rewardsInWords(result) + formsInWords(seeds, result) + sizesInWords(result) + rlInWords(result);
    }

    private String sizesInWords(ExperimentResult.Builder result) {
        String own = told(result, "");
        StringBuilder words = new StringBuilder(" From the narrowest policy to the widest the intercept moves by "
                + interval(result.figure("transformer.sizes.intercept")));
        METHODS.forEach((method, name) -> words.append(method.isEmpty() ? ", and by " : "; by ")
                .append(name)
                .append(" α moves by ")
                .append(interval(result.figure("transformer.sizes" + method + ".alpha")))
                .append(" and β by ")
                .append(interval(result.figure("transformer.sizes" + method + ".beta")))
                .append(": ")
                .append(told(result, method)));
        String widest = "transformer.size." + widths[widths.length - 1];
        boolean alike = METHODS.keySet().stream().allMatch(method -> told(result, method).equals(own));
        return words + ". Best-of-n and the filter are no conditioning on the proxy ("
                + interval(result.figure(widest + ".bon.departure_share")) + " and "
                + interval(result.figure(widest + ".filter.departure_share"))
                + " of their KL is departure in the middle), "
                + (alike
                        ? "and show the same, so that this pattern does not tell conditioning from what is none."
                        : "and the pattern is not the same for all three: " + differing(result, own) + ".");
    }

    private static String differing(ExperimentResult.Builder result, String own) {
        return String.join(
                        " and ",
                        METHODS.keySet().stream()
                                .filter(method -> !told(result, method).equals(own))
                                .map(METHODS::get)
                                .toList())
                + " against conditioning";
    }

    /** Whether sizes differ in the intercept alone. */
    private static String told(ExperimentResult.Builder result, String method) {
        String id = "transformer.sizes" + method;
        boolean steady = holdsZero(result.figure(id + ".alpha")) && holdsZero(result.figure(id + ".beta"));
        return !steady
                ? "the curve differs, not the intercept alone"
                : holdsZero(result.figure(id + ".intercept")) ? "none differs surely" : "the intercept alone surely differs";
    }

    private String formsInWords(List<Seed> seeds, ExperimentResult.Builder result) {
        List<String> all = compared(seeds, result);
        if (all.isEmpty()) {
            return "";
        }
        long tilt = all.stream().filter(name -> better(result, name) > 0).count();
        long rl = all.stream().filter(name -> better(result, name) < 0).count();
        String many = "transformer." + most();
        return " Of Gao's two forms d(α − βd) foretells held-out points surely better on " + tilt + " of " + all.size()
                + " paths, d(α − β log d) on " + rl + "; along conditioning on the proxy of " + most()
                + " pairs their errors are " + interval(result.figure(many + ".heldout.tilt")) + " and "
                + interval(result.figure(many + ".heldout.rl")) + ".";
    }

    /** What the width of a reward model is worth, at the most pairs. */
    private String rewardsInWords(ExperimentResult.Builder result) {
        if (widths.length < 2) {
            return "";
        }
        Finding narrow = result.figure("transformer.reward." + widths[0] + ".end.gold");
        Finding wide = result.figure("transformer." + most() + ".end.gold");
        boolean told = narrow.upper() < wide.lower() || wide.upper() < narrow.lower();
        return " Learnt from the " + most() + " pairs by a reward model of width " + widths[0] + " and not "
                + widths[widths.length - 1] + ", the proxy leads to " + interval(narrow)
                + (told ? "." : ", which these seeds do not tell from the wider one's end.");
    }

    private static boolean holdsZero(Finding finding) {
        return finding.lower() <= 0 && finding.upper() >= 0;
    }

    private String rlInWords(ExperimentResult.Builder result) {
        String widest = "transformer.size." + widths[widths.length - 1] + ".rl";
        Finding share = result.figure(widest + ".departure_share");
        return " RL trained on the proxy of " + most() + " pairs stops " + interval(result.figure(widest + ".kl"))
                + " nats away, " + interval(share) + " of them departure, and gains "
                + interval(result.figure(widest + ".gold")) + " gold where conditioning at that KL gains "
                + interval(result.figure(widest + ".beside")) + ".";
    }

    private static String interval(Finding finding) {
        if (finding.grade() == Grade.EXACT) {
            return FigureFormat.of(finding.estimate());
        }
        return FigureFormat.of(finding.estimate()) + " [" + FigureFormat.of(finding.lower()) + ", "
                + FigureFormat.of(finding.upper()) + "]";
    }
}
