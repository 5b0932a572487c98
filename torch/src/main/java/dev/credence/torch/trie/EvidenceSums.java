package dev.credence.torch.trie;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.probability.LogSum;

/** Σ π0 e^E E over branches of a trie, at least and at most; the parts of either sign apart, so that all stays in log space. */
final class EvidenceSums {
    private final LogSum leastPositive = new LogSum();
    private final LogSum leastNegative = new LogSum();
    private final LogSum mostPositive = new LogSum();
    private final LogSum mostNegative = new LogSum();

    /** Adds a completion, or a branch whose evidence is decided. */
    void add(double logPrior, double logLikelihood) {
        add(leastPositive, leastNegative, logPrior, logLikelihood);
        add(mostPositive, mostNegative, logPrior, logLikelihood);
    }

    /** Adds a branch whose evidence is bounded: E e^E falls to −1/e at E = −1 and rises from there. */
    void add(double logPrior, LogBounds bounds) {
        boolean turns = bounds.lower() <= -1 && bounds.upper() >= -1;
        boolean rises = value(bounds.lower()) <= value(bounds.upper());
        double low = rises ? bounds.lower() : bounds.upper();
        double high = rises ? bounds.upper() : bounds.lower();
        add(leastPositive, leastNegative, logPrior, turns ? -1 : low);
        add(mostPositive, mostNegative, logPrior, high);
    }

    void add(EvidenceSums other) {
        leastPositive.add(other.leastPositive);
        leastNegative.add(other.leastNegative);
        mostPositive.add(other.mostPositive);
        mostNegative.add(other.mostNegative);
    }

    /** The posterior's mean of the evidence, where log Z is between these. */
    AnytimePartition.Mean over(double logLeast, double logMost) {
        double low = quotient(leastPositive, logMost) - quotient(leastNegative, logLeast);
        double high = quotient(mostPositive, logLeast) - quotient(mostNegative, logMost);
        return new AnytimePartition.Mean(low, high);
    }

    private static double quotient(LogSum part, double logZ) {
        double value = part.value();
        return value == Double.NEGATIVE_INFINITY ? 0 : Math.exp(value - logZ);
    }

    private static double value(double e) {
        return e == Double.NEGATIVE_INFINITY ? 0 : e * Math.exp(e);
    }

    private static void add(LogSum positive, LogSum negative, double logPrior, double e) {
        if (e > 0) {
            positive.add(logPrior + e + Math.log(e));
        } else if (e < 0 && e > Double.NEGATIVE_INFINITY) {
            negative.add(logPrior + e + Math.log(-e));
        }
    }
}
