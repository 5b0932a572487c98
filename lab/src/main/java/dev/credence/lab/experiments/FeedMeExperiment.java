package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.NamedReward;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.MethodOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Fine-tuning on texts selected for reward (FeedME) beside the RL update of the same KL on the same reward: the one keeps what
 * passes, in the prior's proportions, the other weighs by reward (docs/theory.md#imitation). Rounds of a hard filter change nothing;
 * rounds of a soft one are copies.
 */
public final class FeedMeExperiment implements Experiment {
    private static final int MOST_LEVELS = 20; // shown as bars
    private static final int CURVE = 41;
    private static final double SAME = 1e-9;
    private static final double ROUNDING = 1e-12;

    /** For the service loader. */
    public FeedMeExperiment() {}

    @Override
    public String name() {
        return "feedme";
    }

    @Override
    public String question() {
        return "Is fine-tuning on texts selected for reward the same as reinforcement by it?";
    }

    @Override
    public List<String> related() {
        return List.of("rlhf", "fifty-copies");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        return List.of(
                KeyFigure.of("Bayes fraction of the filter", "filter.bayes_fraction", "below 1")
                        .onTransformers("transformer.filter.bayes_fraction"),
                KeyFigure.of("Bayes fraction of RL", "rl.bayes_fraction", "1")
                        .onTransformers("transformer.rl.bayes_fraction"),
                KeyFigure.of("what a second round of the filter moves", "filter.repeat", "0")
                        .onTransformers("transformer.filter.repeat"));
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> settings = new ArrayList<>(List.of(
                ExperimentKey.text("world", "t1", "the world whose prior is tuned: a file, or one that ships"),
                ExperimentKey.text(
                        "world.reward", "", "the world's reward, by name or as an expression; empty for its only one"),
                ExperimentKey.number(
                        "threshold",
                        "2",
                        Double.NEGATIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        "least reward that passes"),
                ExperimentKey.number(
                        "beta",
                        ".5",
                        0,
                        1e9,
                        "KL coefficient of a second RL update, shown beside the one whose KL is the filter's"),
                ExperimentKey.wholes("rounds", "1,2,5", 1, 1000, "rounds of soft selection, weights e^reward each")));
        settings.addAll(FeedMeTransformer.settings());
        return settings;
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        return FeedMeTransformer.standards(effort);
    }

    /** A prior with one reward. */
    private record Setup(TableModel prior, String name, RewardFunction reward) {
        static Setup of(WorldInput world, ExperimentSettings settings) {
            List<String> names = world.world().rewardNames();
            if (!settings.has("world.reward") && names.size() != 1) {
                throw InputException.ofSetting(
                        "world.reward",
                        "missing",
                        names.isEmpty()
                                ? "the world has no reward; give an expression of its texts"
                                : "the world has several rewards, name one of " + String.join(", ", names));
            }
            NamedReward named =
                    world.reward("world.reward", settings.has("world.reward") ? settings.text("world.reward") : null);
            return new Setup(world.world().prior(), named.name(), named.function());
        }

        /** What is left of a model under evidence about the reward. */
        TableModel given(TableModel model, RewardLikelihood evidence) {
            return TablePosterior.of(model, reward, evidence).model();
        }

        double mean(PerPrompt figure) {
            double mean = 0;
            for (String prompt : prior.prompts()) {
                mean += prior.weight(prompt) * figure.of(prompt);
            }
            return mean;
        }

        double kl(TableModel policy) {
            return plain(mean(prompt -> Divergences.kl(policy.given(prompt), prior.given(prompt))));
        }

        double distance(TableModel one, TableModel other) {
            return plain(mean(prompt -> Divergences.totalVariation(one.given(prompt), other.given(prompt))));
        }

        /** Without rounding where there is nothing else. */
        private static double plain(double size) {
            return size < ROUNDING ? 0 : size;
        }

        double mean(TableModel policy) {
            return mean(prompt -> policy.given(prompt).expectation(rewards(prompt)));
        }

        double[] rewards(String prompt) {
            return reward.rewards(prompt, prior.given(prompt));
        }

        /** The largest reward of each prompt that some text has; the threshold must not be above any. */
        void requireReached(ExperimentSettings settings) {
            for (String prompt : prior.prompts()) {
                double most = family(prompt).maxReward();
                if (!(settings.number("threshold") <= most)) {
                    throw InputException.ofSetting(
                            "threshold",
                            settings.text("threshold"),
                            "no text passes" + (prompt.isEmpty() ? "" : " of prompt '" + prompt + "'")
                                    + ": the largest reward is " + FigureFormat.inWords(most));
                }
            }
        }

        TiltedFamily family(String prompt) {
            Distribution texts = prior.given(prompt);
            return TiltedFamily.ofLog(texts.logProbabilities(), rewards(prompt));
        }

        /** The copies, of one number for all prompts, whose update costs so many nats on average; ∞ where none costs as much. */
        double copiesAtKl(double kl) {
            List<TiltedFamily> families =
                    prior.prompts().stream().map(this::family).toList();
            List<Double> weights = prior.prompts().stream().map(prior::weight).toList();
            return CopiesAtKl.copies(families, weights, kl);
        }

        StepAudit audit(TableModel policy, double beta) {
            return Audit.of(prior, policy, Map.of(name, reward), AuditOptions.atBeta(name, beta));
        }
    }

    private interface PerPrompt {
        double of(String prompt);
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) throws IOException {
        WorldInput world = WorldInput.read(settings.text("world"));
        Setup setup = Setup.of(world, settings);
        setup.requireReached(settings);
        ExperimentResult.Builder result = ExperimentResult.builder();
        result.inputs(List.of(world.input()));
        double threshold = settings.number("threshold");
        RewardLikelihood passes =
                Objects.requireNonNull(Paths.aim("feedme", MethodOptions.none().with("threshold", threshold)));
        TableModel filter = setup.given(setup.prior, passes);
        double copies = setup.copiesAtKl(setup.kl(filter));
        TableModel rl = setup.given(setup.prior, RewardLikelihood.tilt(copies));
        double stated = 1 / settings.number("beta");
        Map<String, TableModel> policies = new LinkedHashMap<>();
        policies.put("filter", filter);
        policies.put("rl", rl);
        policies.put("rl.beta", setup.given(setup.prior, RewardLikelihood.tilt(stated)));
        updates(setup, policies, settings, result);
        result.exact(
                "rl.copies", "Copies of the reward whose RL update costs as much KL as the filter?", copies, "copies");
        result.exact("rl.beta.copies", "Copies at the stated KL coefficient, 1/β?", stated, "copies");
        result.exact(
                "filter.repeat",
                "Total variation between one round of the filter and two?",
                setup.distance(filter, setup.given(filter, passes)),
                "probability");
        result.exact(
                "filter.share",
                "Share of the prior's texts that pass?",
                setup.mean(p -> share(setup, p, threshold)),
                "share");
        result.exact(
                "distance",
                "Total variation between the filter and the RL update of the same KL?",
                setup.distance(filter, rl),
                "probability");
        result.exact(
                "gain",
                "Reward that the RL update has above the filter, at the same KL?",
                setup.mean(rl) - setup.mean(filter),
                "reward");
        rounds(setup, filter, passes, settings, result);
        pictures(setup, policies, settings, result);
        String onModel = FeedMeTransformer.run(settings, result, listener);
        return result.conclude(
                conclusion(settings, result),
                onModel,
                "The filter is taken at its limit, imitated without error; a fine-tuned model comes near it from the side of"
                        + " forward KL. Which texts a human would select, rather than a reward, is not in this.");
    }

    private static double share(Setup setup, String prompt, double threshold) {
        double[] rewards = setup.rewards(prompt);
        double share = 0;
        for (int i = 0; i < rewards.length; i++) {
            share += rewards[i] >= threshold ? setup.prior.given(prompt).probability(i) : 0;
        }
        return Math.min(1, share);
    }

    private static void updates(
            Setup setup,
            Map<String, TableModel> policies,
            ExperimentSettings settings,
            ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "Updates of the prior",
                "update",
                "copies",
                "KL from the prior, nats",
                "mean reward",
                "Bayes fraction",
                "departure, nats",
                "total variation to the filter");
        TableModel filter = Objects.requireNonNull(policies.get("filter"));
        policies.forEach((name, policy) -> {
            StepAudit audit = setup.audit(policy, settings.number("beta"));
            double kl = setup.kl(policy);
            result.exact(name + ".kl", "How far is " + words(name) + " from the prior?", kl, "nats");
            result.exact(name + ".reward", "Mean reward of " + words(name) + "?", setup.mean(policy), "reward");
            Finding fraction = found(audit, "bayes_fraction", kl);
            result.finding(renamed(
                    fraction,
                    name + ".bayes_fraction",
                    "Share of " + words(name) + " that is conditioning on the reward?"));
            Finding departure = found(audit, "kl.departure", kl);
            result.finding(renamed(
                    departure, name + ".departure", "How far is " + words(name) + " from the nearest RL update?"));
            Finding copies = found(audit, "copies.moment_match", kl);
            if (name.equals("filter")) {
                result.finding(renamed(
                        copies, "filter.copies", "Copies of the reward whose RL update has the filter's reward?"));
            }
            table.row(
                    words(name),
                    cell(copies),
                    kl,
                    setup.mean(policy),
                    cell(fraction),
                    cell(departure),
                    setup.distance(policy, filter));
        });
        result.table("updates", table.build());
    }

    private static String words(String name) {
        return switch (name) {
            case "filter" -> "the filter";
            case "rl" -> "RL at the filter's KL";
            default -> "RL at the stated β";
        };
    }

    /** The audit's figure; nothing moved has no share. */
    private static Finding found(StepAudit audit, String id, double kl) {
        Finding finding = Objects.requireNonNull(audit.findings().get(id));
        return kl > SAME || !finding.stands() || !id.equals("bayes_fraction")
                ? finding
                : finding.withdrawn("nothing moved: there is nothing to have a share of");
    }

    private static Finding renamed(Finding finding, String id, String question) {
        return new Finding(
                id,
                question,
                finding.lower(),
                finding.estimate(),
                finding.upper(),
                finding.grade(),
                finding.unit(),
                finding.interval(),
                finding.reason());
    }

    private static Object cell(Finding finding) {
        return finding.stands() ? finding.estimate() : Double.NaN;
    }

    private static void rounds(
            Setup setup,
            TableModel filter,
            RewardLikelihood passes,
            ExperimentSettings settings,
            ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "Rounds of selection",
                "selection",
                "rounds",
                "copies",
                "KL from the prior, nats",
                "mean reward",
                "change by the last round");
        TableModel hard = filter;
        TableModel twice = setup.given(filter, passes);
        table.row("hard", 1, null, setup.kl(hard), setup.mean(hard), setup.distance(hard, setup.prior));
        table.row("hard", 2, null, setup.kl(twice), setup.mean(twice), setup.distance(twice, hard));
        TableModel soft = setup.prior;
        int done = 0;
        for (int round :
                Arrays.stream(settings.counts("rounds")).sorted().distinct().toArray()) {
            TableModel before = soft;
            while (done < round) {
                before = soft;
                soft = setup.given(soft, RewardLikelihood.tilt(1));
                done++;
            }
            Finding copies = Objects.requireNonNull(
                    setup.audit(soft, settings.number("beta")).findings().get("copies.prior_slope"));
            result.finding(renamed(
                    copies,
                    "soft." + round + ".copies",
                    "Copies of the reward that soft selection in " + FigureFormat.counted(round, "round") + " is?"));
            table.row("soft", round, cell(copies), setup.kl(soft), setup.mean(soft), setup.distance(soft, before));
        }
        result.table("rounds", table.build());
    }

    private static void pictures(
            Setup setup,
            Map<String, TableModel> policies,
            ExperimentSettings settings,
            ExperimentResult.Builder result) {
        TreeSet<Double> levels = new TreeSet<>();
        double least = Double.NEGATIVE_INFINITY; // the largest threshold that every prompt reaches
        for (String prompt : setup.prior.prompts()) {
            double[] rewards = setup.rewards(prompt);
            for (int i = 0; i < rewards.length; i++) {
                if (setup.prior.given(prompt).probability(i) > 0) {
                    levels.add(rewards[i]);
                }
            }
        }
        double reached = setup.prior.prompts().stream()
                .mapToDouble(prompt -> setup.family(prompt).maxReward())
                .min()
                .orElse(least);
        frontier(setup, policies, levels.headSet(reached, true), result);
        if (levels.size() <= MOST_LEVELS) {
            List<Picture.Series> bars = new ArrayList<>();
            bars.add(bars("prior", setup, setup.prior, levels));
            policies.forEach((name, policy) -> bars.add(bars(words(name), setup, policy, levels)));
            result.picture(Picture.bars(
                    "levels",
                    "Where the mass goes",
                    "The filter cuts at the threshold of " + settings.text("threshold")
                            + " and keeps the prior's proportions above it; RL leaves every text some mass and weighs by reward.",
                    Picture.Axis.linear("probability"),
                    levels.stream()
                            .map(level -> "reward " + FigureFormat.of(level))
                            .toList(),
                    bars));
        }
    }

    private static Picture.Series bars(String name, Setup setup, TableModel policy, SortedSet<Double> levels) {
        double[] masses = new double[levels.size()];
        List<Double> order = List.copyOf(levels);
        for (String prompt : setup.prior.prompts()) {
            double[] rewards = setup.rewards(prompt);
            for (int i = 0; i < rewards.length; i++) {
                double mass = setup.prior.weight(prompt) * policy.given(prompt).probability(i);
                if (mass > 0) {
                    masses[order.indexOf(rewards[i])] += mass;
                }
            }
        }
        return Picture.Series.bars(name, masses);
    }

    private static void frontier(
            Setup setup,
            Map<String, TableModel> policies,
            Iterable<Double> thresholds,
            ExperimentResult.Builder result) {
        List<double[]> filters = new ArrayList<>();
        double most = 0;
        for (double threshold : thresholds) {
            if (filters.size() < CURVE) {
                TableModel filter = setup.given(setup.prior, RewardLikelihood.atLeast(threshold));
                filters.add(new double[] {setup.kl(filter), setup.mean(filter)});
                most = Math.max(most, setup.kl(filter));
            }
        }
        double[][] tilts = new double[CURVE][];
        for (int i = 0; i < CURVE; i++) {
            double copies = setup.copiesAtKl(most * i / (CURVE - 1));
            TableModel tilt = setup.given(setup.prior, RewardLikelihood.tilt(copies));
            tilts[i] = new double[] {setup.kl(tilt), setup.mean(tilt)};
        }
        double[][] points = filters.toArray(double[][]::new);
        TableModel stated = Objects.requireNonNull(policies.get("rl.beta"));
        result.picture(Picture.of(
                "frontier",
                "Reward for nats",
                "RL updates of every strength are the best that their KL can buy; filters at every threshold lie on that curve or"
                        + " below it.",
                Picture.Axis.linear("KL from the prior, nats"),
                Picture.Axis.linear("mean reward"),
                List.of(
                        Picture.Series.line("RL at every β", column(tilts, 0), column(tilts, 1)),
                        Picture.Series.points("filters", column(points, 0), column(points, 1)),
                        Picture.Series.points(
                                "RL at the stated β", new double[] {setup.kl(stated)}, new double[] {setup.mean(stated)
                                }))));
    }

    private static double[] column(double[][] rows, int column) {
        return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
    }

    private static String conclusion(ExperimentSettings settings, ExperimentResult.Builder result) {
        double kl = result.estimate("filter.kl");
        if (!(kl > SAME)) {
            return "Every text passes a threshold of " + settings.text("threshold")
                    + ": the filter changes nothing, and neither does RL of the same KL.";
        }
        String rounds = result.estimate("filter.repeat") < SAME
                ? " A second round of the filter changes nothing"
                : " A second round of the filter moves " + FigureFormat.of(result.estimate("filter.repeat"))
                        + " of the mass";
        List<String> soft = new ArrayList<>();
        boolean exact = true;
        for (int round :
                Arrays.stream(settings.counts("rounds")).sorted().distinct().toArray()) {
            String id = "soft." + round + ".copies";
            if (result.stands(id)) {
                soft.add(round + (round == 1 ? " is " : " are ") + FigureFormat.inWords(result.estimate(id)));
                exact &= Math.abs(result.estimate(id) - round) < SAME;
            }
        }
        rounds += soft.isEmpty()
                ? "."
                : "; rounds of soft selection are copies: " + String.join(", ", soft)
                        + (exact
                                ? " (any other number would have refuted it)."
                                : ", which refutes that a round is a copy.");
        double fraction = result.estimate("filter.bayes_fraction");
        String cost = "In the world " + settings.text("world") + ", whose texts are the prior, texts whose reward is "
                + settings.text("threshold") + " or more pass. At " + FigureFormat.of(kl)
                + " nats from the prior the filter";
        if (result.estimate("distance") < SAME) {
            double copies = result.estimate("rl.copies");
            String of = copies == Double.POSITIVE_INFINITY
                    ? "the limit of β to 0, since only the largest reward passes"
                    : "of " + FigureFormat.of(copies) + " copies";
            return cost + " is an RL update: " + of + ". Its Bayes fraction is " + FigureFormat.of(fraction)
                    + " (exact; less would have refuted it)." + rounds;
        }
        return cost + " has a mean reward of " + FigureFormat.of(result.estimate("filter.reward"))
                + ", RL of the same KL ("
                + FigureFormat.of(result.estimate("rl.copies")) + " copies) "
                + FigureFormat.of(result.estimate("rl.reward"))
                + "; they share all but " + FigureFormat.of(result.estimate("distance")) + " of their mass. "
                + FigureFormat.of(100 * fraction)
                + " % of the filter's move is conditioning on the reward as RL does (exact;"
                + " at 100 % the two would have been one)." + rounds;
    }
}
