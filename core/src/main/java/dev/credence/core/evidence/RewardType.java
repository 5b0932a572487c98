package dev.credence.core.evidence;

/**
 * What a reward is. Only reward/β is identified by a policy; what "n copies" means depends on this, so it decides the
 * words of a report, never a number (docs/theory.md#what-copies-mean).
 */
public enum RewardType {
    /** (a) log p(O|x): optimum at β is exactly 1/β independent copies of the observation O. */
    LOG_PROBABILITY,
    /** (b) an approval probability in [0, 1], 0/1 included: Poisson(1/β) independent raters all approve. */
    PROBABILITY,
    /** (c) a Bradley–Terry logit: 1/β successive rounds of Luce choice from an unlimited pool. */
    LOGIT,
    /** (d) a number of unspecified or whitened scale: only copies times the reward's deviation mean anything. */
    SCORE
}
