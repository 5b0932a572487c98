package dev.credence.core.posterior;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import java.util.function.DoubleUnaryOperator;

/**
 * Optima, in closed form, of the objectives that look like KL-penalised RL and are something else (docs/theory.md#where-the-penalty-stands):
 * what a run reaches when an entropy bonus, a mean-over-tokens penalty, a temperature or GRPO's k3 loss takes the place of
 * the sequence KL.
 */
public final class RegularisedOptima {
    private RegularisedOptima() {}

    /**
     * KL-penalised RL with an entropy bonus α: π ∝ π0^{β/(α+β)} e^{r/(α+β)}.
     *
     * @param prior π0
     * @param reward (outcomes)
     * @param beta KL coefficient, ≥ 0
     * @param alpha entropy coefficient, ≥ 0
     * @return the optimum; the prior is tempered, so it is a posterior of the flattened prior, not of π0
     * @throws IllegalArgumentException unless both are ≥ 0 and their sum is positive
     */
    public static Distribution entropyBonus(Distribution prior, double[] reward, double beta, double alpha) {
        if (!(beta >= 0 && alpha >= 0 && alpha + beta > 0)) {
            throw new IllegalArgumentException(
                    "beta is " + beta + " and alpha is " + alpha + "; both must be >= 0 and their sum positive");
        }
        double share = beta / (alpha + beta);
        double top = Double.NEGATIVE_INFINITY; // measured from it, the prior keeps its digits beside large rewards
        for (int i = 0; i < Math.min(reward.length, prior.size()); i++) {
            top = prior.probability(i) > 0 ? Math.max(top, reward[i]) : top;
        }
        double pivot = LogMath.pivot(top);
        return reweighted(prior, reward, (logPrior, r) -> share * logPrior + (r - pivot) / (alpha + beta));
    }

    /**
     * A distribution at a sampling temperature: π^{1/T}, normalised.
     *
     * @param distribution π
     * @param temperature T &gt; 0; below 1 sharpens
     * @return the tempered distribution
     * @throws IllegalArgumentException unless the temperature is positive and finite
     */
    public static Distribution atTemperature(Distribution distribution, double temperature) {
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature is " + temperature + "; it must be positive and finite");
        }
        return reweighted(distribution, new double[distribution.size()], (logP, zero) -> logP / temperature);
    }

    /**
     * The penalty averaged over tokens instead of summed: max E[r − (β/T) ℓ], whose optimum has ℓ = T(r − μ)/β − 1, so that a
     * text's multiplicity is proportional to its own length.
     *
     * @param prior π0
     * @param reward (outcomes), finite
     * @param tokens (outcomes), each &gt; 0
     * @param beta KL coefficient, &gt; 0
     * @return the optimum with its Lagrange multiplier μ
     * @throws IllegalArgumentException unless beta and all tokens are positive
     */
    public static Multiplied meanOverTokens(Distribution prior, double[] reward, double[] tokens, double beta) {
        requirePositive("beta", beta);
        for (double count : tokens) {
            requirePositive("token count", count);
        }
        double[] range = allowedRange(prior, reward);
        DoubleUnaryOperator excess = mu -> {
            double sum = -1;
            for (int i = 0; i < reward.length; i++) {
                sum += Math.exp(prior.logProbability(i) + tokens[i] * (reward[i] - mu) / beta - 1);
            }
            return sum;
        };
        double low = range[0];
        for (double step = beta + range[1] - range[0]; excess.applyAsDouble(low) < 0; step *= 2) {
            low -= step;
        }
        double high = range[1]; // there no text has more than a share 1/e of its prior mass
        double mu = MonotoneRoot.between(m -> new double[] {-excess.applyAsDouble(m), 0}, low, high);
        double[] logWeight = new double[reward.length];
        for (int i = 0; i < reward.length; i++) {
            logWeight[i] = prior.logProbability(i) + tokens[i] * (reward[i] - mu) / beta - 1;
        }
        return new Multiplied(Distribution.ofLogWeights(prior.outcomes(), logWeight), mu);
    }

    /**
     * GRPO's k3 estimator in the loss: its on-policy gradient is that of KL(π0‖π), and the optimum is π = βπ0/(Λ − r):
     * rational, heavy-tailed, never a posterior.
     *
     * @param prior π0
     * @param reward (outcomes), finite
     * @param beta coefficient, &gt; 0
     * @return the optimum with Λ
     * @throws IllegalArgumentException unless beta is positive
     */
    public static Multiplied k3InLoss(Distribution prior, double[] reward, double beta) {
        requirePositive("beta", beta);
        double top = allowedRange(prior, reward)[1];
        MonotoneRoot.Increasing missing = gap -> { // gap = Λ − r_max
            double sum = 0;
            for (int i = 0; i < reward.length; i++) {
                double p = prior.probability(i);
                sum += p > 0 ? p * beta / (gap + (top - reward[i])) : 0; // the gap may be too small to move the top
            }
            return new double[] {1 - sum, 0};
        };
        double topMass = 0;
        for (int i = 0; i < reward.length; i++) {
            topMass += reward[i] == top ? prior.probability(i) : 0;
        }
        double gap = MonotoneRoot.between(missing, beta * topMass, beta);
        Distribution optimum =
                reweighted(prior, reward, (logPrior, r) -> logPrior + Math.log(beta) - Math.log(gap + (top - r)));
        return new Multiplied(optimum, gap + top);
    }

    /**
     * An optimum and the multiplier that normalises it.
     *
     * @param policy the optimum
     * @param multiplier μ or Λ, in units of reward
     */
    public record Multiplied(Distribution policy, double multiplier) {}

    @FunctionalInterface
    private interface LogWeight {
        double of(double logPrior, double reward);
    }

    private static Distribution reweighted(Distribution prior, double[] reward, LogWeight logWeight) {
        if (reward.length != prior.size()) {
            throw new IllegalArgumentException(reward.length + " rewards for " + prior.size() + " outcomes");
        }
        double[] weight = new double[reward.length];
        for (int i = 0; i < weight.length; i++) {
            boolean allowed = prior.logProbability(i) > Double.NEGATIVE_INFINITY;
            weight[i] = allowed ? logWeight.of(prior.logProbability(i), reward[i]) : Double.NEGATIVE_INFINITY;
        }
        return Distribution.ofLogWeights(prior.outcomes(), weight);
    }

    private static double[] allowedRange(Distribution prior, double[] reward) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < reward.length; i++) {
            if (!(Math.abs(reward[i]) < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "reward of '" + prior.outcomes().get(i) + "' is " + reward[i] + "; it must be finite");
            }
            if (prior.probability(i) > 0) {
                least = Math.min(least, reward[i]);
                most = Math.max(most, reward[i]);
            }
        }
        return new double[] {least, most};
    }

    private static void requirePositive(String name, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be positive and finite");
        }
    }
}
