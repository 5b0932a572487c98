package dev.credence.data.rollouts;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One record of a log that is written.
 *
 * @param prompt the prompt's text
 * @param completion the completion's text
 * @param ids the completion's tokens, its end included
 * @param finished whether it ended, rather than was cut
 * @param source {@code prior} or {@code policy}
 * @param rewards by name, each finite
 * @param logPrior log π0, nats
 * @param logPolicy log π, nats
 * @param tokenKl Σ_t KL(π(·|x&lt;t) ‖ π0(·|x&lt;t)), nats; NaN where it was not computed
 * @param weight the prompt's weight
 * @param thinned how the draws of the prompt were thinned, or null where all were kept
 */
@SuppressWarnings("ArrayRecordComponent")
public record DrawnRecord(
        String prompt,
        String completion,
        int[] ids,
        boolean finished,
        String source,
        Map<String, Double> rewards,
        double logPrior,
        double logPolicy,
        double tokenKl,
        double weight,
        @Nullable Thinned thinned) {
    /**
     * Two-phase sampling: of many draws those were kept that a reward's value chose.
     *
     * @param prior with which probability a draw of the prior with this reward was kept, in (0, 1]
     * @param policy with which probability a draw of the policy with this reward was kept, in (0, 1]
     * @param draws how many texts were drawn from the record's own source, those that were not kept included
     */
    public record Thinned(double prior, double policy, long draws) {}

    /**
     * A record of a prompt all of whose draws were kept.
     *
     * @param prompt as above
     * @param completion as above
     * @param ids as above
     * @param finished as above
     * @param source as above
     * @param rewards as above
     * @param logPrior as above
     * @param logPolicy as above
     * @param tokenKl as above
     * @param weight as above
     */
    public DrawnRecord(
            String prompt,
            String completion,
            int[] ids,
            boolean finished,
            String source,
            Map<String, Double> rewards,
            double logPrior,
            double logPolicy,
            double tokenKl,
            double weight) {
        this(prompt, completion, ids, finished, source, rewards, logPrior, logPolicy, tokenKl, weight, null);
    }
}
