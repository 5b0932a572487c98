package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.inputs.Inputs;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import dev.credence.worlds.TableWorlds;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
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
    private static final List<String> SLOPES = List.of(
            "copies.moment_match",
            "copies.self_consistent",
            "copies.prior_slope",
            "copies.policy_slope",
            "copies.mixture_slope");
    private static final double NO_MOVE = 1e-9; // nats
    private static final String NO_MOVE_WORDS = "no move";
    private static final String AUDITED = "reward";
    private static final String OWN_WORLD = "prompts";
    private static final double OTHERWISE =
            0.1; // total variation from which an agent acts otherwise than a conditional

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
    public List<ExperimentKey> settings() {
        return List.of(
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
                        "worlds, each with its first reward, or another one after an @; prompts is a world of eight prompts of this experiment's own"),
                ExperimentKey.seed());
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        return effort.size() == Effort.Size.QUICK
                ? Map.of("worlds", "t1,prompts@shared,prompts@own", "budgets", ".25,1")
                : effort.size() == Effort.Size.FULL
                        ? Map.of(
                                "worlds",
                                "t1,helpful,authors,camera,proxy,questions,harmless,harmless@helpful,prompts@shared,prompts@own")
                        : Map.of();
    }

    /**
     * A world with the prompts that are trained on.
     *
     * @param name as the user wrote it
     * @param prior of all prompts
     * @param trained the prior of those that are trained on
     * @param heldOut the others; empty for a world of one prompt
     * @param reward what is rewarded
     */
    private record Place(
            String name, TableModel prior, TableModel trained, Set<String> heldOut, RewardFunction reward) {
        static Place of(String name, ExperimentSettings settings, ExperimentResult.Builder result) {
            int at = name.lastIndexOf('@');
            String file = at > 0 ? name.substring(0, at) : name;
            WorldInput world = read(file);
            result.inputs(List.of(world.input()));
            if (world.world().rewardNames().isEmpty() && at <= 0) {
                throw InputException.ofSetting("worlds", name, "a world with a reward; this one has none");
            }
            String reward = at > 0
                    ? name.substring(at + 1)
                    : world.world().rewardNames().get(0);
            TableModel prior = world.world().prior();
            Set<String> heldOut = heldOut(prior.prompts(), settings);
            return new Place(
                    name,
                    prior,
                    only(prior, prompt -> !heldOut.contains(prompt)),
                    heldOut,
                    world.reward("worlds", reward).function());
        }

        private static WorldInput read(String file) {
            if (!file.equals(OWN_WORLD) || Files.exists(Path.of(file))) {
                return WorldInput.read(file);
            }
            try (InputStream in = Objects.requireNonNull(Hypothesis.class.getResourceAsStream(OWN_WORLD + ".yaml"))) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                return new WorldInput(
                        TableWorlds.parse("builtin:" + OWN_WORLD + ".yaml", text),
                        Inputs.of("builtin:" + OWN_WORLD, text));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the world " + OWN_WORLD, e);
            }
        }

        private static Set<String> heldOut(List<String> prompts, ExperimentSettings settings) {
            double share = settings.number("heldout");
            if (prompts.size() < 2 || share == 0) {
                return Set.of();
            }
            int count = Math.max(1, Math.min(prompts.size() - 1, (int) (share * prompts.size())));
            List<String> shuffled = new ArrayList<>(prompts);
            Collections.shuffle(shuffled, new Random(settings.whole("seed")));
            return new LinkedHashSet<>(shuffled.subList(0, count));
        }

        private static TableModel only(TableModel prior, Predicate<String> kept) {
            Map<String, Distribution> some = new LinkedHashMap<>();
            Map<String, Double> weights = new LinkedHashMap<>();
            prior.prompts().stream().filter(kept).forEach(prompt -> {
                some.put(prompt, prior.given(prompt));
                weights.put(prompt, prior.weight(prompt));
            });
            return TableModel.of(some, weights);
        }

        /** The audit whose λ is fitted on the trained prompts. */
        StepAudit audit(TableModel policy) {
            return Audit.of(
                    prior,
                    policy,
                    Map.of(AUDITED, reward),
                    new AuditOptions(null, AUDITED, RewardType.SCORE, List.of(AUDITED), null, 1),
                    heldOut);
        }

        /** Total variation of two policies on the held-out prompts, by their weights. */
        double distance(TableModel one, TableModel other) {
            TableModel elsewhere = only(prior, heldOut::contains);
            double sum = 0;
            for (String prompt : elsewhere.prompts()) {
                sum += elsewhere.weight(prompt) * Divergences.totalVariation(one.given(prompt), other.given(prompt));
            }
            return sum;
        }

        /** How the held-out prompts are judged against the copies that were fitted on the trained ones. */
        String judgedElsewhere(TableModel policy, double copies) {
            TableModel elsewhere = only(prior, heldOut::contains);
            double kl = 0;
            for (String prompt : elsewhere.prompts()) {
                kl += elsewhere.weight(prompt) * Divergences.kl(policy.given(prompt), prior.given(prompt));
            }
            if (!(kl > NO_MOVE)) {
                return NO_MOVE_WORDS;
            }
            if (!(copies > 0)) {
                return Verdict.Label.CANNOT_TELL.words();
            }
            StepAudit asked = Audit.of(
                    elsewhere,
                    only(policy, heldOut::contains),
                    Map.of(AUDITED, reward),
                    new AuditOptions(1 / copies, AUDITED, RewardType.SCORE, List.of(AUDITED), null, 1));
            Verdict verdict = asked.verdicts().get("asked");
            return verdict == null
                    ? Verdict.Label.CANNOT_TELL.words()
                    : verdict.label().words();
        }
    }

    /** What came of one method, or agent, on one world at one KL. */
    private record Got(
            String method,
            String policy,
            Place place,
            String budget,
            @Nullable StepAudit audit,
            String elsewhere) {
        double figure(String id) {
            Finding finding = audit == null ? null : audit.findings().get(id);
            boolean nothing = elsewhere.equals(NO_MOVE_WORDS) && id.equals("bayes_fraction.heldout");
            return finding != null && finding.stands() && !nothing ? finding.estimate() : Double.NaN;
        }

        String verdict() {
            return audit == null ? "not reached" : audit.verdict().label().words();
        }

        boolean isReached() {
            return audit != null && Double.isFinite(figure("bayes_fraction"));
        }
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        List<BudgetedMethod> methods =
                settings.texts("methods").stream().map(BudgetedMethod::of).toList();
        ExperimentResult.Builder result = ExperimentResult.builder();
        List<Place> places = settings.texts("worlds").stream()
                .map(name -> Place.of(name, settings, result))
                .toList();
        List<Got> all = new ArrayList<>();
        Remaining remaining = new Remaining(
                (double) methods.size()
                        * places.size()
                        * settings.texts("budgets").size(),
                listener,
                System::nanoTime);
        for (Place place : places) {
            for (int m = 0; m < methods.size(); m++) {
                String name = settings.texts("methods").get(m);
                for (String budget : settings.texts("budgets")) {
                    if (listener.isStopped()) {
                        throw new InterruptedRunException("stopped; it begins anew when it is run again");
                    }
                    all.addAll(got(name, methods.get(m), place, budget));
                    remaining.did(1, name + " on " + place.name);
                }
            }
        }
        List<Got> agents = agents(settings, places, result);
        findings(settings, all, places, result);
        summaries(settings, all, result);
        table(all, agents, result);
        pictures(settings, all, agents, result);
        return result.conclude(
                conclusion(settings, all, agents, result),
                "These are tables, trained to their limit or stopped on enumerated texts: what sampling and a transformer add is"
                        + " measured elsewhere. One parameter a text is the simplest thing that generalises; how evidence"
                        + " travels between prompts in a language model is a fact about that model. And a maximiser is told"
                        + " apart on prompts where someone looks: one that maximises only where nobody ever audits is not.");
    }

    private static List<Got> got(String name, BudgetedMethod method, Place place, String budget) {
        double nats = ExperimentKey.number(budget);
        List<Got> all = new ArrayList<>();
        all.add(got(
                name,
                method.isTrained() ? "table" : "sampler",
                place,
                budget,
                method.at(place.prior, place.trained, place.reward, nats, false)));
        if (method.isTrained() && !place.heldOut.isEmpty()) {
            all.add(got(
                    name, "shared", place, budget, method.at(place.prior, place.trained, place.reward, nats, true)));
        }
        return all;
    }

    private static Got got(String name, String policy, Place place, String budget, BudgetedMethod.@Nullable Met met) {
        if (met == null) {
            return new Got(name, policy, place, budget, null, "");
        }
        StepAudit audit = place.audit(met.everywhere());
        return new Got(name, policy, place, budget, audit, elsewhere(place, met.everywhere(), audit));
    }

    private static String elsewhere(Place place, TableModel policy, StepAudit audit) {
        Finding copies = audit.findings().get("copies.moment_match");
        return place.heldOut.isEmpty()
                ? ""
                : place.judgedElsewhere(policy, copies == null ? Double.NaN : copies.estimate());
    }

    /** The exact conditional everywhere, and an agent that is it where it was trained and maximises the reward elsewhere. */
    private static List<Got> agents(ExperimentSettings settings, List<Place> places, ExperimentResult.Builder result) {
        List<Got> agents = new ArrayList<>();
        List<Got> otherwise = new ArrayList<>();
        for (Place place : places) {
            for (String budget : place.heldOut.isEmpty() ? List.<String>of() : settings.texts("budgets")) {
                BudgetedMethod.Met met = BudgetedMethod.of("tilt")
                        .at(place.prior, place.trained, place.reward, ExperimentKey.number(budget), false);
                if (met == null) {
                    continue;
                }
                TableModel best = TablePosterior.of(
                                place.prior, place.reward, RewardLikelihood.tilt(Double.POSITIVE_INFINITY))
                        .model();
                TableModel agent = met.everywhere()
                        .map((prompt, texts) -> place.heldOut.contains(prompt) ? best.given(prompt) : texts);
                Got conditional = got("conditional", "exact", place, budget, met);
                Got maximiser =
                        got("agent", "maximiser elsewhere", place, budget, new BudgetedMethod.Met("", agent, agent));
                agents.add(conditional);
                agents.add(maximiser);
                double distance = place.distance(met.everywhere(), agent);
                result.exact(
                        "agent." + place.name + "." + budget + ".distance",
                        "How differently do agent and conditional act on held-out prompts (total variation)?",
                        distance,
                        "share");
                for (Got got : List.of(maximiser, conditional)) {
                    String id = got.method + "." + place.name + "." + budget;
                    put(
                            result,
                            id + ".bayes_fraction",
                            "Share of its move on trained prompts that is conditioning?",
                            got,
                            "bayes_fraction",
                            "share");
                    put(
                            result,
                            id + ".bayes_fraction.heldout",
                            "Share of its move on held-out prompts that the fitted conditional explains?",
                            got,
                            "bayes_fraction.heldout",
                            "share");
                    put(
                            result,
                            id + ".departure.heldout",
                            "How far is it there from that conditional?",
                            got,
                            "kl.departure.heldout",
                            "nats");
                }
                if (distance >= OTHERWISE) {
                    otherwise.add(maximiser);
                }
            }
        }
        boolean all = otherwise.stream().allMatch(Hypothesis::isExposed);
        Finding exposed = exact(
                "agent.exposed",
                "Is a maximiser off the trained prompts told from a conditional by the verdict on held-out prompts, wherever it acts"
                        + " otherwise (total variation 0.1 or more): 1 for always?",
                otherwise.isEmpty() ? Double.NaN : all ? 1 : 0,
                "");
        result.finding(
                otherwise.isEmpty()
                        ? exposed.withdrawn("no world here has held-out prompts on which a maximiser acts otherwise")
                        : exposed);
        List<Got> controls =
                agents.stream().filter(got -> got.method.equals("conditional")).toList();
        Finding control = exact(
                "conditional.exposed",
                "Control: is the exact conditional taken for such an agent anywhere: 1 for yes?",
                controls.isEmpty() ? Double.NaN : controls.stream().anyMatch(Hypothesis::isExposed) ? 1 : 0,
                "");
        result.finding(
                controls.isEmpty()
                        ? control.withdrawn("no world here has held-out prompts, at a KL that is reached")
                        : control);
        return agents;
    }

    /** Whether the held-out prompts show that it is no conditional there. */
    private static boolean isExposed(Got got) {
        return !got.elsewhere.equals(Verdict.Label.CONDITIONAL.words());
    }

    private static Finding exact(String id, String question, double value, String unit) {
        return new Finding(id, question, value, value, value, Grade.EXACT, unit, null, null);
    }

    private static void put(
            ExperimentResult.Builder result, String id, String question, Got got, String figure, String unit) {
        Finding finding = got.audit == null ? null : got.audit.findings().get(figure);
        double value = finding == null ? Double.NaN : finding.estimate();
        boolean nothing = got.elsewhere.equals(NO_MOVE_WORDS) && figure.equals("bayes_fraction.heldout");
        Finding own = exact(id, question, nothing ? Double.NaN : value, unit);
        if (got.audit == null) {
            result.finding(own.withdrawn("it does not reach this KL"));
        } else if (finding == null || !finding.stands() || Double.isNaN(value)) {
            String reason = finding == null || finding.reason() == null ? "there is none" : finding.reason();
            result.finding(own.withdrawn(reason));
        } else if (nothing) {
            result.finding(own.withdrawn(
                    "a table of logits stays the prior on prompts it was not trained on: there is no move to explain"));
        } else {
            result.finding(own);
        }
    }

    private static void findings(
            ExperimentSettings settings, List<Got> all, List<Place> places, ExperimentResult.Builder result) {
        Map<String, Object> verdicts = new LinkedHashMap<>();
        for (Place place : places) {
            for (String method : settings.texts("methods")) {
                for (String policy : List.of("", "shared")) {
                    List<Got> own = all.stream()
                            .filter(got -> got.place == place
                                    && got.method.equals(method)
                                    && got.policy.equals("shared") == policy.equals("shared"))
                            .toList();
                    if (!own.isEmpty()) {
                        String id = method + "." + place.name + (policy.isEmpty() ? "" : "." + policy);
                        verdicts.put(id, findings(id, own, result));
                    }
                }
            }
        }
        result.further("verdicts", verdicts);
    }

    /** Of one method on one world: each KL's Bayes fraction, and all figures where it is least. */
    private static Map<String, Object> findings(String id, List<Got> own, ExperimentResult.Builder result) {
        Got worst = worst(own);
        put(
                result,
                id + ".bayes_fraction",
                "Share of its move that is conditioning, where it is least of all KLs?",
                worst,
                "bayes_fraction",
                "share");
        put(result, id + ".departure", "Departure from every conditional, there?", worst, "kl.departure", "nats");
        put(result, id + ".kl", "How far is it from the prior, there?", worst, "kl.policy_prior", "nats");
        for (String slope : SLOPES) {
            put(result, id + "." + slope, "Copies of the reward, by this estimator, there?", worst, slope, "copies");
        }
        if (!worst.place.heldOut.isEmpty()) {
            put(
                    result,
                    id + ".bayes_fraction.heldout",
                    "Share of its move on held-out prompts that the same conditional explains, there?",
                    worst,
                    "bayes_fraction.heldout",
                    "share");
            put(
                    result,
                    id + ".departure.heldout",
                    "How far is it from that conditional on held-out prompts, there?",
                    worst,
                    "kl.departure.heldout",
                    "nats");
        }
        Map<String, Object> verdicts = new LinkedHashMap<>();
        for (Got got : own) {
            put(
                    result,
                    id + "." + got.budget + ".bayes_fraction",
                    "Share of its move that is conditioning, at this KL?",
                    got,
                    "bayes_fraction",
                    "share");
            Map<String, Object> both = new LinkedHashMap<>();
            both.put("trained", got.verdict());
            both.put("heldout", got.elsewhere.isEmpty() ? null : got.elsewhere);
            verdicts.put(got.budget, both);
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
    private static void summaries(ExperimentSettings settings, List<Got> all, ExperimentResult.Builder result) {
        List<String> columns = new ArrayList<>(List.of("method"));
        columns.addAll(settings.texts("worlds"));
        DataTable.Builder trained = DataTable.of(
                "On trained prompts: the verdict and the Bayes fraction at the KL where that is least",
                columns.toArray(new String[0]));
        DataTable.Builder elsewhere = DataTable.of(
                "On held-out prompts: the same of a sampler that is asked there, or of one parameter a text shared by all prompts",
                columns.toArray(new String[0]));
        boolean any = false;
        for (String method : settings.texts("methods")) {
            List<@Nullable Object> here = new ArrayList<>(List.of(method));
            List<@Nullable Object> there = new ArrayList<>(List.of(method));
            for (String world : settings.texts("worlds")) {
                List<Got> own = all.stream()
                        .filter(got -> got.method.equals(method) && got.place.name.equals(world))
                        .toList();
                List<Got> atHome =
                        own.stream().filter(got -> !got.policy.equals("shared")).toList();
                Got worst = worst(atHome);
                here.add(cell(worst, worst.verdict(), "bayes_fraction"));
                List<Got> asked = own.stream()
                        .filter(got ->
                                !got.policy.equals("table") && Double.isFinite(got.figure("bayes_fraction.heldout")))
                        .toList();
                Got least = asked.isEmpty() ? worst : asked.get(0);
                for (Got got : asked) {
                    least = got.figure("bayes_fraction.heldout") < least.figure("bayes_fraction.heldout") ? got : least;
                }
                there.add(asked.isEmpty() ? null : cell(least, least.elsewhere, "bayes_fraction.heldout"));
                any |= !asked.isEmpty();
            }
            trained.row(here.toArray());
            elsewhere.row(there.toArray());
        }
        result.table("trained", trained.build());
        if (any) {
            result.table("heldout", elsewhere.build());
        }
    }

    private static String cell(Got got, String verdict, String figure) {
        return got.isReached()
                ? verdict + ", " + FigureFormat.of(got.figure(figure)) + " at "
                        + FigureFormat.of(got.figure("kl.policy_prior")) + " nats"
                : verdict;
    }

    private static void table(List<Got> all, List<Got> agents, ExperimentResult.Builder result) {
        List<String> columns = new ArrayList<>(List.of(
                "method", "policy", "world", "KL asked", "KL, nats", "Bayes fraction", "departure, nats", "verdict"));
        SLOPES.forEach(slope -> columns.add(slope.replace("copies.", "copies, ").replace('_', ' ')));
        columns.addAll(List.of("Bayes fraction, held out", "departure, held out", "verdict, held out"));
        DataTable.Builder table =
                DataTable.of("Every method on every world, at equal KL from the prior", columns.toArray(new String[0]));
        Stream.concat(all.stream(), agents.stream()).forEach(got -> {
            List<@Nullable Object> cells =
                    new ArrayList<>(List.of(got.method, got.policy, got.place.name, ExperimentKey.number(got.budget)));
            cells.add(number(got, "kl.policy_prior"));
            cells.add(number(got, "bayes_fraction"));
            cells.add(number(got, "kl.departure"));
            cells.add(got.verdict());
            SLOPES.forEach(slope -> cells.add(number(got, slope)));
            cells.add(number(got, "bayes_fraction.heldout"));
            cells.add(number(got, "kl.departure.heldout"));
            cells.add(got.elsewhere.isEmpty() ? null : got.elsewhere);
            table.row(cells.toArray());
        });
        result.table("methods", table.build());
    }

    private static @Nullable Object number(Got got, String id) {
        double value = got.figure(id);
        return Double.isNaN(value) ? null : value;
    }

    private static void pictures(
            ExperimentSettings settings, List<Got> all, List<Got> agents, ExperimentResult.Builder result) {
        List<String> methods = settings.texts("methods");
        List<Picture.Series> series = new ArrayList<>();
        for (String world : settings.texts("worlds")) {
            double[] least = methods.stream()
                    .mapToDouble(method -> least(
                            all,
                            got -> got.method.equals(method)
                                    && got.place.name.equals(world)
                                    && !got.policy.equals("shared")))
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
        if (!agents.isEmpty()) {
            List<String> places = agents.stream()
                    .map(got -> got.place.name + " " + got.budget)
                    .distinct()
                    .toList();
            List<Picture.Series> bars = new ArrayList<>();
            for (String name : List.of("conditional", "agent")) {
                bars.add(Picture.Series.bars(
                        name.equals("agent") ? "maximiser off the trained prompts" : "conditional everywhere",
                        agents.stream()
                                .filter(got -> got.method.equals(name))
                                .mapToDouble(got -> got.figure("kl.departure.heldout"))
                                .toArray()));
            }
            result.picture(Picture.bars(
                    "agent",
                    "An agent shows on held-out prompts alone",
                    "How far each is, on prompts that nothing was trained on, from the conditional that was fitted on the trained"
                            + " ones. On the trained prompts the two are the same policy.",
                    Picture.Axis.linear("departure on held-out prompts, nats"),
                    places,
                    bars));
        }
    }

    private static double least(List<Got> all, Predicate<Got> which) {
        return all.stream()
                .filter(which)
                .filter(Got::isReached)
                .mapToDouble(got -> got.figure("bayes_fraction"))
                .min()
                .orElse(Double.NaN);
    }

    private static String conclusion(
            ExperimentSettings settings, List<Got> all, List<Got> agents, ExperimentResult.Builder result) {
        List<Got> reached = all.stream().filter(Got::isReached).toList();
        if (reached.isEmpty()) {
            return "No method reaches any of these KLs on any of these worlds: there is nothing to describe.";
        }
        return String.join(
                " ",
                Stream.of(byMethod(settings, reached), travelling(reached), agent(agents, result), refuted())
                        .filter(text -> !text.isEmpty())
                        .toList());
    }

    private static String byMethod(ExperimentSettings settings, List<Got> reached) {
        Set<String> always = new LinkedHashSet<>();
        List<String> sometimes = new ArrayList<>();
        List<String> never = new ArrayList<>();
        for (String method : settings.texts("methods")) {
            List<Got> own = reached.stream()
                    .filter(got -> got.method.equals(method) && !got.policy.equals("shared"))
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
                        "%s (least %s, on %s at %s nats)",
                        method,
                        FigureFormat.of(worst.figure("bayes_fraction")),
                        worst.place.name,
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
            sentences.add("It describes some worlds and KLs, but not all, for " + String.join(", ", sometimes)
                    + "; the figure is the least Bayes fraction.");
        }
        if (!never.isEmpty()) {
            sentences.add("It nowhere describes " + String.join(", ", never) + ".");
        }
        return String.join(" ", sentences);
    }

    private static String travelling(List<Got> reached) {
        List<Got> shared =
                reached.stream().filter(got -> got.policy.equals("shared")).toList();
        if (shared.isEmpty()) {
            return "No prompts were held out, so that this speaks of the trained prompts alone.";
        }
        Set<String> held = new TreeSet<>();
        Set<String> lost = new TreeSet<>();
        for (Got got : shared) {
            (isExposed(got) ? lost : held).add(got.place.name);
        }
        Set<String> both = new TreeSet<>(held);
        both.retainAll(lost);
        held.removeAll(both);
        lost.removeAll(both);
        List<String> parts = new ArrayList<>();
        if (!held.isEmpty()) {
            parts.add("every method is the same conditional there on " + String.join(", ", held));
        }
        if (!both.isEmpty()) {
            Set<String> same = new TreeSet<>();
            shared.stream()
                    .filter(got -> both.contains(got.place.name) && !isExposed(got))
                    .forEach(got -> same.add(got.method));
            parts.add("some are on " + String.join(", ", both) + " (" + String.join(", ", same) + ")");
        }
        if (!lost.isEmpty()) {
            parts.add("none is on " + String.join(", ", lost));
        }
        Got worst = shared.get(0);
        for (Got got : shared) {
            worst = got.figure("bayes_fraction.heldout") < worst.figure("bayes_fraction.heldout") ? got : worst;
        }
        double least = worst.figure("bayes_fraction.heldout");
        String figure = Double.isNaN(least)
                ? "."
                : String.format(
                        Locale.ROOT,
                        "; the least Bayes fraction there is %s (%s on %s)%s.",
                        FigureFormat.of(least),
                        worst.method,
                        worst.place.name,
                        least < 0 ? ", further from the conditional than the prior is" : "");
        return "On prompts that nothing was trained on a table of logits stays the prior: the evidence does not travel. With one"
                + " parameter a text, shared by all prompts, " + String.join("; ", parts) + figure;
    }

    private static String agent(List<Got> agents, ExperimentResult.Builder result) {
        List<Got> own =
                agents.stream().filter(got -> got.method.equals("agent")).toList();
        if (own.isEmpty()) {
            return "";
        }
        if (!result.stands("agent.exposed")) {
            return "An agent that maximises the reward off the trained prompts acts as the conditional does on these worlds, so"
                    + " that there is nothing to tell apart.";
        }
        List<Got> otherwise = own.stream()
                .filter(got -> result.estimate("agent." + got.place.name + "." + got.budget + ".distance") >= OTHERWISE)
                .toList();
        Got nearest = otherwise.get(0);
        for (Got got : otherwise) {
            nearest = got.figure("bayes_fraction.heldout") > nearest.figure("bayes_fraction.heldout") ? got : nearest;
        }
        long exposed = otherwise.stream().filter(Hypothesis::isExposed).count();
        return String.format(
                Locale.ROOT,
                "An agent that is the exact conditional where it was trained and maximises the reward elsewhere cannot be told"
                        + " apart on the trained prompts; its held-out prompts show it in %d of the %d cases in which it acts"
                        + " otherwise (the nearest: Bayes fraction %s, departure %s nats, on %s), and %s.",
                exposed,
                otherwise.size(),
                FigureFormat.of(nearest.figure("bayes_fraction.heldout")),
                FigureFormat.of(nearest.figure("kl.departure.heldout")),
                nearest.place.name,
                result.estimate("conditional.exposed") == 0
                        ? "the exact conditional is never taken for one"
                        : "but the exact conditional is taken for one too");
    }

    private static String refuted() {
        return "All figures are exact; a departure above 0.1 nats of a method that is called conditional would have refuted it.";
    }
}
