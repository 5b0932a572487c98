package dev.credence.lab.rollouts;

import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.model.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** What each token of a model spells, to be looked up by its first byte. */
final class TokenTable {
    private static final int BYTES = 256;

    private final byte[][] bytes; // (V) empty where a token spells nothing
    private final int[][] byFirst = new int[BYTES][];
    private final int[] all;
    private final int[] silent;
    private final int[] ends;

    /**
     * A table.
     *
     * @param texts what tokens spell
     * @param vocabulary which of them end a text
     * @param unwritten tokens that texts were written down without
     */
    TokenTable(TokenTexts texts, Vocabulary vocabulary, Set<Integer> unwritten) {
        this.bytes = new byte[vocabulary.size()][];
        List<List<Integer>> byByte = new ArrayList<>();
        IntStream.range(0, BYTES).forEach(first -> byByte.add(new ArrayList<>()));
        List<Integer> nothing = new ArrayList<>();
        for (int v = 0; v < bytes.length; v++) {
            Optional<byte[]> own = unwritten.contains(v) ? Optional.of(new byte[0]) : texts.bytes(v);
            bytes[v] = own.orElse(new byte[0]);
            if (!vocabulary.isEnd(v)) {
                (bytes[v].length == 0 ? nothing : byByte.get(bytes[v][0] & 0xFF)).add(v);
            }
        }
        for (int first = 0; first < BYTES; first++) {
            byFirst[first] = array(byByte.get(first));
        }
        this.silent = array(nothing);
        this.all = array(byByte.stream().flatMap(List::stream).toList());
        this.ends =
                vocabulary.ends().stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    private static int[] array(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Tokens that begin with a byte; all that spell something for −1. */
    int[] following(int first) {
        return first < 0 ? all : byFirst[first];
    }

    /** Tokens that spell nothing and end nothing. */
    int[] silent() {
        return silent;
    }

    /** Tokens that end a text. */
    int[] ends() {
        return ends;
    }

    /** What a token spells. */
    byte[] bytes(int token) {
        return bytes[token];
    }
}
