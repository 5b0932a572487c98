package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Candidate;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.inputs.WorldInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Raters of different tastes, each with a reward of its own, and what conditioning on their approvals together comes to. A rater
 * approves of a text with probability σ(s·(r − the prompt's mean r)). That all approve multiplies the likelihoods, that one
 * drawn at random approves averages them, and a reward model of all their judgements averages the logits (docs/theory.md,
 * raters of different tastes).
 */
final class ApprovingRaters {
    /** Key of the raters' rewards. */
    static final String RATERS = "raters";

    private static final String SCALE = "raters.scale";
    private static final int MOST = 4; // raters without being named
    private static final double FLAT = 1e-12; // nats between approvals that are all alike

    private final TableModel prior;
    private final Map<String, RewardFunction> approvals = new LinkedHashMap<>(); // by rater: log-probabilities, nats
    private final Map<String, RewardFunction> aggregates = new LinkedHashMap<>(); // by name: log-likelihoods, nats

    private ApprovingRaters(TableModel prior, Map<String, RewardFunction> rewards, double scale) {
        this.prior = prior;
        Map<String, RewardFunction> logits = new LinkedHashMap<>();
        rewards.forEach((name, reward) -> logits.put(name, logit(reward, scale)));
        logits.forEach((name, logit) -> approvals.put(name, (prompt, text) -> logSigmoid(logit.reward(prompt, text))));
        List<RewardFunction> all = List.copyOf(logits.values());
        List<RewardFunction> yes = List.copyOf(approvals.values());
        aggregates.put("all", (prompt, text) -> sum(yes, prompt, text));
        aggregates.put(
                "random",
                (prompt, text) -> LogMath.logSumExp(yes.stream()
                                .mapToDouble(each -> each.reward(prompt, text))
                                .toArray())
                        - Math.log(yes.size()));
        aggregates.put("logits", (prompt, text) -> logSigmoid(sum(all, prompt, text) / all.size()));
        aggregates.put("reward", (prompt, text) -> sum(all, prompt, text) / all.size());
    }

    static List<ExperimentKey> settings() {
        return List.of(
                ExperimentKey.text(
                        RATERS,
                        "",
                        "rewards of the world, a rater each, with commas between; empty for the world's others than reward, "
                                + MOST + " at most"),
                ExperimentKey.number(
                        SCALE,
                        "2",
                        0,
                        1e3,
                        "how decided the raters are: the logit of an approval is so many times the reward above its"
                                + " prompt's mean; 0 for raters who approve of everything alike"));
    }

    static ApprovingRaters of(ExperimentSettings settings, WorldInput world) {
        TableModel prior = world.world().prior();
        Map<String, RewardFunction> rewards = new LinkedHashMap<>();
        String typed = settings.text(RATERS).strip();
        if (typed.isEmpty()) {
            for (String name : world.world().rewardNames()) {
                RewardFunction reward = world.world().reward(name);
                if (rewards.size() < MOST && !name.equals(settings.text("reward")) && isFinite(prior, reward)) {
                    rewards.put(name, reward);
                }
            }
            if (rewards.isEmpty()) {
                String only = settings.text("reward");
                RewardFunction reward = world.reward("reward", only).function();
                if (isFinite(prior, reward)) {
                    rewards.put(only, reward);
                }
            }
        } else {
            for (String name : typed.split(",", -1)) {
                RewardFunction reward = world.reward(RATERS, name.strip()).function();
                if (!isFinite(prior, reward)) {
                    throw InputException.ofSetting(RATERS, typed, "'" + name.strip() + "' is finite for every text");
                }
                rewards.put(name.strip(), reward);
            }
        }
        return new ApprovingRaters(prior, rewards, settings.number(SCALE));
    }

    private static boolean isFinite(TableModel prior, RewardFunction reward) {
        return prior.prompts().stream()
                .allMatch(prompt -> Arrays.stream(reward.rewards(prompt, prior.given(prompt)))
                        .allMatch(Double::isFinite));
    }

    private RewardFunction logit(RewardFunction reward, double scale) {
        Map<String, Double> means = new HashMap<>();
        for (String prompt : prior.prompts()) {
            Distribution texts = prior.given(prompt);
            means.put(prompt, texts.expectation(reward.rewards(prompt, texts)));
        }
        return (prompt, text) -> scale * (reward.reward(prompt, text) - means.getOrDefault(prompt, Double.NaN));
    }

    private static double logSigmoid(double x) {
        return x >= 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
    }

    private static double sum(List<RewardFunction> terms, String prompt, String text) {
        return terms.stream().mapToDouble(term -> term.reward(prompt, text)).sum();
    }

    private TableModel given(RewardFunction logLikelihood) {
        return TablePosterior.of(prior, logLikelihood, RewardLikelihood.tilt(1)).model();
    }

    private interface Distance {
        double between(Distribution one, Distribution other);
    }

    private double mean(TableModel one, TableModel other, Distance distance) {
        double sum = 0;
        for (String prompt : prior.prompts()) {
            sum += prior.weight(prompt) * distance.between(one.given(prompt), other.given(prompt));
        }
        return sum;
    }

    /** Adds figures, table and picture. */
    void add(ExperimentResult.Builder result) {
        if (approvals.isEmpty()) {
            return;
        }
        Map<String, TableModel> single = new LinkedHashMap<>();
        approvals.forEach((name, approval) -> single.put(name, given(approval)));
        DataTable.Builder table = DataTable.of(
                "Approvals of several raters, held against each rater's own conditional",
                "aggregate",
                "rater",
                "total variation",
                "KL, nats",
                "copies of the rater's approval",
                "departure, nats",
                "Bayes fraction");
        Map<String, double[]> bars = new LinkedHashMap<>();
        aggregates.forEach((aggregate, logLikelihood) -> {
            TableModel policy = given(logLikelihood);
            String id = "raters." + aggregate;
            String words = words(aggregate);
            result.exact(
                    id + ".kl",
                    "How far is " + words + " from the prior?",
                    mean(policy, prior, Divergences::kl),
                    "nats");
            Map<String, Candidate> fits = fits(policy);
            double nearest = Double.POSITIVE_INFINITY;
            double least = Double.POSITIVE_INFINITY;
            double[] distances = new double[single.size()];
            int k = 0;
            for (Map.Entry<String, TableModel> rater : single.entrySet()) {
                double distance = mean(policy, rater.getValue(), Divergences::totalVariation);
                Candidate fit = fits.get(rater.getKey());
                distances[k++] = distance;
                nearest = Math.min(nearest, distance);
                least = Math.min(least, fit == null ? Double.POSITIVE_INFINITY : fit.departure());
                result.exact(
                        id + "." + rater.getKey() + ".distance",
                        "Total variation between " + words + " and the conditional on an approval by the rater of "
                                + rater.getKey() + "?",
                        distance,
                        "probability");
                table.row(
                        aggregate,
                        rater.getKey(),
                        distance,
                        mean(policy, rater.getValue(), Divergences::kl),
                        fit == null ? null : fit.copies(),
                        fit == null ? null : fit.departure(),
                        fit == null ? null : fit.bayesFraction());
            }
            bars.put(aggregate, distances);
            result.exact(id + ".nearest", "And from the rater who comes nearest?", nearest, "probability");
            result.exact(
                    id + ".departure",
                    "How far is " + words + " from every conditional on one rater alone, at any number of approvals?",
                    Double.isInfinite(least) ? 0 : least,
                    "nats");
        });
        result.table("raters", table.build());
        result.picture(picture(List.copyOf(single.keySet()), bars));
    }

    /** Each rater's approvals as a candidate, by the audit; none where the policy did not move or a rater tells no texts apart. */
    private Map<String, Candidate> fits(TableModel policy) {
        Map<String, RewardFunction> telling = new LinkedHashMap<>();
        approvals.forEach((name, approval) -> {
            if (tells(approval)) {
                telling.put(name, approval);
            }
        });
        Map<String, Candidate> fits = new LinkedHashMap<>();
        if (!telling.isEmpty() && mean(policy, prior, Divergences::totalVariation) > FLAT) {
            String any = telling.keySet().iterator().next();
            Audit.of(
                            prior,
                            policy,
                            telling,
                            new AuditOptions(null, any, RewardType.SCORE, List.copyOf(telling.keySet()), null, 1))
                    .candidates()
                    .forEach(candidate -> fits.put(candidate.name(), candidate));
        }
        return fits;
    }

    private boolean tells(RewardFunction approval) {
        return prior.prompts().stream().anyMatch(prompt -> {
            double[] log = approval.rewards(prompt, prior.given(prompt));
            return Arrays.stream(log).max().orElse(0) - Arrays.stream(log).min().orElse(0) > FLAT;
        });
    }

    private static String words(String aggregate) {
        return switch (aggregate) {
            case "all" -> "the conditional on an approval by every rater";
            case "random" -> "the conditional on an approval by a rater drawn at random";
            case "logits" -> "the conditional on an approval at the raters' mean logit";
            default -> "the policy rewarded by the raters' mean logit, at β = 1,";
        };
    }

    private static Picture picture(List<String> raters, Map<String, double[]> bars) {
        List<Picture.Series> series = new ArrayList<>();
        bars.forEach((aggregate, distances) -> series.add(Picture.Series.bars(aggregate, distances)));
        return Picture.bars(
                "raters",
                "Approvals of several raters are nobody's own",
                "How far each way of putting approvals together is from the conditional on one approval of each rater alone:"
                        + " a bar at 0 would be that rater's conditional.",
                Picture.Axis.linear("total variation"),
                raters,
                series);
    }

    /** A sentence for the conclusion, from the figures. */
    String words(ExperimentResult.Builder result) {
        if (approvals.size() < 2) {
            return "";
        }
        double all = result.estimate("raters.all.departure");
        double random = result.estimate("raters.random.departure");
        String tastes = "Raters with tastes for " + String.join(", ", approvals.keySet());
        if (!(Math.max(all, random) > 1e-9)) {
            return tastes + " are here one rater: what they approve together is a number of approvals by each of them.";
        }
        return tastes + ": that all of them approve is " + FigureFormat.of(all)
                + " nats from the conditional on any number of approvals by one of them, that one drawn at random approves "
                + FigureFormat.of(random)
                + ", and their mean logit as the reward " + FigureFormat.of(result.estimate("raters.reward.departure"))
                + " (exact)" + (Math.min(all, random) > 1e-9 ? ": no single rater's conditional." : ".");
    }
}
