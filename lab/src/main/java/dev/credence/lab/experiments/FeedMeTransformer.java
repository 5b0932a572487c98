package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Divergences;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.Training;
import dev.credence.methods.training.TrainingSettings;
import dev.credence.torch.Transformer;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The filter and the RL update of its KL, trained on a transformer all of whose texts are enumerated, so that every trained policy
 * is audited exactly; what is left to chance are the draws it is trained on.
 */
final class FeedMeTransformer {
    private static final RewardReading SCORE = RewardReading.C;
    private static final String REWARD = "reward";
    private static final int CURVE = 31;
    private static final double MOST = 1.2; // of the largest KL that is drawn
    private static final double MOVED = 1e-9; // nats

    private final ExperimentSettings settings;
    private final TextSpace space;
    private final TransformerPlace place;
    private final double threshold; // of the reward, whose zero is the score's mean
    private final double copies;
    private final RewardLikelihood passes;
    private final Listener listener;

    private FeedMeTransformer(ExperimentSettings settings, TextSpace space, Listener listener) {
        this.settings = settings;
        this.space = space;
        this.place = new TransformerPlace(space, SCORE);
        this.threshold = settings.number("transformer.threshold") - space.middle();
        this.passes =
                Objects.requireNonNull(Paths.aim("feedme", MethodOptions.none().with("threshold", threshold)));
        this.listener = listener;
        requireReached();
        this.copies = CopiesAtKl.copies(families(), weights(), kl(aim(passes)));
    }

    static List<ExperimentKey> settings() {
        List<ExperimentKey> settings = new ArrayList<>(List.of(
                ExperimentKey.word(
                        "transformer", List.of("no", "yes"), "whether it is run on a language model besides"),
                ExperimentKey.number(
                        "transformer.threshold", "2", -1e9, 1e9, "on the language model: least reward that passes"),
                ExperimentKey.whole(
                        "transformer.steps", 60, 1, 100_000, "on the language model: steps of each training"),
                ExperimentKey.whole("transformer.seeds", 3, 2, 1000, "on the language model: trainings of each method"),
                ExperimentKey.whole(
                        "transformer.samples", 64, 2, 100_000, "on the language model: texts a prompt and step"),
                ExperimentKey.number(
                        "transformer.lr",
                        "0.001",
                        1e-9,
                        10,
                        "on the language model: learning rate of the first step; it falls to 0 along a cosine")));
        settings.addAll(TextSpaceSettings.declared("count:[aeiou]", "reward of a text of the language model"));
        settings.add(ExperimentKey.seed());
        return settings;
    }

    static Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new LinkedHashMap<>();
        if (effort.transformer()) {
            standards.put("transformer", "yes");
        }
        switch (effort.size()) {
            case QUICK ->
                standards.putAll(
                        Map.of("transformer.steps", "20", "transformer.seeds", "2", "transformer.samples", "32"));
            case FULL -> standards.putAll(Map.of("transformer.steps", "300", "transformer.seeds", "5"));
            case STANDARD -> {}
        }
        return standards;
    }

    /**
     * Adds what is trained, where it is asked for.
     *
     * @return sentences for the conclusion; empty where it is not
     */
    static String run(ExperimentSettings settings, ExperimentResult.Builder result, Listener listener)
            throws IOException {
        if (settings.text("transformer").equals("no")) {
            return "";
        }
        TextSpaceSettings on = new TextSpaceSettings(settings);
        try (TextSpaceSettings.Opened opened = on.open()) {
            result.inputs(opened.model().inputs());
            TextSpace space = TextSpace.of(opened.model(), on.extent(opened.model()), on.reward());
            listener.accept(
                    String.format("%s: %,d texts enumerated", opened.model().title(), space.size()));
            return new FeedMeTransformer(settings, space, listener).trained(result);
        }
    }

    private void requireReached() {
        for (TextSpace.Column column : space.columns()) {
            double most = Arrays.stream(column.score()).max().orElse(Double.NaN);
            if (!(settings.number("transformer.threshold") <= most)) {
                throw InputException.ofSetting(
                        "transformer.threshold",
                        settings.text("transformer.threshold"),
                        "no text of prompt '" + column.text().replace("\n", "\\n") + "' passes: the largest reward is "
                                + FigureFormat.inWords(most));
            }
        }
    }

    private List<TiltedFamily> families() {
        return space.columns().stream()
                .map(column -> TiltedFamily.ofLog(column.logPrior(), space.rewards(column, SCORE)))
                .toList();
    }

    private List<Double> weights() {
        return space.columns().stream()
                .map(column -> 1.0 / space.columns().size())
                .toList();
    }

    private List<double[]> aim(RewardLikelihood evidence) {
        return space.posterior(SCORE, evidence);
    }

    private List<double[]> prior() {
        return space.columns().stream().map(TextSpace.Column::logPrior).toList();
    }

    private double kl(List<double[]> policy) {
        return kl(policy, prior());
    }

    /** Mean over prompts of KL(one‖other), nats. */
    private static double kl(List<double[]> one, List<double[]> other) {
        double sum = 0;
        for (int c = 0; c < one.size(); c++) {
            sum += Divergences.kl(one.get(c), other.get(c));
        }
        return Math.max(0, sum / one.size());
    }

    private static double distance(List<double[]> one, List<double[]> other) {
        double sum = 0;
        for (int c = 0; c < one.size(); c++) {
            for (int i = 0; i < one.get(c).length; i++) {
                sum += Math.abs(Math.exp(one.get(c)[i]) - Math.exp(other.get(c)[i]));
            }
        }
        return sum / 2 / one.size();
    }

    /** Mass of what passes. */
    private double passing(List<double[]> policy) {
        double sum = 0;
        for (int c = 0; c < policy.size(); c++) {
            double[] rewards = space.rewards(space.columns().get(c), SCORE);
            for (int i = 0; i < rewards.length; i++) {
                sum += rewards[i] >= threshold ? Math.exp(policy.get(c)[i]) : 0;
            }
        }
        return Math.min(1, sum / policy.size());
    }

    /**
     * A policy in figures.
     *
     * @param kl KL(policy‖prior), nats
     * @param copies at its mean reward
     * @param reward its mean
     * @param fraction Bayes fraction
     * @param passing mass of what passes
     * @param lost from its aim: KL(filter‖policy), or KL(policy‖RL posterior), nats
     */
    private record Policy(double kl, double copies, double reward, double fraction, double passing, double lost) {
        DoubleStream numbers() {
            return DoubleStream.of(kl, copies, reward, fraction, passing, lost);
        }

        /** The one at a place among numbers. */
        static Policy of(double[] numbers, int place) {
            int at = 6 * place;
            return new Policy(
                    numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3], numbers[at + 4], numbers[at + 5]);
        }
    }

    private Policy policy(List<double[]> logs, double lost) {
        StepAudit audit =
                Audit.of(space.audited(SCORE, logs), List.of(REWARD), AuditOptions.atBeta(REWARD, 1 / copies));
        return new Policy(
                kl(logs),
                figure(audit, "copies.moment_match"),
                figure(audit, "reward.policy") + space.middle(),
                figure(audit, "bayes_fraction"),
                passing(logs),
                lost);
    }

    private static double figure(StepAudit audit, String id) {
        Finding finding = audit.findings().get(id);
        return finding == null || !finding.stands() ? Double.NaN : finding.estimate();
    }

    private String trained(ExperimentResult.Builder result) {
        List<double[]> filter = aim(passes);
        if (!(kl(filter) > MOVED)) {
            return " On " + place.name() + " every text passes: there is nothing to train.";
        }
        List<double[]> tilt = aim(RewardLikelihood.tilt(copies));
        Policy filterAim = policy(filter, 0);
        Policy rlAim = policy(tilt, 0);
        List<Policy> filters = new ArrayList<>();
        List<Policy> rls = new ArrayList<>();
        List<Policy> again = new ArrayList<>();
        double[] repeated = new double[settings.count("transformer.seeds")];
        for (int i = 0; i < repeated.length; i++) {
            long seed = settings.whole("seed") + i;
            double[] part = listener.part("trained-" + i, () -> trained(seed, filter, tilt));
            filters.add(Policy.of(part, 0));
            again.add(Policy.of(part, 1));
            rls.add(Policy.of(part, 2));
            repeated[i] = part[part.length - 1];
            listener.accept("seed " + (i + 1) + " of " + repeated.length + ": the filter at "
                    + FigureFormat.of(filters.get(i).kl) + " nats, RL at " + FigureFormat.of(rls.get(i).kl));
        }
        findings("filter", "the trained filter", filterAim, filters, result);
        findings("filter.repeated", "the filter trained twice", filterAim, again, result);
        findings("rl", "RL trained at the filter's KL", rlAim, rls, result);
        result.exact(
                "transformer.rl.aimed.copies",
                "Copies of the reward whose RL update costs as much KL as the filter, on the transformer?",
                copies,
                "copies");
        result.finding(estimated(
                "transformer.filter.repeat",
                "Total variation between one trained round of the filter and two?",
                repeated,
                0,
                1,
                "probability"));
        Map<String, List<Policy>> all = new LinkedHashMap<>();
        all.put("filter, trained", filters);
        all.put("filter, trained twice", again);
        all.put("RL, trained", rls);
        table(filterAim, rlAim, all, result);
        picture(filterAim, all, result);
        return words(filterAim, result);
    }

    /** One seed's filter, filter trained twice and RL, in numbers; then the distance between the two filters. */
    private double[] trained(long seed, List<double[]> filter, List<double[]> tilt) {
        Policy once;
        Policy twice;
        double repeated;
        try (TransformerPolicy first = filtered(space.prior().transformer(), seed)) {
            List<double[]> logs = space.logProbs(first.transformer());
            once = policy(logs, kl(filter, logs));
            try (TransformerPolicy next = filtered(first.transformer(), ~seed)) {
                List<double[]> second = space.logProbs(next.transformer());
                repeated = distance(logs, second);
                twice = policy(second, kl(filter, second));
            }
        }
        try (TransformerPolicy policy = train("rloo", space.prior().transformer(), seed)) {
            List<double[]> logs = space.logProbs(policy.transformer());
            Policy rl = policy(logs, kl(logs, tilt));
            return Stream.of(once.numbers(), twice.numbers(), rl.numbers(), DoubleStream.of(repeated))
                    .flatMapToDouble(numbers -> numbers)
                    .toArray();
        }
    }

    private TransformerPolicy filtered(Transformer from, long seed) {
        return train("feedme", from, seed);
    }

    /** The caller closes it. */
    private TransformerPolicy train(String name, Transformer from, long seed) {
        int steps = settings.count("transformer.steps");
        int samples = settings.count("transformer.samples");
        LearningRate falling = LearningRate.cosine(settings.number("transformer.lr"), 0, steps, 0);
        TrainingSettings training = new TrainingSettings(steps, samples, Optimiser.adamW(falling), false, seed);
        MethodOptions options = MethodOptions.none().with("steps", steps).with("samples", samples);
        options = name.equals("feedme") ? options.with("threshold", threshold) : options.with("beta", 1 / copies);
        TransformerPolicy policy = TransformerPolicy.of(from, Trainable.all(), training.optimiser());
        try {
            Training run = ((TrainedConditioner) Methods.byName(name)).begin(policy, place.task(), options, training);
            SplittableRandom random = new SplittableRandom(seed);
            for (int step = 0; step < steps; step++) {
                run.step(random);
            }
            return policy;
        } catch (NoPosteriorException e) {
            policy.close();
            throw InputException.ofSetting(
                    "transformer.threshold",
                    settings.text("transformer.threshold"),
                    "so few texts pass that none was drawn; lower it, or draw more: " + e.getMessage());
        } catch (RuntimeException e) {
            policy.close();
            throw e;
        }
    }

    private static void findings(
            String method, String words, Policy aim, List<Policy> seeds, ExperimentResult.Builder result) {
        String id = "transformer." + method;
        result.exact(id + ".aimed.kl", "KL from the prior that " + words + " aims at?", aim.kl, "nats");
        result.exact(
                id + ".aimed.bayes_fraction",
                "Share of what " + words + " aims at that is conditioning on the reward?",
                aim.fraction,
                "share");
        result.exact(id + ".aimed.reward", "Mean reward that " + words + " aims at?", aim.reward, "reward");
        double most = Double.POSITIVE_INFINITY;
        result.finding(estimated(
                id + ".kl", "How far is " + words + " from the prior?", of(seeds, Policy::kl), 0, most, "nats"));
        result.finding(estimated(
                id + ".copies",
                "Copies of the reward at the mean reward of " + words + "?",
                of(seeds, Policy::copies),
                -most,
                most,
                "copies"));
        result.finding(estimated(
                id + ".reward", "Mean reward of " + words + "?", of(seeds, Policy::reward), -most, most, "reward"));
        result.finding(estimated(
                id + ".bayes_fraction",
                "Share of the move of " + words + " that is conditioning on the reward?",
                of(seeds, Policy::fraction),
                0,
                1,
                "share"));
        result.finding(estimated(
                id + ".passing",
                "Mass that " + words + " gives to texts that pass?",
                of(seeds, Policy::passing),
                0,
                1,
                "probability"));
        result.finding(estimated(
                id + ".lost", "How far is " + words + " from its aim?", of(seeds, Policy::lost), 0, most, "nats"));
    }

    private static double[] of(List<Policy> seeds, ToDoubleFunction<Policy> figure) {
        return seeds.stream().mapToDouble(figure).toArray();
    }

    private static Finding estimated(
            String id, String question, double[] seeds, double least, double most, String unit) {
        SeedInterval interval = SeedInterval.within(seeds, least, most);
        if (!Double.isFinite(interval.mean())) {
            return new Finding(
                    id,
                    question,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    Grade.WITHDRAWN,
                    unit,
                    null,
                    "a trained policy is as the prior, or at the largest reward: it has no such figure");
        }
        return interval.finding(id, question, unit, "over seeds", null);
    }

    private static void table(
            Policy filterAim, Policy rlAim, Map<String, List<Policy>> trained, ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "On the transformer",
                "policy",
                "seed",
                "KL from the prior, nats",
                "mean reward",
                "copies",
                "Bayes fraction",
                "mass that passes",
                "from its aim, nats");
        row(table, "filter, the aim", null, filterAim);
        row(table, "RL at the filter's KL, the aim", null, rlAim);
        trained.forEach((name, policies) -> {
            for (int i = 0; i < policies.size(); i++) {
                row(table, name, i + 1, policies.get(i));
            }
        });
        result.table("transformer", table.build());
    }

    private static void row(DataTable.Builder table, String name, @Nullable Integer seed, Policy policy) {
        table.row(name, seed, policy.kl, policy.reward, policy.copies, policy.fraction, policy.passing, policy.lost);
    }

    private void picture(Policy filterAim, Map<String, List<Policy>> trained, ExperimentResult.Builder result) {
        List<TiltedFamily> families = families();
        double most = filterAim.kl;
        for (List<Policy> policies : trained.values()) {
            for (Policy policy : policies) {
                most = Math.max(most, policy.kl);
            }
        }
        double[] kl = new double[CURVE];
        double[] reward = new double[CURVE];
        for (int i = 0; i < CURVE; i++) {
            kl[i] = MOST * most * i / (CURVE - 1);
            double lambda = CopiesAtKl.copies(families, weights(), kl[i]);
            reward[i] = space.middle()
                    + families.stream()
                            .mapToDouble(family -> family.at(lambda).mean())
                            .average()
                            .orElse(Double.NaN);
        }
        List<Picture.Series> series = new ArrayList<>(List.of(
                Picture.Series.line("RL at every β, exact", kl, reward),
                Picture.Series.points("filter, exact", new double[] {filterAim.kl}, new double[] {filterAim.reward})));
        trained.forEach((name, policies) -> series.add(points(name, policies)));
        result.picture(Picture.of(
                "transformer",
                "Reward for nats on the transformer",
                "The curve is the exact best that KL can buy, over all enumerated texts; trained policies, audited exactly, lie on"
                        + " it or below it.",
                Picture.Axis.linear("KL from the prior, nats"),
                Picture.Axis.linear("mean reward"),
                series));
    }

    private static Picture.Series points(String name, List<Policy> policies) {
        return Picture.Series.points(
                name,
                policies.stream().mapToDouble(Policy::kl).toArray(),
                policies.stream().mapToDouble(Policy::reward).toArray());
    }

    private static String interval(ExperimentResult.Builder result, String id) {
        Finding finding = result.figure(id);
        return FigureFormat.of(finding.estimate()) + " (" + FigureFormat.of(finding.lower()) + " to "
                + FigureFormat.of(finding.upper()) + ")";
    }

    private String words(Policy filterAim, ExperimentResult.Builder result) {
        String filter = "transformer.filter.bayes_fraction";
        String rl = "transformer.rl.bayes_fraction";
        if (!result.stands(filter) || !result.stands(rl)) {
            return " On " + place.name() + " the trained policies hardly moved: nothing is said of them.";
        }
        Finding first = result.figure(filter);
        Finding second = result.figure(rl);
        String apart = first.upper() < second.lower() || second.upper() < first.lower()
                ? "their intervals are apart"
                : "their intervals overlap, so that so many seeds do not tell them apart";
        return " On " + place.name() + ", trained with " + settings.count("transformer.seeds")
                + " seeds, the filter's Bayes fraction is " + interval(result, filter) + " where its limit has "
                + FigureFormat.of(filterAim.fraction) + ", and it is " + interval(result, "transformer.filter.kl")
                + " nats from the prior where its limit is " + FigureFormat.of(filterAim.kl) + "; RL's is "
                + interval(result, rl) + ", and it is " + interval(result, "transformer.rl.kl") + " nats away: " + apart
                + ". A second trained round moves "
                + interval(result, "transformer.filter.repeat") + " of the mass, to "
                + interval(result, "transformer.filter.repeated.kl") + " nats: "
                + (result.figure("transformer.filter.repeated.kl").lower()
                                > result.figure("transformer.filter.kl").upper()
                        ? "further than one round, by what training draws and steps add, since the limit stays."
                        : "no further than one round, within what seeds tell.");
    }
}
