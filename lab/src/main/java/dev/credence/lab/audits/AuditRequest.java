package dev.credence.lab.audits;

import dev.credence.core.audit.AuditOptions;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.EvidenceExpression;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of an audit, whatever it is of: a log, a table or two models.
 *
 * @param reward the reward that the policy was tuned for, as {@code [NAME=]EXPRESSION} or a name in the input; null for the
 *     input's only one
 * @param beta the KL coefficient β ≥ 0 of the tuning: 1/β copies of the reward were asked for, 0 keeps the best texts alone;
 *     null where it is not known, which withdraws the figures about what was asked
 * @param rewardType what the reward is; it decides words and no number
 * @param candidates rival rewards to rank beside those in the input
 * @param range within which the reward is declared to lie on every text, seen or not; null where nothing is declared
 * @param dropThin whether prompts with too few records are left out of the overall figures
 * @param aim what the method that made the policy aims at, or null
 * @param seed of all that an audit draws or chooses
 * @serial exclude
 */
public record AuditRequest(
        @Nullable String reward,
        @Nullable Double beta,
        RewardType rewardType,
        List<String> candidates,
        AuditOptions.@Nullable Range range,
        boolean dropThin,
        @Nullable Aim aim,
        long seed)
        implements Serializable {
    private static final AuditRequest STANDARD =
            new AuditRequest(null, null, RewardType.SCORE, List.of(), null, false, null, 1);

    /**
     * Checks β, before any input is read.
     *
     * @param reward as above
     * @param beta as above
     * @param rewardType as above
     * @param candidates as above
     * @param range as above
     * @param dropThin as above
     * @param aim as above
     * @param seed as above
     * @throws InputException if β is negative or not finite
     */
    public AuditRequest {
        if (beta != null && !(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("beta", String.valueOf(beta), "it must be a finite number, 0 or larger");
        }
        candidates = List.copyOf(candidates);
    }

    /** {@return the input's only reward, no β, a score of unknown scale, no rivals, seed 1} */
    public static AuditRequest standard() {
        return STANDARD;
    }

    /**
     * The same about a reward.
     *
     * @param other as {@code [NAME=]EXPRESSION}, or a name in the input
     * @return the request
     */
    public AuditRequest ofReward(String other) {
        return new AuditRequest(other, beta, rewardType, candidates, range, dropThin, aim, seed);
    }

    /**
     * The same at a KL coefficient.
     *
     * @param other β ≥ 0
     * @return the request
     */
    public AuditRequest atBeta(double other) {
        return new AuditRequest(reward, other, rewardType, candidates, range, dropThin, aim, seed);
    }

    /**
     * The same with rivals to rank.
     *
     * @param others rewards as {@link #reward}
     * @return the request
     */
    public AuditRequest withCandidates(String... others) {
        return new AuditRequest(reward, beta, rewardType, List.of(others), range, dropThin, aim, seed);
    }

    /**
     * The same of a reward of another kind.
     *
     * @param other what the reward is
     * @return the request
     */
    public AuditRequest ofType(RewardType other) {
        return new AuditRequest(reward, beta, other, candidates, range, dropThin, aim, seed);
    }

    /**
     * The same of a reward that lies within bounds on every text, the records at hand or not.
     *
     * @param lowest reward, finite
     * @param highest reward, finite
     * @return the request
     */
    public AuditRequest within(double lowest, double highest) {
        AuditOptions.Range bounds = new AuditOptions.Range(lowest, highest);
        return new AuditRequest(reward, beta, rewardType, candidates, bounds, dropThin, aim, seed);
    }

    /** {@return the same without the prompts that have too few records; the verdict names them} */
    public AuditRequest droppingThin() {
        return new AuditRequest(reward, beta, rewardType, candidates, range, true, aim, seed);
    }

    /**
     * The same of a policy that a method made.
     *
     * @param other what the method aims at, or null
     * @return the request
     */
    public AuditRequest aimedAt(@Nullable Aim other) {
        return new AuditRequest(reward, beta, rewardType, candidates, range, dropThin, other, seed);
    }

    /**
     * The same, and whether the policy is the prior given evidence: the verdict {@code aimed} says so. The evidence is about one
     * reward, which is audited; β stays that of the tuning, and copies of evidence stand in its text.
     *
     * @param evidence in the words of docs/formats.md#evidence
     * @return the request
     * @throws InputException if it is malformed, about several rewards, or about another than {@link #reward}
     */
    public AuditRequest onEvidence(String evidence) {
        EvidenceExpression.OfOneReward one = EvidenceExpression.parse(evidence).ofOneReward();
        String about = one.reward() == null ? reward : one.reward();
        if (reward != null && !reward.equals(about)) {
            throw InputException.ofSetting(
                    "evidence",
                    evidence,
                    "it is about '" + about + "', and the reward is '" + reward + "': leave that out");
        }
        Aim seen = new Aim(one.words(), Aim.EXACT, one.likelihood(), null, null, null);
        return new AuditRequest(about, beta, rewardType, candidates, range, dropThin, seen, seed);
    }

    /**
     * The same with other randomness.
     *
     * @param other seed
     * @return the request
     */
    public AuditRequest seeded(long other) {
        return new AuditRequest(reward, beta, rewardType, candidates, range, dropThin, aim, other);
    }

    /** The engine's options for the reward of a name, with all that is known of its range. */
    AuditOptions options(String name, List<String> ranked) {
        return new AuditOptions(beta, name, rewardType, ranked, aim, seed)
                .within(range != null ? range : ComputedRange.known(reward))
                .droppingThin(dropThin);
    }
}
