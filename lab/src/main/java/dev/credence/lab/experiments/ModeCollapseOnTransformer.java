package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.model.Continuation;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SequenceObjective;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.MethodOptions;
import dev.credence.torch.training.TransformerPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Collapse on transformers that have learnt the worlds: drift under self-training with real data and without, modes that methods lose
 * beyond their posterior, and RL toward the texts of humans. All strings are enumerated.
 */
final class ModeCollapseOnTransformer {
    private static final String TRANSFORMER = "transformer";
    private static final int IMITATING = 40; // steps on one generation's samples
    private static final double IMITATING_RATE = 0.01;
    private static final double LOG_UNWRITTEN = Math.log(1e-6); // reward of strings that no human writes
    private static final List<String> METHODS = TunedTransformers.METHODS.stream()
            .filter(method -> !List.of("best-of-n", "feedme").contains(method))
            .toList();

    private final ExperimentSettings settings;
    private final TunedTransformers tuned;
    private final HumanTexts.Populations humans;
    private final MethodCollapse methods;
    private final Listener listener;

    private ModeCollapseOnTransformer(
            ExperimentSettings settings, HumanTexts.Populations humans, MethodCollapse methods, Listener listener) {
        this.settings = settings;
        this.humans = humans;
        this.methods = methods;
        this.listener = listener;
        this.tuned = new TunedTransformers(settings, listener);
    }

    static List<ExperimentKey> settings() {
        List<ExperimentKey> keys = TunedTransformers.settings(3, 150);
        keys.add(ExperimentKey.texts(
                "transformer.methods",
                "rloo,ppo,grpo,dpo",
                METHODS,
                "methods that tune transformers which have learnt the world, at beta"));
        keys.add(ExperimentKey.whole(
                "transformer.generations", 10, 1, 10_000, "generations of self-training of each transformer"));
        keys.add(ExperimentKey.whole(
                "transformer.histories", 12, 2, 10_000, "histories of self-training, spread over the transformers"));
        return keys;
    }

    static Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new LinkedHashMap<>();
        if (effort.transformer()) {
            standards.put(TRANSFORMER, "yes");
        }
        switch (effort.size()) {
            case QUICK ->
                standards.putAll(Map.of(
                        "transformer.seeds",
                        "2",
                        "transformer.steps",
                        "80",
                        "transformer.histories",
                        "6",
                        "transformer.methods",
                        "rloo,grpo"));
            case FULL ->
                standards.putAll(
                        Map.of("transformer.seeds", "6", "transformer.steps", "400", "transformer.histories", "60"));
            case STANDARD -> {}
        }
        return standards;
    }

    /** Checks what is asked; trains nothing. Null where no transformer is asked for. */
    static @Nullable ModeCollapseOnTransformer of(
            ExperimentSettings settings, HumanTexts.Populations humans, MethodCollapse methods, Listener listener) {
        ModeCollapseOnTransformer transformer = new ModeCollapseOnTransformer(settings, humans, methods, listener);
        if (!transformer.tuned.isAsked()) {
            return null;
        }
        settings.requireShares("prior");
        EnumeratedTransformer.requireFew("prior", settings.text("prior"), transformer.modes());
        EnumeratedTransformer.requireFew(
                "human.world", settings.text("human.world"), humans.wide().prior());
        EnumeratedTransformer.requireFew("world", settings.text("world"), methods.prior());
        return transformer;
    }

    private TableModel modes() {
        Map<String, Double> shares = new LinkedHashMap<>();
        double[] prior = settings.numbers("prior");
        for (int i = 0; i < prior.length; i++) {
            shares.put("mode" + (i + 1), prior[i]);
        }
        return TableModel.of(Distribution.of(shares));
    }

    /** Trains and reports; returned is what follows, behind a space. */
    String run(ExperimentResult.Builder result) {
        String drift = drift(result);
        String beyond = beyond(result);
        String toward = toward("human", "population", humans.wide(), result);
        HumanTexts narrow = humans.narrow();
        if (narrow != null) {
            toward += toward("narrow", "narrow", narrow, result);
        }
        return drift + beyond + toward;
    }

    // --- drift

    private String drift(ExperimentResult.Builder result) {
        int generations = settings.count("transformer.generations");
        int histories = settings.count("transformer.histories");
        long[] seeds = tuned.seeds();
        double[][] alone = new double[generations + 1][histories]; // 1 − Σπ²
        double[][] mixed = new double[generations + 1][histories];
        TableModel world = modes();
        for (int s = 0; s < seeds.length; s++) {
            int first = s;
            Drift drift = KeptRecord.part(
                    listener, "drift-" + s, Drift.class, () -> drift(world, seeds[first], first, seeds.length));
            for (int k = s, i = 0; k < histories; k += seeds.length, i++) {
                for (int t = 0; t <= generations; t++) {
                    alone[t][k] = drift.alone.get(i)[t];
                    mixed[t][k] = drift.mixed.get(i)[t];
                }
            }
            listener.accept("self-training of transformer " + (s + 1) + " of " + seeds.length);
        }
        return report(generations, alone, mixed, result);
    }

    /**
     * One transformer's histories.
     *
     * @param alone (generations + 1) of each, 1 − Σπ²
     * @param mixed the same with real data
     */
    private record Drift(List<double[]> alone, List<double[]> mixed) {}

    private Drift drift(TableModel world, long seed, int first, int every) {
        Drift drift = new Drift(new ArrayList<>(), new ArrayList<>());
        try (EnumeratedTransformer model = tuned.learnt("prior", settings.text("prior"), world, seed)) {
            for (int k = first; k < settings.count("transformer.histories"); k += every) {
                drift.alone.add(history(model, world, 0, settings.whole("seed") + k));
                drift.mixed.add(history(model, world, settings.number("real"), settings.whole("seed") + k));
            }
        }
        return drift;
    }

    /** (generations + 1) diversities of one transformer, each tuned on samples of the one before, a share of them real. */
    private double[] history(EnumeratedTransformer model, TableModel world, double real, long seed) {
        double[] diversity = new double[settings.count("transformer.generations") + 1];
        SplittableRandom random = new SplittableRandom(seed);
        List<Continuation> strings = model.strings("");
        Distribution realTexts = world.given("");
        try (TransformerPolicy policy = model.begin(Optimiser.adamW(LearningRate.constant(IMITATING_RATE)))) {
            for (int t = 0; t < diversity.length; t++) {
                Distribution now = model.table(policy.transformer()).given("");
                diversity[t] =
                        1 - Arrays.stream(now.probabilities()).map(p -> p * p).sum();
                if (t < diversity.length - 1) {
                    imitate(policy, strings, drawn(now, realTexts, real, random));
                }
            }
        }
        return diversity;
    }

    /** Shares of the strings among so many draws. */
    private double[] drawn(Distribution now, Distribution realTexts, double real, SplittableRandom random) {
        int samples = settings.count("samples");
        double[] shares = new double[now.size()];
        for (int i = 0; i < samples; i++) {
            int text = random.nextDouble() < real
                    ? now.indexOf(realTexts.outcome(realTexts.sample(random)))
                    : now.sample(random);
            shares[text] += 1.0 / samples;
        }
        return shares;
    }

    private void imitate(TransformerPolicy policy, List<Continuation> strings, double[] shares) {
        List<Continuation> batch = new ArrayList<>();
        List<Double> kept = new ArrayList<>();
        for (int i = 0; i < shares.length; i++) {
            if (shares[i] > 0) {
                batch.add(strings.get(i));
                kept.add(shares[i]);
            }
        }
        SequenceObjective imitated = (sequence, logProbs) -> {
            double[] weights = new double[logProbs.length];
            Arrays.fill(weights, kept.get(sequence));
            return weights;
        };
        for (int i = 0; i < IMITATING; i++) {
            tuned.requireGoing();
            policy.step(batch, imitated);
        }
    }

    private String report(int generations, double[][] alone, double[][] mixed, ExperimentResult.Builder result) {
        double real = settings.number("real");
        SelfTraining exact = new SelfTraining(settings.numbers("prior"), settings.count("samples"), real);
        String question = "Probability that two texts of a transformer are of different modes, after " + generations
                + " generations on its own samples";
        SeedInterval own = share(alone[generations]);
        SeedInterval cured = share(mixed[generations]);
        String id = TRANSFORMER + ".selftrain." + generations;
        result.estimated(id + ".diversity", question + "?", own, "");
        result.exact(id + ".exact", "The same by the formula for a table?", exact.alone(generations), "");
        id = TRANSFORMER + ".mixed." + generations;
        result.estimated(id + ".diversity", question + " with real data?", cured, "");
        result.exact(id + ".exact", "The same by the formula for a table?", exact.mixed(generations), "");
        DataTable.Builder table = DataTable.of(
                "Diversity 1 − Σπ² of transformers under self-training",
                "generation",
                "own samples",
                "from",
                "to",
                "formula",
                "with real data",
                "from ",
                "to ",
                "formula ");
        double[] time = new double[generations + 1];
        for (int t = 0; t <= generations; t++) {
            time[t] = t;
            SeedInterval a = share(alone[t]);
            SeedInterval m = share(mixed[t]);
            table.row(
                    t, a.mean(), a.lower(), a.upper(), exact.alone(t), m.mean(), m.lower(), m.upper(), exact.mixed(t));
        }
        result.table("transformer-drift", table.build());
        List<SeedInterval> a =
                Arrays.stream(alone).map(ModeCollapseOnTransformer::share).toList();
        List<SeedInterval> m =
                Arrays.stream(mixed).map(ModeCollapseOnTransformer::share).toList();
        result.picture(Picture.of(
                "transformer-drift",
                "Self-training of transformers",
                "Lines are the formulas for tables; points are means over transformers' histories, with 95 % intervals.",
                Picture.Axis.linear("generation"),
                Picture.Axis.linear("1 − Σπ²"),
                List.of(
                        Picture.Series.line(
                                "own samples, table",
                                time,
                                Arrays.stream(time).map(exact::alone).toArray()),
                        Picture.Series.line(
                                "with real data, table",
                                time,
                                Arrays.stream(time).map(exact::mixed).toArray()),
                        SeedInterval.points("own samples, transformers", time, a),
                        SeedInterval.points("with real data, transformers", time, m))));
        return String.format(
                Locale.ROOT,
                " Transformers tuned so on themselves have a diversity of %s after %d generations (%d histories), where the formula has"
                        + " %s, which the interval %s; with real data it is %s, where the formula has %s, which the interval %s.",
                span(own),
                generations,
                settings.count("transformer.histories"),
                FigureFormat.of(exact.alone(generations)),
                holds(own, exact.alone(generations)),
                span(cured),
                FigureFormat.of(exact.mixed(generations)),
                holds(cured, exact.mixed(generations)));
    }

    private static String holds(SeedInterval interval, double exact) {
        return interval.lower() <= exact && exact <= interval.upper() ? "holds" : "does not hold";
    }

    private static SeedInterval share(double[] values) {
        return SeedInterval.within(values, 0, 1);
    }

    private static String span(SeedInterval interval) {
        return FigureFormat.of(interval.mean()) + " " + interval.ends();
    }

    // --- methods beyond their posterior

    /**
     * What a transformer came to.
     *
     * @param beyond log modes(posterior) − log modes(policy), nats
     * @param distance total variation from the posterior
     * @param refusals of innocuous queries; NaN where nothing counts as one
     */
    private record Lost(double beyond, double distance, double refusals) {}

    private String beyond(ExperimentResult.Builder result) {
        double beta = settings.number("beta");
        Map<String, List<Lost>> all = new LinkedHashMap<>();
        for (long seed : tuned.seeds()) {
            try (EnumeratedTransformer model = tuned.learnt("world", settings.text("world"), methods.prior(), seed)) {
                RewardFunction reward = model.reward(methods.reward());
                TableModel posterior = TablePosterior.of(model.prior(), reward, RewardLikelihood.tilt(1 / beta))
                        .model();
                add(all, "prior", posterior, model.prior());
                add(all, "posterior", posterior, posterior);
                for (String method : settings.texts("transformer.methods")) {
                    MethodOptions options = MethodOptions.none().with("beta", beta);
                    add(all, method, posterior, tuned.with("beyond", method, options, model, reward, seed));
                    listener.accept(method + " on a transformer of " + settings.text("world"));
                }
            }
        }
        DataTable.Builder table = DataTable.of(
                "Modes that transformers lose beyond their posterior's own loss",
                "method",
                "beyond, nats",
                "from",
                "to",
                "distance from the posterior",
                "refusals");
        List<String> parts = new ArrayList<>();
        all.forEach((method, seeds) -> {
            SeedInterval beyond = over(seeds, Lost::beyond);
            SeedInterval refusals = over(seeds, Lost::refusals);
            table.row(
                    method,
                    beyond.mean(),
                    beyond.lower(),
                    beyond.upper(),
                    over(seeds, Lost::distance).mean(),
                    Double.isNaN(refusals.mean()) ? null : (Object) refusals.mean());
            boolean isTuned = settings.texts("transformer.methods").contains(method);
            String id = TRANSFORMER + "." + method;
            if (isTuned) {
                String question = "Nats of log effective texts that the transformer loses beyond its posterior";
                result.estimated(id + ".collapse.beyond", question + ": " + method + "?", beyond, "nats");
                result.estimated(
                        id + ".collapse.distance",
                        "Total variation of the transformer from its posterior: " + method + "?",
                        share(seeds.stream().mapToDouble(Lost::distance).toArray()),
                        "probability");
                parts.add(method + " " + span(beyond) + table(method, result));
            }
            if (Double.isFinite(refusals.mean())) {
                result.estimated(
                        isTuned ? id + ".refusal" : TRANSFORMER + ".refusal." + method,
                        "Probability that an innocuous query is refused by the transformer: " + method + "?",
                        share(seeds.stream().mapToDouble(Lost::refusals).toArray()),
                        "probability");
            }
        });
        result.table("transformer-methods", table.build());
        return String.format(
                Locale.ROOT,
                " Transformers that learnt %s lose, beyond their exact posterior at β = %s, in nats of log effective texts: %s.",
                settings.text("world"),
                FigureFormat.of(beta),
                String.join(", ", parts));
    }

    /** What the table has in its place, for the conclusion. */
    private static String table(String method, ExperimentResult.Builder result) {
        String id = method + ".collapse.beyond";
        return result.stands(id) ? " (table: " + FigureFormat.of(result.estimate(id)) + ")" : "";
    }

    private void add(Map<String, List<Lost>> all, String who, TableModel posterior, TableModel policy) {
        Double refusals = methods.rate(policy);
        double distance = policy.prompts().stream()
                .mapToDouble(prompt -> policy.weight(prompt)
                        * Divergences.totalVariation(policy.given(prompt), posterior.given(prompt)))
                .sum();
        all.computeIfAbsent(who, none -> new ArrayList<>())
                .add(new Lost(
                        methods.logModes(posterior) - methods.logModes(policy),
                        distance,
                        refusals == null ? Double.NaN : refusals));
    }

    private static SeedInterval over(List<Lost> seeds, ToDoubleFunction<Lost> figure) {
        return SeedInterval.of(seeds.stream().mapToDouble(figure).toArray());
    }

    // --- toward humans

    /**
     * A policy beside the humans' texts.
     *
     * @param forward KL(humans‖policy), nats
     * @param reverse KL(policy‖humans) among the texts that they write, nats
     * @param inhuman mass on all other strings
     */
    private record Beside(double forward, double reverse, double inhuman) {
        static Beside of(TableModel policy, TableModel humans) {
            double forward = 0;
            double reverse = 0;
            double inhuman = 0;
            for (String prompt : humans.prompts()) {
                Distribution theirs = humans.given(prompt);
                Distribution own = policy.given(prompt);
                double weight = humans.weight(prompt);
                double inside = 0;
                double sum = 0;
                for (int i = 0; i < theirs.size(); i++) {
                    double h = theirs.probability(i);
                    double p = own.probability(theirs.outcome(i));
                    if (h > 0) {
                        forward += weight * h * Math.log(h / p);
                        inside += p;
                        sum += p > 0 ? p * Math.log(p / h) : 0;
                    }
                }
                reverse += weight * Math.max(0, sum / inside - Math.log(inside));
                inhuman += weight * Math.max(0, 1 - inside);
            }
            return new Beside(Math.max(0, forward), reverse, inhuman);
        }
    }

    private String toward(String id, String key, HumanTexts population, ExperimentResult.Builder result) {
        List<Beside> before = new ArrayList<>();
        List<Beside> after = new ArrayList<>();
        TableModel humanTexts = population.humans();
        RewardFunction logHumans = (prompt, text) ->
                Math.max(LOG_UNWRITTEN, Math.log(humanTexts.given(prompt).probability(text)));
        for (long seed : tuned.seeds()) {
            try (EnumeratedTransformer model =
                    tuned.learnt("human.world", settings.text("human.world"), population.prior(), seed)) {
                RewardFunction ofTexts = model.reward(logHumans);
                RewardFunction reward = (prompt, text) ->
                        humanTexts.given(prompt).probability(text) > 0 ? ofTexts.reward(prompt, text) : LOG_UNWRITTEN;
                MethodOptions options =
                        MethodOptions.none().with("beta", 0).with("entropy", 1).with("kl", "none");
                before.add(Beside.of(model.prior(), humanTexts));
                after.add(Beside.of(tuned.with("toward-" + id, "rloo", options, model, reward, seed), humanTexts));
            }
        }
        listener.accept("transformers are drawn to the texts of " + settings.text(key));
        String of = " of a transformer and the texts of " + settings.text(key);
        for (boolean isAfter : new boolean[] {false, true}) {
            List<Beside> seeds = isAfter ? after : before;
            String when = isAfter ? ", after RL toward them?" : ", before?";
            String side = isAfter ? ".after" : ".before";
            String stem = TRANSFORMER + "." + id;
            result.estimated(
                    stem + ".forward" + side, "KL(humans‖policy)" + of + when, nats(seeds, Beside::forward), "nats");
            result.estimated(
                    stem + ".reverse" + side,
                    "KL(policy‖humans)" + of + ", among texts that they write" + when,
                    nats(seeds, Beside::reverse),
                    "nats");
            result.estimated(
                    stem + ".inhuman.mass" + side,
                    "Mass of a transformer on strings that none of " + settings.text(key) + " writes" + when,
                    share(seeds.stream().mapToDouble(Beside::inhuman).toArray()),
                    "probability");
        }
        Finding from = result.figure(TRANSFORMER + "." + id + ".forward.before");
        Finding to = result.figure(TRANSFORMER + "." + id + ".forward.after");
        return String.format(
                Locale.ROOT,
                " RL toward %s takes transformers from KL(H‖π) %s to %s nats, and their mass on what none of these writes from %s to %s%s.",
                settings.text(key),
                FigureFormat.of(from.estimate()),
                span(SeedInterval.of(to)),
                FigureFormat.of(result.estimate(TRANSFORMER + "." + id + ".inhuman.mass.before")),
                FigureFormat.of(result.estimate(TRANSFORMER + "." + id + ".inhuman.mass.after")),
                to.upper() < from.lower() ? "" : "; so many seeds do not tell the first two apart");
    }

    private static SeedInterval nats(List<Beside> seeds, ToDoubleFunction<Beside> figure) {
        return SeedInterval.within(seeds.stream().mapToDouble(figure).toArray(), 0, Double.POSITIVE_INFINITY);
    }
}
