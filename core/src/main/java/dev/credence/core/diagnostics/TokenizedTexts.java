package dev.credence.core.diagnostics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A set of texts as token numbers, with numbers for their n-grams as well: equal n-grams have equal numbers, from 0 on
 * for each order. The measures of a set's diversity share one of these.
 */
public final class TokenizedTexts {
    /** The largest order of n-grams that is numbered. */
    static final int LARGEST_ORDER = 4;

    private final int[][][] grams; // (order − 1, text, position)
    private final int[] distinct; // (order − 1)

    private TokenizedTexts(int[][][] grams, int[] distinct) {
        this.grams = grams;
        this.distinct = distinct;
    }

    /**
     * Texts cut at white space.
     *
     * @param texts at least one
     * @return the tokenised texts
     * @throws IllegalArgumentException if there is no text
     */
    public static TokenizedTexts of(List<String> texts) {
        return of(texts, TokenizedTexts::whitespaceSeparated);
    }

    /**
     * Texts cut by a tokenizer.
     *
     * @param texts at least one
     * @param tokenizer from a text to its tokens
     * @return the tokenised texts
     * @throws IllegalArgumentException if there is no text
     */
    public static TokenizedTexts of(List<String> texts, Function<? super String, List<String>> tokenizer) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("texts is empty; the diversity of no texts is not defined");
        }
        Map<String, Integer> vocabulary = new HashMap<>();
        int[][] tokens = new int[texts.size()][];
        for (int t = 0; t < tokens.length; t++) {
            List<String> words = tokenizer.apply(texts.get(t));
            tokens[t] = new int[words.size()];
            for (int i = 0; i < tokens[t].length; i++) {
                Integer known = vocabulary.putIfAbsent(words.get(i), vocabulary.size());
                tokens[t][i] = known == null ? vocabulary.size() - 1 : known;
            }
        }
        return ofTokens(tokens, vocabulary.size());
    }

    private static TokenizedTexts ofTokens(int[][] tokens, int vocabulary) {
        int[][][] grams = new int[LARGEST_ORDER][][];
        int[] distinct = new int[LARGEST_ORDER];
        grams[0] = tokens;
        distinct[0] = vocabulary;
        for (int order = 2; order <= LARGEST_ORDER; order++) {
            LongIndex index = new LongIndex(2 * distinct[order - 2]);
            grams[order - 1] = new int[tokens.length][];
            for (int t = 0; t < tokens.length; t++) {
                int[] shorter = grams[order - 2][t];
                int[] longer = new int[Math.max(0, shorter.length - 1)];
                for (int i = 0; i < longer.length; i++) {
                    longer[i] = index.of((long) shorter[i] << 32 | tokens[t][i + order - 1]);
                }
                grams[order - 1][t] = longer;
            }
            distinct[order - 1] = index.size();
        }
        return new TokenizedTexts(grams, distinct);
    }

    /**
     * The words of a text: what white space separates.
     *
     * @param text any
     * @return its words in order; none for a blank text
     */
    public static List<String> whitespaceSeparated(String text) {
        List<String> words = new ArrayList<>();
        int from = -1;
        for (int i = 0; i < text.length(); i++) {
            boolean blank = Character.isWhitespace(text.charAt(i));
            if (blank && from >= 0) {
                words.add(text.substring(from, i));
                from = -1;
            } else if (!blank && from < 0) {
                from = i;
            }
        }
        if (from >= 0) {
            words.add(text.substring(from));
        }
        return words;
    }

    /** {@return how many texts there are} */
    public int size() {
        return grams[0].length;
    }

    /**
     * How many tokens a text has.
     *
     * @param text its position
     * @return tokens
     */
    public int length(int text) {
        return grams[0][text].length;
    }

    /** The n-grams of a text as numbers, by position; not to be written to. */
    int[] grams(int order, int text) {
        return grams[order - 1][text];
    }

    /** How many different n-grams of an order there are. */
    int distinct(int order) {
        return distinct[order - 1];
    }

    static void checkOrder(int order) {
        if (!(order >= 1 && order <= LARGEST_ORDER)) {
            throw new IllegalArgumentException(
                    "order is " + order + "; n-grams have 1 to " + LARGEST_ORDER + " tokens");
        }
    }
}
