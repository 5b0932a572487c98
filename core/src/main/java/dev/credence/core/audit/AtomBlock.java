package dev.credence.core.audit;

/**
 * A stretch of one prompt's atoms, loaded for one pass or for all of them; arrays are (capacity), of which {@code count} are
 * in use. Only what loads it writes to it.
 */
final class AtomBlock {
    /** The largest capacity: a block and as many columns of influences again stay within a core's cache. */
    static final int SIZE = 512;

    /** Position of the first atom within its prompt. */
    int start;

    int count;

    /** Prior mass ū, normalised over the prompt. */
    final double[] u;

    /** Policy mass v̄, normalised over the prompt. */
    final double[] v;

    /** ln v̄/ū; −∞ where the policy gives nothing. */
    final double[] logRatio;

    final double[] reward;

    /** Recorded log π0, nats. */
    final double[] logPrior;

    /** Recorded log π, nats. */
    final double[] logPolicy;

    /** Token counts; 0 where they are not known. */
    final double[] tokens;

    /** Position of the atom's stratum (its source). */
    final byte[] stratum;

    /** Position of the atom's reward among the prompt's {@link LevelIndex}; without meaning where there is none. */
    final short[] level;

    /** Whether the policy gives an atom anything: a mass that is too small for a double is something. */
    boolean isSupported(int i) {
        return logRatio[i] > Double.NEGATIVE_INFINITY;
    }

    /** ln v̄/ū as a number: where the policy gives nothing, it meets no mass but in figures that are withdrawn. */
    double finiteLogRatio(int i) {
        return Math.max(logRatio[i], -Double.MAX_VALUE);
    }

    AtomBlock(int capacity) {
        u = new double[capacity];
        v = new double[capacity];
        logRatio = new double[capacity];
        reward = new double[capacity];
        logPrior = new double[capacity];
        logPolicy = new double[capacity];
        tokens = new double[capacity];
        stratum = new byte[capacity];
        level = new short[capacity];
    }
}
