package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Candidate;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.diagnostics.RewardBound;
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
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.runs.Listener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One reward, several conditionals: tuning the output against conditioning the author who writes it, told apart by a probe that
 * nobody rewards; rival rewards for one policy; how far a bounded reward can move anything (docs/theory.md, which conditional).
 */
public final class WhichConditional implements Experiment {
    /** For the service loader. */
    public WhichConditional() {}

    @Override
    public String name() {
        return "which-conditional";
    }

    @Override
    public String question() {
        return "Which conditional does a rewarded policy become, when several agree on everything that was rewarded?";
    }

    @Override
    public List<String> related() {
        return List.of("rlhf", "hypothesis");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        String most = Integer.toString(Arrays.stream(settings.counts("n")).max().orElseThrow());
        return List.of(
                KeyFigure.of(
                                "probe after " + most + " acceptances, output tuned",
                                "filter." + most + ".probe",
                                "saturates below the best author's")
                        .onTransformers("transformer." + most + ".tuned.probe"),
                KeyFigure.of("probe, author conditioned", "persona." + most + ".probe", "goes to the best author's"),
                KeyFigure.of(
                                "KL of a reward in [0, 1] at β = "
                                        + settings.texts("betas").get(0),
                                "bound." + settings.texts("betas").get(0) + ".kl",
                                "at most min(1/β, 1/8β²)")
                        .expecting("bound." + settings.texts("betas").get(0) + ".hoeffding"));
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> settings = new ArrayList<>(List.of(
                ExperimentKey.numbers("weights", ".5,.5", 1e-12, 1, "prior weights of the authors; they add up to 1"),
                ExperimentKey.numbers("good", ".9,.2", 0, 1, "probability of a good text under each author"),
                ExperimentKey.number("accept.good", ".8", 1e-12, 1, "probability that a good text is accepted"),
                ExperimentKey.number("accept.bad", ".2", 1e-12, 1, "probability that a bad text is accepted"),
                ExperimentKey.wholes("n", "1,2,5,50", 1, 100_000, "how many acceptances are observed"),
                ExperimentKey.text("world", "helpful", "the world of the rival rewards"),
                ExperimentKey.text("reward", "approve", "the reward that the world's policy is conditioned on"),
                ExperimentKey.number("lambda", "2", -1e3, 1e3, "copies of it"),
                ExperimentKey.numbers("betas", "2,1,.5,.25", 1e-3, 1e6, "KL coefficients of a reward between 0 and 1"),
                ExperimentKey.number(
                        "quantile", ".9", 0, 0.999999, "the evidence 'more of it than this share of the prior'")));
        settings.addAll(ApprovingRaters.settings());
        settings.addAll(Personas.settings());
        settings.addAll(PersonaTransformer.settings());
        return settings;
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new LinkedHashMap<>();
        if (effort.transformer()) {
            standards.put("transformer", "yes");
        }
        switch (effort.size()) {
            case QUICK ->
                standards.putAll(
                        Map.of("transformer.seeds", "2", "transformer.steps", "300", "transformer.tuning", "40"));
            case FULL -> standards.putAll(Map.of("transformer.seeds", "8", "transformer.steps", "4000"));
            case STANDARD -> {}
        }
        return standards;
    }

    /** Authors of whom one writes two texts, the first of which is judged. */
    @SuppressWarnings("ArrayRecordComponent")
    record Authors(double[] weights, double[] good, double acceptGood, double acceptBad) {
        Authors(ExperimentSettings settings) {
            this(
                    settings.numbers("weights"),
                    settings.numbers("good"),
                    settings.number("accept.good"),
                    settings.number("accept.bad"));
            if (weights.length != good.length) {
                throw InputException.ofSetting(
                        "good", settings.text("good"), "it has a number for each of the weights");
            }
            settings.requireShares("weights");
        }

        /** Weights of the authors once the text is tuned to be accepted n times: Σ_y p(y|z) p(O|y)^n. */
        double[] filtered(int n) {
            double scale = Math.max(acceptGood, acceptBad);
            double ofGood = Math.pow(acceptGood / scale, n);
            double ofBad = Math.pow(acceptBad / scale, n);
            return normalised(z -> weights[z] * (good[z] * ofGood + (1 - good[z]) * ofBad));
        }

        /** Weights once the author is one of whom n texts were accepted: (Σ_y p(y|z) p(O|y))^n. */
        double[] conditioned(int n) {
            double[] accepted = new double[weights.length];
            Arrays.setAll(accepted, z -> good[z] * acceptGood + (1 - good[z]) * acceptBad);
            double scale = Arrays.stream(accepted).max().orElse(1);
            return normalised(z -> weights[z] * Math.pow(accepted[z] / scale, n));
        }

        private double[] normalised(IntToDoubleFunction mass) {
            double[] w = new double[weights.length];
            Arrays.setAll(w, mass);
            double sum = Arrays.stream(w).sum();
            Arrays.setAll(w, z -> w[z] / sum);
            return w;
        }

        /** Probability that the second text, which nobody judges, is good. */
        double probe(double[] w) {
            double sum = 0;
            for (int z = 0; z < w.length; z++) {
                sum += w[z] * good[z];
            }
            return sum;
        }
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        ExperimentResult.Builder result = ExperimentResult.builder();
        WorldInput world = WorldInput.read(settings.text("world"));
        result.inputs(List.of(world.input()));
        probes(settings, result);
        candidates(settings, world, result);
        ApprovingRaters raters = ApprovingRaters.of(settings, world);
        raters.add(result);
        Personas personas = Personas.of(settings, world);
        if (personas != null) {
            personas.add(result);
        }
        String wanted = written(settings, world, personas, result);
        bounds(settings, result);
        String trained = "";
        boolean isTrained = settings.text("transformer").equals("yes");
        if (isTrained) {
            trained = new PersonaTransformer(new Authors(settings), settings).add(result, listener);
            if (personas != null) {
                trained += personas.trained(
                        new SmallTransformer.Training(
                                settings.count("transformer.steps") / 3 + 1,
                                settings.count("transformer.batch"),
                                0.003),
                        settings.count("transformer.seeds"),
                        settings.whole("seed"),
                        result,
                        listener);
            }
        }
        List<String> sentences = new ArrayList<>(List.of(conclusion(settings, result)));
        sentences.add(raters.words(result));
        sentences.add(personas == null ? "" : personas.words(result));
        sentences.add(WrittenReward.words(wanted, result));
        return result.conclude(
                String.join(
                        "\n", sentences.stream().filter(each -> !each.isEmpty()).toList()),
                trained,
                (isTrained
                                ? "The transformers are small and read a few tokens: which conditional a large one becomes"
                                        + " is decided by its architecture and its data."
                                : "Which of the conditionals a language model becomes under training is decided by its"
                                        + " architecture and its data: this shows that the rewarded texts cannot tell, and"
                                        + " that a probe can.")
                        + " Raters here judge each text alone and know their own taste; people change their minds.");
    }

    /** The persona that is wanted, or where the world has none the conditional at λ; its name. */
    private static String written(
            ExperimentSettings settings,
            WorldInput world,
            @Nullable Personas personas,
            ExperimentResult.Builder result) {
        TableModel prior = world.world().prior();
        double beta = settings.number("written.beta");
        if (personas == null) {
            String name = settings.text("reward") + " at λ = " + settings.text("lambda");
            TableModel tilted = TablePosterior.of(
                            prior,
                            world.reward("reward", settings.text("reward")).function(),
                            RewardLikelihood.tilt(settings.number("lambda")))
                    .model();
            new WrittenReward(prior, tilted, beta).add(name, result);
            return name;
        }
        String wanted = personas.wanted(settings);
        new WrittenReward(prior, personas.texts(wanted), beta).add(wanted, result);
        personas.written(wanted, result);
        return wanted;
    }

    private static void probes(ExperimentSettings settings, ExperimentResult.Builder result) {
        Authors authors = new Authors(settings);
        int[] all = settings.counts("n");
        DataTable.Builder table = DataTable.of(
                "Good second texts, which nobody judged",
                "acceptances",
                "output tuned",
                "author conditioned",
                "difference");
        double[] n = new double[all.length];
        double[] filter = new double[all.length];
        double[] persona = new double[all.length];
        for (int i = 0; i < all.length; i++) {
            double[] filtered = authors.filtered(all[i]);
            double[] conditioned = authors.conditioned(all[i]);
            n[i] = all[i];
            filter[i] = authors.probe(filtered);
            persona[i] = authors.probe(conditioned);
            String after = " after " + FigureFormat.counted(all[i], "acceptance");
            String question = " of a good second text, which nobody judged," + after;
            result.exact(
                    "filter." + all[i] + ".probe", "Probability" + question + ", the output tuned?", filter[i], "");
            result.exact(
                    "persona." + all[i] + ".probe",
                    "Probability" + question + ", the author conditioned?",
                    persona[i],
                    "");
            for (int z = 0; z < filtered.length; z++) {
                String weight = ".weight." + (z + 1);
                result.exact(
                        "filter." + all[i] + weight,
                        "Weight of author " + (z + 1) + after + ", the output tuned?",
                        filtered[z],
                        "");
                result.exact(
                        "persona." + all[i] + weight,
                        "Weight of author " + (z + 1) + after + ", conditioned?",
                        conditioned[z],
                        "");
            }
            table.row(all[i], filter[i], persona[i], persona[i] - filter[i]);
        }
        result.table("probes", table.build());
        result.picture(Picture.of(
                "probes",
                "The probe tells which conditional it is",
                "Tuning the output saturates at what one good text says of its author; conditioning the author goes on to the"
                        + " best one.",
                Picture.Axis.logarithmic("acceptances (logarithmic)"),
                Picture.Axis.linear("P(second text good)"),
                List.of(
                        Picture.Series.line("output tuned", n, filter),
                        Picture.Series.line("author conditioned", n, persona))));
    }

    /** The world's policy is the exact conditional on one reward; every reward of the world is held against it. */
    private static void candidates(ExperimentSettings settings, WorldInput world, ExperimentResult.Builder result) {
        TableModel prior = world.world().prior();
        String name = settings.text("reward");
        double lambda = settings.number("lambda");
        RewardFunction reward = world.reward("reward", name).function();
        TableModel policy =
                TablePosterior.of(prior, reward, RewardLikelihood.tilt(lambda)).model();
        Map<String, RewardFunction> rewards = new LinkedHashMap<>();
        world.world()
                .rewardNames()
                .forEach(other -> rewards.put(other, world.world().reward(other)));
        StepAudit audit = Audit.of(
                prior,
                policy,
                rewards,
                new AuditOptions(
                        lambda == 0 ? null : 1 / Math.abs(lambda),
                        name,
                        RewardType.SCORE,
                        List.copyOf(rewards.keySet()),
                        null,
                        1));
        DataTable.Builder table = DataTable.of(
                "Rival rewards for the policy that is conditioned on " + name,
                "candidate",
                "copies",
                "departure, nats",
                "Bayes fraction",
                "draws to separate");
        boolean moved = lambda != 0;
        for (Candidate candidate : audit.candidates()) {
            double separate = moved ? candidate.samplesToSeparate() : Double.POSITIVE_INFINITY;
            String id = "candidate." + candidate.name();
            result.exact(id + ".copies", "Copies of it that come nearest to the policy?", candidate.copies(), "copies");
            result.exact(id + ".departure", "How far is that from the policy?", candidate.departure(), "nats");
            result.exact(
                    id + ".bayes_fraction",
                    "Share of the policy's move it explains?",
                    candidate.bayesFraction(),
                    "share",
                    "conditioned on no copy the policy is the prior: there is no move to explain");
            result.exact(
                    id + ".separate", "Draws of the policy that tell it from the best candidate?", separate, "draws");
            table.row(candidate.name(), candidate.copies(), candidate.departure(), candidate.bayesFraction(), separate);
        }
        result.table("candidates", table.build());
        compare(settings, prior, reward, result);
    }

    /** "More of it than q of the prior has", as evidence. */
    private static void compare(
            ExperimentSettings settings, TableModel prior, RewardFunction reward, ExperimentResult.Builder result) {
        double share = 1 - settings.number("quantile");
        TableModel more = TablePosterior.of(prior, reward, RewardLikelihood.topQuantile(share))
                .model();
        double kl = 0;
        double mean = 0;
        for (String prompt : prior.prompts()) {
            Distribution given = more.given(prompt);
            kl += prior.weight(prompt) * Divergences.kl(given, prior.given(prompt));
            mean += prior.weight(prompt) * given.expectation(reward.rewards(prompt, given));
        }
        result.exact(
                "comparative.quantile", "Mean reward, given more of it than that share of the prior?", mean, "reward");
        result.exact("comparative.kl", "And how far is that from the prior?", kl, "nats");
    }

    private static void bounds(ExperimentSettings settings, ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "How far a reward between 0 and 1 can move any prior",
                "beta",
                "largest KL, nats",
                "Hoeffding's bound",
                "1/β");
        List<String> written = settings.texts("betas");
        double[] betas = settings.numbers("betas");
        for (int i = 0; i < betas.length; i++) {
            RewardBound bound = RewardBound.of(1, betas[i]);
            String id = "bound." + written.get(i);
            result.exact(id + ".kl", "Largest KL from the prior of a reward in [0, 1]?", bound.worstKl(), "nats");
            result.exact(id + ".hoeffding", "Bound on it by Hoeffding's lemma, 1/8β²?", bound.hoeffding(), "nats");
            table.row(betas[i], bound.worstKl(), bound.hoeffding(), 1 / betas[i]);
        }
        result.table("bounds", table.build());
    }

    private static String conclusion(ExperimentSettings settings, ExperimentResult.Builder result) {
        int[] n = settings.counts("n");
        int most = Arrays.stream(n).max().orElse(1);
        double filter = result.estimate("filter." + most + ".probe");
        double persona = result.estimate("persona." + most + ".probe");
        return String.format(
                Locale.ROOT,
                "Authors with prior weights %s who write good texts with probability %s, judged with %s and %s: after %d"
                        + " acceptances the second, unjudged text is good with probability %s where the output was tuned and %s"
                        + " where the author was conditioned (exact): %s.\nOn the texts of '%s', rewarded by '%s', %s; a reward between 0 and 1 at β = %s moves no prior by more than %s"
                        + " nats.",
                settings.text("weights"),
                settings.text("good"),
                settings.text("accept.good"),
                settings.text("accept.bad"),
                most,
                FigureFormat.of(filter),
                FigureFormat.of(persona),
                Math.abs(persona - filter) > 1e-6
                        ? "the same reward, two conditionals, and only the probe tells them apart (equal probes would have refuted it)"
                        : "here they agree, and no probe of this kind tells them apart",
                settings.text("world"),
                settings.text("reward"),
                settings.number("lambda") == 0
                        ? "conditioned on no copy the policy does not move, and no rival"
                                + " reward can be told from another"
                        : "a policy conditioned on " + settings.text("lambda") + " copies has a Bayes fraction of "
                                + FigureFormat.of(
                                        result.estimate("candidate." + settings.text("reward") + ".bayes_fraction"))
                                + " by that reward",
                settings.texts("betas").get(0),
                FigureFormat.of(
                        result.estimate("bound." + settings.texts("betas").get(0) + ".kl")));
    }
}
