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
    private final Map<String, Map<String, Double>> scores;
    private final Map<String, Double> unjudged; // by prompt

    private RewardModel(Map<String, Map<String, Double>> scores, Map<String, Double> unjudged) {
        this.scores = scores;
        this.unjudged = unjudged;
    }

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

    /** What a text's raters said. */
    private static final class Counts {
        double yes;
        double no;

        void add(Judgement.Approval approval) {
            yes += approval.approved() ? approval.weight() : 0;
            no += approval.approved() ? 0 : approval.weight();
        }
    }

    /** What a text's raters stated, log-probabilities. */
    private static final class Weighted {
        double weight;
        double sum;

        void add(Judgement.Stated stated) {
            weight += stated.weight();
            sum += stated.weight() * stated.logProbability();
        }
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
        Map<String, Map<String, Counts>> counts = new LinkedHashMap<>();
        for (Judgement.Approval approval : approvals) {
            counts.computeIfAbsent(approval.prompt(), prompt -> new LinkedHashMap<>())
                    .computeIfAbsent(approval.text(), text -> new Counts())
                    .add(approval);
        }
        Map<String, Map<String, Double>> scores = new LinkedHashMap<>();
        Map<String, Double> unjudged = new HashMap<>();
        counts.forEach((prompt, texts) -> {
            double yes = texts.values().stream().mapToDouble(n -> n.yes).sum();
            double no = texts.values().stream().mapToDouble(n -> n.no).sum();
            double rate = (yes + 0.5) / (yes + no + 1);
            Map<String, Double> named = new LinkedHashMap<>();
            texts.forEach((text, n) -> {
                double score = Math.log(n.yes + strength * rate) - Math.log(n.no + strength * (1 - rate));
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
        Map<String, Map<String, Weighted>> sums = new LinkedHashMap<>();
        for (Judgement.Stated one : stated) {
            sums.computeIfAbsent(one.prompt(), prompt -> new LinkedHashMap<>())
                    .computeIfAbsent(one.text(), text -> new Weighted())
                    .add(one);
        }
        Map<String, Map<String, Double>> scores = new LinkedHashMap<>();
        Map<String, Double> unjudged = new HashMap<>();
        sums.forEach((prompt, texts) -> {
            double mean = texts.values().stream().mapToDouble(n -> n.sum).sum()
                    / texts.values().stream().mapToDouble(n -> n.weight).sum();
            Map<String, Double> named = new LinkedHashMap<>();
            texts.forEach((text, n) -> named.put(text, (n.sum + strength * mean) / (n.weight + strength)));
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
    public static HeldOutScores onPairs(RewardFunction reward, Collection<Judgement.Pair> pairs) {
        HeldOutScores.Tally tally = new HeldOutScores.Tally();
        for (Judgement.Pair pair : pairs) {
            double difference =
                    reward.reward(pair.prompt(), pair.chosen()) - reward.reward(pair.prompt(), pair.rejected());
            tally.preferred(difference, pair.weight());
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
    public static HeldOutScores onApprovals(RewardFunction reward, Collection<Judgement.Approval> approvals) {
        HeldOutScores.Tally tally = new HeldOutScores.Tally();
        approvals.forEach(
                one -> tally.approved(reward.reward(one.prompt(), one.text()), one.approved() ? 1 : 0, one.weight()));
        return tally.heldOut();
    }

    /**
     * How logits foretell stated probabilities: each counts as that share of an approval, and the rest of it as the opposite.
     *
     * @param reward the logits
     * @param stated that they were not fitted to
     * @return accuracy, log-loss (the cross-entropy), calibration
     * @throws IllegalArgumentException if there are none
     */
    public static HeldOutScores onProbabilities(RewardFunction reward, Collection<Judgement.Stated> stated) {
        HeldOutScores.Tally tally = new HeldOutScores.Tally();
        stated.forEach(one ->
                tally.approved(reward.reward(one.prompt(), one.text()), Math.exp(one.logProbability()), one.weight()));
        return tally.heldOut();
    }

    /**
     * σ(x), with every digit on both sides.
     *
     * @param x a logit
     * @return the probability
     */
    public static double logistic(double x) {
        double small = Math.exp(-Math.abs(x));
        return x >= 0 ? 1 / (1 + small) : small / (1 + small);
    }

    /**
     * log σ(x).
     *
     * @param x a logit
     * @return nats, at most 0
     */
    public static double logLogistic(double x) {
        return Math.min(0, x) - Math.log1p(Math.exp(-Math.abs(x)));
    }
}
