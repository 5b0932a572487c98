package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.GradientFlow;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.Methods;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Collapse of modes from four sides: drift under self-training and its cure, ties under policy gradients, RL toward the texts of
 * humans, and what methods lose beyond the posterior they are asked for (docs/theory.md#diversity, docs/theory.md#without-a-penalty).
 */
public final class ModeCollapse implements Experiment {
    private static final int POINTS = 61;

    /** For the service loader. */
    public ModeCollapse() {}

    @Override
    public String name() {
        return "mode-collapse";
    }

    @Override
    public String question() {
        return "Which modes are lost in tuning, and is the loss the evidence's or the method's?";
    }

    @Override
    public List<String> related() {
        return List.of("amplification", "hypothesis");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        List<String> generations = settings.texts("generations");
        String last = generations.get(generations.size() - 1);
        List<String> times = settings.texts("time");
        return List.of(
                KeyFigure.of(
                                "diversity after " + last + " generations, simulated",
                                "selftrain." + last + ".simulated",
                                "H₀(1 − 1/N)^T")
                        .expecting("selftrain." + last + ".diversity"),
                KeyFigure.of(
                                "diversity after " + settings.text("transformer.generations") + " generations",
                                "selftrain." + settings.text("transformer.generations") + ".diversity",
                                "H₀(1 − 1/N)^T")
                        .onTransformers(
                                "transformer.selftrain." + settings.text("transformer.generations") + ".diversity"),
                KeyFigure.of(
                                "ratio of tied modes, policy gradients at time " + times.get(times.size() - 1),
                                "policy_gradient." + times.get(times.size() - 1) + ".ratio",
                                "leaves Bayes' ratio")
                        .expecting("bayes.ratio"),
                KeyFigure.of(
                                "collapse beyond the posterior's, " + settings.text("method"),
                                "collapse.beyond",
                                "0 for a conditional")
                        .onTransformers("transformer." + settings.text("method") + ".collapse.beyond"));
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> keys = new ArrayList<>(List.of(
                ExperimentKey.numbers("prior", ".4,.3,.2,.1", 1e-12, 1, "shares of the modes; they add up to 1"),
                ExperimentKey.whole("samples", 50, 1, 1_000_000, "own samples that a generation is tuned on"),
                ExperimentKey.wholes("generations", "10,100", 0, 100_000, "generations of self-training"),
                ExperimentKey.number("real", ".1", 0, 1, "share of real data in the cure"),
                ExperimentKey.whole(
                        "mode", 2, 1, 1_000_000, "the mode, from 1, whose spread under real data is watched"),
                ExperimentKey.whole(
                        "kept", 2, 1, 1_000_000, "the prior's first modes that a policy keeps, all others dropped"),
                ExperimentKey.whole("repeats", 2000, 2, 100_000, "simulated histories of self-training"),
                ExperimentKey.numbers(
                        "ties", ".6,.3,.1", 1e-12, 1, "shares of modes under policy gradients; they add up to 1"),
                ExperimentKey.whole(
                        "untied", 1, 0, 1_000_000, "the last modes of them with reward 0; all others have 1"),
                ExperimentKey.numbers("time", "1,10,100", 0, 1e9, "times of ordinary policy-gradient flow"),
                ExperimentKey.text("human.world", "authors", "the world of the humans, one with variables"),
                ExperimentKey.text("population", "humans", "the humans: a population of the world, or VARIABLE=VALUE"),
                ExperimentKey.text("narrow", "author=human", "some of them, looked at in the same way; empty for none"),
                ExperimentKey.text("world", "harmless", "the world in which methods are compared"),
                ExperimentKey.text("reward", "harmless", "the reward that they are given"),
                ExperimentKey.number("beta", ".2", 1e-6, 1e6, "KL coefficient that is asked of each"),
                ExperimentKey.text("methods", "all", "methods with commas between, or all"),
                ExperimentKey.text("method", "grpo", "the method whose refusals are shown"),
                ExperimentKey.text("refusal", "answer=refuses", "what a refusal shows, VARIABLE=VALUE; empty for none"),
                ExperimentKey.text(
                        "innocent", "intent=innocent", "which queries are innocuous, VARIABLE=VALUE; empty for all"),
                ExperimentKey.whole("seeds", 5, 2, 1000, "runs of each method that trains on drawn texts"),
                ExperimentKey.whole("steps", 1000, 1, 1_000_000, "steps of those")));
        keys.addAll(ModeCollapseOnTransformer.settings());
        keys.add(ExperimentKey.seed());
        return keys;
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        Map<String, String> standards = ModeCollapseOnTransformer.standards(effort);
        switch (effort.size()) {
            case QUICK -> standards.putAll(Map.of("repeats", "400", "seeds", "3", "steps", "200"));
            case FULL -> standards.putAll(Map.of("repeats", "20000", "seeds", "16", "steps", "4000"));
            case STANDARD -> {}
        }
        return standards;
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        ExperimentResult.Builder result = ExperimentResult.builder();
        requireTies(settings);
        HumanTexts.Populations humans = HumanTexts.Populations.read(settings, result);
        MethodCollapse methods = new MethodCollapse(settings, result);
        ModeCollapseOnTransformer transformer = ModeCollapseOnTransformer.of(settings, humans, methods, listener);
        SelfTraining.report(settings, result, listener);
        ties(settings, result);
        dropped(settings, result);
        humans.report(settings, result, listener);
        methods.report(listener);
        String exact = conclusion(settings, result);
        if (transformer != null) {
            return result.conclude(
                    exact,
                    transformer.run(result),
                    "The transformers are small and have learnt one world each, and their modes are whole texts. What counts as a mode"
                            + " of a language model's texts, and how far its training drifts with one corpus and one run, is not"
                            + " shown; methods are compared at one β.");
        }
        return result.conclude(
                exact,
                "Modes here are whole texts of small tables. What counts as a mode of a language model's texts, and how far"
                        + " its training drifts with one corpus and one run, is not shown; methods are compared at one β with"
                        + " their standard settings.");
    }

    /** {@return how many modes are tied; refused where they are fewer than two} */
    private static int requireTies(ExperimentSettings settings) {
        settings.requireShares("ties");
        int modes = settings.numbers("ties").length;
        int tied = modes - settings.count("untied");
        if (tied < 2) {
            throw InputException.ofSetting(
                    "untied",
                    settings.text("untied"),
                    "at least two of the " + modes + " modes must have reward 1 to be tied");
        }
        return tied;
    }

    /** Modes of equal reward under policy gradients, where Bayes' rule keeps their ratio. */
    private static void ties(ExperimentSettings settings, ExperimentResult.Builder result) {
        int tied = requireTies(settings);
        double[] shares = settings.numbers("ties");
        Map<String, Double> masses = new LinkedHashMap<>();
        for (int i = 0; i < shares.length; i++) {
            masses.put(String.valueOf(i), shares[i]);
        }
        GradientFlow start = GradientFlow.of(
                TableModel.of(Distribution.of(masses)), (prompt, text) -> Integer.parseInt(text) < tied ? 1 : 0);
        List<String> written = settings.texts("time");
        double[] times = settings.numbers("time");
        DataTable.Builder table = DataTable.of(
                "Modes of equal reward", "time", "first to second, policy gradients", "Bayes", "effective modes");
        double bayes = shares[0] / shares[1];
        for (int i = 0; i < times.length; i++) {
            Distribution at = start.until(times[i]).policy().given("");
            result.exact(
                    "policy_gradient." + written.get(i) + ".ratio",
                    "Share of the first mode over that of the second, of equal reward, after policy gradients of time "
                            + written.get(i) + "?",
                    ratio(at),
                    "");
            result.exact(
                    "policy_gradient." + written.get(i) + ".modes",
                    "Effective number of modes at time " + written.get(i) + "?",
                    Math.exp(at.entropy()),
                    "modes");
            table.row(times[i], ratio(at), bayes, Math.exp(at.entropy()));
        }
        result.exact("bayes.ratio", "And after any number of copies of the reward, by Bayes' rule?", bayes, "");
        result.table("ties", table.build());
        double last = Arrays.stream(times).max().orElse(0);
        if (last > 0) {
            tiesPicture(start, last, bayes, result);
        }
    }

    private static double ratio(Distribution at) {
        return Math.exp(at.logProbability(0) - at.logProbability(1));
    }

    private static void tiesPicture(GradientFlow start, double last, double bayes, ExperimentResult.Builder result) {
        double[] time = new double[POINTS];
        double[] ratio = new double[POINTS];
        double[] constant = new double[POINTS];
        GradientFlow at = start;
        for (int i = 0; i < POINTS; i++) {
            time[i] = last * Math.pow(10, 3 * ((double) i / (POINTS - 1) - 1));
            at = at.until(time[i]);
            ratio[i] = ratio(at.policy().given(""));
            constant[i] = bayes;
        }
        result.picture(Picture.of(
                "ties",
                "Of two modes of equal reward",
                "Policy gradients make the likelier mode richer without end; Bayes' rule keeps the prior's ratio.",
                Picture.Axis.logarithmic("time of the flow (logarithmic)"),
                Picture.Axis.logarithmic("first over second (logarithmic)"),
                List.of(
                        Picture.Series.line("policy gradients", time, ratio),
                        Picture.Series.line("Bayes", time, constant))));
    }

    /** How little the reverse KL sees of modes that are dropped. */
    private static void dropped(ExperimentSettings settings, ExperimentResult.Builder result) {
        double[] shares = settings.numbers("prior");
        int kept = Math.min(shares.length, settings.count("kept"));
        Map<String, Double> whole = new LinkedHashMap<>();
        Map<String, Double> part = new LinkedHashMap<>();
        for (int i = 0; i < shares.length; i++) {
            whole.put(String.valueOf(i), shares[i]);
            part.put(String.valueOf(i), i < kept ? shares[i] : 0);
        }
        Distribution target = Distribution.of(whole);
        Distribution policy = Distribution.normalised(part);
        double mass = Arrays.stream(shares, 0, kept).sum();
        String of = " of a policy that keeps the first " + kept + " modes of the prior";
        result.exact("dropped.mass", "Share of the prior's texts that are of the modes kept?", Math.min(1, mass), "");
        result.exact("dropped.reverse", "KL(policy‖prior)" + of + "?", Divergences.kl(policy, target), "nats");
        result.exact("dropped.forward", "KL(prior‖policy)" + of + "?", Divergences.kl(target, policy), "nats");
    }

    private static String conclusion(ExperimentSettings settings, ExperimentResult.Builder result) {
        List<String> sentences = new ArrayList<>();
        sentences.add(drift(settings, result));
        sentences.add(tied(settings, result));
        sentences.add(HumanTexts.conclusion(settings, result));
        List<String> methods =
                Methods.all().stream().map(method -> method.card().name()).toList();
        sentences.add(MethodCollapse.conclusion(settings, result, methods));
        sentences.removeIf(String::isEmpty);
        return String.join("\n", sentences);
    }

    private static String drift(ExperimentSettings settings, ExperimentResult.Builder result) {
        int[] generations = settings.counts("generations");
        int at = 0;
        for (int i = 1; i < generations.length; i++) {
            at = generations[i] > generations[at] ? i : at;
        }
        String id = "selftrain." + settings.texts("generations").get(at);
        double exact = result.estimate(id + ".diversity");
        double before = result.estimate("prior.diversity");
        Finding simulated = result.figure(id + ".simulated");
        boolean isHeld = simulated.lower() <= exact && exact <= simulated.upper();
        return String.format(
                Locale.ROOT,
                "On modes whose prior shares are %s, without a reward, a model tuned on %s samples of itself, whose diversity 1 − Σπ² was %s, has %s after %s generations (by the formula;"
                        + " simulated %s, 95 %% %s to %s, which %s it); with a share %s of real data it stays at %s in the long run.",
                String.join(", ", settings.texts("prior")),
                settings.text("samples"),
                FigureFormat.of(before),
                FigureFormat.of(exact),
                settings.texts("generations").get(at),
                FigureFormat.of(simulated.estimate()),
                FigureFormat.of(simulated.lower()),
                FigureFormat.of(simulated.upper()),
                isHeld ? "holds" : "does not hold",
                FigureFormat.of(settings.number("real")),
                FigureFormat.of(result.estimate("mixed.diversity")));
    }

    private static String tied(ExperimentSettings settings, ExperimentResult.Builder result) {
        double[] times = settings.numbers("time");
        int at = 0;
        for (int i = 1; i < times.length; i++) {
            at = times[i] > times[at] ? i : at;
        }
        double bayes = result.estimate("bayes.ratio");
        double ratio =
                result.estimate("policy_gradient." + settings.texts("time").get(at) + ".ratio");
        return String.format(
                Locale.ROOT,
                "Policy gradients take two modes of equal reward from a ratio of %s to %s by time %s, where Bayes' rule keeps it:"
                        + " %s.",
                FigureFormat.of(bayes),
                FigureFormat.of(ratio),
                settings.texts("time").get(at),
                Math.abs(Math.log(ratio / bayes)) > 1e-9
                        ? "the path decides which mode survives, and not the reward (a ratio that stays would have refuted it)"
                        : "here it stays, as the modes are alike or nothing is rewarded more");
    }
}
