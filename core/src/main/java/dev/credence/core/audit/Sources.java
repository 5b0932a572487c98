package dev.credence.core.audit;

import java.util.Set;

/** Which of the two sides an estimate can draw on. */
enum Sources {
    /** Complete tables: no sampling at all. */
    EXACT(Set.of()),
    /** Records of both. */
    BOTH(Set.of()),
    /** No policy records: what the policy gives is not seen. */
    PRIOR_ONLY(Set.of(
            "reward.prior",
            "entropy.prior",
            "modes.prior",
            "ess.prior",
            "copies.prior_slope",
            "log_z",
            "kl.asked_prior",
            "reward.asked",
            "entropy.asked",
            "modes.asked")),
    /** No prior records: modes that the policy dropped are not seen. */
    POLICY_ONLY(Set.of(
            "reward.policy",
            "entropy.policy",
            "modes.policy",
            "kl.policy_prior",
            "kl.policy_prior.sampled",
            LeastDeparture.ID,
            "copies.policy_slope"));

    @SuppressWarnings("ImmutableEnumChecker") // Set.of() is immutable, which its type does not say
    private final Set<String> kept;

    Sources(Set<String> kept) {
        this.kept = kept;
    }

    static Sources of(PromptPool pool) {
        boolean prior = true;
        boolean policy = true;
        for (PromptAtoms member : pool.members()) {
            if (member.atoms().strata() == 0) {
                return EXACT;
            }
            prior &= member.atoms().records(RolloutLog.PRIOR) > 0;
            policy &= member.atoms().records(RolloutLog.POLICY) > 0;
        }
        return prior && policy ? BOTH : prior ? PRIOR_ONLY : POLICY_ONLY;
    }

    /** Whether a figure can be estimated from what there is. */
    boolean keeps(String id) {
        return kept.isEmpty()
                || kept.contains(id)
                || id.startsWith("diversity.")
                || (this == POLICY_ONLY && TokenKl.IDS.contains(id));
    }

    /** What is missing and how to supply it. */
    String missing() {
        return switch (this) {
            case PRIOR_ONLY -> "needs records drawn from the policy (source: policy) for every prompt";
            case POLICY_ONLY -> "needs records drawn from the prior (source: prior) for every prompt";
            case EXACT, BOTH -> "";
        };
    }
}
