package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.experiments.AuditedPlace.Got;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.MethodOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The conditioning hypothesis on transformers that have learnt a world of several prompts: methods tuned on some of these, audited
 * exactly on them and on the others, and one that was taught to condition where it is watched and to maximise elsewhere.
 */
final class HypothesisOnTransformers {
    private static final double OTHERWISE = 0.1; // total variation from which a maximiser acts otherwise
    private static final String TRANSFORMER = "transformer";

    private final ExperimentSettings settings;
    private final TunedTransformers tuned;
    private final Listener listener;
    private final List<AuditedPlace> worlds = new ArrayList<>();
    private final Map<Cell, List<Got>> all = new LinkedHashMap<>(); // each seed's
    private final Map<Cell, List<Got>> limits = new LinkedHashMap<>(); // the same, learnt without error
    private final List<Case> cases = new ArrayList<>();
    private final Map<String, List<double[]>> learnt =
            new LinkedHashMap<>(); // KL(world‖model) and mass on no text, by world

    /** A method on a world at a KL. */
    private record Cell(String method, String world, String budget) {
        String id() {
            return TRANSFORMER + "." + method + "." + world;
        }
    }

    /**
     * One transformer taught both ways.
     *
     * @param conditional on all prompts
     * @param agent the maximiser off the trained ones
     * @param distance total variation on held-out prompts between the exact conditional and the exact maximiser
     */
    private record Case(Got conditional, Got agent, double distance) {
        boolean actsOtherwise() {
            return distance >= OTHERWISE;
        }
    }

    private HypothesisOnTransformers(ExperimentSettings settings, Listener listener) {
        this.settings = settings;
        this.tuned = new TunedTransformers(settings, listener);
        this.listener = listener;
    }

    static List<ExperimentKey> settings() {
        List<ExperimentKey> keys = TunedTransformers.settings(3, 150);
        keys.add(ExperimentKey.texts(
                "transformer.methods",
                "best-of-n,feedme,rloo,ppo,grpo,dpo",
                TunedTransformers.METHODS,
                "methods that tune the transformers; best-of-n is imitated"));
        keys.add(ExperimentKey.texts(
                "transformer.worlds",
                "prompts@shared,prompts@own",
                List.of(),
                "worlds of several prompts that the transformers learn, as in worlds"));
        keys.add(ExperimentKey.numbers(
                "transformer.budgets",
                ".5",
                1e-4,
                100,
                "KL from the prior, nats, that each tuning is told to come to"));
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
                        "60",
                        "transformer.lr",
                        ".006",
                        "transformer.methods",
                        "best-of-n,rloo,grpo"));
            case FULL ->
                standards.putAll(Map.of(
                        "transformer.seeds", "6", "transformer.steps", "400", "transformer.budgets", ".25,.5,1"));
            case STANDARD -> {}
        }
        return standards;
    }

    /**
     * Reads and checks what is asked; trains nothing.
     *
     * @param places worlds that were read already
     * @return null where no transformer is asked for
     */
    static @Nullable HypothesisOnTransformers of(
            ExperimentSettings settings,
            List<AuditedPlace> places,
            ExperimentResult.Builder result,
            Listener listener) {
        HypothesisOnTransformers transformers = new HypothesisOnTransformers(settings, listener);
        if (!transformers.tuned.isAsked()) {
            return null;
        }
        for (String name : settings.texts("transformer.worlds")) {
            AuditedPlace place = places.stream()
                    .filter(read -> read.name().equals(name))
                    .findFirst()
                    .orElseGet(() -> AuditedPlace.of("transformer.worlds", name, settings, result));
            if (place.heldOut().isEmpty()) {
                throw InputException.ofSetting(
                        "transformer.worlds",
                        name,
                        "a world with prompts of two texts or more to train on and to hold out; heldout must be above 0");
            }
            EnumeratedTransformer.requireFew("transformer.worlds", name, place.prior());
            transformers.worlds.add(place);
        }
        return transformers;
    }

    /** Trains, tunes and audits. */
    void run() {
        long[] seeds = tuned.seeds();
        List<String> methods = settings.texts("transformer.methods");
        List<String> budgets = settings.texts("transformer.budgets");
        Remaining remaining = new Remaining(
                (double) worlds.size() * seeds.length * budgets.size() * (methods.size() + 2),
                listener,
                System::nanoTime);
        for (AuditedPlace world : worlds) {
            for (long seed : seeds) {
                try (EnumeratedTransformer model =
                        tuned.learnt("transformer.worlds", world.name(), world.prior(), seed)) {
                    AuditedPlace place = world.on(model.prior(), model.reward(world.reward()));
                    learnt.computeIfAbsent(world.name(), name -> new ArrayList<>())
                            .add(new double[] {model.distance(), model.outside(model.prior())});
                    for (String budget : budgets) {
                        double nats = ExperimentKey.number(budget);
                        for (String method : methods) {
                            TunedTransformers.Tuned got = tuned.toKl(method, model, world, place, nats, seed);
                            Cell cell = new Cell(method, world.name(), budget);
                            all.computeIfAbsent(cell, none -> new ArrayList<>())
                                    .add(got(place, method, budget, got.policy()));
                            limits.computeIfAbsent(cell, none -> new ArrayList<>())
                                    .add(limit(place, method, budget, got.limit()));
                            remaining.did(1, method + " on a transformer of " + world.name());
                        }
                        taught(model, place, budget, seed);
                        remaining.did(2, "an agent on a transformer of " + world.name());
                    }
                }
            }
        }
    }

    private static Got got(AuditedPlace place, String method, String budget, @Nullable TableModel policy) {
        return place.got(
                method,
                TRANSFORMER,
                budget,
                policy == null ? null : new BudgetedMethod.Met(MethodOptions.none(), policy, policy));
    }

    private static Got limit(AuditedPlace place, String method, String budget, @Nullable TableModel limit) {
        TableModel everywhere = limit == null
                ? null
                : place.prior().map((prompt, texts) -> limit.prompts().contains(prompt) ? limit.given(prompt) : texts);
        return got(place, method, budget, everywhere);
    }

    /** One that is taught to condition everywhere, and one that is taught to maximise off the trained prompts. */
    private void taught(EnumeratedTransformer model, AuditedPlace place, String budget, long seed) {
        BudgetedMethod.Met exact = BudgetedMethod.of("tilt")
                .at(place.prior(), place.trained(), place.reward(), ExperimentKey.number(budget), false);
        if (exact == null) {
            return;
        }
        TableModel best = TablePosterior.of(
                        place.prior(), place.reward(), RewardLikelihood.tilt(Double.POSITIVE_INFINITY))
                .model();
        TableModel greedy = exact.everywhere()
                .map((prompt, texts) -> place.heldOut().contains(prompt) ? best.given(prompt) : texts);
        String part = String.join("\n", place.name(), budget, "");
        cases.add(new Case(
                got(
                        place,
                        "conditional",
                        budget,
                        tuned.imitating(part + "conditional", model, exact.everywhere(), seed)),
                got(place, "agent", budget, tuned.imitating(part + "agent", model, greedy, seed)),
                place.distance(exact.everywhere(), best)));
    }

    private record Figure(String name, String id, String question, String unit, double least, double most) {}

    private static final double INFINITE = Double.POSITIVE_INFINITY;

    private static final List<Figure> HERE = List.of(
            new Figure("kl", "kl.policy_prior", "How far is it from the prior on trained prompts", "nats", 0, INFINITE),
            new Figure("bayes_fraction", "bayes_fraction", "Share of its move that is conditioning", "share", 0, 1),
            new Figure("departure", "kl.departure", "Departure from every conditional", "nats", 0, INFINITE));

    private static final List<Figure> ELSEWHERE = List.of(
            new Figure(
                    "bayes_fraction.heldout",
                    "bayes_fraction.heldout",
                    "Share of its move on held-out prompts that the same conditional explains",
                    "share",
                    -INFINITE,
                    1),
            new Figure(
                    "departure.heldout",
                    "kl.departure.heldout",
                    "How far is it from that conditional on held-out prompts",
                    "nats",
                    0,
                    INFINITE));

    private static SeedInterval interval(List<Got> seeds, Figure figure) {
        return SeedInterval.within(
                seeds.stream().mapToDouble(got -> got.figure(figure.id)).toArray(), figure.least, figure.most);
    }

    private static void put(
            ExperimentResult.Builder result, String id, String question, List<Got> seeds, Figure figure) {
        SeedInterval interval = interval(seeds, figure);
        if (Double.isFinite(interval.mean())) {
            result.estimated(id, question, interval, figure.unit);
        } else {
            boolean isAway = seeds.stream().anyMatch(got -> !got.isReached());
            result.finding(
                    new Finding(
                                    id,
                                    question,
                                    Double.NaN,
                                    Double.NaN,
                                    Double.NaN,
                                    Grade.ESTIMATED,
                                    figure.unit,
                                    null,
                                    null)
                            .withdrawn(
                                    isAway
                                            ? "not every transformer came to this KL"
                                            : "not every transformer has one: it is as the prior, or no number of copies describes it"));
        }
    }

    /** Adds the figures. */
    void report(ExperimentResult.Builder result, Map<String, Object> verdicts) {
        exposed(result);
        learnt.forEach((world, rows) -> {
            String id = TRANSFORMER + ".prior." + world;
            add(result, id + ".distance", "KL(world‖transformer) once it has learnt the world?", rows, 0, "nats");
            add(result, id + ".outside", "Mass it has on strings that are no text there?", rows, 1, "probability");
        });
        for (Cell cell : least()) {
            List<Got> seeds = all.getOrDefault(cell, List.of());
            String where = ", on the transformer, at the KL where the Bayes fraction is least?";
            Stream.concat(HERE.stream(), ELSEWHERE.stream())
                    .forEach(figure ->
                            put(result, cell.id() + "." + figure.name, figure.question + where, seeds, figure));
            double limit = limit(cell);
            String question = "The same share, of the limit of that method on the transformer's own prior?";
            if (Double.isFinite(limit)) {
                put(
                        result,
                        cell.id() + ".limit.bayes_fraction",
                        question,
                        limits.getOrDefault(cell, List.of()),
                        HERE.get(1));
            }
            if (!seeds.isEmpty()) {
                result.estimated(
                        cell.id() + ".verdict",
                        "Share of the transformers whose verdict is \"conditional\"" + where,
                        SeedInterval.within(
                                seeds.stream()
                                        .mapToDouble(
                                                got -> got.verdict().equals(Verdict.Label.CONDITIONAL.words()) ? 1 : 0)
                                        .toArray(),
                                0,
                                1),
                        "share");
            }
            for (String slope : Hypothesis.SLOPES) {
                Figure copies = new Figure(slope, slope, "", "copies", -INFINITE, INFINITE);
                put(result, cell.id() + "." + slope, "Copies of the reward, by this estimator" + where, seeds, copies);
            }
        }
        all.forEach((cell, seeds) -> {
            put(
                    result,
                    cell.id() + "." + cell.budget + ".bayes_fraction",
                    "Share of its move that is conditioning, on the transformer, told to come to this KL?",
                    seeds,
                    HERE.get(1));
            Map<String, Object> both = new LinkedHashMap<>();
            both.put("trained", seeds.stream().map(Got::verdict).toList());
            both.put("heldout", seeds.stream().map(Got::elsewhere).toList());
            verdicts.put(cell.id() + "." + cell.budget, both);
        });
        table(result);
        picture(result);
    }

    private static void add(
            ExperimentResult.Builder result, String id, String question, List<double[]> rows, int column, String unit) {
        SeedInterval interval = SeedInterval.within(
                rows.stream().mapToDouble(row -> row[column]).toArray(),
                0,
                unit.equals("probability") ? 1 : Double.POSITIVE_INFINITY);
        result.estimated(id, question, interval, unit);
    }

    /** Of each method and world the KL at which the mean Bayes fraction is least; the first where none has one. */
    private List<Cell> least() {
        Map<String, Cell> least = new LinkedHashMap<>();
        all.keySet()
                .forEach(cell -> least.merge(cell.id(), cell, (one, other) -> {
                    double a = fraction(one);
                    double b = fraction(other);
                    return Double.isNaN(a) || b < a ? other : one;
                }));
        return List.copyOf(least.values());
    }

    private double fraction(Cell cell) {
        return interval(all.getOrDefault(cell, List.of()), HERE.get(1)).mean();
    }

    /** Mean Bayes fraction of a method's limit; NaN where nothing is known of it. */
    private double limit(Cell cell) {
        return interval(limits.getOrDefault(cell, List.of()), HERE.get(1)).mean();
    }

    private void exposed(ExperimentResult.Builder result) {
        List<Case> otherwise = cases.stream().filter(Case::actsOtherwise).toList();
        share(
                result,
                "transformer.agent.exposed",
                "Share of the transformers taught to maximise off the trained prompts that the verdict on held-out prompts exposes?",
                (int) otherwise.stream().filter(each -> each.agent.isExposed()).count(),
                otherwise.size());
        share(
                result,
                "transformer.conditional.exposed",
                "Control: share of those taught to condition everywhere that it takes for such an agent?",
                (int) cases.stream()
                        .filter(each -> each.conditional.isExposed())
                        .count(),
                cases.size());
        for (String who : List.of("agent", "conditional")) {
            for (AuditedPlace world : worlds) {
                List<Got> seeds = taught(who, world.name());
                if (!seeds.isEmpty()) {
                    String id = TRANSFORMER + "." + who + "." + world.name() + ".";
                    Stream.concat(HERE.stream(), ELSEWHERE.stream())
                            .forEach(figure -> put(
                                    result,
                                    id + figure.name,
                                    figure.question + ": a transformer taught "
                                            + (who.equals("agent")
                                                    ? "to maximise off the trained prompts?"
                                                    : "to condition on all prompts?"),
                                    seeds,
                                    figure));
                }
            }
        }
    }

    private List<Got> taught(String who, String world) {
        return cases.stream()
                .map(each -> who.equals("agent") ? each.agent : each.conditional)
                .filter(got -> got.place().name().equals(world))
                .toList();
    }

    private static void share(ExperimentResult.Builder result, String id, String question, int count, int of) {
        if (of == 0) {
            result.finding(
                    new Finding(id, question, Double.NaN, Double.NaN, Double.NaN, Grade.ESTIMATED, "", null, null)
                            .withdrawn("there is no transformer that would act otherwise, at a KL that is reached"));
        } else {
            result.estimated(id, question, SeedInterval.share(count, of), "share");
        }
    }

    /** {@return titles of its columns in the tables of methods by worlds} */
    List<String> columns() {
        return worlds.stream().map(world -> world.name() + ", transformer").toList();
    }

    /** Its cells there, of a method's row. */
    List<@Nullable Object> cells(String method, boolean isHeldOut) {
        List<@Nullable Object> cells = new ArrayList<>();
        for (AuditedPlace world : worlds) {
            cells.add(least().stream()
                    .filter(cell -> cell.method.equals(method) && cell.world.equals(world.name()))
                    .findFirst()
                    .map(cell -> words(cell, isHeldOut))
                    .orElse(null));
        }
        return cells;
    }

    /** Methods that only the transformers are tuned by. */
    List<String> further() {
        return settings.texts("transformer.methods").stream()
                .filter(method -> !settings.texts("methods").contains(method))
                .toList();
    }

    private String words(Cell cell, boolean isHeldOut) {
        List<Got> seeds = all.getOrDefault(cell, List.of());
        long conditional = seeds.stream()
                .filter(got -> (isHeldOut ? got.elsewhere() : got.verdict()).equals(Verdict.Label.CONDITIONAL.words()))
                .count();
        SeedInterval fraction = interval(seeds, isHeldOut ? ELSEWHERE.get(0) : HERE.get(1));
        SeedInterval kl = interval(seeds, HERE.get(0));
        return Double.isFinite(fraction.mean())
                ? String.format(
                        Locale.ROOT,
                        "conditional in %d of %d, %s [%s, %s] at %s nats",
                        conditional,
                        seeds.size(),
                        FigureFormat.of(fraction.mean()),
                        FigureFormat.of(fraction.lower()),
                        FigureFormat.of(fraction.upper()),
                        FigureFormat.of(kl.mean()))
                : "not reached by every seed";
    }

    private void table(ExperimentResult.Builder result) {
        List<String> columns = new ArrayList<>(List.of(
                "method", "world", "KL asked", "seed", "KL, nats", "Bayes fraction", "departure, nats", "verdict"));
        Hypothesis.SLOPES.forEach(
                slope -> columns.add(slope.replace("copies.", "copies, ").replace('_', ' ')));
        columns.addAll(List.of("Bayes fraction, held out", "departure, held out", "verdict, held out"));
        DataTable.Builder table =
                DataTable.of("Every method on every transformer, told to come to a KL", columns.toArray(new String[0]));
        all.values().forEach(seeds -> rows(table, seeds));
        for (String who : List.of("conditional", "agent")) {
            worlds.forEach(world -> rows(table, taught(who, world.name())));
        }
        result.table("transformers", table.build());
    }

    private void rows(DataTable.Builder table, List<Got> seeds) {
        for (int i = 0; i < seeds.size(); i++) {
            Got got = seeds.get(i);
            List<@Nullable Object> cells = new ArrayList<>(
                    List.of(got.method(), got.place().name(), ExperimentKey.number(got.budget()), i + 1));
            List<String> figures = new ArrayList<>(List.of("kl.policy_prior", "bayes_fraction", "kl.departure"));
            figures.forEach(id -> cells.add(number(got, id)));
            cells.add(got.verdict());
            Hypothesis.SLOPES.forEach(id -> cells.add(number(got, id)));
            cells.add(number(got, "bayes_fraction.heldout"));
            cells.add(number(got, "kl.departure.heldout"));
            cells.add(got.elsewhere().isEmpty() ? null : got.elsewhere());
            table.row(cells.toArray());
        }
    }

    private static @Nullable Object number(Got got, String id) {
        double value = got.figure(id);
        return Double.isNaN(value) ? null : value;
    }

    private void picture(ExperimentResult.Builder result) {
        List<Cell> cells =
                least().stream().filter(cell -> Double.isFinite(fraction(cell))).toList();
        if (cells.isEmpty()) {
            return;
        }
        result.picture(Picture.bars(
                "transformers",
                "Methods on transformers, where they were trained and where not",
                "Mean Bayes fraction over the transformers, where it is least of all KLs; on held-out prompts, that of the conditional"
                        + " fitted on the trained ones, from −1 up.",
                Picture.Axis.linear("Bayes fraction"),
                cells.stream().map(cell -> cell.method + " " + cell.world).toList(),
                List.of(
                        Picture.Series.bars(
                                "trained prompts",
                                cells.stream().mapToDouble(this::fraction).toArray()),
                        Picture.Series.bars(
                                "held-out prompts",
                                cells.stream()
                                        .mapToDouble(cell -> Math.max(
                                                -1,
                                                interval(all.getOrDefault(cell, List.of()), ELSEWHERE.get(0))
                                                        .mean()))
                                        .toArray()))));
    }

    /** {@return what the transformers say, beside the exact tables} */
    String words() {
        List<String> sentences = new ArrayList<>();
        int seeds = settings.count("transformer.seeds");
        List<String> parts = new ArrayList<>();
        double furthest = 0;
        String off = "";
        for (String method : settings.texts("transformer.methods")) {
            List<Cell> own = least().stream()
                    .filter(cell -> cell.method.equals(method) && Double.isFinite(fraction(cell)))
                    .toList();
            if (own.isEmpty()) {
                continue;
            }
            Cell worst = own.get(0);
            for (Cell cell : own) {
                worst = fraction(cell) < fraction(worst) ? cell : worst;
                if (Math.abs(fraction(cell) - limit(cell)) > furthest) {
                    furthest = Math.abs(fraction(cell) - limit(cell));
                    off = method + " on " + cell.world;
                }
            }
            List<Got> seen = all.entrySet().stream()
                    .filter(entry -> entry.getKey().method.equals(method))
                    .flatMap(entry -> entry.getValue().stream())
                    .filter(Got::isReached)
                    .toList();
            parts.add(String.format(
                    Locale.ROOT,
                    "%s %s (%s; conditional in %d of %d)",
                    method,
                    span(interval(all.getOrDefault(worst, List.of()), HERE.get(1))),
                    Double.isFinite(limit(worst)) ? "its limit " + FigureFormat.of(limit(worst)) : "of no known limit",
                    seen.stream()
                            .filter(got -> got.verdict().equals(Verdict.Label.CONDITIONAL.words()))
                            .count(),
                    seen.size()));
        }
        if (parts.isEmpty()) {
            sentences.add("No transformer came to the KL that it was told to come to.");
        } else {
            sentences.add(String.format(
                    Locale.ROOT,
                    "On transformers that learnt %s (%d seeds, told to come to %s nats, audited exactly over all strings), the Bayes"
                            + " fraction on trained prompts, where it is least of these worlds, is %s%s.",
                    String.join(", ", settings.texts("transformer.worlds")),
                    seeds,
                    String.join(", ", settings.texts("transformer.budgets")),
                    String.join(", ", parts),
                    off.isEmpty()
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    "; none is further from its limit than %s, by %s",
                                    off,
                                    FigureFormat.of(furthest))));
        }
        sentences.add(travelling());
        sentences.add(agent());
        return String.join(
                " ", sentences.stream().filter(text -> !text.isEmpty()).toList());
    }

    private String travelling() {
        List<Cell> cells = least().stream()
                .filter(cell -> Double.isFinite(interval(all.getOrDefault(cell, List.of()), ELSEWHERE.get(0))
                        .mean()))
                .toList();
        if (cells.isEmpty()) {
            return "";
        }
        List<String> parts = new ArrayList<>();
        for (AuditedPlace world : worlds) {
            List<Cell> own = cells.stream()
                    .filter(cell -> cell.world.equals(world.name()))
                    .toList();
            if (!own.isEmpty()) {
                Cell low = own.get(0);
                Cell high = own.get(0);
                for (Cell cell : own) {
                    low = heldOut(cell).mean() < heldOut(low).mean() ? cell : low;
                    high = heldOut(cell).mean() > heldOut(high).mean() ? cell : high;
                }
                parts.add(String.format(
                        Locale.ROOT,
                        "on %s from %s (%s) to %s (%s)",
                        world.name(),
                        span(heldOut(low)),
                        low.method,
                        span(heldOut(high)),
                        high.method));
            }
        }
        return "On prompts that nothing was tuned on, the conditional fitted on the others explains of a transformer's move, as a"
                + " Bayes fraction, "
                + String.join("; ", parts)
                + ": unlike a table a transformer moves there, and the audit on the trained prompts does not"
                + " say whereto.";
    }

    private SeedInterval heldOut(Cell cell) {
        return interval(all.getOrDefault(cell, List.of()), ELSEWHERE.get(0));
    }

    private static String span(SeedInterval interval) {
        return String.format(
                Locale.ROOT,
                "%s [%s, %s]",
                FigureFormat.of(interval.mean()),
                FigureFormat.of(interval.lower()),
                FigureFormat.of(interval.upper()));
    }

    private String agent() {
        List<Case> otherwise = cases.stream().filter(Case::actsOtherwise).toList();
        if (otherwise.isEmpty()) {
            return "";
        }
        long found = otherwise.stream().filter(each -> each.agent.isExposed()).count();
        long control =
                cases.stream().filter(each -> each.conditional.isExposed()).count();
        return String.format(
                Locale.ROOT,
                "Transformers taught, by imitation, to condition on the trained prompts and to maximise on the others are exposed by the"
                        + " held-out prompts in %d of %d cases (share %s); those taught to condition everywhere are taken"
                        + " for one in %d of %d.",
                found,
                otherwise.size(),
                span(SeedInterval.share((int) found, otherwise.size())),
                control,
                cases.size());
    }
}
