package dev.credence.data.rewards;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.provenance.InputException;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/** One term of an evidence expression. */
sealed interface EvidenceTerm {
    /** Copies that its text says. */
    double copies();

    /** Where it stands. */
    Place place();

    /**
     * Where a term stands in what the user wrote.
     *
     * @param all the whole expression
     * @param text the term's own
     * @param number which one it is, from 1
     * @param of how many there are
     */
    record Place(String all, String text, int number, int of) {
        /** An error about the term: its rule; of several which one it is, and where it begins. */
        InputException wrong(int at, String rule) {
            String where = of == 1 ? "" : "term " + number + ", '" + text + "' at character " + (at + 1) + ": ";
            return InputException.ofSetting(EvidenceExpression.SETTING, all, where + rule);
        }
    }

    /**
     * What each text shows: a prompt, an event, or what Java code says.
     *
     * @param place where it stands
     * @param copies of it
     * @param evidence the evidence
     * @param reward an expression that is above 0 on just these texts; null where Java code has made the evidence
     */
    record OfTexts(
            Place place,
            double copies,
            Evidence evidence,
            @Nullable String reward) implements EvidenceTerm {}

    /**
     * What is observed of a reward.
     *
     * @param place where it stands
     * @param copies of it
     * @param kind what is observed
     * @param reward as typed; null for the one that the question is about
     * @param likelihood of so many copies, of what takes copies
     */
    record OfReward(
            Place place, double copies, Kind kind, @Nullable String reward, DoubleFunction<RewardLikelihood> likelihood)
            implements EvidenceTerm {}

    /** What is observed of a reward. */
    enum Kind {
        /** The reward itself, as a log-likelihood. */
        TILT("reward"),
        /** An observation of the probability that the reward states. */
        PROBABILITY("probability"),
        /** A level. */
        LEVEL("level"),
        /** A threshold. */
        AT_LEAST("at-least"),
        /** A range. */
        RANGE("range"),
        /** The best share of the prior's mass. */
        TOP("top"),
        /** The best of so many draws. */
        BEATS("beats"),
        /** Luce's choice from a pool. */
        POOL("pool"),
        /** Approval by raters. */
        RATERS("raters");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** As users write it. */
        String word() {
            return word;
        }

        /** Whether copies of it are of the reward, so that they change the likelihood and not how often it was seen. */
        boolean takesCopies() {
            return this == TILT || this == PROBABILITY;
        }

        /** Whether texts either show it or are excluded. */
        boolean isEvent() {
            return this == LEVEL || this == AT_LEAST || this == RANGE || this == TOP;
        }

        /** Whether it depends on the rewards of all texts. */
        boolean needsAllTexts() {
            return this == TOP || this == BEATS || this == POOL;
        }
    }
}
