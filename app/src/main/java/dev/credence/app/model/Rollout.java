package dev.credence.app.model;

import dev.credence.data.rewards.ScoredText;
import java.util.NoSuchElementException;

/**
 * One drawn completion, scored under both models.
 *
 * @param prompt the prompt's text
 * @param completion its text; a character that was cut is U+FFFD
 * @param ids its tokens, the end included
 * @param finished whether it ended
 * @param source {@link dev.credence.core.audit.RolloutLog#PRIOR} or POLICY
 * @param logPrior log π0, nats
 * @param logPolicy log π, nats
 */
@SuppressWarnings("ArrayRecordComponent")
record Rollout(
        String prompt, String completion, int[] ids, boolean finished, byte source, double logPrior, double logPolicy)
        implements ScoredText {
    /** Log-probabilities above 0 by rounding are 0. */
    Rollout {
        logPrior = Math.min(0, logPrior);
        logPolicy = Math.min(0, logPolicy);
    }

    @Override
    public int tokens() {
        return ids.length;
    }

    @Override
    public double field(String name) {
        throw new NoSuchElementException("a drawn text has no field " + name + "; name a reward of its text");
    }
}
