package dev.credence.core.model;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.LogSum;
import java.util.List;

/**
 * log Z of evidence under a model, as an interval with its certificate: what was summed, and bounds on what was cut.
 *
 * @param lower nats: the sum over the completions seen, and the least the cut branches can add
 * @param upper nats: the same with the most they can add
 * @param seen completions visited
 * @param settled branches not entered because the evidence is the same for all their completions: summed at once
 * @param excluded branches not entered because they add nothing
 * @param cut branches not entered although they may add something
 * @param cutMass model probability of those branches
 */
public record LogPartition(
        double lower, double upper, long seen, long settled, long excluded, long cut, double cutMass) {
    /** {@return how wide the interval is, nats; 0 where log Z is exact to rounding} */
    public double width() {
        return upper == lower ? 0 : upper - lower;
    }

    /**
     * A visitor that sums prior × evidence under the first model. A branch is not entered where it adds nothing, where
     * the evidence is the same for all of it, or where the most it can add is at most a given mass.
     *
     * @param evidence on tokens
     * @param negligible nats: log of the mass a single branch may be cut for; −∞ cuts only what adds nothing
     * @return a fresh visitor
     */
    public static Sum sum(TokenEvidence evidence, double negligible) {
        return new Sum(evidence, negligible);
    }

    /**
     * The interval of visitors that together saw the whole trie.
     *
     * @param parts in any order
     * @return log Z
     */
    public static LogPartition of(List<Sum> parts) {
        LogSum visited = new LogSum();
        LogSum least = new LogSum();
        LogSum most = new LogSum();
        LogSum mass = new LogSum();
        long seen = 0;
        long settled = 0;
        long excluded = 0;
        long cut = 0;
        for (Sum part : parts) {
            visited.add(part.visited);
            least.add(part.cutLeast);
            most.add(part.cutMost);
            mass.add(part.cutMass);
            seen += part.seen;
            settled += part.settled;
            excluded += part.excluded;
            cut += part.cut;
        }
        double sum = visited.value();
        return new LogPartition(
                LogMath.logAddExp(sum, least.value()),
                LogMath.logAddExp(sum, most.value()),
                seen,
                settled,
                excluded,
                cut,
                Math.exp(mass.value()));
    }

    /** Sums one part of the trie. */
    public static final class Sum implements CompletionVisitor {
        private final TokenEvidence evidence;
        private final double negligible;
        private final LogSum visited = new LogSum();
        private final LogSum cutLeast = new LogSum();
        private final LogSum cutMost = new LogSum();
        private final LogSum cutMass = new LogSum();
        private long seen;
        private long settled;
        private long excluded;
        private long cut;

        private Sum(TokenEvidence evidence, double negligible) {
            this.evidence = evidence;
            this.negligible = negligible;
        }

        @Override
        public boolean enters(int[] tokens, int length, double[] logProbs) {
            LogBounds bounds = evidence.bounds(tokens, length);
            double most = logProbs[0] + bounds.upper();
            if (most == Double.NEGATIVE_INFINITY) {
                excluded++;
            } else if (bounds.lower() == bounds.upper()) {
                visited.add(most);
                settled++;
            } else if (most <= negligible) {
                cutMost.add(most);
                cutLeast.add(logProbs[0] + bounds.lower());
                cutMass.add(logProbs[0]);
                cut++;
            } else {
                return true;
            }
            return false;
        }

        @Override
        public void visit(int[] tokens, int length, int end, double[] logProbs) {
            seen++;
            visited.add(logProbs[0] + evidence.logLikelihood(tokens, length, end >= 0));
        }
    }
}
