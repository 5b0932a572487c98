package dev.credence.core.automaton;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    @Test
    void theTextHasEveryCharacterOnceInOrder() {
        int[] all = EveryCharacter.TEXT.codePoints().toArray();
        assertThat(all).hasSize(Alphabet.CODE_POINTS - 2048).isSorted().doesNotHaveDuplicates();
        assertThat(EveryCharacter.TEXT.substring(0xD7FF, 0xD801)).isEqualTo("\uD7FF\uE000");
    }
}
