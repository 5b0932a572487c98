package dev.credence.core.audit;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The derivatives by a record's weight of those figures that are means of prompts' own: no λ and no other prompt enters
 * them, so a prompt's are found once, with weight one, and scaled for each pool ({@link Influence}).
 */
final class PromptInfluence implements Atoms.Columns {
    /** The figures, in the order of the columns. */
    static final Figure[] FIGURES = {
        Figure.KL_POLICY_PRIOR,
        Figure.KL_PRIOR_POLICY,
        Figure.REWARD_PRIOR,
        Figure.REWARD_POLICY,
        Figure.ENTROPY_PRIOR,
        Figure.ENTROPY_POLICY,
        Figure.LOG_Z,
        Figure.REWARD_ASKED,
        Figure.KL_ASKED_PRIOR,
        Figure.KL_ASKED_POLICY,
        Figure.KL_POLICY_ASKED,
        Figure.ENTROPY_ASKED,
        Figure.RECALL
    };

    private static final int KL_POLICY_PRIOR = 0;
    private static final int KL_PRIOR_POLICY = 1;
    private static final int REWARD_PRIOR = 2;
    private static final int REWARD_POLICY = 3;
    private static final int ENTROPY_PRIOR = 4;
    private static final int ENTROPY_POLICY = 5;
    private static final int LOG_Z = 6;
    private static final int REWARD_ASKED = 7;
    private static final int KL_ASKED_PRIOR = 8;
    private static final int KL_ASKED_POLICY = 9;
    private static final int KL_POLICY_ASKED = 10;
    private static final int ENTROPY_ASKED = 11;
    private static final int RECALL = 12;

    private final AtomMoments moments;
    private final @Nullable Target asked;
    private final boolean supported; // whether the policy gives every atom something
    private final double[] askedWeight; // (atoms of a block)
    private final double[] logAskedWeight;

    PromptInfluence(PromptAtoms member) {
        this.moments = member.moments();
        this.asked = member.asked();
        this.supported = moments.klPriorPolicy() < Double.POSITIVE_INFINITY;
        this.askedWeight = new double[asked == null ? 0 : member.atoms().blockSize()];
        this.logAskedWeight = askedWeight.clone();
    }

    @Override
    public void fill(AtomBlock block, double[][] into) {
        klPolicyPrior(block, 1, into[KL_POLICY_PRIOR]);
        if (supported) {
            klPriorPolicy(block, into[KL_PRIOR_POLICY]);
        } else {
            Arrays.fill(into[KL_PRIOR_POLICY], 0, block.count, 0);
        }
        rewards(block, into[REWARD_PRIOR], into[REWARD_POLICY]);
        entropies(block, into[ENTROPY_PRIOR], into[ENTROPY_POLICY]);
        if (asked == null) {
            for (int k = LOG_Z; k < FIGURES.length; k++) {
                Arrays.fill(into[k], 0, block.count, 0);
            }
        } else {
            asked(asked, block, into);
        }
    }

    /** Writes the influence on a prompt's KL(π‖π0), times a weight. */
    void klPolicyPrior(AtomBlock block, double weight, double[] into) {
        double[] u = block.u;
        double[] v = block.v;
        double mean = moments.klPolicyPrior();
        for (int i = 0; i < block.count; i++) {
            into[i] = weight * (v[i] * (block.finiteLogRatio(i) - mean) + u[i] - v[i]);
        }
    }

    /** Writes the influence on a prompt's log Z, times a weight; zeros where no target is stated. */
    void logZ(AtomBlock block, double weight, double[] into) {
        if (asked == null) {
            Arrays.fill(into, 0, block.count, 0);
            return;
        }
        asked.conditional().weigh(block, logAskedWeight, into);
        for (int i = 0; i < block.count; i++) {
            into[i] = weight * (into[i] - block.u[i]);
        }
    }

    /** Writes the influence on a prompt's KL(π‖π*), times a weight; zeros where it is infinite or no target is stated. */
    void klPolicyAsked(AtomBlock block, double weight, double[] into) {
        if (asked == null) {
            Arrays.fill(into, 0, block.count, 0);
            return;
        }
        asked.conditional().weigh(block, logAskedWeight, askedWeight);
        klPolicyAsked(asked, block, weight, into);
    }

    private void klPolicyAsked(Target target, AtomBlock block, double weight, double[] into) {
        double mean = target.klFromPolicy();
        if (!(mean < Double.POSITIVE_INFINITY)) {
            Arrays.fill(into, 0, block.count, 0);
            return;
        }
        double[] v = block.v;
        for (int i = 0; i < block.count; i++) {
            double logWeight = v[i] > 0 ? logAskedWeight[i] : 0;
            into[i] = weight * (v[i] * (block.finiteLogRatio(i) - logWeight - mean) + askedWeight[i] - v[i]);
        }
        double[] learnt = target.learnt();
        for (int i = 0; learnt != null && i < block.count; i++) {
            into[i] += weight * learnt[block.start + i];
        }
    }

    private void klPriorPolicy(AtomBlock block, double[] into) {
        double[] u = block.u;
        double[] v = block.v;
        double mean = moments.klPriorPolicy();
        for (int i = 0; i < block.count; i++) {
            into[i] = u[i] * (-block.logRatio[i] - mean) + v[i] - u[i];
        }
    }

    private void rewards(AtomBlock block, double[] prior, double[] policy) {
        double priorMean = moments.prior().reward();
        double policyMean = moments.policy().reward();
        double[] reward = block.reward;
        for (int i = 0; i < block.count; i++) {
            prior[i] = block.u[i] * (reward[i] - priorMean);
            policy[i] = block.v[i] * (reward[i] - policyMean);
        }
    }

    private void entropies(AtomBlock block, double[] prior, double[] policy) {
        double priorMean = moments.entropyPrior();
        double policyMean = moments.entropyPolicy();
        for (int i = 0; i < block.count; i++) {
            prior[i] = block.u[i] * (-block.logPrior[i] - priorMean);
            policy[i] = block.v[i] * (Math.min(-block.logPolicy[i], Double.MAX_VALUE) - policyMean);
        }
    }

    private void asked(Target target, AtomBlock block, double[][] into) {
        target.conditional().weigh(block, logAskedWeight, askedWeight);
        klPolicyAsked(target, block, 1, into[KL_POLICY_ASKED]);
        double[] u = block.u;
        double[] v = block.v;
        double[] logZ = into[LOG_Z];
        double[] reward = into[REWARD_ASKED];
        double[] recall = into[RECALL];
        for (int i = 0; i < block.count; i++) {
            double w = askedWeight[i];
            logZ[i] = w - u[i];
            reward[i] = w * (block.reward[i] - target.mean());
            recall[i] = w * ((v[i] >= 0.5 * w ? 1 : 0) - target.recall());
        }
        double[] toPrior = into[KL_ASKED_PRIOR];
        double[] toPolicy = into[KL_ASKED_POLICY];
        double[] entropy = into[ENTROPY_ASKED];
        for (int i = 0; i < block.count; i++) {
            double w = askedWeight[i];
            double t = w > 0 ? logAskedWeight[i] : 0;
            toPrior[i] = w * (t - target.klToPrior()) + u[i] - w;
            toPolicy[i] = supported ? w * (t - block.logRatio[i] - target.klToPolicy()) + v[i] - w : 0;
            entropy[i] = w * (-block.logPrior[i] - t - target.entropy()) + w - u[i];
        }
    }
}
