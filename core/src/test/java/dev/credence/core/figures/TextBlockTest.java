package dev.credence.core.figures;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextBlockTest {
    @Test
    void linesAreParagraphsAndItems() {
        assertThat(TextBlock.of("Reached were:\n- a: -1\n- b\n\n −2 stays.\n"))
                .containsExactly(
                        new TextBlock("Reached were:", false),
                        new TextBlock("a: -1", true),
                        new TextBlock("b", true),
                        new TextBlock("−2 stays.", false));
        assertThat(TextBlock.of("")).isEmpty();
    }
}
