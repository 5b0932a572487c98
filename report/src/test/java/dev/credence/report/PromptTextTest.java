package dev.credence.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PromptTextTest {
    @Test
    void showsWhatCannotBeSeen() {
        assertThat(shown("a\nb\tc\r\u202Ed\u0000")).isEqualTo("a↵b⇥c␍⟨U+202E⟩d⟨U+0000⟩");
        assertThat(PromptText.line("a\nb\tc\r\u202Ed")).isEqualTo("a↵b⇥c␍⟨U+202E⟩d");
        assertThat(PromptText.line("a\u2028b\u0085c\u2029d")).isEqualTo("a⟨U+2028⟩b⟨U+0085⟩c⟨U+2029⟩d");
        assertThat(shown("")).isEqualTo("(empty prompt)");
        assertThat(shown("👩‍🚀")).isEqualTo("👩‍🚀");
    }

    @Test
    void cutsLongPromptsBetweenCharacters() {
        String text = "😀".repeat(2000);
        assertThat(shown(text))
                .startsWith("😀😀")
                .endsWith("😀 … 4,000 characters")
                .doesNotContain("\uFFFD");
        assertThat(shown("x".repeat(160))).isEqualTo("x".repeat(160));
        assertThat(shown("x".repeat(161))).isEqualTo("x".repeat(160) + " … 161 characters");
    }

    private static String shown(String prompt) {
        Html html = new Html().trusted("<!DOCTYPE html>").open("b");
        PromptText.write(html, prompt);
        String page = html.close().finished();
        return new ParsedPage(page).all("b").get(0).getTextContent();
    }
}
