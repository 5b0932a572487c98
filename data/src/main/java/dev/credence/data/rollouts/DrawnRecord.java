package dev.credence.data.rollouts;

import java.util.Map;

/**
 * One record of a log that is written.
 *
 * @param prompt the prompt's text
 * @param completion the completion's text
 * @param ids the completion's tokens, its end included
 * @param finished whether it ended, rather than was cut
 * @param source {@code prior}, {@code policy}, {@code tilt} or another name
 * @param rewards by name, each finite
 * @param logPrior log π0, nats
 * @param logPolicy log π, nats; NaN where no policy was asked
 * @param tokenKl Σ_t KL(π(·|x&lt;t) ‖ π0(·|x&lt;t)), nats; NaN where it was not computed
 * @param weight the prompt's weight
 * @param sampling how it came to be in the log
 * @param group what it was drawn together with; empty for nothing
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
        HowDrawn sampling,
        String group) {
    /**
     * How a draw came to be in the log; NaN for what is not said.
     *
     * @param keptPrior with which probability a draw of the prior with this reward was kept
     * @param keptPolicy with which probability a draw of the policy with this reward was kept
     * @param draws how many texts were drawn from the record's source for its prompt, those not kept included
     * @param lambda λ of a draw from π0 e^{λr}/Z
     * @param logSource log-probability under the one source beyond the two
     */
    public record HowDrawn(double keptPrior, double keptPolicy, double draws, double lambda, double logSource) {
        /** Every draw is a record. */
        public static final HowDrawn PLAIN = new HowDrawn(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

        /**
         * Draws that were thinned.
         *
         * @param keptPrior with which probability a draw of the prior with this reward was kept; NaN if not known
         * @param keptPolicy with which probability a draw of the policy with this reward was kept; NaN if not known
         * @param draws how many texts were drawn from the record's source for its prompt; NaN if not known
         * @return the sampling
         */
        public static HowDrawn thinned(double keptPrior, double keptPolicy, double draws) {
            return new HowDrawn(keptPrior, keptPolicy, draws, Double.NaN, Double.NaN);
        }

        /**
         * The same with the log-probability under the one source beyond the two.
         *
         * @param logProb nats; NaN where there is no such source
         * @return the sampling
         */
        public HowDrawn under(double logProb) {
            return new HowDrawn(keptPrior, keptPolicy, draws, lambda, logProb);
        }

        /**
         * The same of a draw of a tilt, all of which are records.
         *
         * @param tilt its λ
         * @return the sampling
         */
        public HowDrawn ofTilt(double tilt) {
            return new HowDrawn(keptPrior, keptPolicy, Double.NaN, tilt, Double.NaN);
        }

        /**
         * A draw of a tilt.
         *
         * @param lambda its λ
         * @return the sampling
         */
        public static HowDrawn tilt(double lambda) {
            return new HowDrawn(Double.NaN, Double.NaN, Double.NaN, lambda, Double.NaN);
        }
    }

    /**
     * The same, come into the log otherwise.
     *
     * @param how it did
     * @return a changed copy
     */
    public DrawnRecord by(HowDrawn how) {
        return new DrawnRecord(
                prompt, completion, ids, finished, source, rewards, logPrior, logPolicy, tokenKl, weight, how, group);
    }

    /**
     * The same in a group.
     *
     * @param name of the records that were drawn together, within a prompt
     * @return a changed copy
     */
    public DrawnRecord inGroup(String name) {
        return new DrawnRecord(
                prompt,
                completion,
                ids,
                finished,
                source,
                rewards,
                logPrior,
                logPolicy,
                tokenKl,
                weight,
                sampling,
                name);
    }

    /**
     * A draw of a source all of whose draws are records, in no group.
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
        this(
                prompt,
                completion,
                ids,
                finished,
                source,
                rewards,
                logPrior,
                logPolicy,
                tokenKl,
                weight,
                HowDrawn.PLAIN,
                "");
    }
}
