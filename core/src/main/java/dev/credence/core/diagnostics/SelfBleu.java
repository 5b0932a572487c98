package dev.credence.core.diagnostics;

import java.util.Arrays;

/**
 * Self-BLEU (Zhu, Lu, Zheng, Guo, Zhang, Wang and Yu 2018): the mean BLEU-4 of each text with all others as references;
 * one for copies of one text, near zero for texts that share nothing.
 *
 * <p>Sentence BLEU with equal weights for n = 1…4, the closest reference length (the shorter of two), and smoothing 1
 * of Chen and Cherry (2014): a precision without matches counts 0.1 matches, except that a text without a single
 * common word scores zero. A text of fewer than four tokens is scored on the orders that it has, so that copies of a
 * short text score one as well. Between empty texts BLEU is one; between an empty text and others zero.
 *
 * <p>References are pooled as the largest and second-largest count of each n-gram in a text, so the cost is linear in
 * the amount of text.
 */
public final class SelfBleu {
    private static final double SMOOTHING = 0.1;

    private final TokenizedTexts texts;
    private final double[] logPrecision; // (texts), summed over the orders; −∞ without a common word
    private final int[] sortedLengths;

    private SelfBleu(TokenizedTexts texts) {
        this.texts = texts;
        this.logPrecision = new double[texts.size()];
        this.sortedLengths = new int[texts.size()];
        for (int t = 0; t < texts.size(); t++) {
            sortedLengths[t] = texts.length(t);
        }
        Arrays.sort(sortedLengths);
        for (int order = 1; order <= TokenizedTexts.LARGEST_ORDER; order++) {
            addPrecisions(order);
        }
    }

    /**
     * The self-BLEU of a set of texts.
     *
     * @param texts the set
     * @return a number in [0, 1]; NaN for a single text, which has no rest to be like
     */
    public static double of(TokenizedTexts texts) {
        if (texts.size() < 2) {
            return Double.NaN;
        }
        SelfBleu bleu = new SelfBleu(texts);
        double sum = 0;
        for (int t = 0; t < texts.size(); t++) {
            sum += bleu.score(t);
        }
        return sum / texts.size();
    }

    private double score(int text) {
        int length = texts.length(text);
        int reference = closestOtherLength(length);
        if (length == 0) {
            return reference == 0 ? 1 : 0;
        }
        double brevity = length > reference ? 0 : 1 - (double) reference / length;
        return Math.exp(brevity + logPrecision[text] / Math.min(length, TokenizedTexts.LARGEST_ORDER));
    }

    /** The length nearest to {@code length} among the other texts; of two, the shorter. */
    private int closestOtherLength(int length) {
        int at = Arrays.binarySearch(sortedLengths, length); // one of the texts of this length, if not the only one
        boolean below = at > 0;
        boolean above = at + 1 < sortedLengths.length;
        if (!above) {
            return sortedLengths[at - 1];
        }
        if (!below) {
            return sortedLengths[at + 1];
        }
        return length - sortedLengths[at - 1] <= sortedLengths[at + 1] - length
                ? sortedLengths[at - 1]
                : sortedLengths[at + 1];
    }

    private void addPrecisions(int order) {
        int[] count = new int[texts.distinct(order)]; // of the text at hand; zero between texts
        References references = new References(texts, order, count);
        for (int t = 0; t < texts.size(); t++) {
            int[] grams = texts.grams(order, t);
            count(grams, count);
            int matches = 0;
            for (int gram : grams) {
                matches += Math.min(count[gram], references.largestOutside(t, gram));
                count[gram] = 0;
            }
            if (grams.length > 0) {
                double smoothed = matches == 0 && order > 1 ? SMOOTHING : matches;
                logPrecision[t] += Math.log(smoothed / grams.length);
            }
        }
    }

    private static void count(int[] grams, int[] count) {
        for (int gram : grams) {
            count[gram]++;
        }
    }

    /** For each n-gram its largest count in a text, which text that is, and its largest count in another one. */
    private static final class References {
        private final int[] largest; // (n-grams)
        private final int[] where; // (n-grams)
        private final int[] second; // (n-grams)

        /** Counts with the array {@code count} (n-grams), which is zero before and after. */
        References(TokenizedTexts texts, int order, int[] count) {
            largest = new int[count.length];
            where = new int[count.length];
            second = new int[count.length];
            for (int t = 0; t < texts.size(); t++) {
                int[] grams = texts.grams(order, t);
                SelfBleu.count(grams, count);
                for (int gram : grams) {
                    see(t, gram, count[gram]);
                    count[gram] = 0;
                }
            }
        }

        private void see(int text, int gram, int occurrences) {
            if (occurrences > largest[gram]) {
                second[gram] = largest[gram];
                largest[gram] = occurrences;
                where[gram] = text;
            } else if (occurrences > second[gram]) {
                second[gram] = occurrences;
            }
        }

        int largestOutside(int text, int gram) {
            return where[gram] == text ? second[gram] : largest[gram];
        }
    }
}
