package dev.credence.core.audit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records of one log (one training step of it), in columns, the records of a prompt side by side.
 *
 * <p>Per record 8 bytes a named reward, 16 for the two log-probabilities, 4 for tokens, 1 for the source. A text is its
 * token sequence: log-probabilities are of the completion's tokens, its end included.
 *
 * @param rewardNames names of the rewards, in the order of {@code columns.rewards}
 * @param sources names of the sources; position 0 is {@code prior}, 1 is {@code policy}, others follow
 * @param prompts where each prompt's records are; weights sum to one
 * @param columns the records
 */
public record RolloutLog(List<String> rewardNames, List<String> sources, List<Prompt> prompts, Columns columns) {
    /** Source of records drawn from the prior. */
    public static final byte PRIOR = 0;

    /** Source of records drawn from the policy. */
    public static final byte POLICY = 1;

    /**
     * The records of one prompt: positions {@code from} to {@code to} of the columns.
     *
     * @param text the prompt
     * @param weight its share of the overall means
     * @param from first position
     * @param to one past the last
     * @param heldOut whether its split is {@code heldout}
     * @param cut how many of its records were cut at the horizon ({@code finished} false)
     * @param priorTexts a reservoir of completions drawn from the prior
     * @param policyTexts a reservoir of completions drawn from the policy
     */
    public record Prompt(
            String text,
            double weight,
            int from,
            int to,
            boolean heldOut,
            int cut,
            List<String> priorTexts,
            List<String> policyTexts) {
        /** {@return how many records it has} */
        public int size() {
            return to - from;
        }
    }

    /**
     * The records' numbers; every array is (records) unless said.
     *
     * @param rewards (names, records)
     * @param logPrior log π0 of the completion, nats, ≤ 0
     * @param logPolicy log π of the completion, nats, ≤ 0; −∞ only on records not drawn from the policy
     * @param source position in {@code sources}
     * @param logSource log-probability under the record's own source, for sources other than the two, else null
     * @param tokens token counts, or null if a record lacks one
     * @param group units that were drawn together (≥ 0; −1 for a record of its own), or null without groups
     * @param tokenKl Σ_t KL(π(·|x&lt;t) ‖ π0(·|x&lt;t)) of the completion, nats, NaN where not computed, or null where no
     *     record has it
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Columns(
            double[][] rewards,
            double[] logPrior,
            double[] logPolicy,
            byte[] source,
            double @Nullable [] logSource,
            int @Nullable [] tokens,
            int @Nullable [] group,
            double @Nullable [] tokenKl) {
        /**
         * Columns of records whose full next-token distributions were not at hand.
         *
         * @param rewards as above
         * @param logPrior as above
         * @param logPolicy as above
         * @param source as above
         * @param logSource as above
         * @param tokens as above
         * @param group as above
         */
        public Columns(
                double[][] rewards,
                double[] logPrior,
                double[] logPolicy,
                byte[] source,
                double @Nullable [] logSource,
                int @Nullable [] tokens,
                int @Nullable [] group) {
            this(rewards, logPrior, logPolicy, source, logSource, tokens, group, null);
        }
    }

    /** {@return the number of records} */
    public int size() {
        return columns.source.length;
    }
}
