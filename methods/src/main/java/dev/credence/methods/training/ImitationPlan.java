package dev.credence.methods.training;

import dev.credence.core.probability.Distribution;
import dev.credence.methods.Completions;
import dev.credence.methods.Selection;

/**
 * Rounds of selection and imitation.
 *
 * @param selection what each round keeps of the policy's texts
 * @param rounds how many; {@link #ENDLESS} goes to the fixed point where it can be had
 * @param priorShare share of the prior's own texts in every round, in [0, 1)
 */
record ImitationPlan(Selection selection, int rounds, double priorShare) {
    /** Until nothing changes. */
    static final int ENDLESS = Integer.MAX_VALUE;

    static ImitationPlan once(Selection selection) {
        return new ImitationPlan(selection, 1, 0);
    }

    /** (texts) what a round turns masses into, imitated without error; all 0 where nothing is kept. */
    double[] next(double[] prior, double[] reward, double[] mass) {
        double[] kept = Selection.normalised(selection.select(reward, mass));
        double sum = 0;
        for (double share : kept) {
            sum += share;
        }
        for (int i = 0; i < kept.length && sum > 0; i++) {
            kept[i] = priorShare * prior[i] + (1 - priorShare) * kept[i];
        }
        return kept;
    }

    /** The policy on a table of rounds that imitate without error. */
    Distribution exact(Completions completions, String method, String prompt) {
        double[] prior = completions.priorMasses();
        double[] reward = completions.rewards();
        if (rounds == ENDLESS) {
            double[] acceptance = selection.select(reward, prior);
            for (int i = 0; i < acceptance.length; i++) {
                acceptance[i] = prior[i] > 0 ? acceptance[i] / prior[i] : 0;
            }
            return completions.policy(PriorMixing.fixedPoint(prior, acceptance, priorShare), method, prompt);
        }
        double[] mass = prior;
        for (int round = 0; round < rounds; round++) {
            mass = next(prior, reward, mass);
        }
        return completions.policy(mass, method, prompt);
    }
}
