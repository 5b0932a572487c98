package dev.credence.methods.rewardmodel;

import dev.credence.core.evidence.RewardFunction;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A score for each text of each prompt, fitted to judgements: a reward to condition on. Scores are compared within a prompt alone,
 * where a constant added to all changes nothing.
 *
 * <p>Each text is given {@code strength} pseudo-judgements that say it is like the prompt's others: half won and half lost against
 * a text of score 0 (pairs), at the prompt's rate of approval (approvals), of the prompt's mean (stated probabilities). So a text
 * that always won has a finite score, a text that nobody judged the average one, and their weight vanishes as judgements come in.
 */
public final class RewardModel implements RewardFunction {
    private static final int BINS = 20;

    private final Map<String, Map<String, Double>> scores;
    private final Map<String, Double> unjudged; // by prompt

    private RewardModel(Map<String, Map<String, Double>> scores, Map<String, Double> unjudged) {
        this.scores = scores;
        this.unjudged = unjudged;
    }

    /**
     * How good scores are on judgements that were held out.
     *
     * @param accuracy share of judgements foretold; a tie counts one half
     * @param logLoss mean −log of the probability given to what was said, nats
     * @param calibrationError mean distance of foretold probability and frequency over 20 bins of equal width, by their weight
     */
    public record HeldOut(double accuracy, double logLoss, double calibrationError) {}

    /**
     * Bradley–Terry scores, logits of preference.
     *
     * @param pairs of any prompts; a text compared with itself says nothing
     * @param strength pseudo-judgements a text, at least 0
     * @return the scores
     * @throws IllegalArgumentException if strength is negative, or 0 where a score has no finite maximum
     */
    public static RewardModel ofPairs(Collection<Judgement.Pair> pairs, double strength) {
        requireStrength(strength);
        Map<String, Map<String, Integer>> indices = new LinkedHashMap<>();
        for (Judgement.Pair pair : pairs) {
            Map<String, Integer> own = indices.computeIfAbsent(pair.prompt(), prompt -> new LinkedHashMap<>());
            own.putIfAbsent(pair.chosen(), own.size());
            own.putIfAbsent(pair.rejected(), own.size());
        }
        Map<String, Map<Long, Double>> wins = new HashMap<>();
        for (Judgement.Pair pair : pairs) {
            Map<String, Integer> own = indices.getOrDefault(pair.prompt(), Map.of());
            long chosen = own.getOrDefault(pair.chosen(), 0);
            int rejected = own.getOrDefault(pair.rejected(), 0);
            Map<Long, Double> ofPrompt = wins.computeIfAbsent(pair.prompt(), prompt -> new HashMap<>());
            if (chosen != rejected) {
                ofPrompt.merge(chosen * own.size() + rejected, pair.weight(), Double::sum);
            }
        }
        Map<String, Map<String, Double>> scores = new LinkedHashMap<>();
        Map<String, Double> unjudged = new HashMap<>();
        indices.forEach((prompt, own) -> {
            double[] fitted = BradleyTerry.fit(wins.getOrDefault(prompt, Map.of()), own.size(), strength);
            Map<String, Double> named = new LinkedHashMap<>();
            own.forEach((text, index) -> named.put(text, fitted[index]));
            scores.put(prompt, named);
            unjudged.put(prompt, 0.0);
        });
        return new RewardModel(scores, unjudged);
    }

    /**
     * Logits of approval, text by text: log (k + νq)/(n − k + ν(1 − q)) of k approvals among n, at the prompt's rate q.
     *
     * @param approvals of any prompts
     * @param strength ν, pseudo-judgements a text, at least 0
     * @return the scores
     * @throws IllegalArgumentException if strength is negative, or 0 where a text was always or never approved of
     */
    public static RewardModel ofApprovals(Collection<Judgement.Approval> approvals, double strength) {
        requireStrength(strength);
        Map<String, Map<String, double[]>> counts = new LinkedHashMap<>(); // (no, yes)
        for (Judgement.Approval approval : approvals) {
            counts.computeIfAbsent(approval.prompt(), prompt -> new LinkedHashMap<>())
                            .computeIfAbsent(approval.text(), text -> new double[2])[approval.approved() ? 1 : 0] +=
                    approval.weight();
        }
        Map<String, Map<String, Double>> scores = new LinkedHashMap<>();
        Map<String, Double> unjudged = new HashMap<>();
        counts.forEach((prompt, texts) -> {
            double yes = texts.values().stream().mapToDouble(n -> n[1]).sum();
            double no = texts.values().stream().mapToDouble(n -> n[0]).sum();
            double rate = (yes + 0.5) / (yes + no + 1);
            Map<String, Double> named = new LinkedHashMap<>();
            texts.forEach((text, n) -> {
                double score = Math.log(n[1] + strength * rate) - Math.log(n[0] + strength * (1 - rate));
                if (!(Math.abs(score) < Double.POSITIVE_INFINITY)) {
                    throw new IllegalArgumentException("text '" + text
                            + "' was always or never approved of: without pseudo-judgements its logit is infinite");
                }
                named.put(text, score);
            });
            scores.put(prompt, named);
            unjudged.put(prompt, Math.log(rate) - Math.log1p(-rate));
        });
        return new RewardModel(scores, unjudged);
    }

    /**
     * Log-probabilities of approval, by least squares: each text's mean, drawn to the prompt's by the pseudo-judgements.
     *
     * @param stated of any prompts
     * @param strength pseudo-judgements a text, at least 0
     * @return the scores
     * @throws IllegalArgumentException if strength is negative
     */
    public static RewardModel ofProbabilities(Collection<Judgement.Stated> stated, double strength) {
        requireStrength(strength);
        Map<String, Map<String, double[]>> sums = new LinkedHashMap<>(); // (weight, weighted sum)
        for (Judgement.Stated one : stated) {
            double[] own = sums.computeIfAbsent(one.prompt(), prompt -> new LinkedHashMap<>())
                    .computeIfAbsent(one.text(), text -> new double[2]);
            own[0] += one.weight();
            own[1] += one.weight() * one.logProbability();
        }
        Map<String, Map<String, Double>> scores = new LinkedHashMap<>();
        Map<String, Double> unjudged = new HashMap<>();
        sums.forEach((prompt, texts) -> {
            double mean = texts.values().stream().mapToDouble(n -> n[1]).sum()
                    / texts.values().stream().mapToDouble(n -> n[0]).sum();
            Map<String, Double> named = new LinkedHashMap<>();
            texts.forEach((text, n) -> named.put(text, (n[1] + strength * mean) / (n[0] + strength)));
            scores.put(prompt, named);
            unjudged.put(prompt, mean);
        });
        return new RewardModel(scores, unjudged);
    }

    private static void requireStrength(double strength) {
        if (!(strength >= 0 && strength < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("strength is " + strength + "; it must be a finite number, at least 0");
        }
    }

    /**
     * The score of a text.
     *
     * @param prompt any
     * @param completion any; one that nobody judged has the score of the pseudo-judgements alone, 0 where the prompt is unknown too
     * @return a finite number
     */
    @Override
    public double reward(String prompt, String completion) {
        Double score = scores.getOrDefault(prompt, Map.of()).get(completion);
        return score == null ? unjudged.getOrDefault(prompt, 0.0) : score;
    }

    /** {@return the prompts that were judged, in the order they came} */
    public List<String> prompts() {
        return List.copyOf(scores.keySet());
    }

    /**
     * The scores of a prompt's texts that were judged.
     *
     * @param prompt any
     * @return text to score; empty where nothing of it was judged
     */
    public Map<String, Double> scores(String prompt) {
        return new LinkedHashMap<>(scores.getOrDefault(prompt, Map.of()));
    }

    /**
     * How scores foretell preferences: σ of their difference. Whatever a reward was fitted to, its scores are judged alike.
     *
     * @param reward the scores
     * @param pairs that the scores were not fitted to
     * @return accuracy, log-loss, calibration
     * @throws IllegalArgumentException if there are none
     */
    public static HeldOut onPairs(RewardFunction reward, Collection<Judgement.Pair> pairs) {
        Tally tally = new Tally();
        for (Judgement.Pair pair : pairs) {
            double difference =
                    reward.reward(pair.prompt(), pair.chosen()) - reward.reward(pair.prompt(), pair.rejected());
            tally.add(difference, true, 0.5 * pair.weight()); // and the same said the other way round
            tally.add(-difference, false, 0.5 * pair.weight());
        }
        return tally.heldOut();
    }

    /**
     * How logits foretell approvals.
     *
     * @param reward the logits
     * @param approvals that they were not fitted to
     * @return accuracy, log-loss, calibration
     * @throws IllegalArgumentException if there are none
     */
    public static HeldOut onApprovals(RewardFunction reward, Collection<Judgement.Approval> approvals) {
        Tally tally = new Tally();
        approvals.forEach(one -> tally.add(reward.reward(one.prompt(), one.text()), one.approved(), one.weight()));
        return tally.heldOut();
    }

    /** Forecasts beside what came of them. */
    private static final class Tally {
        private final double[] foretold = new double[BINS]; // sums of probabilities by bin
        private final double[] happened = new double[BINS];
        private double weight;
        private double right;
        private double loss;

        void add(double logit, boolean outcome, double w) {
            double p = logistic(logit);
            int bin = Math.min(BINS - 1, (int) (BINS * p));
            foretold[bin] += w * p;
            happened[bin] += outcome ? w : 0;
            weight += w;
            right += w * (logit == 0 ? 0.5 : logit > 0 == outcome ? 1 : 0);
            loss -= w * logLogistic(outcome ? logit : -logit);
        }

        HeldOut heldOut() {
            if (!(weight > 0)) {
                throw new IllegalArgumentException("there are no held-out judgements; at least one is needed");
            }
            double error = 0;
            for (int bin = 0; bin < BINS; bin++) {
                error += Math.abs(foretold[bin] - happened[bin]);
            }
            return new HeldOut(right / weight, loss / weight, error / weight);
        }
    }

    /** σ(x), with every digit on both sides. */
    static double logistic(double x) {
        double small = Math.exp(-Math.abs(x));
        return x >= 0 ? 1 / (1 + small) : small / (1 + small);
    }

    /** log σ(x). */
    static double logLogistic(double x) {
        return Math.min(0, x) - Math.log1p(Math.exp(-Math.abs(x)));
    }
}
