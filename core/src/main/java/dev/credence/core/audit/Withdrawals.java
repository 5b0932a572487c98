package dev.credence.core.audit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which findings depend on what. */
final class Withdrawals {
    /** Why there are no copies of a reward that is one number wherever it was looked at. */
    static final String SAME_REWARD = "the reward does not vary";

    /** Figures at the fitted λ: they need overlap of the records with π*_λ. */
    static final List<String> FITTED = List.of(
            "kl.explained",
            "kl.departure",
            "bayes_fraction",
            "copies.moment_match",
            "copies.self_consistent",
            "copies.per_sigma");

    /** Figures at 1/β: they need overlap of the records with the asked posterior. */
    static final List<String> ASKED = List.of(
            "log_z",
            "kl.asked_prior",
            "kl.policy_asked",
            "kl.asked_policy",
            "reward.asked",
            "entropy.asked",
            "modes.asked",
            "recall",
            "gap.objective");

    /** Figures that lean with few records a prompt and whose intervals no jackknife corrects. */
    static final List<String> UNCORRECTED = List.of(
            "kl.prior_policy",
            "kl.asked_prior",
            "residual.policy_variance",
            "recall",
            "reward.asked",
            "entropy.asked",
            "modes.asked",
            "copies.self_consistent",
            "copies.per_sigma");

    /** Figures that need the policy to give every text of the prior something. */
    static final List<String> FULL_SUPPORT = List.of(
            "kl.prior_policy",
            "kl.asked_policy",
            "copies.self_consistent",
            "copies.prior_slope",
            "copies.policy_slope",
            "copies.mixture_slope",
            "residual.policy_variance",
            "nuisance.log_prior",
            "nuisance.length",
            "nuisance.reward_squared");

    /** Figures that say how far the policy moved, where its records are alike and it moved all the same. */
    static final List<String> MOVED_ELSEWHERE = List.of(
            "kl.policy_prior",
            "kl.prior_policy",
            "kl.policy_prior.rao_blackwell",
            "kl.policy_prior.variance",
            "kl.policy_prior.variance.rb",
            "kl.explained",
            "kl.departure",
            "bayes_fraction",
            "kl.policy_asked",
            "kl.asked_policy",
            "gap.objective",
            "recall");

    /** Figures that do not exist where the policy leaves the prior's support. */
    static final List<String> ABSOLUTE_CONTINUITY = List.of(
            "kl.policy_prior",
            "kl.policy_asked",
            "kl.explained",
            "kl.departure",
            "bayes_fraction",
            "copies.moment_match",
            "copies.self_consistent",
            "copies.per_sigma",
            "copies.prior_slope",
            "copies.policy_slope",
            "copies.mixture_slope",
            "copies.ceiling",
            "residual.policy_variance",
            "gap.objective");

    /** Gates that say of a log's records as a whole that they cannot be. */
    private static final Set<String> OF_THE_LOG =
            Set.of("normalisation", "two_estimates", "total_probability", "same_text");

    private Withdrawals() {}

    /** Whether a gate fails that speaks of the log as a whole: a part may be too small to show its fault. */
    static boolean isOfTheLog(Gate gate) {
        return gate.status() == Gate.Status.FAIL && OF_THE_LOG.contains(gate.id());
    }

    /** A part's findings without those that a gate withdrew of the whole log. */
    static Map<String, Finding> ofTheLog(Map<String, Finding> ofPart, List<Gate> ofAll) {
        Map<String, Finding> findings = new LinkedHashMap<>(ofPart);
        for (Gate gate : ofAll) {
            String why = "gate " + gate.id() + ", of all prompts: " + gate.reason();
            gate.withdraws()
                    .forEach(id -> findings.computeIfPresent(
                            id, (key, finding) -> finding.stands() ? finding.withdrawn(why) : finding));
        }
        return findings;
    }

    /** Whether a finding is about the posterior at the stated β. */
    static boolean isAsked(String id) {
        return ASKED.contains(id) || id.equals("ess.asked") || id.equals("khat.asked") || id.equals("unseen.asked");
    }

    /** Whether a finding needs the reward to be the text's own. */
    static boolean isOfReward(String id) {
        return ASKED.contains(id)
                || FITTED.contains(id)
                || id.startsWith("copies.")
                || id.startsWith("nuisance.")
                || id.startsWith("residual.")
                || id.equals(LeastDeparture.ID);
    }

    /** Why a figure has no value though its sources are there. */
    static String whyUndefined(String id) {
        return switch (id) {
            case "nuisance.reward_squared" ->
                "its column is a combination of the others (so where the reward takes two" + " values)";
            case "nuisance.length" -> "its column is missing (no token counts) or a combination of the others";
            case "nuisance.log_prior" -> "its column is a combination of the others";
            case "unseen.mm", "unseen.asked" -> "the reward takes many values and no limit of it is stated";
            case "khat.mm", "khat.asked", "khat.prior" -> "fewer than 25 records";
            case "copies.self_consistent" -> "no root near the moment-matching copies";
            case "kl.policy_prior.rao_blackwell", "kl.policy_prior.variance.rb" ->
                "a policy record has no kl_tokens, or a prompt has one policy record";
            default -> id.startsWith("copies.") ? SAME_REWARD : "it has no value on these records";
        };
    }
}
