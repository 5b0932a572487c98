package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Verdict;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.figures.TextBlock;
import dev.credence.lab.experiments.AuditedPlace.Got;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The conditioning hypothesis put to the test: every method at equal KL from the prior, on the prompts it was trained on and on those
 * it was not, and an agent that conditions where it is watched and maximises elsewhere (docs/theory.md, the audit).
 */
public final class Hypothesis implements Experiment {
    static final List<String> SLOPES = List.of(
            "copies.moment_match",
            "copies.self_consistent",
            "copies.prior_slope",
            "copies.policy_slope",
            "copies.mixture_slope");

    /** Methods of which it is derived. */
    private static final Set<String> CONDITIONALS =
            Set.of("tilt", "rejection", "natural-gradient", "rloo", "reinforce", "dpo", "distil");

    private static final String WHERE_NOBODY_LOOKS =
            "And a maximiser is told apart on prompts where someone looks: one that maximises only where nobody ever audits is not.";

    /** For the service loader. */
    public Hypothesis() {}

    @Override
    public String name() {
        return "hypothesis";
    }

    @Override
    public String question() {
        return "Is RLHF well described as conditioning the prior: by which methods, how far from the prior, and on which prompts?";
    }

    @Override
    public List<String> related() {
        return List.of("certified", "mode-collapse");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        List<KeyFigure> keys = new ArrayList<>(List.of(
                KeyFigure.of("agents that the held-out prompts expose", "agent.exposed", "1")
                        .onTransformers("transformer.agent.exposed"),
                KeyFigure.of("conditionals that they expose", "conditional.exposed", "0")
                        .onTransformers("transformer.conditional.exposed")));
        List<String> worlds = settings.texts("worlds");
        List<String> learnt = settings.texts("transformer.worlds");
        String world = worlds.stream().filter(learnt::contains).findFirst().orElse(worlds.get(0));
        for (String method : settings.texts("methods")) {
            if (List.of("rloo", "grpo", "best-of-n").contains(method)) {
                keys.add(KeyFigure.of(
                                "least Bayes fraction of " + method + " on " + world,
                                method + "." + world + ".bayes_fraction",
                                method.equals("rloo") ? "1" : "below 1")
                        .onTransformers("transformer." + method + "." + world + ".bayes_fraction"));
            }
        }
        return keys;
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> keys = new ArrayList<>(
                List.of(
                        ExperimentKey.texts(
                                "methods",
                                "tilt,best-of-n,luce,quantilizer,natural-gradient,rloo,ppo,grpo,dr-grpo,dpo,ipo",
                                List.of(),
                                "names of methods, run on enumerated texts where they train"),
                        ExperimentKey.numbers(
                                "budgets", ".25,.5,1", 1e-4, 100, "KL from the prior, nats, at which all are compared"),
                        ExperimentKey.number(
                                "heldout",
                                ".5",
                                0,
                                0.99,
                                "share of a world's prompts that nothing is trained on, rounded down to one at least"),
                        ExperimentKey.texts(
                                "worlds",
                                "t1,helpful,harmless,prompts@shared,prompts@own",
                                List.of(),
                                "worlds, each with its first reward, or another one after an @; prompts is a world of eight prompts of this experiment's own")));
        keys.addAll(HypothesisOnTransformers.settings());
        keys.add(ExperimentKey.seed());
        return keys;
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        Map<String, String> standards = HypothesisOnTransformers.standards(effort);
        switch (effort.size()) {
            case QUICK -> standards.putAll(Map.of("worlds", "t1,prompts@shared,prompts@own", "budgets", ".25,1"));
            case FULL ->
                standards.put(
                        "worlds",
                        "t1,helpful,authors,camera,proxy,questions,harmless,harmless@helpful,prompts@shared,prompts@own");
            case STANDARD -> {}
        }
        return standards;
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        List<BudgetedMethod> methods =
                settings.texts("methods").stream().map(BudgetedMethod::of).toList();
        ExperimentResult.Builder result = ExperimentResult.builder();
        List<AuditedPlace> places = settings.texts("worlds").stream()
                .map(name -> AuditedPlace.of(name, settings, result))
                .toList();
        HypothesisOnTransformers transformers = HypothesisOnTransformers.of(settings, places, result, listener);
        List<Got> all = new ArrayList<>();
        Remaining remaining = new Remaining(
                (double) methods.size()
                        * places.size()
                        * settings.texts("budgets").size(),
                listener,
                System::nanoTime);
        for (AuditedPlace place : places) {
            for (int m = 0; m < methods.size(); m++) {
                String name = settings.texts("methods").get(m);
                for (String budget : settings.texts("budgets")) {
                    if (listener.isStopped()) {
                        throw new InterruptedRunException("stopped; it begins anew when it is run again");
                    }
                    all.addAll(got(name, methods.get(m), place, budget));
                    remaining.did(1, name + " on " + place.name());
                }
            }
        }
        HeldOutAgents agents = new HeldOutAgents(places, settings.texts("budgets"));
        if (transformers != null) {
            transformers.run();
        }
        agents.summary(result);
        Map<String, Object> verdicts = findings(settings, all, places, result);
        agents.details(result);
        summaries(settings, all, transformers, result);
        table(all, agents, result);
        picture(settings, all, result);
        agents.picture(result);
        if (transformers != null) {
            transformers.report(result, verdicts);
        }
        result.further("verdicts", verdicts);
        return result.conclude(
                conclusion(settings, places, all, agents),
                transformers == null ? "" : transformers.words(),
                transformers == null
                        ? "These are tables, trained to their limit or stopped on enumerated texts: what sampling and a transformer add is"
                                + " measured with transformers. One parameter a text is the simplest thing that generalises; how"
                                + " evidence travels between prompts in a language model is a fact about that model. "
                                + WHERE_NOBODY_LOOKS
                        : "The transformers are small, have learnt one world each, and tell its prompts apart by a word: how evidence"
                                + " travels between a large model's prompts is a fact about that model. Methods are tuned for the same"
                                + " number of steps, not to their limit: what they lack of it is theirs too. "
                                + WHERE_NOBODY_LOOKS);
    }

    private static List<Got> got(String name, BudgetedMethod method, AuditedPlace place, String budget) {
        double nats = ExperimentKey.number(budget);
        List<Got> all = new ArrayList<>();
        all.add(place.got(
                name,
                method.isTrained() ? "table" : "sampler",
                budget,
                method.at(place.prior(), place.trained(), place.reward(), nats, false)));
        if (method.isTrained() && !place.heldOut().isEmpty()) {
            all.add(place.got(
                    name, "shared", budget, method.at(place.prior(), place.trained(), place.reward(), nats, true)));
        }
        return all;
    }

    private static Map<String, Object> findings(
            ExperimentSettings settings, List<Got> all, List<AuditedPlace> places, ExperimentResult.Builder result) {
        Map<String, Object> verdicts = new LinkedHashMap<>();
        for (AuditedPlace place : places) {
            for (String method : settings.texts("methods")) {
                for (String policy : List.of("", "shared")) {
                    List<Got> own = all.stream()
                            .filter(got -> got.place().name().equals(place.name())
                                    && got.method().equals(method)
                                    && got.policy().equals("shared") == policy.equals("shared"))
                            .toList();
                    if (!own.isEmpty()) {
                        String id = method + "." + place.name() + (policy.isEmpty() ? "" : "." + policy);
                        verdicts.put(id, findings(id, own, result));
                    }
                }
            }
        }
        return verdicts;
    }

    /** Of one method on one world: each KL's Bayes fraction, and all figures where it is least. */
    private static Map<String, Object> findings(String id, List<Got> own, ExperimentResult.Builder result) {
        Got worst = worst(own);
        worst.put(
                result,
                id + ".bayes_fraction",
                "Share of its move that is conditioning, where it is least of all KLs?",
                "bayes_fraction",
                "share");
        Finding verdict = AuditedPlace.exact(
                id + ".verdict",
                "Is the verdict there \"conditional\" (1; else 0)? It is \"" + worst.verdict() + "\".",
                worst.verdict().equals(Verdict.Label.CONDITIONAL.words()) ? 1 : 0,
                "");
        result.finding(worst.isReached() ? verdict : verdict.withdrawn("it does not reach this KL"));
        worst.put(result, id + ".departure", "Departure from every conditional, there?", "kl.departure", "nats");
        worst.put(result, id + ".kl", "How far is it from the prior, there?", "kl.policy_prior", "nats");
        for (String slope : SLOPES) {
            worst.put(result, id + "." + slope, "Copies of the reward, by this estimator, there?", slope, "copies");
        }
        if (!worst.place().heldOut().isEmpty()) {
            worst.put(
                    result,
                    id + ".bayes_fraction.heldout",
                    "Share of its move on held-out prompts that the same conditional explains, there?",
                    "bayes_fraction.heldout",
                    "share");
            worst.put(
                    result,
                    id + ".departure.heldout",
                    "How far is it from that conditional on held-out prompts, there?",
                    "kl.departure.heldout",
                    "nats");
        }
        Map<String, Object> verdicts = new LinkedHashMap<>();
        for (Got got : own) {
            got.put(
                    result,
                    id + "." + got.budget() + ".bayes_fraction",
                    "Share of its move that is conditioning, at this KL?",
                    "bayes_fraction",
                    "share");
            Map<String, Object> both = new LinkedHashMap<>();
            both.put("trained", got.verdict());
            both.put("heldout", got.elsewhere().isEmpty() ? null : got.elsewhere());
            verdicts.put(got.budget(), both);
        }
        return verdicts;
    }

    private static Got worst(List<Got> own) {
        Got worst = own.get(0);
        for (Got got : own) {
            boolean less = got.isReached()
                    && (!worst.isReached() || got.figure("bayes_fraction") < worst.figure("bayes_fraction"));
            worst = less ? got : worst;
        }
        return worst;
    }

    /** Methods by worlds: the least Bayes fraction with its verdict, where they trained and where they did not. */
    private static void summaries(
            ExperimentSettings settings,
            List<Got> all,
            @Nullable HypothesisOnTransformers transformers,
            ExperimentResult.Builder result) {
        List<String> columns = new ArrayList<>(List.of("method"));
        columns.addAll(settings.texts("worlds"));
        columns.addAll(transformers == null ? List.of() : transformers.columns());
        DataTable.Builder trained = DataTable.of(
                "On trained prompts: the verdict and the Bayes fraction at the KL where that is least",
                columns.toArray(new String[0]));
        DataTable.Builder elsewhere = DataTable.of(
                "On held-out prompts: the same of a sampler that is asked there, or of one parameter a text shared by all prompts"
                        + (transformers == null ? "" : ", or of a transformer"),
                columns.toArray(new String[0]));
        boolean any = false;
        for (String method : settings.texts("methods")) {
            List<@Nullable Object> here = new ArrayList<>(List.of(method));
            List<@Nullable Object> there = new ArrayList<>(List.of(method));
            for (String world : settings.texts("worlds")) {
                List<Got> own = all.stream()
                        .filter(got -> got.method().equals(method)
                                && got.place().name().equals(world))
                        .toList();
                List<Got> atHome = own.stream()
                        .filter(got -> !got.policy().equals("shared"))
                        .toList();
                Got worst = worst(atHome);
                here.add(cell(worst, worst.verdict(), "bayes_fraction"));
                List<Got> asked = own.stream()
                        .filter(got ->
                                !got.policy().equals("table") && Double.isFinite(got.figure("bayes_fraction.heldout")))
                        .toList();
                Got least = asked.isEmpty() ? worst : asked.get(0);
                for (Got got : asked) {
                    least = got.figure("bayes_fraction.heldout") < least.figure("bayes_fraction.heldout") ? got : least;
                }
                there.add(asked.isEmpty() ? null : cell(least, least.elsewhere(), "bayes_fraction.heldout"));
                any |= !asked.isEmpty();
            }
            if (transformers != null) {
                here.addAll(transformers.cells(method, false));
                there.addAll(transformers.cells(method, true));
                any = true;
            }
            trained.row(here.toArray());
            elsewhere.row(there.toArray());
        }
        if (transformers != null) {
            further(settings, transformers, trained, elsewhere);
        }
        result.table("trained", trained.build());
        if (any) {
            result.table("heldout", elsewhere.build());
        }
    }

    /** Rows of methods that only the transformers are tuned by. */
    private static void further(
            ExperimentSettings settings,
            HypothesisOnTransformers transformers,
            DataTable.Builder trained,
            DataTable.Builder elsewhere) {
        for (String method : transformers.further()) {
            List<@Nullable Object> here = new ArrayList<>(List.of(method));
            settings.texts("worlds").forEach(world -> here.add(null));
            List<@Nullable Object> there = new ArrayList<>(here);
            here.addAll(transformers.cells(method, false));
            there.addAll(transformers.cells(method, true));
            trained.row(here.toArray());
            elsewhere.row(there.toArray());
        }
    }

    private static String cell(Got got, String verdict, String figure) {
        return got.isReached()
                ? verdict + ", " + FigureFormat.of(got.figure(figure)) + " at "
                        + FigureFormat.of(got.figure("kl.policy_prior")) + " nats"
                : verdict;
    }

    private static void table(List<Got> all, HeldOutAgents agents, ExperimentResult.Builder result) {
        List<String> columns = new ArrayList<>(List.of(
                "method", "policy", "world", "KL asked", "KL, nats", "Bayes fraction", "departure, nats", "verdict"));
        SLOPES.forEach(slope -> columns.add(slope.replace("copies.", "copies, ").replace('_', ' ')));
        columns.addAll(List.of("Bayes fraction, held out", "departure, held out", "verdict, held out"));
        DataTable.Builder table =
                DataTable.of("Every method on every world, at equal KL from the prior", columns.toArray(new String[0]));
        Stream.concat(all.stream(), agents.all().stream()).forEach(got -> {
            List<@Nullable Object> cells = new ArrayList<>(
                    List.of(got.method(), got.policy(), got.place().name(), ExperimentKey.number(got.budget())));
            cells.add(number(got, "kl.policy_prior"));
            cells.add(number(got, "bayes_fraction"));
            cells.add(number(got, "kl.departure"));
            cells.add(got.verdict());
            SLOPES.forEach(slope -> cells.add(number(got, slope)));
            cells.add(number(got, "bayes_fraction.heldout"));
            cells.add(number(got, "kl.departure.heldout"));
            cells.add(got.elsewhere().isEmpty() ? null : got.elsewhere());
            table.row(cells.toArray());
        });
        result.table("methods", table.build());
    }

    private static @Nullable Object number(Got got, String id) {
        double value = got.figure(id);
        return Double.isNaN(value) ? null : value;
    }

    private static void picture(ExperimentSettings settings, List<Got> all, ExperimentResult.Builder result) {
        List<String> methods = settings.texts("methods");
        List<Picture.Series> series = new ArrayList<>();
        for (String world : settings.texts("worlds")) {
            double[] least = methods.stream()
                    .mapToDouble(method -> least(
                            all,
                            got -> got.method().equals(method)
                                    && got.place().name().equals(world)
                                    && !got.policy().equals("shared")))
                    .toArray();
            series.add(Picture.Series.bars(world, least));
        }
        result.picture(Picture.bars(
                "methods",
                "Which methods condition",
                "The least Bayes fraction over the KLs, on trained prompts. 1 is a conditional; what is missing is departure that"
                        + " no number of copies explains.",
                Picture.Axis.linear("Bayes fraction"),
                methods,
                series));
    }

    private static double least(List<Got> all, Predicate<Got> which) {
        return all.stream()
                .filter(which)
                .filter(Got::isReached)
                .mapToDouble(got -> got.figure("bayes_fraction"))
                .min()
                .orElse(Double.NaN);
    }

    private static String paragraph(String between, List<String> parts) {
        return String.join(
                between, parts.stream().filter(text -> !text.isEmpty()).toList());
    }

    private static String conclusion(
            ExperimentSettings settings, List<AuditedPlace> places, List<Got> all, HeldOutAgents agents) {
        List<Got> reached = all.stream().filter(Got::isReached).toList();
        if (reached.isEmpty()) {
            return "No method reaches any of these KLs on any of these worlds: there is nothing to describe.";
        }
        return paragraph(
                "\n",
                List.of(
                        paragraph(" ", List.of(setting(settings), byMethod(settings, reached))),
                        paragraph(" ", List.of(travelling(reached), still(places))),
                        paragraph(" ", List.of(agents.words(), derived(reached)))));
    }

    private static String setting(ExperimentSettings settings) {
        List<String> worlds = settings.texts("worlds");
        List<String> budgets = settings.texts("budgets");
        return (worlds.size() == 1
                        ? "The world is " + worlds.get(0) + ", its own exact prior, "
                        : "The worlds are " + String.join(", ", worlds) + ", each its own exact prior, ")
                + "with its first reward or the one behind the @; "
                + (budgets.size() == 1 ? "the KL from the prior is " : "KLs from the prior are ")
                + String.join(", ", budgets) + " nats.";
    }

    /** Prompts that are left out of what is held out. */
    private static String still(List<AuditedPlace> places) {
        List<String> left = new ArrayList<>();
        for (AuditedPlace place : places) {
            List<String> still = place.still();
            if (!still.isEmpty() && place.prior().prompts().size() > 1) {
                left.add(String.join(", ", still) + " of " + place.name());
            }
        }
        return left.isEmpty()
                ? ""
                : "Not held out are prompts with a single text, where no policy can move: " + String.join("; ", left)
                        + ".";
    }

    private static String byMethod(ExperimentSettings settings, List<Got> reached) {
        Set<String> always = new LinkedHashSet<>();
        List<String> sometimes = new ArrayList<>();
        List<String> never = new ArrayList<>();
        for (String method : settings.texts("methods")) {
            List<Got> own = reached.stream()
                    .filter(got -> got.method().equals(method) && !got.policy().equals("shared"))
                    .toList();
            if (own.isEmpty()) {
                continue;
            }
            Got worst = worst(own);
            long conditional = own.stream()
                    .filter(got -> got.verdict().equals(Verdict.Label.CONDITIONAL.words()))
                    .count();
            if (conditional == own.size()) {
                always.add(method);
            } else {
                String figure = String.format(
                        Locale.ROOT,
                        "%s (conditional in %d of %d cases): %s on %s at %s nats",
                        method,
                        conditional,
                        own.size(),
                        FigureFormat.of(worst.figure("bayes_fraction")),
                        worst.place().name(),
                        FigureFormat.of(worst.figure("kl.policy_prior")));
                (conditional > 0 ? sometimes : never).add(figure);
            }
        }
        List<String> sentences = new ArrayList<>();
        if (!always.isEmpty()) {
            sentences.add("On the prompts that were trained on, conditioning describes " + String.join(", ", always)
                    + " at every KL reached and on every world: the verdict is \"conditional\".");
        }
        if (!sometimes.isEmpty()) {
            sentences.add(
                    "Conditioning describes some worlds and KLs, but not all, for these; the least Bayes fraction is of");
            sometimes.forEach(figure -> sentences.add(TextBlock.ITEM + figure));
        }
        if (!never.isEmpty()) {
            sentences.add("Conditioning nowhere describes these; the least Bayes fraction is of");
            never.forEach(figure -> sentences.add(TextBlock.ITEM + figure));
        }
        return String.join("\n", sentences);
    }

    private static String travelling(List<Got> reached) {
        List<Got> shared =
                reached.stream().filter(got -> got.policy().equals("shared")).toList();
        if (shared.isEmpty()) {
            return "No prompts were held out, so that this speaks of the trained prompts alone.";
        }
        List<Got> moved = shared.stream().filter(Got::isMovedElsewhere).toList();
        if (moved.isEmpty()) {
            return "On prompts that nothing was trained on every trained policy stays the prior: the evidence does not travel.";
        }
        Set<String> held = new TreeSet<>();
        Set<String> lost = new TreeSet<>();
        for (Got got : moved) {
            (got.isExposed() ? lost : held).add(got.place().name());
        }
        Set<String> both = new TreeSet<>(held);
        both.retainAll(lost);
        held.removeAll(both);
        lost.removeAll(both);
        List<String> parts = new ArrayList<>();
        if (!held.isEmpty()) {
            parts.add("for every method on " + String.join(", ", held));
        }
        if (!both.isEmpty()) {
            Set<String> same = new TreeSet<>();
            moved.stream()
                    .filter(got -> both.contains(got.place().name()) && !got.isExposed())
                    .forEach(got -> same.add(got.method()));
            parts.add("for some on " + String.join(", ", both) + " (" + String.join(", ", same) + ")");
        }
        if (!lost.isEmpty()) {
            parts.add("for none on " + String.join(", ", lost));
        }
        Got worst = moved.get(0);
        for (Got got : moved) {
            worst = got.figure("bayes_fraction.heldout") < worst.figure("bayes_fraction.heldout") ? got : worst;
        }
        double least = worst.figure("bayes_fraction.heldout");
        String figure = Double.isNaN(least)
                ? "."
                : String.format(
                        Locale.ROOT,
                        "; the least Bayes fraction there is %s (%s on %s)%s.",
                        FigureFormat.of(least),
                        worst.method(),
                        worst.place().name(),
                        least < 0 ? ", further from the conditional than the prior is" : "");
        return "On prompts that nothing was trained on a table of logits stays the prior: the evidence does not travel. With one"
                + " parameter a text, shared by all prompts, the policy is there the conditional that was fitted on the trained prompts "
                + String.join("; ", parts) + figure;
    }

    /** What theory says of some of the methods, and what would have refuted it. */
    private static String derived(List<Got> reached) {
        List<Got> derived = reached.stream()
                .filter(got ->
                        CONDITIONALS.contains(got.method()) && !got.policy().equals("shared"))
                .toList();
        if (derived.isEmpty()) {
            return "All figures are exact.";
        }
        List<String> methods = derived.stream().map(Got::method).distinct().toList();
        return String.format(
                Locale.ROOT,
                "All figures are exact. Theory derives that %s at every KL: the largest departure is %s nats,"
                        + " where one beyond what training leaves would have refuted the derivation or the audit.",
                String.join(", ", methods) + (methods.size() == 1 ? " is a conditional" : " are conditionals"),
                FigureFormat.of(derived.stream()
                        .mapToDouble(got -> got.figure("kl.departure"))
                        .max()
                        .orElse(0)));
    }
}
