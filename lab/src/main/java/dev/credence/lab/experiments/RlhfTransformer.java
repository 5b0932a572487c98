package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.model.Continuation;
import dev.credence.core.posterior.ColumnPosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.rewardmodel.HeldOutScores;
import dev.credence.methods.rewardmodel.Judgement;
import dev.credence.methods.rewardmodel.JudgementLoss.Judged;
import dev.credence.methods.rewardmodel.RewardModel;
import dev.credence.methods.training.TrainingTask;
import dev.credence.torch.Transformer;
import dev.credence.torch.training.TransformerPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The chain of {@link Rlhf} on a transformer: one that has learnt the world's texts word by word is the prior, a copy of it with a
 * head of one number the reward model, another copy the policy. All that it can write is enumerated, so that both posteriors and
 * the policy's distance from them are exact; what no text of the world is, is as bad as the worst of them.
 */
final class RlhfTransformer {
    private static final int MOST = 20_000; // texts of a prompt
    private static final int LAYERS = 2;
    private static final int WIDTH = 32;
    private static final int HEADS = 2;
    private static final int BATCH = 64;
    private static final double RATE = 0.01; // of prior and reward model

    private final ExperimentSettings settings;
    private final TableModel world;
    private final RaterPanel raters;
    private final List<Judgement.Pair> fresh;
    private final double beta;
    private final Map<String, Integer> words = new LinkedHashMap<>();
    private final SmallTexts texts;
    private final Map<String, double[]> truth = new LinkedHashMap<>(); // by prompt, (texts)
    private final int context;

    /** What raters give, and how many. */
    private record Given(String kind, String n) {
        String id(String figure) {
            return "transformer." + (kind.equals("pairs") ? "" : kind + ".") + n + "." + figure;
        }
    }

    /**
     * What one seed came to with one number of judgements.
     *
     * @param heldOut what the scores foretell
     * @param learning KL(learnt posterior‖true), nats
     * @param inside the same given that a text is the world's, nats
     * @param strayed mass of the learnt posterior on what is no text of the world
     * @param training KL(policy‖learnt posterior), nats
     * @param total KL(policy‖true posterior), nats
     * @param outside mass of the policy on what is no text of the world
     * @param fraction Bayes fraction of the policy
     * @param copies of the true reward that it amounts to
     */
    private record Seen(
            HeldOutScores heldOut,
            double learning,
            double inside,
            double strayed,
            double training,
            double total,
            double outside,
            double fraction,
            double copies) {
        double rest() {
            return total - learning - training;
        }
    }

    private RlhfTransformer(ExperimentSettings settings, TableModel world, RewardFunction reward, RaterPanel raters) {
        this.settings = settings;
        this.world = world;
        this.raters = raters;
        this.fresh = raters.allPairs();
        this.beta = settings.number("beta");
        int longest = 0;
        int shortest = Integer.MAX_VALUE;
        int before = 1;
        for (String prompt : world.prompts()) {
            before = Math.max(before, 1 + split(prompt).length);
            Arrays.stream(split(prompt)).forEach(word -> words.putIfAbsent(word, words.size() + 1));
            for (String text : world.given(prompt).outcomes()) {
                longest = Math.max(longest, split(text).length);
                shortest = Math.min(shortest, split(text).length);
                Arrays.stream(split(text)).forEach(word -> words.putIfAbsent(word, words.size() + 1));
            }
        }
        int horizon = Math.max(1, longest == shortest ? longest : longest + 1); // texts of one length need no end
        int count = SmallTexts.count(words.size() + 1, horizon); // with the token that begins
        if (count < 0 || count > MOST) {
            throw InputException.ofSetting(
                    "world",
                    settings.text("world"),
                    "all that the transformer can write is enumerated, at most " + MOST + " texts; with " + words.size()
                            + " words, and " + longest + " of them in a text, it is "
                            + (count < 0 ? "billions" : String.valueOf(count)));
        }
        this.texts = new SmallTexts(words.size() + 1, horizon);
        this.context = before + longest + 1;
        for (String prompt : world.prompts()) {
            truth.put(prompt, rewards(prompt, reward));
        }
    }

    static List<ExperimentKey> settings() {
        return List.of(
                ExperimentKey.word(
                        "transformer", List.of("no", "yes"), "whether the chain is run on a transformer besides"),
                ExperimentKey.whole("transformer.seeds", 3, 2, 1000, "on the transformer: repeats of the whole chain"),
                ExperimentKey.whole(
                        "transformer.prior.steps",
                        400,
                        1,
                        1_000_000,
                        "on the transformer: steps that the prior learns"),
                ExperimentKey.whole(
                        "transformer.reward.steps",
                        200,
                        1,
                        1_000_000,
                        "on the transformer: steps that the reward model learns"),
                ExperimentKey.whole("transformer.steps", 150, 1, 100_000, "on the transformer: steps of the RL"),
                ExperimentKey.whole(
                        "transformer.samples", 32, 2, 10_000, "on the transformer: texts a prompt and step"),
                ExperimentKey.number(
                        "transformer.lr",
                        "0.003",
                        1e-9,
                        10,
                        "on the transformer: the RL's highest learning rate; it rises over a tenth of the steps, then falls along a cosine"));
    }

    static Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new LinkedHashMap<>();
        if (effort.transformer()) {
            standards.put("transformer", "yes");
        }
        switch (effort.size()) {
            case QUICK -> standards.putAll(Map.of("transformer.seeds", "2", "transformer.steps", "100"));
            case FULL -> standards.putAll(Map.of("transformer.seeds", "8", "transformer.steps", "600"));
            case STANDARD -> {}
        }
        return standards;
    }

    /**
     * Adds what is trained, where it is asked for.
     *
     * @return sentences for the conclusion; empty where it is not
     */
    static String run(
            ExperimentSettings settings,
            TableModel world,
            RewardFunction reward,
            RaterPanel raters,
            ExperimentResult.Builder result,
            Listener listener) {
        return settings.text("transformer").equals("no")
                ? ""
                : new RlhfTransformer(settings, world, reward, raters).run(result, listener);
    }

    private static String[] split(String text) {
        return text.isBlank() ? new String[0] : text.strip().split("\\s+", -1);
    }

    private int[] ids(String text) {
        return Arrays.stream(split(text)).mapToInt(words::get).toArray();
    }

    /** It begins with a token of its own: were it the end, whose weights the head shares, RL would move both at once. */
    private int[] prompt(String text) {
        return IntStream.concat(IntStream.of(words.size() + 1), Arrays.stream(ids(text)))
                .toArray();
    }

    private int[] whole(Judged judged) {
        return IntStream.concat(Arrays.stream(prompt(judged.prompt())), Arrays.stream(ids(judged.text())))
                .toArray();
    }

    /** The true reward of all that can be written: that of a text of the world, else the least of them. */
    private double[] rewards(String prompt, RewardFunction reward) {
        Distribution given = world.given(prompt);
        double[] own = reward.rewards(prompt, given);
        double[] all = new double[texts.size()];
        Arrays.fill(all, Arrays.stream(own).min().orElse(0));
        for (int i = 0; i < own.length; i++) {
            all[texts.index(ids(given.outcome(i)))] = own[i];
        }
        return all;
    }

    private String run(ExperimentResult.Builder result, Listener listener) {
        List<Given> given = new ArrayList<>();
        List<String> counts = settings.texts("pairs").stream()
                .sorted((a, b) -> Double.compare(ExperimentKey.number(a), ExperimentKey.number(b)))
                .toList();
        counts.forEach(n -> given.add(new Given("pairs", n)));
        String most = counts.get(counts.size() - 1);
        given.add(new Given("approvals", most));
        given.add(new Given("probabilities", most));
        int seeds = settings.count("transformer.seeds");
        Map<Given, List<Seen>> seen = new LinkedHashMap<>();
        given.forEach(one -> seen.put(one, new ArrayList<>()));
        double[] asked = new double[seeds];
        double[] outside = new double[seeds];
        Remaining remaining = new Remaining(seeds * given.size(), listener, System::nanoTime);
        for (int k = 0; k < seeds; k++) {
            SplittableRandom random = new SplittableRandom(settings.whole("seed") * 6151 + k);
            try (Chained chained = new Chained(random.nextLong(), listener)) {
                double[] before =
                        listener.part("prior-" + k, () -> chained.chain().before());
                asked[k] = before[0];
                outside[k] = before[1];
                for (Given one : given) {
                    SplittableRandom own = random.split();
                    seen.computeIfAbsent(one, none -> new ArrayList<>())
                            .add(KeptRecord.part(
                                    listener,
                                    String.join("-", one.kind, one.n, Integer.toString(k)),
                                    Seen.class,
                                    () -> chained.chain().seen(one, own, listener)));
                    remaining.did(1, "transformer " + (k + 1) + " of " + seeds + ", " + one.n + " " + one.kind);
                }
            }
        }
        put(
                result,
                "transformer.asked.kl",
                "On the transformer, how far is the true evidence's posterior from the prior?",
                asked,
                "nats");
        put(
                result,
                "transformer.prior.outside",
                "Mass that the transformer gives to what is no text of the world?",
                outside,
                "probability");
        seen.forEach((one, all) -> put(result, one, all));
        table(seen, result);
        picture(seen, result);
        return words(seen, result);
    }

    private SmallTransformer prior(long seed, Listener listener) {
        SmallTransformer.Size size = new SmallTransformer.Size(words.size() + 2, context, LAYERS, WIDTH, HEADS);
        SmallTransformer.Training training =
                new SmallTransformer.Training(settings.count("transformer.prior.steps"), BATCH, RATE);
        return SmallTransformer.trained(
                size,
                training,
                random -> {
                    String drawn = SmallTransformer.prompt(world, random);
                    Distribution of = world.given(drawn);
                    int[] text = ids(of.outcome(of.sample(random)));
                    return new Continuation(prompt(drawn), Arrays.copyOf(text, text.length + 1));
                },
                seed,
                listener);
    }

    /** A seed's prior, trained where something is to be done with it. */
    private final class Chained implements AutoCloseable {
        private final long seed;
        private final Listener listener;
        private @Nullable SmallTransformer prior;
        private @Nullable Chain chain;

        Chained(long seed, Listener listener) {
            this.seed = seed;
            this.listener = listener;
        }

        Chain chain() {
            if (chain == null) {
                prior = prior(seed, listener);
                chain = new Chain(prior.model());
            }
            return chain;
        }

        @Override
        public void close() {
            if (prior != null) {
                prior.close();
            }
        }
    }

    /** One prior with its true posterior, prompt by prompt. */
    private final class Chain {
        private final Transformer prior;
        private final List<double[]> priorLogs = new ArrayList<>();
        private final List<double[]> trueLogs = new ArrayList<>();

        /** KL from the prior of the true evidence's posterior, and mass of the prior on no text of the world. */
        double[] before() {
            return new double[] {kl(trueLogs, priorLogs), outside(priorLogs)};
        }

        Chain(Transformer prior) {
            this.prior = prior;
            for (String prompt : world.prompts()) {
                double[] logs = texts.logProbs(prior, prompt(prompt));
                priorLogs.add(logs);
                trueLogs.add(posterior(logs, truth.getOrDefault(prompt, new double[0])));
            }
        }

        private double[] posterior(double[] logs, double[] reward) {
            return ColumnPosterior.of(logs, reward, RewardLikelihood.tilt(1 / beta))
                    .logProbs();
        }

        private double kl(List<double[]> one, List<double[]> other) {
            double sum = 0;
            for (int c = 0; c < one.size(); c++) {
                sum += world.weight(world.prompts().get(c)) * Divergences.kl(one.get(c), other.get(c));
            }
            return Math.max(0, sum);
        }

        /** (prompts) log-probabilities of the world's texts among themselves. */
        private List<double[]> inside(List<double[]> logs) {
            List<double[]> inside = new ArrayList<>();
            for (int c = 0; c < logs.size(); c++) {
                double[] all = logs.get(c);
                double[] own = world.given(world.prompts().get(c)).outcomes().stream()
                        .mapToDouble(text -> all[texts.index(ids(text))])
                        .toArray();
                double mass = LogMath.logSumExp(own);
                Arrays.setAll(own, i -> own[i] - mass);
                inside.add(own);
            }
            return inside;
        }

        private double outside(List<double[]> logs) {
            double sum = 0;
            for (int c = 0; c < logs.size(); c++) {
                String prompt = world.prompts().get(c);
                double inside = 0;
                for (String text : world.given(prompt).outcomes()) {
                    inside += Math.exp(logs.get(c)[texts.index(ids(text))]);
                }
                sum += world.weight(prompt) * Math.max(0, 1 - inside);
            }
            return Math.min(1, sum);
        }

        Seen seen(Given given, SplittableRandom random, Listener listener) {
            List<Judgement> judgements = judgements(given, random);
            LearntReward.Fitting fitting =
                    new LearntReward.Fitting(settings.count("transformer.reward.steps"), RATE, level(judgements));
            List<double[]> scores = new ArrayList<>();
            try (LearntReward reward =
                    LearntReward.fit(prior, judgements, RlhfTransformer.this::whole, fitting, random, listener)) {
                for (String prompt : world.prompts()) {
                    scores.add(texts.scores(reward.model(), prompt(prompt)));
                }
            }
            HeldOutScores heldOut = RewardModel.onPairs(
                    (prompt, text) -> scores.get(world.prompts().indexOf(prompt))[texts.index(ids(text))], fresh);
            List<double[]> learnt = new ArrayList<>();
            for (int c = 0; c < scores.size(); c++) {
                learnt.add(posterior(priorLogs.get(c), scores.get(c)));
            }
            List<double[]> policy = policy(scores, random.nextLong(), listener);
            StepAudit audit = audit(policy);
            return new Seen(
                    heldOut,
                    kl(learnt, trueLogs),
                    kl(inside(learnt), inside(trueLogs)),
                    outside(learnt),
                    kl(policy, learnt),
                    kl(policy, trueLogs),
                    outside(policy),
                    figure(audit, "bayes_fraction"),
                    figure(audit, "copies.moment_match"));
        }

        private StepAudit audit(List<double[]> policy) {
            List<ExactPrompt> prompts = new ArrayList<>();
            int[] lengths = texts.all().stream()
                    .mapToInt(text -> Math.min(texts.horizon(), text.length + 1))
                    .toArray();
            for (int c = 0; c < policy.size(); c++) {
                String prompt = world.prompts().get(c);
                prompts.add(new ExactPrompt(
                        prompt,
                        world.weight(prompt),
                        priorLogs.get(c),
                        policy.get(c),
                        new double[][] {truth.getOrDefault(prompt, new double[0])},
                        lengths));
            }
            return Audit.of(
                    prompts,
                    List.of("true"),
                    new AuditOptions(beta, "true", RewardType.LOGIT, List.of("true"), null, 1));
        }

        /** Trains the policy on the learnt scores; its log-probabilities. */
        private List<double[]> policy(List<double[]> scores, long seed, Listener listener) {
            Map<TrainingTask.Prompt, double[]> rewards = new LinkedHashMap<>();
            for (int c = 0; c < scores.size(); c++) {
                String text = world.prompts().get(c);
                rewards.put(new TrainingTask.Prompt(text, prompt(text), world.weight(text)), scores.get(c));
            }
            SmallTexts.Rl rl = new SmallTexts.Rl(
                    settings.text("method"),
                    beta,
                    settings.count("transformer.steps"),
                    settings.count("transformer.samples"),
                    settings.number("transformer.lr"));
            try (TransformerPolicy policy = texts.trained(prior, rewards, rl, seed, listener)) {
                return world.prompts().stream()
                        .map(prompt -> texts.logProbs(policy.transformer(), prompt(prompt)))
                        .toList();
            }
        }
    }

    /** So many judgements, with the pseudo-judgements that the tables' reward models have. */
    private List<Judgement> judgements(Given given, SplittableRandom random) {
        double n = ExperimentKey.number(given.n);
        boolean all = n == Double.POSITIVE_INFINITY;
        double pseudo = settings.number("pseudo");
        List<Judgement> judgements = new ArrayList<>();
        switch (given.kind) {
            case "pairs" -> judgements.addAll(all ? raters.allPairs() : raters.pairs((int) n, random));
            case "approvals" -> judgements.addAll(all ? raters.allApprovals() : raters.approvals((int) n, random));
            default -> judgements.addAll(all ? raters.allStated() : raters.stated((int) n, random));
        }
        if (all) {
            return judgements;
        }
        double stated = level(judgements);
        double rate = given.kind.equals("approvals")
                ? (judgements.stream()
                                        .filter(one -> ((Judgement.Approval) one).approved())
                                        .count()
                                + 0.5)
                        / (judgements.size() + 1)
                : 0.5;
        for (String prompt : world.prompts()) {
            for (String text : world.given(prompt).outcomes()) {
                if (given.kind.equals("probabilities")) {
                    judgements.add(new Judgement.Stated(prompt, text, stated, pseudo));
                } else {
                    judgements.add(new Judgement.Approval(prompt, text, true, pseudo * rate));
                    judgements.add(new Judgement.Approval(prompt, text, false, pseudo * (1 - rate)));
                }
            }
        }
        return judgements;
    }

    /**
     * The mean of the stated log-probabilities, which a score of 0 stands for: a constant changes no posterior, and so texts that no
     * rater has seen begin where the others are in the mean.
     */
    private static double level(List<Judgement> judgements) {
        double sum = 0;
        double weight = 0;
        for (Judgement one : judgements) {
            if (one instanceof Judgement.Stated stated) {
                sum += stated.weight() * stated.logProbability();
                weight += stated.weight();
            }
        }
        return weight > 0 ? sum / weight : 0;
    }

    private static double figure(StepAudit audit, String id) {
        Finding finding = audit.findings().get(id);
        return finding != null && finding.stands() ? finding.estimate() : Double.NaN;
    }

    private static void put(ExperimentResult.Builder result, String id, String question, double[] values, String unit) {
        boolean isSigned = unit.equals("copies");
        boolean isShare = unit.equals("share") || unit.equals("probability");
        SeedInterval interval = SeedInterval.within(
                values, isSigned ? Double.NEGATIVE_INFINITY : 0, isShare ? 1 : Double.POSITIVE_INFINITY);
        put(result, id, question, interval, unit);
    }

    private static void put(
            ExperimentResult.Builder result, String id, String question, SeedInterval interval, String unit) {
        if (!Double.isFinite(interval.mean())) {
            result.finding(new Finding(
                    id,
                    question,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    Grade.WITHDRAWN,
                    unit,
                    null,
                    "a policy is as the prior, or the reward asks for nothing: there is no such figure"));
            return;
        }
        result.estimated(id, question, interval, unit);
    }

    private static SeedInterval nats(List<Seen> seen, ToDoubleFunction<Seen> figure) {
        return SeedInterval.within(of(seen, figure), 0, Double.POSITIVE_INFINITY);
    }

    private static void put(ExperimentResult.Builder result, Given one, List<Seen> seen) {
        String from = ", on the transformer from " + one.n + " " + one.kind + "?";
        put(
                result,
                one.id("reward_model.accuracy"),
                "Share of fresh pairs foretold by the scores" + from,
                of(seen, own -> own.heldOut.accuracy()),
                "share");
        put(
                result,
                one.id("reward_model.calibration"),
                "Expected calibration error on fresh pairs" + from,
                of(seen, own -> own.heldOut.calibrationError()),
                "share");
        put(
                result,
                one.id("reward_model.lost"),
                "How far is the learnt posterior from the true one" + from,
                of(seen, Seen::learning),
                "nats");
        put(
                result,
                one.id("reward_model.inside"),
                "The same, given that a text is the world's" + from,
                of(seen, Seen::inside),
                "nats");
        put(
                result,
                one.id("reward_model.outside"),
                "Mass of the learnt posterior on what is no text of the world, which no rater has seen" + from,
                of(seen, Seen::strayed),
                "probability");
        put(
                result,
                one.id("policy.lost"),
                "How far is the policy from the learnt posterior" + from,
                of(seen, Seen::training),
                "nats");
        put(
                result,
                one.id("total"),
                "How far is the policy from the true posterior" + from,
                of(seen, Seen::total),
                "nats");
        put(
                result,
                one.id("rest"),
                "What of the total is neither, as KLs do not add up" + from,
                SeedInterval.ofRest(
                        of(seen, Seen::rest),
                        nats(seen, Seen::total),
                        nats(seen, Seen::learning),
                        nats(seen, Seen::training)),
                "nats");
        put(
                result,
                one.id("policy.outside"),
                "Mass of the policy on what is no text of the world" + from,
                of(seen, Seen::outside),
                "probability");
        put(
                result,
                one.id("policy.bayes_fraction"),
                "Share of the policy's move that is conditioning on the true reward" + from,
                of(seen, Seen::fraction),
                "share");
        put(
                result,
                one.id("policy.copies"),
                "Copies of the true reward that the policy amounts to" + from,
                of(seen, Seen::copies),
                "copies");
    }

    private static double[] of(List<Seen> seen, ToDoubleFunction<Seen> figure) {
        return seen.stream().mapToDouble(figure).toArray();
    }

    private static void table(Map<Given, List<Seen>> seen, ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "The chain on a transformer, mean over seeds",
                "raters give",
                "how many",
                "accuracy on fresh pairs",
                "reward model, nats",
                "within the world's texts",
                "the table's",
                "mass outside them",
                "RL, nats",
                "rest",
                "total, nats",
                "from",
                "to");
        seen.forEach((one, all) -> {
            SeedInterval total = nats(all, Seen::total);
            table.row(
                    one.kind,
                    one.n,
                    result.estimate(one.id("reward_model.accuracy")),
                    result.estimate(one.id("reward_model.lost")),
                    result.estimate(one.id("reward_model.inside")),
                    result.estimate(tables(one)),
                    result.estimate(one.id("reward_model.outside")),
                    result.estimate(one.id("policy.lost")),
                    result.estimate(one.id("rest")),
                    total.mean(),
                    total.lower(),
                    total.upper());
        });
        result.table("transformer", table.build());
    }

    /** What the table's reward model loses on as many judgements. */
    private static String tables(Given one) {
        return one.kind.equals("pairs") ? "reward_model." + one.n + ".lost" : one.kind + "." + one.n + ".lost";
    }

    private static void picture(Map<Given, List<Seen>> seen, ExperimentResult.Builder result) {
        List<Given> rows = List.copyOf(seen.keySet());
        result.picture(Picture.bars(
                "transformer",
                "Where the nats are lost on a transformer",
                "The parts of KL(policy‖true posterior), mean over seeds, over all that the transformer can write. A rest below"
                        + " the line is to be taken off.",
                Picture.Axis.linear("nats"),
                rows.stream().map(one -> one.kind + " " + one.n).toList(),
                List.of(
                        Picture.Series.stacked("reward model", means(rows, result, "reward_model.lost")),
                        Picture.Series.stacked("RL", means(rows, result, "policy.lost")),
                        Picture.Series.stacked("rest", means(rows, result, "rest")))));
    }

    private static double[] means(List<Given> rows, ExperimentResult.Builder result, String figure) {
        return rows.stream().mapToDouble(one -> result.estimate(one.id(figure))).toArray();
    }

    private static String words(Map<Given, List<Seen>> seen, ExperimentResult.Builder result) {
        List<Given> pairs =
                seen.keySet().stream().filter(one -> one.kind.equals("pairs")).toList();
        Given last = pairs.get(pairs.size() - 1);
        Finding learning = result.figure(last.id("reward_model.lost"));
        Finding inside = result.figure(last.id("reward_model.inside"));
        Finding training = result.figure(last.id("policy.lost"));
        double table = result.estimate(tables(last));
        String agrees = inside.lower() <= table && table <= inside.upper()
                ? "within which the table's " + FigureFormat.of(table) + " lies"
                : "where the table's loses " + FigureFormat.of(table)
                        + (table < inside.lower()
                                ? ": shared weights cost more than they teach"
                                : ": shared weights teach");
        String which = learning.lower() > training.upper()
                ? "the reward model loses most"
                : training.lower() > learning.upper()
                        ? "the RL loses most"
                        : "which of the two loses more these seeds do not tell";
        Given stray = seen.keySet().stream()
                .max(Comparator.comparingDouble(one -> result.estimate(one.id("reward_model.outside"))))
                .orElse(last);
        return " On a transformer that learnt the world's words, with " + last.n + " pairs, the reward model loses "
                + SeedInterval.words(learning) + " nats, " + SeedInterval.words(inside)
                + " of texts of the world alone, " + agrees
                + ", and the RL " + SeedInterval.words(training) + ": " + which + ".\nIts policy ends "
                + SeedInterval.words(result.figure(last.id("total"))) + " nats from the true evidence's posterior"
                + (result.stands(last.id("policy.copies"))
                        ? ", at " + SeedInterval.words(result.figure(last.id("policy.copies")))
                                + " copies of the true reward"
                        : "")
                + ".\nNo rater has seen what is no text of the world, to which the prior gives "
                + SeedInterval.words(result.figure("transformer.prior.outside")) + ": scores from " + stray.n + " "
                + stray.kind
                + " make it " + SeedInterval.words(result.figure(stray.id("reward_model.outside")))
                + " of their posterior, and " + SeedInterval.words(result.figure(stray.id("policy.outside")))
                + " of the policy's texts.";
    }
}
