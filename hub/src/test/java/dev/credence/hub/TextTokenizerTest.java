package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
                    .hasMessageStartingWith("option --bos is no; an empty prompt needs the begin token");
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
}
