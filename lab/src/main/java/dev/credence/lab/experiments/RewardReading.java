package dev.credence.lab.experiments;

import java.util.Locale;

/** The four things that a reward may be (docs/theory.md#what-copies-mean), here all made from one score of a text, in logits. */
public enum RewardReading {
    /** r = log p(O|x). */
    A("log-probability of approval: 1/β copies of it"),
    /** r = p(O|x). */
    B("probability of approval: about 1/β raters who all approve"),
    /** r = a logit of no particular scale. */
    C("score: 1/β units of a logit, not observations"),
    /** r = the score over its standard deviation under the prior, prompt by prompt. */
    D("whitened score: 1/β per standard deviation of the prior");

    private final String words;

    RewardReading(String words) {
        this.words = words;
    }

    /**
     * The reward.
     *
     * @param score of the text, 0 where approval is as likely as not
     * @param mean of the score under the prior, for its prompt
     * @param deviation standard, of the same
     * @return what a method is given
     */
    public double of(double score, double mean, double deviation) {
        return switch (this) {
            case A -> -Math.log1p(Math.exp(-score));
            case B -> 1 / (1 + Math.exp(-score));
            case C -> score;
            case D -> deviation > 0 ? (score - mean) / deviation : 0;
        };
    }

    /** {@return the letter of the reading} */
    public String letter() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return what it is, in words} */
    public String words() {
        return words;
    }
}
