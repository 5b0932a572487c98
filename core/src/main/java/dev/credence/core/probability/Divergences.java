package dev.credence.core.probability;

import java.util.List;

/**
 * Divergences between two distributions over the same outcomes (by name, in any order), in nats where they have a unit.
 *
 * <p>Infinite where the second distribution excludes what the first allows. The reverse of a divergence is the same with
 * the arguments exchanged: {@code kl(policy, prior)} and {@code kl(prior, policy)}.
 */
public final class Divergences {
    private Divergences() {}

    /**
     * The smallest and largest log-ratio log p/q over the outcomes that p or q allows, nats.
     *
     * @param min −∞ where p excludes an outcome of q
     * @param max ∞ where q excludes an outcome of p
     */
    public record LogRatioRange(double min, double max) {}

    /**
     * The Kullback–Leibler divergence KL(p‖q) = Σ p log p/q.
     *
     * @param p the distribution expectations are taken under
     * @param q the other
     * @return nats, ≥ 0
     */
    public static double kl(Distribution p, Distribution q) {
        int[] inQ = align(p, q);
        double sum = 0;
        for (int i = 0; i < inQ.length; i++) {
            if (p.probability(i) > 0) {
                sum += p.probability(i) * (p.logProbability(i) - q.logProbability(inQ[i]));
            }
        }
        return Math.max(0, sum); // rounding only; Math.max keeps NaN
    }

    /**
     * The same of columns: outcomes are in the same order, and rounding may leave it a little below 0.
     *
     * @param logP (outcomes) log-probabilities of the distribution expectations are taken under, nats
     * @param logQ (outcomes) those of the other
     * @return nats; ∞ where q excludes what p allows
     * @throws IllegalArgumentException if they are not equally many
     */
    public static double kl(double[] logP, double[] logQ) {
        if (logP.length != logQ.length) {
            throw new IllegalArgumentException(
                    logP.length + " outcomes against " + logQ.length + "; they are the same");
        }
        double sum = 0;
        for (int i = 0; i < logP.length; i++) {
            double p = Math.exp(logP[i]);
            sum += p > 0 ? p * (logP[i] - logQ[i]) : 0;
        }
        return sum;
    }

    /**
     * The Jensen–Shannon divergence ½KL(p‖m) + ½KL(q‖m), m = ½p + ½q.
     *
     * @param p one distribution
     * @param q the other
     * @return nats, in [0, log 2]
     */
    public static double jensenShannon(Distribution p, Distribution q) {
        int[] inQ = align(p, q);
        double sum = 0;
        for (int i = 0; i < inQ.length; i++) {
            double logP = p.logProbability(i);
            double logQ = q.logProbability(inQ[i]);
            double logM = LogMath.logAddExp(logP, logQ) - Math.log(2);
            sum += term(logP, logM) + term(logQ, logM);
        }
        return Math.max(0, sum / 2);
    }

    /**
     * The total variation distance ½ Σ |p − q|.
     *
     * @param p one distribution
     * @param q the other
     * @return in [0, 1]
     */
    public static double totalVariation(Distribution p, Distribution q) {
        int[] inQ = align(p, q);
        double sum = 0;
        for (int i = 0; i < inQ.length; i++) {
            sum += Math.abs(p.probability(i) - q.probability(inQ[i]));
        }
        return sum / 2;
    }

    /**
     * Pearson's χ²(p‖q) = Σ (p − q)²/q.
     *
     * @param p the distribution whose weights against q it is the variance of
     * @param q the reference
     * @return ≥ 0
     */
    public static double chiSquared(Distribution p, Distribution q) {
        int[] inQ = align(p, q);
        double sum = 0;
        for (int i = 0; i < inQ.length; i++) {
            double gap = p.probability(i) - q.probability(inQ[i]);
            if (gap != 0) {
                sum += gap * gap / q.probability(inQ[i]);
            }
        }
        return sum;
    }

    /**
     * Rényi's divergence of order α: log(Σ p^α q^{1−α}) / (α − 1); KL at 1, max log-ratio at ∞, −log q(p &gt; 0) at 0.
     *
     * @param alpha the order, in [0, ∞]
     * @param p the first distribution
     * @param q the reference
     * @return nats, ≥ 0
     * @throws IllegalArgumentException if the order is negative or NaN
     */
    public static double renyi(double alpha, Distribution p, Distribution q) {
        if (!(alpha >= 0)) {
            throw new IllegalArgumentException("alpha is " + alpha + "; the order must be >= 0");
        }
        if (alpha == 1) {
            return kl(p, q);
        }
        int[] inQ = align(p, q);
        LogSum sum = new LogSum();
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < inQ.length; i++) {
            double logP = p.logProbability(i);
            if (logP > Double.NEGATIVE_INFINITY) {
                double logQ = q.logProbability(inQ[i]);
                max = Math.max(max, logP - logQ);
                if (alpha < Double.POSITIVE_INFINITY) {
                    sum.add(mixedPower(alpha, logP, logQ));
                }
            }
        }
        return Math.max(0, alpha == Double.POSITIVE_INFINITY ? max : sum.value() / (alpha - 1));
    }

    /**
     * The range of log p/q.
     *
     * @param p the numerator
     * @param q the denominator
     * @return over the outcomes that p or q allows
     */
    public static LogRatioRange logRatioRange(Distribution p, Distribution q) {
        int[] inQ = align(p, q);
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < inQ.length; i++) {
            double logP = p.logProbability(i);
            double logQ = q.logProbability(inQ[i]);
            if (logP > Double.NEGATIVE_INFINITY || logQ > Double.NEGATIVE_INFINITY) {
                min = Math.min(min, logP - logQ);
                max = Math.max(max, logP - logQ);
            }
        }
        return new LogRatioRange(min, max);
    }

    /** α log p + (1 − α) log q for p &gt; 0; with q = 0 its limit. */
    private static double mixedPower(double alpha, double logP, double logQ) {
        if (logQ > Double.NEGATIVE_INFINITY) {
            return alpha * logP + (1 - alpha) * logQ;
        }
        return alpha > 1 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    }

    private static double term(double logP, double logM) {
        double p = Math.exp(logP);
        return p > 0 ? p * (logP - logM) : 0;
    }

    /** Position in q of each of p's outcomes; both must have the same. */
    private static int[] align(Distribution p, Distribution q) {
        List<String> outcomes = p.outcomes();
        int[] inQ = new int[p.size()];
        for (int i = 0; i < inQ.length; i++) {
            inQ[i] = i < q.size() && outcomes.get(i).equals(q.outcomes().get(i)) ? i : q.indexOf(outcomes.get(i));
            if (inQ[i] < 0) {
                throw mismatch(outcomes.get(i));
            }
        }
        if (q.size() > p.size()) { // names are unique, so one of q's is not p's
            throw mismatch(q.outcomes().stream()
                    .filter(name -> p.indexOf(name) < 0)
                    .findFirst()
                    .orElseThrow());
        }
        return inQ;
    }

    private static IllegalArgumentException mismatch(String outcome) {
        return new IllegalArgumentException(
                "outcome '" + outcome
                        + "' is in one distribution only; both must name the same outcomes (give it probability 0 where excluded)");
    }
}
