package dev.credence.core.audit;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything computed for one pool.
 *
 * @param sources what there was to draw on
 * @param estimates the point estimates
 * @param errors standard errors, or null for exact tables
 * @param gates in the order they were tried
 * @param findings by id, gates applied
 * @param unseen what texts of a reward beyond those recorded could add to the departure, unseen by these records, nats
 * @param unseenAsked the same of the distance from the posterior asked for, nats; 0 where none is
 * @param mostExplained what the explained KL is at most, whatever the weights are, nats; may be ∞
 * @param leastExplained what it is at least, whatever the weights are, nats; 0 where that is not known or not asked
 */
record Evaluation(
        Sources sources,
        Estimates estimates,
        @Nullable StandardErrors errors,
        List<Gate> gates,
        Map<String, Finding> findings,
        double unseen,
        double unseenAsked,
        double mostExplained,
        double leastExplained) {
    private static final double NO_DISTANCE = 1e-6; // nats, where they are known exactly

    /** Whether the policy cannot be told from the prior: there is no move to divide into shares. */
    boolean isUnmoved() {
        return gates.stream().anyMatch(gate -> gate.id().equals("no_update") && gate.status() == Gate.Status.FAIL);
    }

    /** Whether the policy is known to be the stated target, but for what it never writes. */
    boolean isAsAsked() {
        return isNone(get(Figure.KL_POLICY_ASKED));
    }

    /** Whether the policy is known to be a conditional of the family, but for what it never writes. */
    boolean isMember() {
        return isNone(get(Figure.KL_DEPARTURE));
    }

    private static boolean isNone(Finding divergence) {
        return divergence.grade() == Grade.EXACT && divergence.upper() <= NO_DISTANCE;
    }

    /**
     * The Bayes fraction's upper end by bounds that need no weights: the departure's lower bound from the policy's records,
     * and the explained KL's upper bound from the prior's; 1 where neither is known.
     */
    double mostFraction() {
        Finding kl = get(Figure.KL_POLICY_PRIOR);
        if (!kl.stands() || isUnmoved()) {
            return 1;
        }
        double most = kl.lower() > 0 ? Math.min(1, mostExplained / kl.lower()) : 1;
        Finding least = findings.get(LeastDeparture.ID);
        return least != null && least.stands() && least.lower() > 0 && kl.upper() > 0
                ? Math.max(0, Math.min(most, 1 - least.lower() / kl.upper()))
                : most;
    }

    /** The Bayes fraction's lower end by counts of the prior's draws alone; 0 where it is not known. */
    double leastFraction() {
        Finding kl = get(Figure.KL_POLICY_PRIOR);
        return kl.stands() && !isUnmoved() && kl.upper() > 0 ? Math.min(1, leastExplained / kl.upper()) : 0;
    }

    /** The finding of a figure. */
    Finding get(Figure figure) {
        return java.util.Objects.requireNonNull(findings.get(figure.id()));
    }
}
