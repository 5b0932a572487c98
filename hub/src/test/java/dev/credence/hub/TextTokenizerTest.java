package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.automaton.TextMachine;
import dev.credence.core.automaton.TokenMachine;
import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.model.Vocabulary;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Texts to ids and back, by a byte-level tokenizer of 512 pieces. */
class TextTokenizerTest {
    @Test
    void specialTokensAreRecognisedAndTheBeginTokenComesOnce() {
        try (TextTokenizer tokenizer = TextTokenizer.open(Cases.path("checkpoints/gpt2"), 512)) {
            int[] bare = tokenizer.prompt("ROMEO:\n", BeginToken.NO);
            int[] begun = tokenizer.prompt("ROMEO:\n", BeginToken.YES);
            assertThat(begun).hasSize(bare.length + 1).startsWith(0).endsWith(bare);
            assertThat(tokenizer.prompt("<|endoftext|>ROMEO:\n", BeginToken.YES))
                    .isEqualTo(begun);
            assertThat(tokenizer.prompt("<|endoftext|>ROMEO:\n", BeginToken.NO)).isEqualTo(begun);
            assertThat(tokenizer.prompt("ROMEO:\n", BeginToken.AUTO)).isEqualTo(bare);
            assertThat(tokenizer.prompt("", BeginToken.AUTO)).containsExactly(0);
            assertThatThrownBy(() -> tokenizer.prompt("", BeginToken.NO))
                    .hasMessageStartingWith("bos is no; an empty prompt needs the begin token");
            assertThat(tokenizer.end()).hasValue(0);
        }
    }

    @Test
    void textsComeBackAndCutCharactersAreReplaced() {
        try (TextTokenizer tokenizer = TextTokenizer.open(Cases.path("checkpoints/gpt2"), 512)) {
            String text = "Sweet é love, 道 and peace";
            int[] ids = tokenizer.completion(text);
            assertThat(tokenizer.decode(ids, ids.length)).isEqualTo(text);
            int[] cut = tokenizer.completion("道");
            assertThat(cut).hasSize(3);
            assertThat(tokenizer.decode(cut, 2)).endsWith("\uFFFD");
            assertThat(tokenizer.decode(cut, 3)).isEqualTo("道");
            assertThat(tokenizer.decode(ids, 0)).isEmpty();
        }
    }

    @Test
    void bytesOfTokensSpellTheTextOfEverySequence() {
        Vocabulary vocabulary = new Vocabulary(512, Set.of());
        try (TextTokenizer tokenizer = TextTokenizer.open(Cases.path("checkpoints/gpt2"), 512)) {
            TokenTexts spelled = tokenizer.spelled(vocabulary).orElseThrow();
            TokenMachine cut = new TokenMachine(TextMachine.contains("\uFFFD"), spelled, 8);
            TokenMachine cuts = new TokenMachine(TextMachine.count(Pattern.compile("\uFFFD")), spelled, 8);
            TokenMachine characters = new TokenMachine(TextMachine.count(Pattern.compile("(?s:.)")), spelled, 8);
            SplittableRandom random = new SplittableRandom(11);
            int broken = 0;
            for (int i = 0; i < 3000; i++) {
                int[] ids = random.ints(8, 1, random.nextBoolean() ? 512 : 260).toArray(); // the first are single bytes
                String text = tokenizer.decode(ids, ids.length);
                long replaced = text.chars().filter(c -> c == '\uFFFD').count();
                broken += replaced > 0 ? 1 : 0;
                assertThat(cut.of(ids, 8)).as(text).isEqualTo(exactly(replaced > 0 ? 1 : 0));
                assertThat(cuts.of(ids, 8)).as(text).isEqualTo(exactly((double) replaced));
                assertThat(characters.of(ids, 8)).as(text).isEqualTo(exactly(text.codePointCount(0, text.length())));
            }
            assertThat(broken).isGreaterThan(500);
        }
    }

    private static ValueBounds exactly(double value) {
        return new ValueBounds(value, value);
    }
}
