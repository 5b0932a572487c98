package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.model.Continuation;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SequenceObjective;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.training.PolicyGradient;
import dev.credence.methods.training.Training;
import dev.credence.methods.training.TrainingSettings;
import dev.credence.torch.training.TransformerPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The same roads on transformers that have learnt the world: an explicit penalty, natural gradients as mirror steps that the network
 * imitates, ordinary gradients in its weights, PPO, a steered coefficient; each looked at by enumeration where it first comes by a KL.
 */
final class ImplicitKlOnTransformer {
    private static final int IMITATING = 40; // steps of the network for one mirror step
    private static final int MIRROR_STEPS = 20; // to the largest KL
    private static final double SGD = 0.005; // rate of ordinary gradients, by the reward's standard deviation
    private static final double PPO = 1.0 / 6; // of the rate of tuning, so that no step passes far by a KL
    private static final int LONGER = 10; // ordinary gradients take so many times the steps, which draw nothing
    private static final int LOOKS = 8; // places of a path
    private static final String TRANSFORMER = "transformer";

    private final ExperimentSettings settings;
    private final TunedTransformers tuned;
    private final Listener listener;
    private final EqualKl world;
    private final List<String> written;
    private final double[] budgets; // as they were written
    private final Map<String, Map<Double, List<EqualKl.AtKl>>> places =
            new LinkedHashMap<>(); // by road and KL, each seed's
    private final List<double[]> learnt = new ArrayList<>(); // KL(world‖model), mass on no text

    private ImplicitKlOnTransformer(EqualKl world, ExperimentSettings settings, Listener listener) {
        this.world = world;
        this.settings = settings;
        this.listener = listener;
        this.tuned = new TunedTransformers(settings, listener);
        this.written = settings.texts("budgets");
        this.budgets = settings.numbers("budgets");
        ImplicitKl.ROADS.keySet().forEach(road -> places.put(road, new LinkedHashMap<>()));
    }

    static List<ExperimentKey> settings() {
        return TunedTransformers.settings(3, 200);
    }

    static Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new LinkedHashMap<>();
        if (effort.transformer()) {
            standards.put(TRANSFORMER, "yes");
        }
        switch (effort.size()) {
            case QUICK -> standards.putAll(Map.of("transformer.seeds", "2", "transformer.steps", "120"));
            case FULL -> standards.putAll(Map.of("transformer.seeds", "8", "transformer.steps", "500"));
            case STANDARD -> {}
        }
        return standards;
    }

    /** Checks what is asked; trains nothing. Null where no transformer is asked for. */
    static @Nullable ImplicitKlOnTransformer of(EqualKl world, ExperimentSettings settings, Listener listener) {
        ImplicitKlOnTransformer transformer = new ImplicitKlOnTransformer(world, settings, listener);
        if (!transformer.tuned.isAsked()) {
            return null;
        }
        EnumeratedTransformer.requireFew("world", settings.text("world"), world.prior());
        return transformer;
    }

    /** Trains, walks and reports; returned is what follows. */
    String run(ExperimentResult.Builder result) {
        double[] reached = Arrays.stream(budgets)
                .filter(world::reaches)
                .sorted()
                .distinct()
                .toArray();
        if (reached.length == 0) {
            return "";
        }
        Remaining remaining = new Remaining(tuned.seeds().length, listener, System::nanoTime);
        for (long seed : tuned.seeds()) {
            Walked walked = KeptRecord.part(listener, "roads-" + seed, Walked.class, () -> walked(reached, seed));
            learnt.add(new double[] {walked.distance, walked.outside});
            for (Passed passed : walked.passed) {
                places.getOrDefault(passed.road, new LinkedHashMap<>())
                        .computeIfAbsent(passed.kl, none -> new ArrayList<>())
                        .add(passed.place);
            }
            remaining.did(1, "roads on transformers");
        }
        report(result);
        return words(reached[reached.length - 1], result);
    }

    /** Where a road was when it first came by a KL. */
    private record Passed(String road, double kl, EqualKl.AtKl place) {}

    /**
     * One seed.
     *
     * @param distance KL(world‖model), nats
     * @param outside mass on no text of the world
     * @param passed all roads
     */
    private record Walked(double distance, double outside, List<Passed> passed) {}

    private Walked walked(double[] reached, long seed) {
        try (EnumeratedTransformer model = tuned.learnt("world", settings.text("world"), world.prior(), seed)) {
            EqualKl own = new EqualKl(
                    model.prior(),
                    model.reward(world.proxy()),
                    world.gold() == null ? null : model.reward(world.gold()));
            Walk walk = new Walk(model, own, reached, seed);
            walk.all();
            return new Walked(model.distance(), model.outside(model.prior()), walk.passed);
        }
    }

    /** The roads of one transformer. */
    private final class Walk {
        private final EnumeratedTransformer model;
        private final EqualKl own;
        private final double[] budgets; // ascending
        private final double[] kls; // the same and some between, ascending
        private final long seed;
        private final List<Passed> passed = new ArrayList<>();
        private final int steps = settings.count("transformer.steps");
        private final int samples = settings.count("transformer.samples");
        private final double rate = settings.number("transformer.lr");

        Walk(EnumeratedTransformer model, EqualKl own, double[] budgets, long seed) {
            this.model = model;
            this.own = own;
            this.budgets = budgets;
            double last = budgets[budgets.length - 1];
            this.kls = DoubleStream.concat(
                            Arrays.stream(budgets),
                            IntStream.rangeClosed(1, LOOKS).mapToDouble(k -> last * k / LOOKS))
                    .sorted()
                    .distinct()
                    .toArray();
            this.seed = seed;
        }

        void all() {
            for (double kl : budgets) {
                double beta = 1 / own.place(own.explicit(kl)).copies();
                add(ImplicitKl.EXPLICIT, kl, ends(PolicyGradient.rloo().atKl(beta)));
                add(
                        ImplicitKl.ADAPTIVE,
                        kl,
                        ends(PolicyGradient.rloo()
                                .atKl(settings.number("adaptive.beta") * own.deviation())
                                .adaptiveKl(kl)));
            }
            mirror();
            LearningRate steady = LearningRate.constant(SGD / own.deviation());
            stopped(
                    ImplicitKl.VANILLA,
                    PolicyGradient.rloo().atKl(0),
                    new TrainingSettings(LONGER * steps, samples, Optimiser.sgd(steady), true, seed));
            int epochs = settings.count("epochs");
            LearningRate slow = LearningRate.constant(PPO * rate / epochs);
            stopped(
                    ImplicitKl.PPO,
                    PolicyGradient.ppo().atKl(0).clip(settings.number("clip")).epochs(epochs),
                    new TrainingSettings(steps, samples, Optimiser.adamW(slow), false, seed));
        }

        private void add(String road, double kl, EqualKl.AtKl place) {
            passed.add(new Passed(road, kl, place));
        }

        private EqualKl.AtKl ends(PolicyGradient method) {
            Optimiser falling = Optimiser.adamW(LearningRate.cosine(rate, 0, steps, 0));
            TrainingSettings training = new TrainingSettings(steps, samples, falling, false, seed);
            try (TransformerPolicy policy = model.begin(falling)) {
                Training run = begin(method, policy, training);
                SplittableRandom random = new SplittableRandom(seed);
                for (int step = 0; step < steps; step++) {
                    requireGoing();
                    run.step(random);
                }
                return own.place(model.table(policy.transformer()));
            }
        }

        private Training begin(PolicyGradient method, TransformerPolicy policy, TrainingSettings training) {
            return method.begin(policy, model.task(own.prior().prompts(), own.proxy()), training);
        }

        private void stopped(String road, PolicyGradient method, TrainingSettings training) {
            try (TransformerPolicy policy = model.begin(training.optimiser())) {
                Training run = begin(method, policy, training);
                SplittableRandom random = new SplittableRandom(seed);
                int next = 0;
                for (int step = 0; step < training.steps() && next < kls.length; step++) {
                    requireGoing();
                    run.step(random);
                    next = pass(road, model.table(policy.transformer()), next);
                }
            }
        }

        /** Notes the policy at the KLs that it has come by. */
        private int pass(String road, TableModel now, int next) {
            int at = next;
            double kl = own.kl(now);
            for (; at < kls.length && kl >= kls[at]; at++) {
                add(road, kls[at], own.place(now));
            }
            return at;
        }

        /** π ← π e^{ηr}/Z, the natural gradient's step on a table, which the network then imitates over all strings. */
        private void mirror() {
            double last = own.place(own.explicit(kls[kls.length - 1])).copies();
            double eta = last / MIRROR_STEPS;
            Optimiser steady = Optimiser.adamW(LearningRate.constant(rate));
            List<Continuation> strings = new ArrayList<>();
            own.prior().prompts().forEach(prompt -> strings.addAll(model.strings(prompt)));
            try (TransformerPolicy policy = model.begin(steady)) {
                TableModel now = own.prior();
                int next = 0;
                for (int k = 0; k < 3 * MIRROR_STEPS && next < kls.length; k++) {
                    double[] weights = weights(now, eta);
                    SequenceObjective imitated = (sequence, logProbs) -> {
                        double[] of = new double[logProbs.length];
                        Arrays.fill(of, weights[sequence]);
                        return of;
                    };
                    for (int i = 0; i < IMITATING; i++) {
                        requireGoing();
                        policy.step(strings, imitated);
                    }
                    now = model.table(policy.transformer());
                    next = pass(ImplicitKl.NATURAL, now, next);
                }
            }
        }

        private double[] weights(TableModel now, double eta) {
            List<Double> all = new ArrayList<>();
            for (String prompt : now.prompts()) {
                Distribution at = now.given(prompt);
                double[] logs = at.logProbabilities();
                double[] rewards = own.proxy().rewards(prompt, at);
                Arrays.setAll(logs, i -> logs[i] + eta * rewards[i]);
                for (double mass :
                        Distribution.ofLogWeights(at.outcomes(), logs).probabilities()) {
                    all.add(now.weight(prompt) * mass);
                }
            }
            return all.stream().mapToDouble(x -> x).toArray();
        }
    }

    private void requireGoing() {
        if (listener.isStopped()) {
            throw new InterruptedRunException("stopped; it begins anew when it is run again");
        }
    }

    private static SeedInterval interval(List<EqualKl.AtKl> seeds, ImplicitKl.Figure figure) {
        return figure.over(seeds.stream().mapToDouble(figure.of()).toArray());
    }

    private List<EqualKl.AtKl> at(String road, double kl) {
        List<EqualKl.AtKl> seeds = places.getOrDefault(road, Map.of()).getOrDefault(kl, List.of());
        return seeds.size() == settings.count("transformer.seeds") ? seeds : List.of();
    }

    private void report(ExperimentResult.Builder result) {
        for (int column = 0; column < 2; column++) {
            int which = column;
            SeedInterval interval = SeedInterval.within(
                    learnt.stream().mapToDouble(row -> row[which]).toArray(),
                    0,
                    which == 0 ? Double.POSITIVE_INFINITY : 1);
            result.estimated(
                    TRANSFORMER + (which == 0 ? ".prior.distance" : ".prior.outside"),
                    which == 0
                            ? "KL(world‖transformer) once it has learnt the world?"
                            : "Mass that it has on strings which are no text?",
                    interval,
                    which == 0 ? "nats" : "probability");
        }
        DataTable.Builder table = DataTable.of(
                "All at equal KL, on the transformer",
                "KL asked, nats",
                "road",
                "KL, nats",
                "proxy",
                "gold",
                "departure, nats",
                "from",
                "to",
                "distance",
                "distance from",
                "distance to");
        for (int i = 0; i < budgets.length; i++) {
            for (Map.Entry<String, String> road : ImplicitKl.ROADS.entrySet()) {
                List<EqualKl.AtKl> seeds = at(road.getKey(), budgets[i]);
                String id = TRANSFORMER + "." + road.getKey() + "." + written.get(i) + ".";
                ImplicitKl.figures(ImplicitKl.NATURAL)
                        .forEach((name, figure) -> put(
                                result,
                                id + name,
                                ImplicitKl.asked(figure.question() + ", on the transformer", road.getValue()),
                                seeds,
                                figure,
                                name.equals("gold")));
                if (!seeds.isEmpty()) {
                    row(table, budgets[i], road.getValue(), seeds);
                }
            }
        }
        result.table("transformer", table.build());
        pictures(result);
    }

    private static void row(DataTable.Builder table, double kl, String road, List<EqualKl.AtKl> seeds) {
        Map<String, ImplicitKl.Figure> figures = ImplicitKl.figures(ImplicitKl.NATURAL);
        Map<String, SeedInterval> row = new LinkedHashMap<>();
        figures.forEach((name, figure) -> row.put(name, interval(seeds, figure)));
        SeedInterval none = SeedInterval.at(Double.NaN);
        SeedInterval departure = row.getOrDefault("departure", none);
        SeedInterval distance = row.getOrDefault("distance", none);
        table.row(
                kl,
                road,
                row.getOrDefault("kl", none).mean(),
                row.getOrDefault("proxy", none).mean(),
                number(row.getOrDefault("gold", none).mean()),
                departure.mean(),
                departure.lower(),
                departure.upper(),
                distance.mean(),
                distance.lower(),
                distance.upper());
    }

    private static @Nullable Double number(double value) {
        return Double.isNaN(value) ? null : value;
    }

    private static void put(
            ExperimentResult.Builder result,
            String id,
            String question,
            List<EqualKl.AtKl> seeds,
            ImplicitKl.Figure figure,
            boolean isGold) {
        SeedInterval interval = interval(seeds, figure);
        if (Double.isFinite(interval.mean())) {
            result.estimated(id, question, interval, figure.unit());
        } else {
            result.finding(new Finding(
                            id,
                            question,
                            Double.NaN,
                            Double.NaN,
                            Double.NaN,
                            Grade.ESTIMATED,
                            figure.unit(),
                            null,
                            null)
                    .withdrawn(
                            seeds.isEmpty()
                                    ? "not every transformer came to this KL within the steps"
                                    : isGold
                                            ? "the world has no gold reward"
                                            : "a transformer is as the prior, or no number of copies describes it"));
        }
    }

    private void pictures(ExperimentResult.Builder result) {
        String over = "Means over transformers with 95 % intervals, at each KL that all of them come by. ";
        picture(
                "departure",
                "Departure from every conditional on the proxy",
                over + "The explicit penalty shows what training alone leaves.",
                "departure, nats",
                EqualKl.AtKl::departure,
                result);
        picture("proxy", "Proxy reward", over, "proxy reward", EqualKl.AtKl::proxy, result);
        if (world.gold() != null) {
            picture("gold", "Gold reward", over, "gold reward", EqualKl.AtKl::gold, result);
        }
    }

    private void picture(
            String id,
            String title,
            String caption,
            String axis,
            ToDoubleFunction<EqualKl.AtKl> figure,
            ExperimentResult.Builder result) {
        List<Picture.Series> lines = new ArrayList<>();
        double least = id.equals("departure") ? 0 : Double.NEGATIVE_INFINITY;
        ImplicitKl.ROADS.forEach((road, words) -> {
            List<List<EqualKl.AtKl>> path = places.getOrDefault(road, Map.of()).keySet().stream()
                    .sorted()
                    .map(kl -> at(road, kl))
                    .filter(seeds -> !seeds.isEmpty())
                    .toList();
            if (!path.isEmpty()) {
                double[] x = path.stream()
                        .mapToDouble(seeds -> mean(seeds, EqualKl.AtKl::kl))
                        .toArray();
                List<SeedInterval> y = path.stream()
                        .map(seeds -> SeedInterval.within(
                                seeds.stream().mapToDouble(figure).toArray(), least, Double.POSITIVE_INFINITY))
                        .toList();
                lines.add(SeedInterval.line(words, x, y));
            }
        });
        if (!lines.isEmpty()) {
            result.picture(Picture.of(
                    TRANSFORMER + "-" + id,
                    title + ", on the transformer",
                    caption.trim(),
                    Picture.Axis.linear("KL from the prior, nats"),
                    Picture.Axis.linear(axis),
                    lines));
        }
    }

    private static double mean(List<EqualKl.AtKl> seeds, ToDoubleFunction<EqualKl.AtKl> figure) {
        return seeds.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }

    private String words(double kl, ExperimentResult.Builder result) {
        String budget = written.get(0);
        for (int i = 0; i < budgets.length; i++) {
            budget = budgets[i] == kl ? written.get(i) : budget;
        }
        List<String> parts = new ArrayList<>();
        for (Map.Entry<String, String> road : ImplicitKl.ROADS.entrySet()) {
            String id = TRANSFORMER + "." + road.getKey() + "." + budget + ".";
            if (result.stands(id + "departure")) {
                parts.add(road.getValue() + " " + span(result.figure(id + "departure")) + " (total variation "
                        + FigureFormat.of(result.estimate(id + "distance")) + ")");
            }
        }
        if (parts.isEmpty()) {
            return "On transformers no road came to " + FigureFormat.of(kl) + " nats in every run.";
        }
        return String.format(
                Locale.ROOT,
                "On transformers that learnt the world (%d seeds), at %s nats, the departure in nats from every conditional on the proxy is:"
                        + " %s.%s",
                settings.count("transformer.seeds"),
                FigureFormat.of(kl),
                String.join(", ", parts),
                compared(budget, result));
    }

    private static String span(Finding finding) {
        return FigureFormat.of(finding.estimate()) + " [" + FigureFormat.of(finding.lower()) + ", "
                + FigureFormat.of(finding.upper()) + "]";
    }

    /** Whether mirror steps stay nearer to the conditionals than what is no natural gradient, as on tables. */
    private static String compared(String budget, ExperimentResult.Builder result) {
        String natural = TRANSFORMER + "." + ImplicitKl.NATURAL + "." + budget + ".departure";
        String vanilla = TRANSFORMER + "." + ImplicitKl.VANILLA + "." + budget + ".departure";
        if (!result.stands(natural) || !result.stands(vanilla)) {
            return "";
        }
        Finding near = result.figure(natural);
        Finding far = result.figure(vanilla);
        if (near.upper() < far.lower()) {
            return " As on tables natural gradients stay by the conditionals, and ordinary ones, in the network's weights, leave them.";
        }
        return far.upper() < near.lower()
                ? " Unlike on tables ordinary gradients, in the network's weights, stay nearer to the conditionals than mirror steps do."
                : " Natural and ordinary gradients are not told apart by so many seeds.";
    }
}
