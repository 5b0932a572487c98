package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.GradientFlow;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.NamedReward;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.runs.Listener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Ways to stay near the prior without an explicit KL penalty, each held at equal KL against the penalty's optimum: natural and
 * ordinary gradients stopped early, PPO's clipping, a coefficient that is steered (docs/theory.md#mirror-descent,
 * docs/theory.md#without-a-penalty).
 */
public final class ImplicitKl implements Experiment {
    private static final int GRID = 25; // places of a path that are drawn
    private static final double SHOWN = 1.25; // a path is drawn so far beyond the largest budget
    private static final double ROUNDING = 1e-9;
    private static final double MISSED = 0.2; // share of a budget
    static final String EXPLICIT = "explicit";
    static final String NATURAL = "natural";
    static final String VANILLA = "vanilla";
    static final String PPO = "ppo";
    static final String ADAPTIVE = "adaptive";
    static final Map<String, String> ROADS = roads();

    /** For the service loader. */
    public ImplicitKl() {}

    private static Map<String, String> roads() {
        Map<String, String> roads = new LinkedHashMap<>();
        roads.put(EXPLICIT, "explicit penalty");
        roads.put(NATURAL, "natural gradients");
        roads.put(VANILLA, "ordinary gradients");
        roads.put(PPO, "PPO");
        roads.put(ADAPTIVE, "steered coefficient");
        return roads;
    }

    @Override
    public String name() {
        return "implicit-kl";
    }

    @Override
    public String question() {
        return "Does stopping early, clipping or steering the coefficient stay near the prior as an explicit KL penalty does?";
    }

    @Override
    public List<String> related() {
        return List.of("over-optimisation", "hypothesis");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        List<String> budgets = settings.texts("budgets");
        String last = budgets.get(budgets.size() - 1);
        return List.of(
                KeyFigure.of(
                                "departure of natural gradients stopped at " + last + " nats",
                                "natural." + last + ".departure",
                                "0")
                        .onTransformers("transformer.natural." + last + ".departure"),
                KeyFigure.of("departure of ordinary gradients", "vanilla." + last + ".departure", "above 0")
                        .onTransformers("transformer.vanilla." + last + ".departure"),
                KeyFigure.of("departure of PPO", "ppo." + last + ".departure", "no theorem")
                        .onTransformers("transformer.ppo." + last + ".departure"));
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> keys = new ArrayList<>(
                List.of(
                        ExperimentKey.text("world", "proxy", "the world whose reward is optimised"),
                        ExperimentKey.text(
                                "proxy",
                                "",
                                "the reward that is optimised; empty: the one of that name, else the only one"),
                        ExperimentKey.text(
                                "gold",
                                "",
                                "the reward that is meant; empty: the one of that name, where there is one"),
                        ExperimentKey.numbers(
                                "budgets", ".25,.5,1", 1e-6, 1e3, "KL from the prior, nats, at which all are compared"),
                        ExperimentKey.numbers(
                                "beta", "2,1,.5", 1e-6, 1e6, "KL coefficients of runs with an explicit penalty"),
                        ExperimentKey.numbers(
                                "times", "1,5,20", 0, 1e9, "times of ordinary gradient flow in the world of the flow"),
                        ExperimentKey.text("flow.world", "t1", "the world of the flow that is looked at by time"),
                        ExperimentKey.text("flow.reward", "", "its reward; empty: as for the proxy"),
                        ExperimentKey.whole("seeds", 8, 2, 1000, "runs of each method that draws texts"),
                        ExperimentKey.whole("samples", 64, 2, 100_000, "texts a prompt that a step draws"),
                        ExperimentKey.whole(
                                "steps", 1500, 1, 1_000_000, "steps of those methods; PPO stops at the budgets"),
                        ExperimentKey.number(
                                "rate", ".02", 1e-9, 10, "learning rate of those methods, AdamW on the logits"),
                        ExperimentKey.number("clip", ".2", 0, 1e6, "PPO's ratios count within 1 − clip and 1 + clip"),
                        ExperimentKey.whole("epochs", 4, 1, 1000, "PPO's updates on each batch"),
                        ExperimentKey.number(
                                "adaptive.beta",
                                "1",
                                1e-9,
                                1e9,
                                "the coefficient that steering begins with, in standard deviations of the reward under the prior")));
        keys.addAll(ImplicitKlOnTransformer.settings());
        keys.add(ExperimentKey.seed());
        return keys;
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        Map<String, String> standards = ImplicitKlOnTransformer.standards(effort);
        switch (effort.size()) {
            case QUICK -> standards.putAll(Map.of("seeds", "3", "steps", "1000"));
            case FULL -> standards.putAll(Map.of("seeds", "24", "steps", "4000"));
            case STANDARD -> {}
        }
        return standards;
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        ExperimentResult.Builder result = ExperimentResult.builder();
        EqualKl world = world(settings, result);
        ImplicitKlOnTransformer transformer = ImplicitKlOnTransformer.of(world, settings, listener);
        byTime(settings, result);
        DataTable.Builder table = DataTable.of(
                "All at equal KL",
                "KL, nats",
                "road",
                "KL reached",
                "proxy",
                "gold",
                "departure, nats",
                "copies",
                "distance",
                "distance from",
                "distance to");
        ImplicitPaths paths = new ImplicitPaths(world, settings, listener);
        List<String> written = settings.texts("budgets");
        double[] budgets = settings.numbers("budgets");
        double[] reached = Arrays.stream(budgets)
                .filter(world::reaches)
                .sorted()
                .distinct()
                .toArray();
        double[] grid = grid(world, reached);
        Map<Double, List<ImplicitPaths.Stop>> ppo = paths.ppo(grid);
        for (int i = 0; i < budgets.length; i++) {
            if (!world.reaches(budgets[i])) {
                withdrawn(written.get(i), world, result);
                continue;
            }
            EqualKl.AtKl explicit = world.place(world.explicit(budgets[i]));
            report(written.get(i), budgets[i], EXPLICIT, List.of(explicit), true, result, table);
            report(written.get(i), budgets[i], NATURAL, List.of(paths.natural(budgets[i])), true, result, table);
            report(written.get(i), budgets[i], VANILLA, List.of(paths.vanilla(budgets[i])), true, result, table);
            List<ImplicitPaths.Stop> stops = ppo.getOrDefault(budgets[i], List.of());
            report(written.get(i), budgets[i], PPO, ImplicitPaths.places(stops), false, result, table);
            steps(written.get(i), stops, settings, result);
            report(written.get(i), budgets[i], ADAPTIVE, paths.adaptive(budgets[i]), false, result, table);
            requireSteered(written.get(i), budgets[i], result);
        }
        result.table("equal-kl", table.build());
        penalties(settings, world, paths, result);
        pictures(world, grid, paths, ppo, result);
        String exact = conclusion(settings, world, result);
        if (transformer != null) {
            return result.conclude(
                    exact,
                    transformer.run(result),
                    "The transformer is small and has learnt this world alone; its natural gradient is a mirror step that it imitates,"
                            + " not the inverse of its own Fisher matrix. What a larger network's shared parameters make of each road"
                            + " is to be measured on it.");
        }
        return result.conclude(
                exact,
                "The policies are tables with a logit for each text. A network's parameters are shared between texts, its"
                        + " gradients are neither ordinary nor natural in those logits, and which road it takes is to be"
                        + " measured on it. That natural gradients and the penalty agree is a fact about tables.");
    }

    private static EqualKl world(ExperimentSettings settings, ExperimentResult.Builder result) {
        WorldInput world = WorldInput.read(settings.text("world"));
        result.inputs(List.of(world.input()));
        TableModel prior = world.world().prior();
        EqualKl.requireFew("world", settings.text("world"), prior);
        NamedReward proxy = reward(world, "proxy", settings.text("proxy"), "proxy");
        NamedReward gold = settings.has("gold")
                ? world.reward("gold", settings.text("gold"))
                : world.world().rewardNames().contains("gold") ? world.reward("gold", "gold") : null;
        EqualKl.requireFinite("proxy", proxy, prior);
        if (gold != null) {
            EqualKl.requireFinite("gold", gold, prior);
        }
        return new EqualKl(prior, proxy.function(), gold == null ? null : gold.function());
    }

    /** A reward by name; without one the world's of a usual name, else its only one. */
    private static NamedReward reward(WorldInput world, String key, String typed, String usual) {
        List<String> names = world.world().rewardNames();
        if (!typed.isEmpty()) {
            return world.reward(key, typed);
        }
        if (!names.contains(usual) && names.size() != 1) {
            throw InputException.ofSetting(
                    key,
                    "empty",
                    names.isEmpty()
                            ? "the world has no rewards; name one of its texts, such as quality=contains:good"
                            : "the world has several rewards, none called " + usual + ": name one of "
                                    + String.join(", ", names));
        }
        return world.reward(key, names.contains(usual) ? usual : names.get(0));
    }

    /** Ordinary gradient flow by its time. */
    private static void byTime(ExperimentSettings settings, ExperimentResult.Builder result) {
        WorldInput input = WorldInput.read(settings.text("flow.world"));
        if (!settings.text("flow.world").equals(settings.text("world"))) {
            result.inputs(List.of(input.input()));
        }
        TableModel prior = input.world().prior();
        EqualKl.requireFew("flow.world", settings.text("flow.world"), prior);
        NamedReward reward = reward(input, "flow.reward", settings.text("flow.reward"), "proxy");
        EqualKl.requireFinite("flow.reward", reward, prior);
        EqualKl world = new EqualKl(prior, reward.function(), null);
        DataTable.Builder table = DataTable.of(
                "Ordinary gradient flow by its time",
                "time",
                "KL, nats",
                "reward",
                "copies",
                "departure, nats",
                "Bayes fraction");
        List<String> written = settings.texts("times");
        double[] times = settings.numbers("times");
        GradientFlow start = GradientFlow.of(prior, reward.function());
        for (int i = 0; i < times.length; i++) {
            EqualKl.AtKl at = world.place(start.until(times[i]).policy());
            String of = " after gradient flow of time " + written.get(i) + "?";
            Finding fraction = finding(
                    VANILLA + "." + written.get(i) + ".bayes_fraction",
                    "Share of the move that conditioning explains" + of,
                    at.fraction(),
                    "share");
            result.finding(
                    Double.isNaN(at.fraction()) ? fraction.withdrawn("the policy is still the prior") : fraction);
            String id = "flow." + written.get(i);
            result.exact(id + ".kl", "KL from the prior" + of, at.kl(), "nats");
            result.exact(id + ".departure", "KL from the nearest conditional" + of, at.departure(), "nats");
            result.exact(id + ".copies", "Copies of the reward in that conditional" + of, at.copies(), "copies");
            result.exact(id + ".reward", "Mean reward" + of, at.proxy(), "reward");
            table.row(times[i], at.kl(), at.proxy(), at.copies(), at.departure(), number(at.fraction()));
        }
        result.table("flow", table.build());
        double last = Arrays.stream(times).max().orElse(0);
        if (last > 0 && world.reach() > ROUNDING) {
            flowPicture(world, start, last, result);
        }
    }

    private static void flowPicture(EqualKl world, GradientFlow start, double last, ExperimentResult.Builder result) {
        int count = 2 * GRID;
        double[] time = new double[count];
        double[] fraction = new double[count];
        GradientFlow at = start;
        for (int i = 0; i < count; i++) {
            time[i] = last * Math.pow(10, 2.5 * ((double) i / (count - 1) - 1));
            at = at.until(time[i]);
            fraction[i] = world.place(at.policy()).fraction();
        }
        result.picture(Picture.of(
                "flow",
                "How much of ordinary gradient flow is conditioning",
                "A flow of natural gradients has a Bayes fraction of 1 at every time.",
                Picture.Axis.logarithmic("time of the flow (logarithmic)"),
                Picture.Axis.linear("Bayes fraction"),
                List.of(Picture.Series.line("ordinary gradients", time, fraction))));
    }

    private static @Nullable Double number(double value) {
        return Double.isNaN(value) ? null : value;
    }

    /** KLs that a path is looked at: the budgets, and even steps to a little beyond the largest. */
    private static double[] grid(EqualKl world, double[] reached) {
        if (reached.length == 0) {
            return reached;
        }
        double last = reached[reached.length - 1];
        double end = Math.max(last, Math.min(SHOWN * last, 0.95 * world.reach()));
        double[] all = Arrays.copyOf(reached, reached.length + GRID);
        for (int i = 0; i < GRID; i++) {
            all[reached.length + i] = end * (i + 1) / GRID;
        }
        return Arrays.stream(all).sorted().distinct().toArray();
    }

    private static void withdrawn(String budget, EqualKl world, ExperimentResult.Builder result) {
        String why = "no conditional on this reward is farther from the prior than "
                + FigureFormat.inWords(world.reach()) + " nats, the prior on the reward's best texts";
        ROADS.forEach((road, words) -> figures(road)
                .forEach((figure, of) -> result.finding(
                        finding(road + "." + budget + "." + figure, asked(of.question, words), Double.NaN, of.unit)
                                .withdrawn(why))));
    }

    private static Finding finding(String id, String question, double value, String unit) {
        return new Finding(id, question, value, value, value, Grade.EXACT, unit, null, null);
    }

    /** A figure of a place. */
    record Figure(String question, ToDoubleFunction<EqualKl.AtKl> of, String unit, boolean isNotNegative) {
        /** Over seeds; rounding may leave a figure that is none below 0. */
        SeedInterval over(double[] values) {
            double least = Math.min(0, Arrays.stream(values).min().orElse(0));
            return SeedInterval.within(
                    values, isNotNegative ? least : Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        }
    }

    static Map<String, Figure> figures(String road) {
        Map<String, Figure> figures = new LinkedHashMap<>();
        figures.put("kl", new Figure("KL from the prior", EqualKl.AtKl::kl, "nats", true));
        figures.put("proxy", new Figure("Mean proxy reward", EqualKl.AtKl::proxy, "reward", false));
        figures.put("gold", new Figure("Mean gold reward", EqualKl.AtKl::gold, "reward", false));
        figures.put("copies", new Figure("Copies of the nearest conditional", EqualKl.AtKl::copies, "copies", false));
        if (!road.equals(EXPLICIT)) {
            figures.put(
                    "departure",
                    new Figure("KL from the nearest conditional on the proxy", EqualKl.AtKl::departure, "nats", true));
            figures.put(
                    "distance",
                    new Figure(
                            "Total variation from the explicit penalty's optimum at its own KL",
                            EqualKl.AtKl::distance,
                            "probability",
                            true));
        } else {
            figures.put("beta", new Figure("Coefficient", at -> 1 / at.copies(), "reward", true));
        }
        return figures;
    }

    static String asked(String question, String road) {
        return question + ": " + road + "?";
    }

    private static void report(
            String budget,
            double kl,
            String road,
            List<EqualKl.AtKl> places,
            boolean isExact,
            ExperimentResult.Builder result,
            DataTable.Builder table) {
        Map<String, SeedInterval> row = new LinkedHashMap<>();
        figures(road).forEach((name, figure) -> {
            String id = road + "." + budget + "." + name;
            String question = asked(figure.question, ROADS.getOrDefault(road, road));
            double[] values = places.stream().mapToDouble(figure.of).toArray();
            SeedInterval interval = figure.over(values.length > 0 && isExact ? new double[] {values[0]} : values);
            row.put(name, interval);
            if (Double.isNaN(interval.mean())) {
                result.finding(finding(id, question, Double.NaN, figure.unit)
                        .withdrawn(
                                places.isEmpty()
                                        ? "not every run came to this KL within the steps"
                                        : name.equals("gold")
                                                ? "the world has no gold reward"
                                                : "a run ended at the prior, or beyond what any copies describe"));
            } else if (isExact) {
                result.exact(id, question, interval.mean(), figure.unit);
            } else {
                result.estimated(id, question, interval, figure.unit);
            }
        });
        SeedInterval none = SeedInterval.at(0);
        SeedInterval distance = row.getOrDefault("distance", none);
        table.row(
                kl,
                ROADS.get(road),
                number(row.getOrDefault("kl", none).mean()),
                number(row.getOrDefault("proxy", none).mean()),
                number(row.getOrDefault("gold", none).mean()),
                number(row.getOrDefault("departure", none).mean()),
                number(row.getOrDefault("copies", none).mean()),
                number(distance.mean()),
                number(distance.lower()),
                number(distance.upper()));
    }

    /** Figures at a KL are withdrawn where steering has not come to it. */
    private static void requireSteered(String budget, double kl, ExperimentResult.Builder result) {
        double reached = result.estimate(ADAPTIVE + "." + budget + ".kl");
        if (!(Math.abs(reached - kl) <= MISSED * kl)) {
            String why = "steering has come to " + FigureFormat.inWords(reached)
                    + " nats on average, not to this KL: it takes more steps, or another coefficient to begin with";
            figures(ADAPTIVE).keySet().stream()
                    .filter(name -> !name.equals("kl"))
                    .map(name -> result.figure(ADAPTIVE + "." + budget + "." + name))
                    .toList()
                    .forEach(figure -> result.finding(figure.withdrawn(why)));
        }
    }

    private static void steps(
            String budget,
            List<ImplicitPaths.Stop> stops,
            ExperimentSettings settings,
            ExperimentResult.Builder result) {
        double[] steps = stops.stream().mapToDouble(ImplicitPaths.Stop::steps).toArray();
        double[] moved = stops.stream().mapToDouble(ImplicitPaths.Stop::stepKl).toArray();
        String stepsId = PPO + "." + budget + ".steps";
        String klId = PPO + "." + budget + ".step_kl";
        String stepsQuestion = "Steps that PPO takes to this KL from the prior?";
        String klQuestion = "KL of a step's policy from the one before, on average, which is what clipping holds?";
        if (stops.isEmpty()) {
            String why = "not every run came to this KL within " + settings.whole("steps") + " steps";
            result.finding(finding(stepsId, stepsQuestion, Double.NaN, "steps").withdrawn(why));
            result.finding(finding(klId, klQuestion, Double.NaN, "nats").withdrawn(why));
            return;
        }
        SeedInterval interval = SeedInterval.within(moved, 0, Double.POSITIVE_INFINITY);
        result.estimated(stepsId, stepsQuestion, SeedInterval.of(steps), "steps");
        result.estimated(klId, klQuestion, interval, "nats");
    }

    /** Runs with a penalty: where each ends, and that it walks the same curve as those without. */
    private static void penalties(
            ExperimentSettings settings, EqualKl world, ImplicitPaths paths, ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "An explicit penalty",
                "beta",
                "KL of its optimum, nats",
                "proxy",
                "gold",
                "from early stopping there",
                "on the way, from the curve");
        List<String> written = settings.texts("beta");
        double[] betas = settings.numbers("beta");
        double[] budgets = settings.numbers("budgets");
        for (int i = 0; i < betas.length; i++) {
            double beta = betas[i];
            EqualKl.AtKl end = world.place(world.posterior(1 / beta));
            String id = "penalty." + written.get(i);
            result.exact(id + ".kl", "KL from the prior of the optimum under this coefficient?", end.kl(), "nats");
            result.exact(id + ".proxy", "Mean proxy reward there?", end.proxy(), "reward");
            Finding gold = finding(id + ".gold", "Mean gold reward there?", end.gold(), "reward");
            result.finding(world.gold() == null ? gold.withdrawn("the world has no gold reward") : gold);
            double early = end.kl() > ROUNDING && world.reaches(end.kl())
                    ? paths.natural(end.kl()).distance()
                    : 0;
            result.exact(
                    id + ".distance",
                    "Total variation between it and natural gradients without a penalty, stopped at its KL?",
                    early,
                    "probability");
            double[] passed = Arrays.stream(budgets)
                    .filter(budget -> budget < end.kl() * (1 - 1e-6) && world.reaches(budget))
                    .toArray();
            double worst = Arrays.stream(passed)
                    .map(budget -> paths.natural(budget, beta).distance())
                    .max()
                    .orElse(Double.NaN);
            Finding onTheWay = finding(
                    id + ".transient",
                    "Largest total variation, at the budgets on its way, between natural gradients under this coefficient and"
                            + " another coefficient's optimum?",
                    worst,
                    "probability");
            result.finding(
                    passed.length == 0
                            ? onTheWay.withdrawn("its optimum is nearer to the prior than every budget")
                            : onTheWay);
            table.row(beta, end.kl(), end.proxy(), number(end.gold()), early, number(worst));
        }
        result.table("penalties", table.build());
    }

    private static void pictures(
            EqualKl world,
            double[] grid,
            ImplicitPaths paths,
            Map<Double, List<ImplicitPaths.Stop>> ppo,
            ExperimentResult.Builder result) {
        if (grid.length == 0) {
            return;
        }
        Map<Double, List<EqualKl.AtKl>> explicit = new LinkedHashMap<>();
        Map<Double, List<EqualKl.AtKl>> vanilla = new LinkedHashMap<>();
        Map<Double, List<EqualKl.AtKl>> clipped = new LinkedHashMap<>();
        for (double kl : grid) {
            explicit.put(kl, List.of(world.place(world.explicit(kl))));
            vanilla.put(kl, List.of(paths.vanilla(kl)));
            List<ImplicitPaths.Stop> stops = ppo.getOrDefault(kl, List.of());
            if (!stops.isEmpty()) {
                clipped.put(kl, ImplicitPaths.places(stops));
            }
        }
        String same = "Natural gradients, with a penalty or without, lie on the explicit penalty's curve. PPO with 95 %"
                + " intervals over seeds.";
        if (world.gold() != null) {
            result.picture(Picture.of(
                    "gold",
                    "Gold reward at equal KL",
                    same,
                    Picture.Axis.linear("KL from the prior, nats"),
                    Picture.Axis.linear("gold reward"),
                    lines(EqualKl.AtKl::gold, explicit, vanilla, clipped)));
        }
        result.picture(Picture.of(
                "proxy",
                "Proxy reward at equal KL",
                "No policy has more of the proxy at a KL than the explicit penalty's optimum.",
                Picture.Axis.linear("KL from the prior, nats"),
                Picture.Axis.linear("proxy reward"),
                lines(EqualKl.AtKl::proxy, explicit, vanilla, clipped)));
        result.picture(Picture.of(
                "departure",
                "Departure from every conditional on the proxy",
                "Zero for the explicit penalty and for natural gradients.",
                Picture.Axis.linear("KL from the prior, nats"),
                Picture.Axis.linear("departure, nats"),
                lines(EqualKl.AtKl::departure, explicit, vanilla, clipped)));
    }

    private static List<Picture.Series> lines(
            ToDoubleFunction<EqualKl.AtKl> figure,
            Map<Double, List<EqualKl.AtKl>> explicit,
            Map<Double, List<EqualKl.AtKl>> vanilla,
            Map<Double, List<EqualKl.AtKl>> clipped) {
        List<Picture.Series> lines = new ArrayList<>();
        lines.add(line("explicit penalty", figure, explicit, false));
        lines.add(line("ordinary gradients", figure, vanilla, false));
        if (!clipped.isEmpty()) {
            lines.add(line("PPO", figure, clipped, true));
        }
        return lines;
    }

    private static Picture.Series line(
            String name, ToDoubleFunction<EqualKl.AtKl> figure, Map<Double, List<EqualKl.AtKl>> path, boolean seeds) {
        double[] x = path.keySet().stream().mapToDouble(Double::doubleValue).toArray();
        List<SeedInterval> y = path.values().stream()
                .map(places ->
                        SeedInterval.of(places.stream().mapToDouble(figure).toArray()))
                .toList();
        return seeds
                ? SeedInterval.line(name, x, y)
                : Picture.Series.line(
                        name, x, y.stream().mapToDouble(SeedInterval::mean).toArray());
    }

    private static String conclusion(ExperimentSettings settings, EqualKl world, ExperimentResult.Builder result) {
        List<String> written = settings.texts("budgets");
        double[] budgets = settings.numbers("budgets");
        int last = -1;
        double natural = 0;
        for (int i = 0; i < budgets.length; i++) {
            if (world.reaches(budgets[i])) {
                last = last < 0 || budgets[i] > budgets[last] ? i : last;
                natural = Math.max(natural, result.estimate(NATURAL + "." + written.get(i) + ".distance"));
            }
        }
        if (last < 0) {
            return "No conditional on this reward is farther from the prior than " + FigureFormat.inWords(world.reach())
                    + " nats, which is less than every budget: there is nothing to compare.";
        }
        String at = "." + written.get(last);
        double vanilla = result.estimate(VANILLA + at + ".departure");
        return Stream.of(
                        String.format(
                                Locale.ROOT,
                                "In the world %s, whose texts are the prior and whose proxy reward is optimised, natural-gradient ascent"
                                        + " without a penalty, stopped at a KL, %s the explicit penalty's optimum at that KL (total"
                                        + " variation %s at most, exact; more than rounding would have refuted it).",
                                settings.text("world"),
                                natural < ROUNDING ? "is" : "is not",
                                FigureFormat.of(natural)),
                        String.format(
                                Locale.ROOT,
                                "Ordinary gradients stopped at %s nats are %s nats from every conditional on the proxy and %s in total"
                                        + " variation from that optimum: %s.",
                                FigureFormat.of(budgets[last]),
                                FigureFormat.of(vanilla),
                                FigureFormat.of(result.estimate(VANILLA + at + ".distance")),
                                vanilla > ROUNDING
                                        ? "the same KL, another policy"
                                        : "in this world they cannot leave the family of conditionals"),
                        sampled(PPO + at, "PPO, which holds on to the policy that drew and not to the prior,", result),
                        sampled(ADAPTIVE + at, "A coefficient that is steered to that KL", result),
                        gold(at, result))
                .filter(sentence -> !sentence.isEmpty())
                .reduce((before, sentence) -> before + " " + sentence)
                .orElse("");
    }

    private static String sampled(String id, String subject, ExperimentResult.Builder result) {
        if (!result.stands(id + ".departure")) {
            return subject + " has no figure here, as not every run came to this KL.";
        }
        Finding departure = result.figure(id + ".departure");
        return String.format(
                Locale.ROOT,
                "%s ends %s nats from the prior and %s nats (95 %%: %s to %s) from every conditional, %s in total variation from"
                        + " the optimum at its KL.",
                subject,
                FigureFormat.of(result.estimate(id + ".kl")),
                FigureFormat.of(departure.estimate()),
                FigureFormat.of(departure.lower()),
                FigureFormat.of(departure.upper()),
                FigureFormat.of(result.estimate(id + ".distance")));
    }

    /** What the roads have of the gold reward at one KL. */
    private static String gold(String at, ExperimentResult.Builder result) {
        if (!result.stands(EXPLICIT + at + ".gold")) {
            return "";
        }
        List<String> others = new ArrayList<>();
        for (String road : List.of(NATURAL, VANILLA, PPO)) {
            if (result.stands(road + at + ".gold")) {
                others.add(FigureFormat.of(result.estimate(road + at + ".gold")) + " with "
                        + ROADS.getOrDefault(road, road));
            }
        }
        double explicit = result.estimate(EXPLICIT + at + ".gold");
        double gap = result.estimate(VANILLA + at + ".gold") - explicit;
        return String.format(
                Locale.ROOT,
                "The gold reward at that KL is %s with the explicit penalty, %s: %s.",
                FigureFormat.of(explicit),
                String.join(", ", others),
                Math.abs(gap) <= ROUNDING
                        ? "KL alone tells what it is"
                        : gap > 0
                                ? "equal KL is not equal gold, and in this world the road that leaves the conditionals has more of it"
                                : "equal KL is not equal gold, and in this world the road that leaves the conditionals has less of it");
    }
}
