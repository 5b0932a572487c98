package dev.credence.methods.training;

import dev.credence.core.probability.Distribution;
import dev.credence.methods.Completions;
import dev.credence.methods.Selection;
import java.util.Arrays;

/**
 * Rounds of selection and imitation.
 *
 * @param selection what each round keeps of the policy's texts
 * @param rounds how many; {@link #ENDLESS} goes to the fixed point where it can be had
 * @param priorShare share of the prior's own texts in every round, in [0, 1)
 * @param pooled whether a round selects among the texts of all rounds so far, rather than its own alone
 */
record ImitationPlan(Selection selection, int rounds, double priorShare, boolean pooled) {
    /** Until nothing changes. */
    static final int ENDLESS = Integer.MAX_VALUE;

    /** Rounds that each select among their own texts. */
    ImitationPlan(Selection selection, int rounds, double priorShare) {
        this(selection, rounds, priorShare, false);
    }

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
        double[] pool = prior;
        for (int round = 0; round < rounds; round++) {
            pool = pooled ? grown(pool, mass, round) : mass;
            mass = next(prior, reward, pool);
        }
        return completions.policy(mass, method, prompt);
    }

    /** A pool of so many rounds' texts, and as many of another kind. */
    private static double[] grown(double[] pool, double[] mass, int rounds) {
        double[] grown = new double[pool.length];
        Arrays.setAll(grown, i -> (rounds * pool[i] + mass[i]) / (rounds + 1));
        return grown;
    }

    /** The fixed point of filtered self-imitation with a share s of the prior's texts: π = s·π0 / (1 − (1 − s)·a/ā) (docs/theory.md#expert-iteration). */
    static final class PriorMixing {
        private static final int STEPS = 1100; // as many as halve a number to nothing

        private PriorMixing() {}

        /** (outcomes), normalised; ā solves Σ π = 1, and is then E_π a. */
        static double[] fixedPoint(double[] prior, double[] acceptance, double share) {
            double most = 0;
            for (int i = 0; i < prior.length; i++) {
                most = prior[i] > 0 ? Math.max(most, acceptance[i]) : most;
            }
            double low = 0; // ā less (1 − s)·most: there the best text's weight is infinite
            double high = share * most; // there no weight exceeds its prior mass
            for (int step = 0; step < STEPS && high - low > Math.ulp(high); step++) {
                double over = low + (high - low) / 2;
                double sum = 0;
                for (int i = 0; i < prior.length; i++) {
                    sum += weight(prior[i], most - acceptance[i], share, most, over);
                }
                if (sum > 1) {
                    low = over;
                } else {
                    high = over;
                }
            }
            double[] policy = new double[prior.length];
            for (int i = 0; i < policy.length; i++) {
                policy[i] = weight(prior[i], most - acceptance[i], share, most, high);
            }
            return policy;
        }

        /** s·π0·ā / (ā − (1 − s)·a), by what a and ā are short of and over: where the best text is rare, their difference is all there is. */
        private static double weight(double prior, double lacking, double share, double most, double over) {
            double rest = 1 - share;
            return prior > 0 && over > 0 ? share * prior * (over + rest * most) / (over + rest * lacking) : 0;
        }
    }
}
