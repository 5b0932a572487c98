package dev.credence.core.probability;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A probability distribution over finitely many named outcomes (texts).
 *
 * <p>Both probabilities and their logarithms (nats) are held, so that an outcome of probability 1e-60 keeps its
 * digits. An outcome may have probability zero (log-probability −∞). Immutable.
 */
public final class Distribution {
    /** How far a sum of probabilities may stray from one. */
    public static final double SUM_TOLERANCE = 1e-9;

    private final List<String> outcomes;
    private final Map<String, Integer> index;
    private final double[] probability; // (outcomes)
    private final double[] logProbability; // (outcomes), nats

    private Distribution(List<String> outcomes, double[] logProbability) {
        this.outcomes = List.copyOf(outcomes);
        this.logProbability = logProbability;
        this.probability = new double[logProbability.length];
        this.index = new HashMap<>(2 * outcomes.size());
        for (int i = 0; i < logProbability.length; i++) {
            probability[i] = Math.exp(logProbability[i]);
            if (index.put(this.outcomes.get(i), i) != null) {
                throw new IllegalArgumentException("outcome '" + this.outcomes.get(i) + "' is given twice");
            }
        }
    }

    /**
     * The distribution with the given probabilities.
     *
     * @param probabilities outcome to probability, each in [0, 1], summing to one within {@link #SUM_TOLERANCE}
     * @return the distribution, in the map's iteration order
     * @throws IllegalArgumentException if a value is negative or NaN, or the sum is not one
     */
    public static Distribution of(Map<String, Double> probabilities) {
        double sum = 0;
        for (double p : probabilities.values()) {
            sum += p;
        }
        Distribution result = normalised(probabilities);
        if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
            throw new IllegalArgumentException("probabilities sum to " + sum + ", not to 1 (tolerance " + SUM_TOLERANCE
                    + "); give weights with normalise: true to have them divided by their sum");
        }
        return result;
    }

    /**
     * The distribution proportional to the given weights.
     *
     * @param weights outcome to weight, each finite and ≥ 0, not all zero
     * @return the distribution, in the map's iteration order
     * @throws IllegalArgumentException if a weight is negative, infinite or NaN, or all are zero
     */
    public static Distribution normalised(Map<String, Double> weights) {
        double[] logWeights = new double[weights.size()];
        int i = 0;
        for (Map.Entry<String, Double> entry : weights.entrySet()) {
            double weight = entry.getValue();
            if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("weight of outcome '" + entry.getKey() + "' is " + weight
                        + "; it must be finite and not negative");
            }
            logWeights[i++] = Math.log(weight);
        }
        return ofLogWeights(new ArrayList<>(weights.keySet()), logWeights);
    }

    /**
     * The distribution proportional to {@code exp(logWeights)}.
     *
     * @param outcomes names, all different
     * @param logWeights (outcomes), nats, each in [−∞, ∞), not all −∞
     * @return the distribution
     * @throws IllegalArgumentException if a log-weight is NaN or +∞, or all are −∞, or the sizes differ
     */
    public static Distribution ofLogWeights(List<String> outcomes, double[] logWeights) {
        if (outcomes.size() != logWeights.length) {
            throw new IllegalArgumentException(outcomes.size() + " outcomes but " + logWeights.length + " log-weights");
        }
        for (int i = 0; i < logWeights.length; i++) {
            if (!(logWeights[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("log-weight of outcome '" + outcomes.get(i) + "' is " + logWeights[i]
                        + "; it must be a number below infinity");
            }
        }
        double logSum = LogMath.logSumExp(logWeights);
        if (!(logSum > Double.NEGATIVE_INFINITY)) {
            throw new IllegalArgumentException("every outcome has weight zero: there is nothing to normalise");
        }
        return new Distribution(outcomes, LogMath.normalised(logWeights));
    }

    /**
     * The uniform distribution.
     *
     * @param outcomes names, all different, at least one
     * @return 1/n for each
     */
    public static Distribution uniform(Collection<String> outcomes) {
        return ofLogWeights(new ArrayList<>(outcomes), new double[outcomes.size()]);
    }

    /** {@return the number of outcomes} */
    public int size() {
        return probability.length;
    }

    /** {@return the outcomes' names, in order} */
    public List<String> outcomes() {
        return outcomes;
    }

    /**
     * The name of the outcome at a position.
     *
     * @param i position, in [0, size)
     * @return its name
     */
    public String outcome(int i) {
        return outcomes.get(i);
    }

    /**
     * The position of an outcome.
     *
     * @param outcome a name
     * @return its position, or −1 if it is not in the table
     */
    public int indexOf(String outcome) {
        return index.getOrDefault(outcome, -1);
    }

    /**
     * The probability of the outcome at a position.
     *
     * @param i position, in [0, size)
     * @return probability
     */
    public double probability(int i) {
        return probability[i];
    }

    /**
     * The log-probability of the outcome at a position.
     *
     * @param i position, in [0, size)
     * @return nats, −∞ for an impossible outcome
     */
    public double logProbability(int i) {
        return logProbability[i];
    }

    /**
     * The probability of a named outcome.
     *
     * @param outcome a name
     * @return its probability, 0 if it is not in the table
     */
    public double probability(String outcome) {
        int i = indexOf(outcome);
        return i < 0 ? 0 : probability[i];
    }

    /** {@return the probabilities (outcomes), a copy} */
    public double[] probabilities() {
        return probability.clone();
    }

    /** {@return the log-probabilities (outcomes) in nats, a copy} */
    public double[] logProbabilities() {
        return logProbability.clone();
    }

    /** {@return the Shannon entropy in nats} */
    public double entropy() {
        double sum = 0;
        for (int i = 0; i < probability.length; i++) {
            if (probability[i] > 0) {
                sum -= probability[i] * logProbability[i];
            }
        }
        return sum;
    }

    /**
     * The expectation of a function of the outcome; outcomes of probability zero do not count, whatever their value.
     *
     * @param values (outcomes)
     * @return Σ p·value
     */
    public double expectation(double[] values) {
        if (values.length != probability.length) {
            throw new IllegalArgumentException(values.length + " values for " + probability.length + " outcomes");
        }
        double sum = 0;
        for (int i = 0; i < probability.length; i++) {
            if (probability[i] > 0) {
                sum += probability[i] * values[i];
            }
        }
        return sum;
    }

    /**
     * Draws one outcome.
     *
     * @param random source of randomness
     * @return its position
     */
    public int sample(RandomGenerator random) {
        double left = random.nextDouble();
        int last = 0;
        for (int i = 0; i < probability.length; i++) {
            if (probability[i] > 0) {
                last = i;
                left -= probability[i];
                if (left < 0) {
                    return i;
                }
            }
        }
        return last; // rounding: the sum fell short of the draw
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < size() && i < 8; i++) {
            text.append(i == 0 ? "" : ", ").append(outcomes.get(i)).append(": ").append(probability[i]);
        }
        return text.append(size() > 8 ? ", … " + size() + " outcomes}" : "}").toString();
    }
}
