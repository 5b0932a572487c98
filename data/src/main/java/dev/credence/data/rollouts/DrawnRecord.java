package dev.credence.data.rollouts;

import java.util.Map;

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
        double weight) {}
