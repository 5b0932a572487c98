package dev.credence.core.diagnostics;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The Vendi score (Friedman and Dieng 2023): the effective number of different items in a set, exp(−Σ λ log λ) with λ
 * the eigenvalues of K/n and K the items' similarities. n for items that have nothing in common, 1 for copies.
 */
public final class VendiScore {
    private static final double TOLERANCE = 1e-9;

    private VendiScore() {}

    /**
     * The score of items with given similarities.
     *
     * @param similarity (n, n) symmetric, positive semi-definite, ones on the diagonal
     * @return a number in [1, n]
     * @throws IllegalArgumentException if the matrix is empty, not square, not symmetric, or has another diagonal
     */
    public static double of(double[][] similarity) {
        check(similarity);
        int[] once = new int[similarity.length];
        Arrays.fill(once, 1);
        return of(similarity, once, similarity.length);
    }

    /**
     * The score of n items of which some are copies, from the lower triangle of their similarities. Copies add zeros to the spectrum of K/n, and the rest is that of the
     * different items' similarities times √(copies/n) on both sides: a smaller matrix, where a policy repeats itself.
     */
    private static double of(double[][] similarity, int[] copies, double n) {
        int different = copies.length;
        double[][] density = new double[different][different];
        for (int i = 0; i < different; i++) {
            for (int j = 0; j <= i; j++) {
                double count = copies[i] == copies[j] ? copies[i] : Math.sqrt((double) copies[i] * copies[j]);
                density[i][j] = similarity[i][j] * count / n;
                density[j][i] = density[i][j];
            }
        }
        double entropy = 0;
        for (double eigenvalue : SymmetricEigenvalues.of(density)) {
            entropy -= eigenvalue > 0 ? eigenvalue * Math.log(eigenvalue) : 0; // rounding makes tiny negative ones
        }
        return Math.exp(entropy);
    }

    /**
     * The score of texts, similar as far as they share n-grams: the mean over n = 1…4 of the cosine between their
     * counts of n-grams. Of a text shorter than n, the whole text is its only n-gram.
     *
     * @param texts the set
     * @return a number in [1, number of texts]
     */
    public static double of(TokenizedTexts texts) {
        Map<IntBuffer, Integer> firsts = new HashMap<>();
        int[] different = new int[texts.size()]; // positions of the first copies
        int[] copies = new int[texts.size()];
        int count = 0;
        for (int t = 0; t < texts.size(); t++) {
            Integer known = firsts.putIfAbsent(IntBuffer.wrap(texts.grams(1, t)), count);
            if (known == null) {
                different[count] = t;
                copies[count++] = 1;
            } else {
                copies[known]++;
            }
        }
        double[][] similarity = new double[count][]; // the lower triangle
        for (int t = 0; t < count; t++) {
            similarity[t] = new double[t + 1];
        }
        for (int order = 1; order <= TokenizedTexts.LARGEST_ORDER; order++) {
            addCosines(texts, Arrays.copyOf(different, count), order, similarity);
        }
        return of(similarity, Arrays.copyOf(copies, count), texts.size());
    }

    private static void check(double[][] similarity) {
        int n = similarity.length;
        if (n == 0) {
            throw new IllegalArgumentException("similarity is empty; the score of no items is not defined");
        }
        for (int i = 0; i < n; i++) {
            if (similarity[i].length != n) {
                throw new IllegalArgumentException("row " + i + " of similarity has " + similarity[i].length
                        + " numbers; the matrix is " + n + " by " + n);
            }
        }
        for (int i = 0; i < n; i++) {
            if (!(Math.abs(similarity[i][i] - 1) <= TOLERANCE)) {
                throw new IllegalArgumentException(
                        "similarity of item " + i + " to itself is " + similarity[i][i] + "; it must be 1");
            }
            for (int j = 0; j < i; j++) {
                if (!(Math.abs(similarity[i][j] - similarity[j][i]) <= TOLERANCE)) {
                    throw new IllegalArgumentException(
                            "similarity of items " + i + " and " + j + " is " + similarity[i][j] + " one way and "
                                    + similarity[j][i] + " the other; it must be symmetric");
                }
            }
        }
    }

    /** Adds a quarter of the cosines to the lower triangle, walking over pairs of texts that share an n-gram only. */
    private static void addCosines(TokenizedTexts texts, int[] chosen, int order, double[][] similarity) {
        int n = chosen.length;
        Postings postings = new Postings(texts, chosen, order);
        double[] products = new double[n];
        double[] norms = new double[n];
        for (int t = 0; t < n; t++) {
            Arrays.fill(products, 0, t + 1, 0);
            postings.add(t, products);
            norms[t] = Math.sqrt(products[t]);
            double[] row = similarity[t];
            double scale = TokenizedTexts.LARGEST_ORDER * norms[t];
            for (int j = 0; j < t; j++) {
                row[j] += products[j] / (scale * norms[j]);
            }
            row[t] += 1.0 / TokenizedTexts.LARGEST_ORDER;
        }
    }

    /** For each n-gram a linked list of the texts that have it, with their counts. */
    private static final class Postings {
        private final TokenizedTexts texts;
        private final int[] chosen; // positions of the texts that are compared
        private final int order;
        private final LongIndex wholeTexts = new LongIndex(8);
        private final int[] count; // (n-grams) of the text at hand; zero between texts
        private final int[] head; // (n-grams) latest entry + 1
        private int[] next; // (entries)
        private int[] text;
        private int[] occurrences;
        private int entries;

        Postings(TokenizedTexts texts, int[] chosen, int order) {
            this.texts = texts;
            this.chosen = chosen;
            this.order = order;
            this.count = new int[texts.distinct(order) + texts.size()]; // room for texts that are too short
            this.head = new int[count.length];
            this.next = new int[Math.min(256, 2 * count.length)];
            this.text = next.clone();
            this.occurrences = next.clone();
        }

        /** Takes in a text, and its inner products with the texts before it and with itself. */
        void add(int newText, double[] products) {
            int[] grams = gramsOrWhole(chosen[newText]);
            for (int gram : grams) {
                count[gram]++;
            }
            for (int gram : grams) {
                if (count[gram] > 0) {
                    append(gram, newText);
                    double here = count[gram];
                    for (int entry = head[gram]; entry != 0; entry = next[entry - 1]) {
                        products[text[entry - 1]] += here * occurrences[entry - 1];
                    }
                    count[gram] = 0;
                }
            }
        }

        private int[] gramsOrWhole(int t) {
            int length = texts.length(t);
            if (length >= order) {
                return texts.grams(order, t);
            }
            long whole = length == 0 ? 0 : (long) texts.grams(length, t)[0] << 3 | length;
            return new int[] {texts.distinct(order) + wholeTexts.of(whole)};
        }

        private void append(int gram, int newText) {
            if (entries == next.length) {
                next = Arrays.copyOf(next, 2 * entries);
                text = Arrays.copyOf(text, 2 * entries);
                occurrences = Arrays.copyOf(occurrences, 2 * entries);
            }
            next[entries] = head[gram];
            text[entries] = newText;
            occurrences[entries] = count[gram];
            head[gram] = ++entries;
        }
    }
}
