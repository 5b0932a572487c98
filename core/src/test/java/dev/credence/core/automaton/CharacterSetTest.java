package dev.credence.core.automaton;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The characters of a piece of a pattern, against asking {@code java.util.regex} of each apart. */
class CharacterSetTest {
    private static BitSet oneByOne(String source, int flags) {
        BitSet members = new BitSet(Alphabet.CODE_POINTS);
        Matcher matcher = Pattern.compile(source, flags).matcher("");
        for (int c = 0; c < Alphabet.CODE_POINTS; c++) {
            if (matcher.reset(Character.toString(c)).matches()) {
                members.set(c);
            }
        }
        return members;
    }

    @ParameterizedTest
    @CsvSource({
        "., 0",
        "., 32", // DOTALL
        ".,  1", // UNIX_LINES
        "\\W, 256", // UNICODE_CHARACTER_CLASS
        "\\p{Cs}, 0",
        "[^\\x{10000}\\x{10FFFF}], 0",
        "[\\x{D800}-\\x{DFFF}\\x{1F600}a], 0",
        "[^\\x{DC00}], 0",
        "[^\\x{1F600}], 0",
        "[b-x&&[^m]], 0",
        "[^a\\-\\]k], 2",
        "[^k], 66",
        "[^a\\d\\W], 256",
        "[^\\\\\\s\\[], 0",
        "\\w, 0",
        "\\D, 2",
        "[k\\x{E9}], 66", // CASE_INSENSITIVE | UNICODE_CASE
        "[a-z&&[^x]\\p{IsGreek}], 2"
    })
    void allAtOnceAreThoseFoundOneByOne(String source, int flags) {
        assertThat(CharacterSet.piece(source, flags).members()).isEqualTo(oneByOne(source, flags));
    }

    @Test
    void literalsOfTwoCasesToo() {
        for (int character : new int[] {'s', 0x10428}) {
            for (int flags : new int[] {Pattern.CASE_INSENSITIVE, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE}) {
                assertThat(CharacterSet.literal(character, flags).members())
                        .as("%x, %d", character, flags)
                        .isEqualTo(oneByOne(Pattern.quote(Character.toString(character)), flags));
            }
        }
    }

    /** Plain classes of random pieces, whose characters outside Latin 1 are spoken for by one of them. */
    @Test
    void randomClassesOfAsciiToo() {
        String[] pieces = {
            "a", "K", "s", "-z", "0-9", "&&[^x-z]", "[b-d]", "\\d", "\\W", "\\S", "\\]", "\\\\", "^", "~", ".", "$"
        };
        SplittableRandom random = new SplittableRandom(3);
        int tried = 0;
        for (int i = 0; i < 12; i++) {
            StringBuilder source = new StringBuilder(random.nextBoolean() ? "[^" : "[");
            for (int k = 1 + random.nextInt(4); k > 0; k--) {
                source.append(pieces[random.nextInt(pieces.length)]);
            }
            int flags = random.nextBoolean() ? Pattern.CASE_INSENSITIVE : 0;
            try {
                Pattern.compile(source.append(']').toString(), flags);
            } catch (PatternSyntaxException e) {
                continue;
            }
            assertThat(CharacterSet.piece(source.toString(), flags).members())
                    .as("%s, %d", source, flags)
                    .isEqualTo(oneByOne(source.toString(), flags));
            tried++;
        }
        assertThat(tried).isGreaterThan(6);
    }

    /** Runs of an alphabet against one class a character. */
    @Test
    void classesAreWhatTheSetsTellApart() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 20; i++) {
            Alphabet alphabet = new Alphabet();
            List<BitSet> sets = new ArrayList<>();
            for (int k = 0; k < 4; k++) {
                BitSet set = new BitSet();
                for (int run = random.nextInt(5); run >= 0; run--) {
                    int from = random.nextInt(40);
                    set.set(from, from + random.nextInt(12));
                }
                if (random.nextInt(3) == 0) {
                    set.set(30, Alphabet.CODE_POINTS);
                }
                alphabet.tellApart(set);
                sets.add(set);
            }
            for (int a = 0; a < 60; a++) {
                int one = a;
                for (int b = 0; b < 60; b++) {
                    int other = b;
                    assertThat(alphabet.of(a) == alphabet.of(b))
                            .isEqualTo(sets.stream().allMatch(set -> set.get(one) == set.get(other)));
                }
                boolean common = true;
                for (int b = a + 1; b < 60; b++) {
                    common &= alphabet.of(b - 1) == alphabet.of(a);
                    assertThat(alphabet.common(a, b)).isEqualTo(common ? alphabet.of(a) : -1);
                }
                for (BitSet set : sets) {
                    assertThat(alphabet.within(set)[alphabet.of(a)]).isEqualTo(set.get(a));
                }
            }
            assertThat(alphabet.size()).isEqualTo((int)
                    IntStream.range(0, 60).map(alphabet::of).distinct().count());
        }
    }

    @Test
    void theTextHasEveryCharacterOnceInOrder() {
        int[] all = EveryCharacter.TEXT.codePoints().toArray();
        assertThat(all).hasSize(Alphabet.CODE_POINTS - 2048).isSorted().doesNotHaveDuplicates();
        assertThat(EveryCharacter.TEXT.substring(0xD7FF, 0xD801)).isEqualTo("\uD7FF\uE000");
    }
}
