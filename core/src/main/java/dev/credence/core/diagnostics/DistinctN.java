package dev.credence.core.diagnostics;

/**
 * Distinct-n (Li, Galley, Brockett, Gao and Dolan 2016): of all n-grams of a set of texts, the share that are different
 * ones. It falls with the amount of text, so only sets of like size compare.
 *
 * @param different how many different n-grams there are
 * @param total how many n-grams there are
 */
public record DistinctN(int different, long total) {
    /**
     * The distinct-n of a set of texts.
     *
     * @param texts the set
     * @param order n, from 1 to 4
     * @return the counts
     * @throws IllegalArgumentException if n is out of its range
     */
    public static DistinctN of(TokenizedTexts texts, int order) {
        TokenizedTexts.checkOrder(order);
        long total = 0;
        for (int t = 0; t < texts.size(); t++) {
            total += texts.grams(order, t).length;
        }
        return new DistinctN(texts.distinct(order), total);
    }

    /** {@return different over total; NaN if no text is long enough for an n-gram} */
    public double share() {
        return (double) different / total;
    }
}
