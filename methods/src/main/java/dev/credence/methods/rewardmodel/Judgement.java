package dev.credence.methods.rewardmodel;

/** What a rater said of one prompt's texts. Equal judgements may be one, with their number as its weight. */
public sealed interface Judgement {
    /** {@return the prompt} */
    String prompt();

    /** {@return how many such judgements it stands for; positive, not always whole} */
    double weight();

    /**
     * One text was preferred to another (Bradley and Terry 1952: with probability σ(s_chosen − s_rejected)).
     *
     * @param prompt of both
     * @param chosen the text preferred
     * @param rejected the other
     * @param weight how many such
     */
    record Pair(String prompt, String chosen, String rejected, double weight) implements Judgement {
        /**
         * Checks the weight.
         *
         * @param prompt as above
         * @param chosen as above
         * @param rejected as above
         * @param weight as above
         * @throws IllegalArgumentException unless the weight is positive and finite
         */
        public Pair {
            requireWeight(weight);
        }
    }

    /**
     * A text was approved of, or not (with probability σ(s)).
     *
     * @param prompt of the text
     * @param text what was judged
     * @param approved the judgement
     * @param weight how many such
     */
    record Approval(String prompt, String text, boolean approved, double weight) implements Judgement {
        /**
         * Checks the weight.
         *
         * @param prompt as above
         * @param text as above
         * @param approved as above
         * @param weight as above
         * @throws IllegalArgumentException unless the weight is positive and finite
         */
        public Approval {
            requireWeight(weight);
        }
    }

    /**
     * A rater stated how probable approval of a text is.
     *
     * @param prompt of the text
     * @param text what was judged
     * @param logProbability log of the stated probability, nats; finite, at most 0
     * @param weight how many such
     */
    record Stated(String prompt, String text, double logProbability, double weight) implements Judgement {
        /**
         * Checks the numbers.
         *
         * @param prompt as above
         * @param text as above
         * @param logProbability as above
         * @param weight as above
         * @throws IllegalArgumentException unless the probability is above 0 and at most 1, the weight positive and finite
         */
        public Stated {
            requireWeight(weight);
            if (!(logProbability <= 0 && logProbability > Double.NEGATIVE_INFINITY)) {
                throw new IllegalArgumentException("logProbability is " + logProbability
                        + "; it must be finite and at most 0, as the probability is above 0 and at most 1");
            }
        }
    }

    private static void requireWeight(double weight) {
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight is " + weight + "; it must be positive and finite");
        }
    }
}
