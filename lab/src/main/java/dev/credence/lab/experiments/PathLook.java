package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;

/**
 * What a path shows of a policy.
 *
 * @param copies λ at equal mean reward; ±∞ at the best (worst) texts alone, NaN where no reward varies
 * @param fraction Bayes fraction; NaN where the policy is the prior
 * @param kl KL(π‖π0), nats
 */
record PathLook(double copies, double fraction, double kl) {
    /** The three figures of a whole audit. */
    static PathLook of(StepAudit audit) {
        return new PathLook(
                estimate(audit, "copies.moment_match"),
                estimate(audit, "bayes_fraction"),
                estimate(audit, "kl.policy_prior"));
    }

    private static double estimate(StepAudit audit, String id) {
        Finding finding = audit.findings().get(id);
        return finding == null || !finding.stands() ? Double.NaN : finding.estimate();
    }
}
