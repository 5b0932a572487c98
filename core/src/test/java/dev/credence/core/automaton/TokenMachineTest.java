package dev.credence.core.automaton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bounds on tokens against what {@code java.util.regex} says of every text that the tokens spell. */
class TokenMachineTest {
    private static final int TOKENS = 5;
    private static final int HORIZON = 4;
    private static final int PATTERNS = 14;

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whetherAPatternIsFoundIsKnownAsSoonAsItIsDecided(long seed) {
        RandomPatterns random = new RandomPatterns(seed);
        int tight = 0;
        for (int i = 0; i < PATTERNS; i++) {
            Pattern pattern = random.next(i % 2 == 0);
            byte[] @Nullable [] tokens = random.tokens(TOKENS);
            TokenMachine machine = new TokenMachine(TextMachine.found(pattern), new TokenTexts(tokens), HORIZON);
            tight += check(machine, tokens, text -> pattern.matcher(text).find() ? 1 : 0, "found " + pattern) ? 1 : 0;
        }
        // Combining marks and half characters are not followed in some patterns; all others are bounded as well as can
        // be.
        assertThat(tight).isGreaterThan(PATTERNS * 7 / 10);
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6})
    void countsLieBetweenTheirBounds(long seed) {
        RandomPatterns random = new RandomPatterns(seed);
        int counted = 0;
        for (int i = 0; i < PATTERNS; i++) {
            Pattern pattern = random.next(i % 2 == 0);
            byte[] @Nullable [] tokens = random.tokens(TOKENS);
            try {
                TokenMachine machine = new TokenMachine(TextMachine.count(pattern), new TokenTexts(tokens), HORIZON);
                check(machine, tokens, text -> count(pattern, text), "count " + pattern);
                counted++;
            } catch (NotRegularException e) {
                assertThat(e).hasMessageMatching("may match the empty text|is counted before a last line terminator");
            }
        }
        assertThat(counted).isGreaterThan(PATTERNS / 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[aeiou]", "ab", "\\bab\\b", "(?i)a", "a.c", "道"})
    void countsOfEvenLengthAreBoundedAsWellAsCanBe(String regex) {
        Pattern pattern = Pattern.compile(regex);
        byte[] @Nullable [] tokens = tokens("a", "b", " ", "道", "道a", "Abc");
        TokenMachine machine = new TokenMachine(TextMachine.count(pattern), new TokenTexts(tokens), HORIZON);
        assertThat(check(machine, tokens, text -> count(pattern, text), regex)).isTrue();
    }

    @Test
    void containedTextsAndWordsAreBoundedAsWellAsCanBe() {
        byte[] @Nullable [] tokens = tokens("lo", "ve", " ", "d", "\u0130", "V", "😀");
        tokens = Arrays.copyOf(tokens, tokens.length + 1);
        tokens[tokens.length - 1] = new byte[] {(byte) 0xF0, (byte) 0x9F};
        for (String part : List.of("love", "😀", "vel", "\uFFFD")) {
            TokenMachine machine = new TokenMachine(TextMachine.contains(part), new TokenTexts(tokens), HORIZON);
            assertThat(check(machine, tokens, text -> text.contains(part) ? 1 : 0, part))
                    .isTrue();
        }
        Map<String, Double> weights = Map.of("love", 1.0, "loved", -0.5, "i", 0.25, "vv", 2.0);
        TokenMachine words = new TokenMachine(TextMachine.words(weights), new TokenTexts(tokens), HORIZON);
        assertThat(check(words, tokens, text -> weigh(weights, text), "words")).isTrue();
    }

    @Test
    void aTextThatOnlyTheHorizonEndsUsesAllItsTokens() {
        byte[] @Nullable [] tokens = Arrays.copyOfRange(tokens("a", "b"), 1, 3);
        TokenMachine machine = new TokenMachine(TextMachine.found(Pattern.compile("^.$")), new TokenTexts(tokens), 2);
        assertThat(machine.of(new int[0], 0)).isEqualTo(new ValueBounds(0, 0));
        tokens = tokens("a", "b");
        machine = new TokenMachine(TextMachine.found(Pattern.compile("^.$")), new TokenTexts(tokens), 2);
        assertThat(machine.of(new int[0], 0)).isEqualTo(new ValueBounds(0, 1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            (a)\\1      ~ refers back to a group
            a(?=b)      ~ looks around
            (?<!a)b     ~ looks around
            (?>a)b      ~ has an atomic group
            a*+b        ~ has a possessive quantifier
            \\Ga        ~ has \\G
            (?x)a       ~ is compiled with flags other than (?ismuU)
            (a{60}){70} ~ is longer than 4000 steps when its repetitions are written out
            (a|b)*a(a|b){12} ~ needs an automaton of more than 3000 states
            """)
    void whatIsNotRegularIsRefusedWithTheReason(String regex, String reason) {
        Pattern pattern = Pattern.compile(regex.replace("\\\\", "\\"));
        assertThatThrownBy(() -> TextMachine.found(pattern))
                .isInstanceOf(NotRegularException.class)
                .hasMessage(reason.replace("\\\\", "\\"));
    }

    @Test
    void tooManyStatesForTooManyTokensAreRefused() {
        byte[][] many = new byte[1 << 23][];
        Arrays.fill(many, new byte[] {'a'});
        assertThatThrownBy(() -> new TokenMachine(TextMachine.contains("aaaa"), new TokenTexts(many), 1))
                .isInstanceOf(NotRegularException.class)
                .hasMessage("needs an automaton of more than 2 states on 8388608 tokens");
    }

    /** Checks all prefixes; true where every bound is reached. */
    private static boolean check(
            TokenMachine machine, byte[] @Nullable [] tokens, ToDoubleFunction<String> value, String what) {
        List<int[]> sequences = RandomPatterns.sequences(tokens.length, HORIZON);
        double[] least = new double[sequences.size()];
        double[] most = new double[sequences.size()];
        boolean tight = true;
        int children = tokens.length - 1;
        for (int i = sequences.size() - 1; i >= 0; i--) {
            int[] sequence = sequences.get(i);
            least[i] = value.applyAsDouble(RandomPatterns.text(tokens, sequence));
            most[i] = least[i];
            if (sequence.length < HORIZON) {
                for (int child = i * children + 1; child <= i * children + children; child++) {
                    least[i] = Math.min(least[i], least[child]);
                    most[i] = Math.max(most[i], most[child]);
                }
            }
            ValueBounds bounds = machine.of(sequence, sequence.length);
            assertThat(bounds.lower())
                    .as(what + " behind '" + RandomPatterns.text(tokens, sequence) + "'")
                    .isLessThanOrEqualTo(least[i]);
            assertThat(bounds.upper())
                    .as(what + " behind '" + RandomPatterns.text(tokens, sequence) + "'")
                    .isGreaterThanOrEqualTo(most[i]);
            tight &= bounds.lower() == least[i] && bounds.upper() == most[i];
        }
        return tight;
    }

    private static byte[] @Nullable [] tokens(String... texts) {
        byte[][] tokens = new byte[texts.length + 1][];
        for (int i = 0; i < texts.length; i++) {
            tokens[i + 1] = texts[i].getBytes(StandardCharsets.UTF_8);
        }
        return tokens;
    }

    private static int count(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        int count = 0;
        while (matcher.find()) {
            count++;
        }
        return count;
    }

    private static double weigh(Map<String, Double> weights, String text) {
        double sum = 0;
        for (String word : text.toLowerCase(Locale.ROOT).split("[^a-z']+", -1)) {
            sum += weights.getOrDefault(word, 0.0);
        }
        return sum;
    }
}
