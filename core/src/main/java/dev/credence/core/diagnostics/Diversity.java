package dev.credence.core.diagnostics;

import java.io.Serializable;
import java.util.List;

/**
 * How diverse a set of texts is, by every measure of this package that texts alone allow.
 *
 * @param texts how many there are
 * @param distinct1 share of different words among all words
 * @param distinct2 share of different pairs of words among all pairs
 * @param selfBleu mean BLEU-4 of each text against the rest; large means alike
 * @param vendi effective number of different texts by shared n-grams
 * @param unseen estimated probability that the next text is none of these
 * @serial exclude
 */
public record Diversity(int texts, double distinct1, double distinct2, double selfBleu, double vendi, double unseen)
        implements Serializable {
    /**
     * The diversity of texts, tokens being words.
     *
     * @param texts at least one
     * @return all measures
     * @throws IllegalArgumentException if there is no text
     */
    public static Diversity of(List<String> texts) {
        TokenizedTexts tokenized = TokenizedTexts.of(texts);
        return new Diversity(
                texts.size(),
                DistinctN.of(tokenized, 1).share(),
                DistinctN.of(tokenized, 2).share(),
                SelfBleu.of(tokenized),
                VendiScore.of(tokenized),
                UnseenMass.of(texts).probability());
    }
}
