package dev.credence.core.automaton;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Random patterns of the regular part of {@code java.util.regex}, and random tokens that cut characters. */
final class RandomPatterns {
    private static final String[] ATOMS = {
        "a",
        "b",
        "c",
        "A",
        " ",
        "é",
        "\\n",
        "\\r",
        ".",
        "[ab]",
        "[^a]",
        "[a-c&&[^b]]",
        "[]a]",
        "\\w",
        "\\W",
        "\\s",
        "\\x61",
        "\\p{L}",
        "\\Qa.\\E",
        "_",
        "\\.",
        "(?i:a)",
        "道",
        "\\u0062",
        "\\0141",
        "(?s:.)",
        "[[a][b]]"
    };
    private static final String[] PLACES = {"^", "$", "\\b", "\\B", "\\A", "\\z", "\\Z", "(?m:^)", "(?m:$)"};
    private static final String[] TIMES = {"?", "*", "+", "{2}", "{1,2}", "{0,1}?", "{2,}", "*?", "+?", "??"};
    private static final String[] CHARACTERS = {
        "a", "b", "c", "A", " ", "é", "\n", "\r", ".", "_", "道", "\u2028", "\u0085", "\uFFFD", "😀", "\u0301", "]"
    };

    private final SplittableRandom random;

    RandomPatterns(long seed) {
        this.random = new SplittableRandom(seed);
    }

    Pattern next(boolean places) {
        return Pattern.compile(choice(2, places));
    }

    private String choice(int depth, boolean places) {
        StringBuilder regex = new StringBuilder(sequence(depth, places));
        while (random.nextInt(4) == 0) {
            regex.append('|').append(sequence(depth, places));
        }
        return regex.toString();
    }

    private String sequence(int depth, boolean places) {
        StringBuilder regex = new StringBuilder();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            if (places && random.nextInt(4) == 0) {
                regex.append(of(PLACES));
            } else {
                boolean grouped = depth > 0 && random.nextInt(4) == 0;
                String open = random.nextBoolean() ? "(" : "(?:";
                regex.append(grouped ? open + choice(depth - 1, places) + ')' : of(ATOMS));
                regex.append(random.nextInt(3) == 0 ? of(TIMES) : "");
            }
        }
        return regex.toString();
    }

    /** So many tokens, cut anywhere from random texts; the first one ends a text. */
    byte[] @Nullable [] tokens(int size) {
        byte[][] tokens = new byte[size][];
        for (int token = 1; token < size; token++) {
            StringBuilder text = new StringBuilder();
            for (int i = 1 + random.nextInt(2); i > 0; i--) {
                text.append(of(CHARACTERS));
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            int from = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : 0;
            int to = random.nextInt(4) == 0 ? from + random.nextInt(bytes.length - from) : bytes.length;
            tokens[token] = Arrays.copyOfRange(bytes, from, to);
        }
        return tokens;
    }

    /** All sequences of such tokens up to a length, none of them the end. */
    static List<int[]> sequences(int tokens, int longest) {
        List<int[]> all = new ArrayList<>();
        all.add(new int[0]);
        for (int i = 0; i < all.size() && all.get(i).length < longest; i++) {
            for (int token = 1; token < tokens; token++) {
                int[] longer = Arrays.copyOf(all.get(i), all.get(i).length + 1);
                longer[longer.length - 1] = token;
                all.add(longer);
            }
        }
        return all;
    }

    static String text(byte[] @Nullable [] tokens, int[] sequence) {
        StringBuilder bytes = new StringBuilder();
        for (int token : sequence) {
            byte[] piece = tokens[token];
            bytes.append(piece == null ? "" : new String(piece, StandardCharsets.ISO_8859_1));
        }
        return new String(bytes.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private String of(String[] from) {
        return from[random.nextInt(from.length)];
    }
}
