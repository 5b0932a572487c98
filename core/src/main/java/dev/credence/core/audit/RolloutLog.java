package dev.credence.core.audit;

import java.util.Arrays;
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
 * @param tilts (sources) λ of a source that draws from π0 e^{λr}/Z with an unknown Z; NaN for every other source
 */
@SuppressWarnings("ArrayRecordComponent")
public record RolloutLog(
        List<String> rewardNames, List<String> sources, List<Prompt> prompts, Columns columns, double[] tilts) {
    /**
     * A log without draws of tilts.
     *
     * @param rewardNames as above
     * @param sources as above
     * @param prompts as above
     * @param columns as above
     */
    public RolloutLog(List<String> rewardNames, List<String> sources, List<Prompt> prompts, Columns columns) {
        this(rewardNames, sources, prompts, columns, noTilts(sources.size()));
    }

    private static double[] noTilts(int sources) {
        double[] none = new double[sources];
        Arrays.fill(none, Double.NaN);
        return none;
    }

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
     * @param draws how many texts were drawn from prior and policy, those that were not kept included
     */
    public record Prompt(
            String text,
            double weight,
            int from,
            int to,
            boolean heldOut,
            int cut,
            List<String> priorTexts,
            List<String> policyTexts,
            Draws draws) {
        /**
         * A prompt all of whose draws were kept.
         *
         * @param text as above
         * @param weight as above
         * @param from as above
         * @param to as above
         * @param heldOut as above
         * @param cut as above
         * @param priorTexts as above
         * @param policyTexts as above
         */
        public Prompt(
                String text,
                double weight,
                int from,
                int to,
                boolean heldOut,
                int cut,
                List<String> priorTexts,
                List<String> policyTexts) {
            this(text, weight, from, to, heldOut, cut, priorTexts, policyTexts, Draws.ALL_KEPT);
        }

        /**
         * The same prompt with another weight.
         *
         * @param share of the overall means
         * @return the prompt
         */
        public Prompt withWeight(double share) {
            return new Prompt(text, share, from, to, heldOut, cut, priorTexts, policyTexts, draws);
        }

        /** {@return how many records it has} */
        public int size() {
            return to - from;
        }
    }

    /**
     * How many texts were drawn for a prompt, of which its records are what was kept.
     *
     * @param prior from the prior; NaN where each is a record
     * @param policy from the policy; NaN where each is a record
     * @param isPriorEstimated whether the prior's number is Σ 1/kept over its records, since nobody said it
     * @param isPolicyEstimated whether the policy's is
     */
    public record Draws(double prior, double policy, boolean isPriorEstimated, boolean isPolicyEstimated) {
        /**
         * Of known numbers.
         *
         * @param prior as above
         * @param policy as above
         */
        public Draws(double prior, double policy) {
            this(prior, policy, false, false);
        }

        /** Every draw is a record. */
        public static final Draws ALL_KEPT = new Draws(Double.NaN, Double.NaN);
    }

    /**
     * Two-phase sampling: a draw was kept with a probability that depends on its reward alone (docs/theory.md#thinned-draws).
     * Arrays are (records), values in (0, 1].
     *
     * @param prior with which a draw of the prior with the record's reward would have been kept
     * @param policy with which a draw of the policy with the record's reward would have been kept
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Kept(double[] prior, double[] policy) {}

    /**
     * The records' numbers; every array is (records) unless said.
     *
     * @param rewards (names, records)
     * @param logPrior log π0 of the completion, nats, ≤ 0
     * @param logPolicy log π of the completion, nats, ≤ 0; −∞ only on records not drawn from the policy
     * @param source position in {@code sources}
     * @param logSource log-probability under the record's own source, for sources other than the two; on records of the two,
     *     under the one other source where that is known, else NaN; null where no record has it
     * @param tokens token counts, or null if a record lacks one
     * @param group units that were drawn together (≥ 0; −1 for a record of its own), or null without groups
     * @param tokenKl Σ_t KL(π(·|x&lt;t) ‖ π0(·|x&lt;t)) of the completion, nats, NaN where not computed, or null where no
     *     record has it
     * @param kept the probabilities with which draws were kept, or null where all were
     * @param text a hash of the completion (its token ids where they are recorded): equal within a prompt where the texts
     *     are; or null where texts were not kept
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
            double @Nullable [] tokenKl,
            @Nullable Kept kept,
            long @Nullable [] text) {
        /**
         * Columns of records all of whose draws were kept, without next-token distributions and texts.
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
            this(rewards, logPrior, logPolicy, source, logSource, tokens, group, null, null, null);
        }

        /**
         * The same records with their sums of next-token divergences.
         *
         * @param divergences (records)
         * @return the columns
         */
        public Columns withTokenKl(double @Nullable [] divergences) {
            return new Columns(rewards, logPrior, logPolicy, source, logSource, tokens, group, divergences, kept, text);
        }

        /**
         * The same records, kept with these probabilities.
         *
         * @param probabilities of every record
         * @return the columns
         */
        public Columns withKept(@Nullable Kept probabilities) {
            return new Columns(
                    rewards, logPrior, logPolicy, source, logSource, tokens, group, tokenKl, probabilities, text);
        }

        /**
         * The same records with their texts' identities.
         *
         * @param hashes (records)
         * @return the columns
         */
        public Columns withText(long @Nullable [] hashes) {
            return new Columns(rewards, logPrior, logPolicy, source, logSource, tokens, group, tokenKl, kept, hashes);
        }
    }

    /** {@return the number of records} */
    public int size() {
        return columns.source.length;
    }
}
