package dev.credence.core.audit;

import dev.credence.core.evidence.RewardLikelihood;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A conditional π* that the policy is held against on one prompt, with its divergences.
 *
 * @param conditional what it makes of the prior's masses
 * @param logZ log of the evidence's mean under the prior, nats, as it is reported
 * @param mean Σ w̄ r
 * @param klToPrior KL(π*‖π0), nats
 * @param klFromPolicy KL(π‖π*), nats; infinite where the policy leaves the target's support
 * @param outside the policy's mass outside the target's support
 * @param klWithin KL(π(·|inside)‖π*), nats: of what the policy writes inside that support; NaN where that is nothing
 * @param klToPolicy KL(π*‖π), nats; infinite where the policy gives part of the target nothing
 * @param entropy −Σ w̄ (log π0 + ln w̄/ū) over recorded log-probabilities, nats
 * @param recall Σ w̄ over atoms with v̄ ≥ ½ w̄
 * @param dropped Σ w̄ over prior records with v̄ &lt; w̄/100
 * @param learnt (atoms) influence on KL(π‖π*) through what the target learnt from the prior's records, or null: nothing
 * @serial exclude
 */
@SuppressWarnings("ArrayRecordComponent")
record Target(
        Conditional conditional,
        double logZ,
        double mean,
        double klToPrior,
        double klFromPolicy,
        double outside,
        double klWithin,
        double klToPolicy,
        double entropy,
        double recall,
        double dropped,
        double @Nullable [] learnt)
        implements Serializable {
    // What is summed over the records; the last two are the policy's mass without the target's, and the other way
    // round.
    private static final int MEAN = 0;
    private static final int TO_PRIOR = 1;
    private static final int FROM_POLICY = 2;
    private static final int TO_POLICY = 3;
    private static final int ENTROPY = 4;
    private static final int RECALL = 5;
    private static final int DROPPED = 6;
    private static final int POLICY_OUTSIDE = 7;
    private static final int TARGET_OUTSIDE = 8;
    private static final int SUMS = 9;

    private static Target of(Atoms atoms, double logZ, Conditional conditional) {
        double[] s = atoms.sum(SUMS, () -> {
            double[] logWeights = new double[atoms.blockSize()];
            double[] weights = new double[atoms.blockSize()];
            return (block, sums) -> {
                conditional.weigh(block, logWeights, weights);
                add(block, logWeights, weights, sums);
            };
        });
        return new Target(
                conditional,
                logZ,
                s[MEAN],
                s[TO_PRIOR],
                s[POLICY_OUTSIDE] > 0 ? Double.POSITIVE_INFINITY : s[FROM_POLICY],
                s[POLICY_OUTSIDE],
                within(s[FROM_POLICY], s[POLICY_OUTSIDE]),
                s[TARGET_OUTSIDE] > 0 ? Double.POSITIVE_INFINITY : s[TO_POLICY],
                s[ENTROPY],
                s[RECALL],
                s[DROPPED],
                null);
    }

    /** What the sum over the support says, in which each term has its masses' difference with it, once those outside are left out. */
    private static double within(double fromPolicy, double outside) {
        double inside = 1 - outside;
        return inside > 0 ? Math.max(0, (fromPolicy - outside) / inside - Math.log(inside)) : Double.NaN;
    }

    static Target of(Atoms atoms, AtomTilt tilt) {
        return of(atoms, tilt.reportedLogZ(), tilt);
    }

    /** The target of evidence that sees a text through its reward and the prior's distribution of rewards. */
    static Target of(Atoms atoms, RewardLikelihood evidence) {
        LearntTarget learnt = new LearntTarget(atoms, evidence);
        LearntTarget.Weights weights = learnt.weights();
        double[] logWeight = weights.logWeight();
        Target target = of(atoms, weights.logZ(), (block, logWeights, into) -> {
            System.arraycopy(logWeight, block.start, logWeights, 0, block.count);
            for (int i = 0; i < block.count; i++) {
                into[i] = block.u[i] * Math.exp(logWeights[i]);
            }
        });
        return target.with(target.conditional, learnt.influence(weights));
    }

    /** What a process needs of it that does not hold the records: whether it learns from them, but not what. */
    Target told() {
        return with(ConditionalElsewhere.IT, learnt == null ? null : new double[0]);
    }

    private Target with(Conditional of, double @Nullable [] influence) {
        return new Target(
                of,
                logZ,
                mean,
                klToPrior,
                klFromPolicy,
                outside,
                klWithin,
                klToPolicy,
                entropy,
                recall,
                dropped,
                influence);
    }

    /** Divergences in parts that are never negative and do not cancel: masses sum to one on both sides ({@link KlTerm}). */
    private static void add(AtomBlock block, double[] logWeights, double[] weights, double[] sums) {
        double mean = 0; // locals: sums in an array would be written and read back at every record
        double toPrior = 0;
        double fromPolicy = 0;
        double entropy = 0;
        double recall = 0;
        for (int i = 0; i < block.count; i++) {
            double t = logWeights[i];
            double v = block.v[i];
            double w = weights[i];
            toPrior += w > 0 ? KlTerm.of(w, block.u[i], t) : block.u[i];
            if (w > 0) {
                mean += w * block.reward[i];
                entropy -= w * (block.logPrior[i] + t);
                recall += v >= 0.5 * w ? w : 0;
                addOverlap(block, i, t, w, sums);
            } else {
                sums[TO_POLICY] += v;
            }
            if (v == 0) {
                fromPolicy += w;
            } else if (t == Double.NEGATIVE_INFINITY) {
                sums[POLICY_OUTSIDE] += v;
            } else {
                fromPolicy += KlTerm.of(v, w, block.logRatio[i] - t);
            }
        }
        sums[MEAN] += mean;
        sums[TO_PRIOR] += toPrior;
        sums[FROM_POLICY] += fromPolicy;
        sums[ENTROPY] += entropy;
        sums[RECALL] += recall;
    }

    /** What {@link #dropped} would be of a tilt's target. */
    static double dropped(Atoms atoms, AtomTilt tilt) {
        return atoms.sum(1, () -> {
            double[] weights = new double[atoms.blockSize()];
            return (block, sums) -> {
                tilt.weigh(block, weights);
                for (int i = 0; i < block.count; i++) {
                    sums[0] += isDropped(block, i, weights[i]) ? weights[i] : 0;
                }
            };
        })[0];
    }

    private static boolean isDropped(AtomBlock block, int i, double w) {
        return block.stratum[i] == RolloutLog.PRIOR && block.v[i] < 0.01 * w;
    }

    private static void addOverlap(AtomBlock block, int i, double t, double w, double[] sums) {
        if (isDropped(block, i, w)) {
            sums[DROPPED] += w;
        }
        if (block.isSupported(i)) {
            sums[TO_POLICY] += KlTerm.of(w, block.v[i], t - block.logRatio[i]);
        } else {
            sums[TARGET_OUTSIDE] += w;
        }
    }
}
