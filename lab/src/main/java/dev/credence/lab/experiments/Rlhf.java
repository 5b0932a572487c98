package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.rewardmodel.HeldOutScores;
import dev.credence.methods.rewardmodel.Judgement;
import dev.credence.methods.rewardmodel.RewardModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * Reinforcement learning from human feedback as a chain: judgements, a reward model fitted to them, a policy trained on it at β;
 * and where it loses what the true evidence would have given (docs/theory.md, rewards as evidence).
 *
 * <p>KL(policy‖true posterior) = KL(learnt posterior‖true posterior) + KL(policy‖learnt posterior) + a rest, which is what the
 * policy's error and the reward model's have in common, (1/β) Σ (π − π*_learnt)(s − r), and may have either sign.
 */
public final class Rlhf implements Experiment {
    private static final List<String> METHODS = List.of("rloo", "reinforce", "ppo", "grpo", "dr-grpo", "dapo");
    private static final double NOTHING = 1e-9; // nats
    private static final double ROUNDING = 1e-14; // nats, of terms of order one
    private static final int MOST = 1_000_000;

    /** For the service loader. */
    public Rlhf() {}

    /** What raters are asked for. */
    private enum Kind {
        PAIRS("pairs", "pairs (Bradley–Terry)") {
            @Override
            RewardModel fit(RaterPanel raters, int n, double strength, RandomGenerator random) {
                return RewardModel.ofPairs(raters.pairs(n, random), strength);
            }

            @Override
            RewardModel limit(RaterPanel raters) {
                return RewardModel.ofPairs(raters.allPairs(), 0);
            }
        },
        APPROVALS("approvals", "approvals (logistic)") {
            @Override
            RewardModel fit(RaterPanel raters, int n, double strength, RandomGenerator random) {
                return RewardModel.ofApprovals(raters.approvals(n, random), strength);
            }

            @Override
            RewardModel limit(RaterPanel raters) {
                return RewardModel.ofApprovals(raters.allApprovals(), 0);
            }
        },
        PROBABILITIES("probabilities", "stated log-probabilities (least squares)") {
            @Override
            RewardModel fit(RaterPanel raters, int n, double strength, RandomGenerator random) {
                return RewardModel.ofProbabilities(raters.stated(n, random), strength);
            }

            @Override
            RewardModel limit(RaterPanel raters) {
                return RewardModel.ofProbabilities(raters.allStated(), 0);
            }
        };

        private final String word;
        private final String title;

        Kind(String word, String title) {
            this.word = word;
            this.title = title;
        }

        /** Ids without a kind are the pairs'. */
        String id(String part, String n, String figure) {
            String end = figure.isEmpty() ? "" : "." + figure;
            if (this == PAIRS) {
                return part + "." + n + end;
            }
            return word + "." + n + (part.equals("reward_model") ? "" : "." + part) + end;
        }

        abstract RewardModel fit(RaterPanel raters, int n, double strength, RandomGenerator random);

        abstract RewardModel limit(RaterPanel raters);
    }

    @Override
    public String name() {
        return "rlhf";
    }

    @Override
    public String question() {
        return "Of the conditional that the true evidence asks for, how much is lost by learning the reward, and how much by the RL?";
    }

    @Override
    public List<String> related() {
        return List.of("implicit-kl", "hypothesis");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        List<String> pairs = settings.texts("pairs");
        String most = pairs.stream()
                .max(Comparator.comparingDouble(ExperimentKey::number))
                .orElseThrow();
        return List.of(
                KeyFigure.of(
                                "nats lost by the reward model, " + most + " pairs",
                                "reward_model." + most + ".lost",
                                "→ 0")
                        .onTransformers("transformer." + most + ".reward_model.lost"),
                KeyFigure.of("nats lost by the RL", "policy." + most + ".lost", "→ 0")
                        .onTransformers("transformer." + most + ".policy.lost"),
                KeyFigure.of(
                                "copies of the true reward",
                                "policy." + most + ".copies",
                                "1/β = " + FigureFormat.of(1 / settings.number("beta")))
                        .onTransformers("transformer." + most + ".policy.copies"));
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> keys = new ArrayList<>(List.of(
                ExperimentKey.text("world", "helpful", "the world whose texts are judged; a name or a file"),
                ExperimentKey.text("reward", "", "its true reward, a logit; empty for the world's first"),
                new ExperimentKey(
                        "pairs",
                        "200,2000,20000",
                        ExperimentKey.Shape.NUMBERS,
                        "each must be a whole number from 1 to " + MOST + ", or inf",
                        Rlhf::isCount,
                        "judgements of each kind that the reward model is fitted to; inf for what they tend to"),
                ExperimentKey.number("beta", ".5", 1e-3, 1e6, "KL coefficient β of the RL"),
                ExperimentKey.whole("raters", 1, 1, 1000, "raters, each with a taste; one judges each time"),
                ExperimentKey.text(
                        "taste",
                        "taste",
                        "hidden variable that the raters' tastes are values of; worlds without one have noise instead"),
                ExperimentKey.number(
                        "disagreement",
                        "1",
                        0,
                        100,
                        "standard deviation of that noise between raters, a text, in nats"),
                ExperimentKey.number("noise", ".5", 0, 100, "error of a stated log-probability, in nats"),
                ExperimentKey.number(
                        "pseudo", "1", 1e-9, 1e6, "pseudo-judgements a text, which say it is like the others"),
                ExperimentKey.word("method", METHODS, "the RL"),
                ExperimentKey.whole("steps", 300, 1, 100_000, "steps of the RL"),
                ExperimentKey.whole("samples", 16, 2, 10_000, "texts a prompt that a step draws"),
                ExperimentKey.whole("seeds", 10, 2, 1000, "independent repeats of the whole chain"),
                ExperimentKey.seed()));
        keys.addAll(RlhfTransformer.settings());
        return keys;
    }

    private static boolean isCount(String text) {
        try {
            double n = ExperimentKey.number(text);
            return n == Double.POSITIVE_INFINITY || (n >= 1 && n <= MOST && n == Math.rint(n));
        } catch (NumberFormatException e) {
            return false;
        }
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new LinkedHashMap<>(RlhfTransformer.standards(effort));
        standards.putAll(
                switch (effort.size()) {
                    case QUICK -> Map.of("seeds", "3", "steps", "200");
                    case STANDARD -> Map.of();
                    case FULL -> Map.of("seeds", "30");
                });
        return standards;
    }

    /**
     * The chain's fixed part.
     *
     * @param prior of the texts
     * @param truth the true reward
     * @param beta β
     * @param posterior of the true evidence
     */
    private record Chain(TableModel prior, RewardFunction truth, double beta, TableModel posterior) {
        static Chain of(TableModel prior, RewardFunction truth, double beta) {
            return new Chain(prior, truth, beta, posterior(prior, truth, beta));
        }

        static TableModel posterior(TableModel prior, RewardFunction reward, double beta) {
            return TablePosterior.of(prior, reward, RewardLikelihood.tilt(1 / beta))
                    .model();
        }

        double kl(TableModel p, TableModel q) {
            double sum = 0;
            for (String prompt : prior.prompts()) {
                sum += prior.weight(prompt) * Divergences.kl(p.given(prompt), q.given(prompt));
            }
            return sum < ROUNDING ? 0 : sum;
        }
    }

    /** One repeat of the chain at one number of judgements of one kind. */
    private record Repeat(
            HeldOutScores heldOut, double learning, double training, double total, double fraction, double copies) {
        double rest() {
            double rest = total - learning - training;
            return Math.abs(rest) < ROUNDING * Math.max(1, total) ? 0 : rest;
        }
    }

    /** What is shown of one number of judgements of one kind: (lower, mean, upper) each. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Row(
            Kind kind,
            String n,
            SeedInterval learning,
            SeedInterval training,
            SeedInterval rest,
            SeedInterval total,
            double[] learningBySeed) {
        /** Whether less is lost than in another row: of the seeds' logarithms, as losses are skewed. */
        boolean losesLessThan(Row other) {
            if (learning.mean() == 0) {
                return other.learning.mean() > 0;
            }
            double[] logs = new double[learningBySeed.length];
            Arrays.setAll(logs, k -> Math.log(other.learningBySeed[k] / learningBySeed[k]));
            return SeedInterval.of(logs).lower() > 0;
        }
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        WorldInput world = WorldInput.read(settings.text("world"));
        RewardFunction truth =
                world.reward("reward", rewardName(settings, world)).function();
        TableModel prior = world.world().prior();
        RaterPanel raters = RaterPanel.of(settings, settings.text("world"), prior, truth);
        Chain chain = Chain.of(prior, truth, settings.number("beta"));
        ExperimentResult.Builder result = ExperimentResult.builder().inputs(List.of(world.input()));
        List<Judgement.Pair> fresh = raters.allPairs();
        result.exact(
                "best.accuracy",
                "Share of fresh pairs that the true reward foretells: what no reward model exceeds when one rater judges?",
                RewardModel.onPairs(truth, fresh).accuracy(),
                "share");
        result.exact(
                "asked.kl",
                "How far is the true evidence's posterior from the prior?",
                chain.kl(chain.posterior, prior),
                "nats");
        Map<Kind, RewardModel> limits = limits(settings, raters, chain, result);
        List<Row> rows = new ArrayList<>();
        int runs = Kind.values().length * settings.texts("pairs").size() * settings.count("seeds");
        Remaining remaining = new Remaining(runs, listener, System::nanoTime);
        for (Kind kind : Kind.values()) {
            for (String n : settings.texts("pairs")) {
                List<Repeat> repeats = new ArrayList<>();
                for (int seed = 0; seed < settings.count("seeds"); seed++) {
                    if (listener.isStopped()) {
                        throw new InterruptedRunException("stopped; it begins anew when it is run again");
                    }
                    SplittableRandom random = random(settings.whole("seed"), kind, n, seed);
                    RewardModel model = limits.get(kind);
                    if (model == null || ExperimentKey.number(n) < Double.POSITIVE_INFINITY) {
                        int count = (int) ExperimentKey.number(n);
                        model = kind.fit(raters, count, settings.number("pseudo"), random);
                    }
                    repeats.add(repeat(chain, model, fresh, settings, random));
                    remaining.did(1, kind.word + ", " + n);
                }
                rows.add(put(kind, n, repeats, result));
            }
        }
        table(rows, result);
        pictures(rows, result);
        String onModel = RlhfTransformer.run(settings, prior, truth, raters, result, listener);
        return result.conclude(
                conclusion(settings, rows, result),
                onModel,
                (onModel.isEmpty()
                                ? "Raters here judge by a formula, and each text has a score of its own: a neural reward model"
                                        + " also errs where it generalises between texts, and people do not answer by Bradley and"
                                        + " Terry."
                                : "Raters here judge by a formula, and the transformer writes few texts: a larger one has many"
                                        + " more that no rater has seen, and people do not answer by Bradley and Terry.")
                        + " The three losses do"
                        + " not add up, since KL is no distance: the rest is what the policy's error and the reward model's"
                        + " share, and may be negative.");
    }

    private static String rewardName(ExperimentSettings settings, WorldInput world) {
        if (settings.has("reward")) {
            return settings.text("reward");
        }
        if (world.world().rewardNames().isEmpty()) {
            throw InputException.ofSetting("world", settings.text("world"), "a world with a reward; this one has none");
        }
        return world.world().rewardNames().get(0);
    }

    private static SplittableRandom random(long seed, Kind kind, String n, int repeat) {
        return new SplittableRandom(31L * (31L * (31L * seed + kind.ordinal()) + n.hashCode()) + repeat);
    }

    /** What each kind tends to: the true reward up to a constant a prompt where there is one rater. */
    private static Map<Kind, RewardModel> limits(
            ExperimentSettings settings, RaterPanel raters, Chain chain, ExperimentResult.Builder result) {
        Map<Kind, RewardModel> limits = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            RewardModel model;
            try {
                model = kind.limit(raters);
            } catch (IllegalArgumentException e) {
                throw InputException.ofSetting(
                        "world",
                        settings.text("world"),
                        "one whose raters can be in doubt, for the limit of many " + kind.word + ": " + e.getMessage());
            }
            limits.put(kind, model);
            double lost = chain.kl(Chain.posterior(chain.prior, model, chain.beta), chain.posterior);
            result.exact(
                    kind == Kind.PAIRS ? "limit.lost" : kind.word + ".limit.lost",
                    "What would infinitely many " + kind.word + " still lose, by pooling tastes?",
                    lost,
                    "nats");
        }
        return limits;
    }

    private static Repeat repeat(
            Chain chain,
            RewardModel model,
            List<Judgement.Pair> fresh,
            ExperimentSettings settings,
            RandomGenerator random) {
        TableModel learnt = Chain.posterior(chain.prior, model, chain.beta);
        Conditioner method = Methods.byName(settings.text("method"))
                .with(MethodOptions.none()
                        .with("beta", chain.beta)
                        .with("steps", settings.text("steps"))
                        .with("samples", settings.text("samples")));
        TableModel policy = ((Conditioner.OnTables) method)
                .condition(chain.prior, Evidence.reward(model, RewardType.LOGIT).times(1), random)
                .policy();
        StepAudit audit = Audit.of(
                chain.prior,
                policy,
                Map.of("true", chain.truth),
                new AuditOptions(chain.beta, "true", RewardType.LOGIT, List.of("true"), null, 1));
        return new Repeat(
                RewardModel.onPairs(model, fresh),
                chain.kl(learnt, chain.posterior),
                chain.kl(policy, learnt),
                chain.kl(policy, chain.posterior),
                figure(audit, "bayes_fraction"),
                figure(audit, "copies.moment_match"));
    }

    private static double figure(StepAudit audit, String id) {
        Finding finding = audit.findings().get(id);
        return finding != null && finding.stands() ? finding.estimate() : Double.NaN;
    }

    private static Row put(Kind kind, String n, List<Repeat> repeats, ExperimentResult.Builder result) {
        boolean exact = ExperimentKey.number(n) == Double.POSITIVE_INFINITY;
        String of = n + " " + kind.word + "?";
        String model = "reward_model";
        SeedInterval accuracy = interval(repeats, r -> r.heldOut.accuracy(), 0, 1);
        put(
                result,
                exact,
                kind.id(model, n, "accuracy"),
                "Share of fresh pairs foretold by scores from " + of,
                accuracy,
                "share");
        SeedInterval calibration = interval(repeats, r -> r.heldOut.calibrationError(), 0, 1);
        put(
                result,
                exact,
                kind.id(model, n, "calibration"),
                "Expected calibration error on fresh pairs of scores from " + of,
                calibration,
                "share");
        SeedInterval learning = interval(repeats, Repeat::learning, 0, Double.POSITIVE_INFINITY);
        put(
                result,
                exact,
                kind.id(model, n, "lost"),
                "How far is the learnt posterior from the true one, from " + of,
                learning,
                "nats");
        SeedInterval training = interval(repeats, Repeat::training, 0, Double.POSITIVE_INFINITY);
        put(
                result,
                false,
                kind.id("policy", n, "lost"),
                "How far is the policy from the learnt posterior, from " + of,
                training,
                "nats");
        SeedInterval total = interval(repeats, Repeat::total, 0, Double.POSITIVE_INFINITY);
        put(
                result,
                false,
                kind.id("total", n, ""),
                "How far is the policy from the true posterior, from " + of,
                total,
                "nats");
        SeedInterval rest =
                SeedInterval.ofRest(repeats.stream().mapToDouble(Repeat::rest).toArray(), total, learning, training);
        put(
                result,
                false,
                kind.id("rest", n, ""),
                "What of the total is neither, as KLs do not add up, from " + of,
                rest,
                "nats");
        if (repeats.stream().allMatch(r -> Double.isFinite(r.fraction) && Double.isFinite(r.copies))) {
            SeedInterval fraction = interval(repeats, Repeat::fraction, 0, 1);
            put(
                    result,
                    false,
                    kind.id("policy", n, "bayes_fraction"),
                    "Share of the policy's move that is conditioning on the true reward, from " + of,
                    fraction,
                    "share");
            SeedInterval copies = interval(repeats, Repeat::copies, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
            put(
                    result,
                    false,
                    kind.id("policy", n, "copies"),
                    "Copies of the true reward it amounts to, from " + of,
                    copies,
                    "copies");
        }
        double[] bySeed = repeats.stream().mapToDouble(Repeat::learning).toArray();
        return new Row(kind, n, learning, training, rest, total, bySeed);
    }

    private static void put(
            ExperimentResult.Builder result,
            boolean exact,
            String id,
            String question,
            SeedInterval interval,
            String unit) {
        if (exact) {
            result.exact(id, question, interval.mean(), unit);
        } else {
            result.estimated(id, question, interval, unit);
        }
    }

    private static SeedInterval interval(List<Repeat> repeats, ToDoubleFunction<Repeat> of, double least, double most) {
        double[] values = repeats.stream().mapToDouble(of).toArray();
        return SeedInterval.within(values, least, most);
    }

    private static void table(List<Row> rows, ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "Where the nats are lost, mean over seeds",
                "raters give",
                "how many",
                "accuracy on fresh pairs",
                "calibration error",
                "reward model",
                "RL",
                "rest",
                "total, nats",
                "from",
                "to");
        for (Row row : rows) {
            table.row(
                    row.kind.title,
                    row.n,
                    result.estimate(row.kind.id("reward_model", row.n, "accuracy")),
                    result.estimate(row.kind.id("reward_model", row.n, "calibration")),
                    row.learning.mean(),
                    row.training.mean(),
                    row.rest.mean(),
                    row.total.mean(),
                    row.total.lower(),
                    row.total.upper());
        }
        result.table("losses", table.build());
    }

    private static void pictures(List<Row> rows, ExperimentResult.Builder result) {
        result.picture(Picture.bars(
                "losses",
                "Where the nats are lost",
                "The parts of KL(policy‖true posterior), mean over seeds. A rest below the line is to be taken off: KLs do not"
                        + " add up, and the policy's error may undo some of the reward model's.",
                Picture.Axis.linear("nats"),
                rows.stream().map(row -> row.kind.word + " " + row.n).toList(),
                List.of(
                        Picture.Series.stacked("reward model", column(rows, row -> row.learning.mean())),
                        Picture.Series.stacked("RL", column(rows, row -> row.training.mean())),
                        Picture.Series.stacked("rest", column(rows, row -> row.rest.mean())))));
        List<Picture.Series> lines = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            List<Row> own = rows.stream()
                    .filter(row -> row.kind == kind && ExperimentKey.number(row.n) < Double.POSITIVE_INFINITY)
                    .sorted((a, b) -> Double.compare(ExperimentKey.number(a.n), ExperimentKey.number(b.n)))
                    .toList();
            if (own.size() > 1) {
                lines.add(Picture.Series.line(
                                kind.title,
                                column(own, row -> ExperimentKey.number(row.n)),
                                column(own, row -> row.learning.mean()))
                        .within(column(own, row -> row.learning.lower()), column(own, row -> row.learning.upper())));
            }
        }
        if (!lines.isEmpty()) {
            result.picture(Picture.of(
                    "learning",
                    "What learning the reward loses",
                    "KL from the learnt reward's posterior to the true one, means over seeds; the table has their intervals. An unbiased reward"
                            + " model's falls as one over the number of judgements.",
                    Picture.Axis.logarithmic("judgements (logarithmic)"),
                    Picture.Axis.logarithmic("nats (logarithmic)"),
                    lines));
        }
    }

    private static double[] column(List<Row> rows, ToDoubleFunction<Row> of) {
        return rows.stream().mapToDouble(of).toArray();
    }

    private static String conclusion(ExperimentSettings settings, List<Row> rows, ExperimentResult.Builder result) {
        if (result.estimate("asked.kl") <= NOTHING) {
            return "The true reward asks for nothing: its posterior is the prior, so that no judgement could be lost.";
        }
        List<Row> pairs = rows.stream()
                .filter(row -> row.kind == Kind.PAIRS)
                .sorted((a, b) -> Double.compare(ExperimentKey.number(a.n), ExperimentKey.number(b.n)))
                .toList();
        Row first = pairs.get(0);
        Row last = pairs.get(pairs.size() - 1);
        String reward =
                settings.text("reward").isEmpty() ? "its first reward" : "the reward " + settings.text("reward");
        StringBuilder text = new StringBuilder(
                        "In the world " + settings.text("world") + ", whose texts are the prior and whose"
                                + " true reward is " + reward + ", asked for at β = " + settings.text("beta") + ": ")
                .append(Character.toLowerCase(at(last).charAt(0)))
                .append(at(last).substring(1))
                .append('\n');
        if (pairs.size() > 1) {
            text.append(at(first)).append(' ');
            text.append(
                    last.losesLessThan(first)
                            ? "What the reward model loses falls with the number of pairs, so that it is want of data; had it"
                                    + " stayed, that would have been refuted.\n"
                            : "What the reward model loses does not clearly fall with the number of pairs: these seeds do not"
                                    + " tell.\n");
        }
        double limit = result.estimate("limit.lost");
        text.append(
                limit > NOTHING
                        ? "Pooling the raters' tastes costs " + FigureFormat.of(limit)
                                + " nats that no number of pairs mends (approvals "
                                + FigureFormat.of(result.estimate("approvals.limit.lost"))
                                + ", stated log-probabilities "
                                + FigureFormat.of(result.estimate("probabilities.limit.lost")) + ").\n"
                        : "In the limit of infinitely many pairs the reward model loses nothing: its scores are the true reward"
                                + " up to a constant for each prompt.\n");
        String copies = Kind.PAIRS.id("policy", last.n, "copies");
        if (result.stands(copies)) {
            text.append("The policy amounts to ")
                    .append(SeedInterval.words(result.figure(copies)))
                    .append(" copies of the true reward where ")
                    .append(FigureFormat.of(1 / settings.number("beta")))
                    .append(settings.number("beta") == 1 ? " was asked, and " : " were asked, and ");
            Finding fraction = result.figure(Kind.PAIRS.id("policy", last.n, "bayes_fraction"));
            text.append("the share ")
                    .append(SeedInterval.words(fraction))
                    .append(" of its move is conditioning on it.\n");
        }
        return text.append(cheapest(rows, last.n)).toString();
    }

    private static String at(Row row) {
        String part = Math.max(row.learning.mean(), row.training.mean()) <= NOTHING
                ? "neither part loses anything"
                : row.learning.lower() > row.training.upper()
                        ? "the reward model loses most"
                        : row.training.lower() > row.learning.upper()
                                ? "the RL loses most"
                                : "which part loses more these seeds do not tell";
        String n = ExperimentKey.number(row.n) == Double.POSITIVE_INFINITY
                ? "infinitely many pairs"
                : row.n + (row.n.equals("1") ? " pair" : " pairs");
        return String.format(
                Locale.ROOT,
                "With %s the policy ends %s nats %s from the true evidence's posterior: %s by learning the reward, %s by"
                        + " the RL, %s a rest that is neither; %s.",
                n,
                FigureFormat.of(row.total.mean()),
                row.total.ends(),
                FigureFormat.of(row.learning.mean()),
                FigureFormat.of(row.training.mean()),
                FigureFormat.of(row.rest.mean()),
                part);
    }

    /** Which judgement loses least at the same number. */
    private static String cheapest(List<Row> rows, String n) {
        Row[] same = rows.stream().filter(row -> row.n.equals(n)).toArray(Row[]::new);
        Arrays.sort(same, (a, b) -> Double.compare(a.learning.mean(), b.learning.mean()));
        if (same[same.length - 1].learning.mean() <= NOTHING) {
            return "Pairs, approvals and stated log-probabilities end at the same scores.";
        }
        Row least = same[0];
        Row most = same[same.length - 1];
        String nats = " (" + FigureFormat.of(least.learning.mean()) + " nats, " + least.learning.ends() + ") and "
                + most.kind.word + " most (" + FigureFormat.of(most.learning.mean()) + ", " + most.learning.ends()
                + ")";
        return least.learning.upper() < most.learning.lower()
                ? "Of as many judgements, " + least.kind.word + " lose less in the reward model" + nats + "."
                : "Of as many judgements, " + least.kind.word + " lost least in the reward model" + nats
                        + ": intervals that overlap, so that these seeds do not tell which kind does.";
    }
}
