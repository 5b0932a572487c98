package dev.credence.core.model;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.probability.LogMath;
import java.util.Arrays;
import java.util.List;

/**
 * The soft value of each prefix that was looked behind: log ψ = log E_prior[e^E | prefix], the optimal twist of sequential
 * Monte Carlo (docs/theory.md#tokens-and-texts). An interval where some of what follows was only bounded.
 *
 * <p>Prefixes behind which the evidence is decided have none of their own: there ψ is the evidence.
 */
public final class SoftValues {
    private static final int ROOT = 0;

    private final Nodes nodes;
    private final double[] lower;
    private final double[] upper;

    private SoftValues(Nodes nodes) {
        this.nodes = nodes;
        this.lower = Arrays.copyOf(nodes.lower, nodes.size);
        this.upper = Arrays.copyOf(nodes.upper, nodes.size);
        for (int node = nodes.size - 1; node > ROOT; node--) { // children come behind their parents
            int parent = nodes.parent[node];
            lower[parent] = LogMath.logAddExp(lower[parent], lower[node]);
            upper[parent] = LogMath.logAddExp(upper[parent], upper[node]);
        }
    }

    /**
     * To be filled as completions are enumerated.
     *
     * @param limit prefixes that may have a soft value of their own
     * @return with the empty prefix alone
     * @throws IllegalArgumentException unless the limit is positive
     */
    public static Recorder recorder(int limit) {
        return new Recorder(limit);
    }

    /**
     * By asking any model for every prefix behind which the evidence is not decided.
     *
     * @param prior the model
     * @param evidence on its tokens
     * @param extent prompt and horizon
     * @param limit prefixes that may have a soft value of their own
     * @return exact soft values
     * @throws PrefixLimitException if there are more
     */
    public static SoftValues of(PredictiveModel prior, TokenEvidence evidence, Extent extent, int limit) {
        Recorder recorder = recorder(limit);
        new NaiveTrie(List.of(prior)).walk(extent.prompt(), extent.horizon(), new Visitor(recorder, evidence));
        return recorder.finish();
    }

    /**
     * What is enumerated.
     *
     * @param prompt token ids, at least one
     * @param horizon at so many tokens a text is cut
     */
    public record Extent(int[] prompt, int horizon) {}

    /** {@return the number of prefixes with a soft value of their own} */
    public int size() {
        return nodes.size;
    }

    /** {@return log Z: the soft value of nothing} */
    public LogBounds logPartition() {
        return bounds(lower[ROOT], upper[ROOT]);
    }

    /**
     * Whether a prefix has a soft value of its own.
     *
     * @param tokens array that begins with the prefix, the prompt not among them
     * @param length its length
     * @return false where the evidence is decided behind it, or was only bounded
     */
    public boolean has(int[] tokens, int length) {
        return nodes.find(tokens, length) >= 0;
    }

    /**
     * A soft value.
     *
     * @param tokens array that begins with the prefix, the prompt not among them
     * @param length its length
     * @return log ψ, nats; both ends are one number where everything behind the prefix was summed
     * @throws IllegalArgumentException if the prefix has none of its own
     */
    public LogBounds of(int[] tokens, int length) {
        int node = nodes.find(tokens, length);
        if (node < 0) {
            throw new IllegalArgumentException("prefix " + Arrays.toString(Arrays.copyOf(tokens, length))
                    + " has no soft value of its own; has(prefix) says which have");
        }
        return bounds(lower[node] - nodes.logPrior[node], upper[node] - nodes.logPrior[node]);
    }

    private static LogBounds bounds(double lower, double upper) {
        return lower <= upper ? new LogBounds(lower, upper) : new LogBounds(upper, upper); // a rounding apart
    }

    /** Prefixes as they are found. For one thread. */
    public static final class Recorder {
        private final Nodes nodes;

        private Recorder(int limit) {
            if (!(limit > 0)) {
                throw new IllegalArgumentException("limit is " + limit + "; at least the empty prefix is kept");
            }
            this.nodes = new Nodes(limit);
        }

        /**
         * Looks behind a prefix; its parent must be known.
         *
         * @param tokens array that begins with the prefix, the prompt not among them
         * @param length its length, at least 1
         * @param logPrior its log-probability under the prior, nats
         * @throws PrefixLimitException if too many are known
         */
        public void enter(int[] tokens, int length, double logPrior) {
            nodes.add(nodes.known(tokens, length - 1), tokens[length - 1], logPrior);
        }

        /**
         * Adds what follows a known prefix and needs no prefix of its own: a completion, or a branch that is not entered.
         *
         * @param tokens array that begins with the known prefix
         * @param length its length
         * @param logLeast prior × evidence of what is added at least, nats
         * @param logMost the same at most
         */
        public void add(int[] tokens, int length, double logLeast, double logMost) {
            int node = nodes.known(tokens, length);
            nodes.lower[node] = LogMath.logAddExp(nodes.lower[node], logLeast);
            nodes.upper[node] = LogMath.logAddExp(nodes.upper[node], logMost);
        }

        /** {@return the soft values of what was added} */
        public SoftValues finish() {
            return new SoftValues(nodes);
        }
    }

    /** Records one trie that is walked as a whole. */
    private record Visitor(Recorder recorder, TokenEvidence evidence) implements CompletionVisitor {
        @Override
        public boolean enters(int[] tokens, int length, double[] logProbs) {
            if (logProbs[0] == Double.NEGATIVE_INFINITY) {
                return false; // nothing comes of it, and a model need not know what follows
            }
            LogBounds bounds = evidence.bounds(tokens, length);
            if (bounds.lower() == bounds.upper()) {
                double weight = logProbs[0] + bounds.upper();
                recorder.add(tokens, length - 1, weight, weight);
                return false;
            }
            recorder.enter(tokens, length, logProbs[0]);
            return true;
        }

        @Override
        public void visit(int[] tokens, int length, int end, double[] logProbs) {
            double weight = logProbs[0] + evidence.logLikelihood(tokens, length, end >= 0);
            recorder.add(tokens, end >= 0 ? length : length - 1, weight, weight);
        }
    }

    /** The trie of known prefixes: children found by parent and token, in a table with open addresses. */
    private static final class Nodes {
        private final int limit;
        private int[] parent = new int[64];
        private double[] logPrior = new double[64];
        private double[] lower = new double[64];
        private double[] upper = new double[64];
        private long[] keys = new long[256];
        private int[] at = new int[256]; // node, or 0 where empty: the root is nobody's child
        private int size = 1;

        Nodes(int limit) {
            this.limit = limit;
            lower[ROOT] = Double.NEGATIVE_INFINITY;
            upper[ROOT] = Double.NEGATIVE_INFINITY;
        }

        int find(int[] tokens, int length) {
            int node = ROOT;
            for (int i = 0; i < length; i++) {
                node = at[slot((long) node << 32 | tokens[i])];
                if (node == ROOT) {
                    return -1;
                }
            }
            return node;
        }

        int known(int[] tokens, int length) {
            int node = find(tokens, length);
            if (node < 0) {
                throw new IllegalStateException("prefix " + Arrays.toString(Arrays.copyOf(tokens, length))
                        + " was not entered; prefixes are entered before what follows them");
            }
            return node;
        }

        void add(int of, int token, double logPriorOf) {
            if (size >= limit) {
                throw new PrefixLimitException(limit);
            }
            if (size == parent.length) {
                parent = Arrays.copyOf(parent, 2 * size);
                logPrior = Arrays.copyOf(logPrior, 2 * size);
                lower = Arrays.copyOf(lower, 2 * size);
                upper = Arrays.copyOf(upper, 2 * size);
            }
            if (4 * size > keys.length) {
                grow();
            }
            long key = (long) of << 32 | token;
            int slot = slot(key);
            keys[slot] = key;
            at[slot] = size;
            parent[size] = of;
            logPrior[size] = logPriorOf;
            lower[size] = Double.NEGATIVE_INFINITY;
            upper[size] = Double.NEGATIVE_INFINITY;
            size++;
        }

        private int slot(long key) {
            int mask = keys.length - 1;
            long mixed = key * 0x9E3779B97F4A7C15L;
            int slot = (int) (mixed ^ (mixed >>> 32)) & mask;
            while (at[slot] != ROOT && keys[slot] != key) {
                slot = (slot + 1) & mask;
            }
            return slot;
        }

        private void grow() {
            long[] oldKeys = keys;
            int[] old = at;
            keys = new long[2 * oldKeys.length];
            at = new int[2 * old.length];
            for (int i = 0; i < old.length; i++) {
                if (old[i] != ROOT) {
                    int slot = slot(oldKeys[i]);
                    keys[slot] = oldKeys[i];
                    at[slot] = old[i];
                }
            }
        }
    }
}
