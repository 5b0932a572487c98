package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.NamedReward;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Quantilizer;
import dev.credence.methods.training.DecisionTransformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Policies that are asked for a return: a level, returns drawn as RL's posterior has them, the best share of the prior; and
 * returns that were never seen (docs/theory.md#return-conditioned). With a transformer, {@link ReturnTransformer} asks one that
 * was trained to be asked.
 */
public final class DecisionTransformerExperiment implements Experiment {
    private static final int MOST_DRAWN = 24; // returns in a picture of bars
    private static final double SAME = 1e-9; // of distances and probabilities

    /** For the service loader. */
    public DecisionTransformerExperiment() {}

    @Override
    public String name() {
        return "decision-transformer";
    }

    @Override
    public String question() {
        return "Which conditional is a policy that is asked for a return, and what comes of asking for one that was never seen?";
    }

    @Override
    public List<String> related() {
        return List.of("elicitation", "hypothesis");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        String level = Returns.written(settings.number("level"));
        return List.of(
                KeyFigure.of("KL of asking for a return of " + level, "level." + level + ".kl", "−log P(R = V)"),
                KeyFigure.of("return got when " + level + " is asked", "asked." + level, level)
                        .onTransformers("asked." + level + ".got"),
                KeyFigure.of("distance of tilted returns from RL's posterior", "tilted.distance", "0")
                        .onTransformers("transformer.tilted.distance"));
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> settings = new ArrayList<>(
                List.of(
                        ExperimentKey.text("world", "t19", "a world of texts with a reward"),
                        ExperimentKey.number(
                                "level", "3", -1e12, 1e12, "the return that is asked for; a text must have it"),
                        ExperimentKey.number(
                                "q", ".25", 1e-9, 1, "share of the prior's mass that the quantilizer keeps"),
                        ExperimentKey.number(
                                "lambda",
                                "1",
                                -1e3,
                                1e3,
                                "copies of the reward: returns are drawn ∝ P0(v) e^(lambda v)"),
                        ExperimentKey.text(
                                "reward",
                                "",
                                "what a text's return is; empty for the world's only reward, or the one called reward"),
                        ExperimentKey.text(
                                "cost",
                                "",
                                "a reward of the world, 0 or more, read as a cost that nobody sees; empty for the one called cost,"
                                        + " or, where there is none, 1 on the texts of the largest return and 0 on all others")));
        settings.addAll(ReturnTransformer.settings());
        settings.add(ExperimentKey.seed());
        return settings;
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        return ReturnTransformer.standards(effort);
    }

    /** What is asked, with what it is asked of. */
    private record Asked(
            Returns returns,
            RewardFunction reward,
            double level,
            double q,
            double lambda,
            Map<String, double[]> cost) {}

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        WorldInput world = WorldInput.read(settings.text("world"));
        NamedReward reward = reward(settings, world);
        Returns returns = new Returns(world.world().prior(), reward.name(), reward.function());
        double level = returns.level("level", settings.text("level"));
        Asked asked = new Asked(
                returns,
                reward.function(),
                level,
                settings.number("q"),
                settings.number("lambda"),
                costs(settings, world, returns));
        ReturnTransformer transformer = ReturnTransformer.of(settings, returns);
        ExperimentResult.Builder result = ExperimentResult.builder().inputs(List.of(world.input()));
        levels(settings, asked, result);
        policies(asked, result);
        refused(asked, result);
        String trained = transformer == null
                ? ""
                : transformer.run(new AskedTransformer.Wanted(asked.q, asked.lambda), result, listener);
        return result.conclude(
                conclusion(settings, asked, result),
                trained,
                transformer == null
                        ? "Returns and texts are counted, none is learnt: how near a trained policy comes to the level it is"
                                + " asked for is measured with a transformer."
                        : "The texts are those of the world and the transformer is small: which returns a larger one would"
                                + " give past those it has seen is not told by this. Returns here are of whole texts; a policy"
                                + " that is asked anew at each step is another.");
    }

    private static NamedReward reward(ExperimentSettings settings, WorldInput world) {
        boolean named = settings.has("reward");
        boolean usual = world.world().rewardNames().contains("reward");
        return world.reward("reward", named ? settings.text("reward") : usual ? "reward" : null);
    }

    private static Map<String, double[]> costs(ExperimentSettings settings, WorldInput world, Returns returns) {
        boolean usual = world.world().rewardNames().contains("cost");
        @Nullable String name = settings.has("cost") ? settings.text("cost") : usual ? "cost" : null;
        Map<String, double[]> costs = new LinkedHashMap<>();
        RewardFunction cost = name == null ? null : world.reward("cost", name).function();
        for (String prompt : returns.prior().prompts()) {
            Distribution given = returns.prior().given(prompt);
            double[] own = returns.rewards(prompt);
            double most = returns.masses(prompt).lastKey();
            double[] values = new double[own.length];
            for (int i = 0; i < own.length; i++) {
                values[i] = cost == null ? (own[i] == most ? 1 : 0) : cost.reward(prompt, given.outcome(i));
                if (name != null && !(values[i] >= 0 && values[i] < Double.POSITIVE_INFINITY)) {
                    throw InputException.ofSetting(
                            "cost",
                            name,
                            "a cost is 0 or more, as the bound of 1/q holds for no other; '" + given.outcome(i)
                                    + "' has " + values[i]);
                }
            }
            costs.put(prompt, values);
        }
        return costs;
    }

    /** The prior given each return: KL = −log P(R = V). */
    private static void levels(ExperimentSettings settings, Asked asked, ExperimentResult.Builder result) {
        Returns returns = asked.returns;
        Map<String, SortedMap<Double, Double>> tilted = returns.tilted(asked.lambda);
        Map<String, SortedMap<Double, Double>> best = returns.best(asked.q);
        DataTable.Builder table = DataTable.of(
                "Returns",
                "return",
                "P(R = V)",
                "KL of the prior given it, nats",
                "share drawn for RL's posterior",
                "share among the best q");
        double[] all = returns.levels();
        double[][] shares = new double[3][all.length];
        double[] kl = new double[all.length];
        for (int i = 0; i < all.length; i++) {
            double level = all[i];
            Finding finding = level("level." + Returns.written(level) + ".kl", returns, level);
            kl[i] = finding.stands() ? finding.estimate() : Double.NaN;
            result.finding(finding);
            shares[0][i] = returns.probability(level);
            shares[1][i] = returns.mean(tilted, level);
            shares[2][i] = returns.mean(best, level);
            table.row(level, shares[0][i], kl[i], shares[1][i], shares[2][i]);
        }
        result.finding(level("level." + settings.text("level") + ".kl", returns, asked.level));
        result.table("returns", table.build());
        if (all.length <= MOST_DRAWN) {
            result.picture(Picture.bars(
                    "returns",
                    "Which returns are drawn",
                    "A policy draws a return, then a text of the prior that has it. Drawn in proportion to P0(v) e^λv it is"
                            + " RL's posterior; drawn among the prior's best share q it is the quantilizer.",
                    Picture.Axis.linear("probability"),
                    Arrays.stream(all).mapToObj(Returns::written).toList(),
                    List.of(
                            Picture.Series.bars("prior", shares[0]),
                            Picture.Series.bars("RL's posterior", shares[1]),
                            Picture.Series.bars("quantilizer", shares[2]))));
        }
        if (Arrays.stream(kl).noneMatch(Double::isNaN) && all.length > 1) {
            result.picture(Picture.of(
                    "price",
                    "What asking for a return costs",
                    "Conditioning on a return moves the prior by minus the logarithm of its probability, whatever its texts are.",
                    Picture.Axis.linear("return asked for"),
                    Picture.Axis.linear("KL from the prior, nats"),
                    List.of(Picture.Series.points("prior given the return", all, kl))));
        }
    }

    private static Finding level(String id, Returns returns, double level) {
        double kl = 0;
        String lacking = null;
        for (String prompt : returns.prior().prompts()) {
            double mass = returns.masses(prompt).getOrDefault(level, 0.0);
            lacking = mass > 0 ? lacking : prompt;
            kl -= returns.prior().weight(prompt) * Math.log(mass);
        }
        Finding finding = new Finding(
                id,
                "How far from the prior is the prior given a return of " + Returns.written(level) + ", −log P(R = V)?",
                kl,
                kl + 0.0,
                kl,
                Grade.EXACT,
                "nats",
                null,
                null);
        return lacking == null
                ? finding
                : finding.withdrawn(
                        "no text of prompt '" + lacking + "' has this return: there is nothing to condition on");
    }

    /** The two mixtures of returns against the conditionals that they are, each computed its own way. */
    private static void policies(Asked asked, ExperimentResult.Builder result) {
        Returns returns = asked.returns;
        TableModel prior = returns.prior();
        TableModel tilted = returns.drawn(returns.tilted(asked.lambda));
        TableModel fraction = returns.drawn(returns.best(asked.q));
        TableModel posterior = TablePosterior.of(prior, asked.reward, RewardLikelihood.tilt(asked.lambda))
                .model();
        TableModel quantilizer = Quantilizer.of(asked.q)
                .condition(prior, asked.reward, MethodOptions.none())
                .policy();
        TableModel largest = returns.drawn(returns.best(least(returns)));
        result.exact(
                "tilted.distance",
                "Total variation between texts of returns drawn ∝ P0(v) e^λv and RL's posterior?",
                distance(tilted, posterior),
                "");
        result.exact(
                "fraction.distance",
                "Total variation between texts of returns drawn among the best share and the quantilizer?",
                distance(fraction, quantilizer),
                "");
        double before = returns.expectation(prior, asked.cost);
        double bound = before / asked.q;
        result.exact("prior.cost", "Mean cost of the prior's texts?", before, "cost");
        result.exact(
                "quantilizer.cost",
                "Mean cost of the quantilizer's texts?",
                returns.expectation(quantilizer, asked.cost),
                "cost");
        result.exact("quantilizer.cost_bound", "Bound on it for any cost, the prior's over q?", bound, "cost");
        result.exact("quantilizer.kl", "How far is the quantilizer from the prior?", kl(quantilizer, prior), "nats");
        result.exact("tilted.cost", "Mean cost of RL's posterior?", returns.expectation(posterior, asked.cost), "cost");
        result.exact("tilted.kl", "How far is RL's posterior from the prior?", kl(posterior, prior), "nats");
        result.exact(
                "largest.cost",
                "Mean cost of the prior given its largest return, which no q bounds?",
                returns.expectation(largest, asked.cost),
                "cost");
        DataTable.Builder table = DataTable.of(
                "Policies", "policy", "mean return", "KL from the prior, nats", "mean cost", "cost over the prior's");
        Map<String, TableModel> all = new LinkedHashMap<>();
        all.put("prior", prior);
        all.put("RL's posterior", posterior);
        all.put("quantilizer", quantilizer);
        all.put("largest return", largest);
        all.forEach((name, policy) -> {
            double cost = returns.expectation(policy, asked.cost);
            double mean = returns.expectation(policy, returns.rewards());
            table.row(name, mean, kl(policy, prior), cost, before == 0 ? null : cost / before);
        });
        result.table("policies", table.build());
    }

    /** A share so small that only the largest return is among it. */
    private static double least(Returns returns) {
        return returns.prior().prompts().stream()
                .mapToDouble(prompt -> {
                    SortedMap<Double, Double> masses = returns.masses(prompt);
                    return masses.getOrDefault(masses.lastKey(), 1.0);
                })
                .min()
                .orElse(1);
    }

    private static double distance(TableModel one, TableModel other) {
        return mean(one, other, Divergences::totalVariation);
    }

    private static double kl(TableModel one, TableModel other) {
        return mean(one, other, Divergences::kl);
    }

    /** Of two distributions of a prompt. */
    private interface Between {
        double of(Distribution one, Distribution other);
    }

    private static double mean(TableModel one, TableModel other, Between between) {
        return one.prompts().stream()
                .mapToDouble(prompt -> one.weight(prompt) * between.of(one.given(prompt), other.given(prompt)))
                .sum();
    }

    /** Asks the library for returns that no text has: above, below and between those that are. */
    private static void refused(Asked asked, ExperimentResult.Builder result) {
        double[] all = asked.returns.levels();
        double above = asked.returns.beyond(1);
        List<Double> unseen = new ArrayList<>(List.of(above, all[0] - (above - all[all.length - 1])));
        if (all.length > 1) {
            unseen.add((all[0] + all[1]) / 2);
        }
        DataTable.Builder table =
                DataTable.of("Returns that no text has", "return", "refused", "what the library says");
        boolean refused = true;
        for (double level : unseen) {
            String said = "";
            try {
                DecisionTransformer.of(level).condition(asked.returns.prior(), asked.reward, MethodOptions.none());
            } catch (NoPosteriorException e) {
                said = String.valueOf(e.getMessage());
            }
            refused &= !said.isEmpty();
            table.row(Returns.written(level), !said.isEmpty(), said);
        }
        result.table("unseen", table.build());
        result.exact(
                "unseen.refused", "Is a return that no text has refused, 1 for every one tried?", refused ? 1 : 0, "");
    }

    private static String conclusion(ExperimentSettings settings, Asked asked, ExperimentResult.Builder result) {
        String id = "level." + settings.text("level") + ".kl";
        String level = result.stands(id)
                ? String.format(
                        Locale.ROOT,
                        "In the world %s, whose texts are the prior and whose returns are their rewards, asking for a return of %s is"
                                + " conditioning on it, %s nats from the prior (exact).",
                        settings.text("world"),
                        settings.text("level"),
                        FigureFormat.of(result.estimate(id)))
                : "In the world " + settings.text("world") + " a return of " + settings.text("level")
                        + " is not to be had behind every prompt, and where it is not, it" + " is refused.";
        double tilted = result.estimate("tilted.distance");
        double fraction = result.estimate("fraction.distance");
        double cost = result.estimate("quantilizer.cost");
        double bound = result.estimate("quantilizer.cost_bound");
        return String.format(
                Locale.ROOT,
                "%s Drawn in proportion to P0(v) e^λv, at λ = %s, returns %s RL's posterior (total variation %s%s); drawn among"
                        + " the best %s of the prior they %s the quantilizer (%s); a distance beyond"
                        + " rounding would have refuted either. The quantilizer's mean cost is %s, its bound"
                        + " %s: %s. %s",
                level,
                settings.text("lambda"),
                tilted < SAME ? "make" : "do not make",
                FigureFormat.of(tilted),
                asked.lambda == 0 ? "; with no copy of the reward it is the prior, and nothing is conditioned on" : "",
                FigureFormat.of(asked.q),
                fraction < SAME ? "make" : "do not make",
                FigureFormat.of(fraction),
                FigureFormat.of(cost),
                FigureFormat.of(bound),
                cost > bound * (1 + SAME)
                        ? "the bound is broken"
                        : asked.q == 1
                                ? "with q = 1 it is the prior, and nothing is kept back"
                                : cost > bound * (1 - SAME) && bound > 0 ? "the bound is reached" : "the bound holds",
                result.estimate("unseen.refused") == 1
                        ? "For returns that no text has the prior says nothing: they are refused."
                        : "A return that no text has was answered.");
    }
}
