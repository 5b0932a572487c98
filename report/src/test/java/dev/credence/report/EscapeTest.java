package dev.credence.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class EscapeTest {
    /** Characters that mean something to HTML, to XML, to UTF-16 or to the eye. */
    private static final String SPECIAL = "<>&\"'=/-!]\n\r\t {}|\u202E\u200Bé日\uD83D\uDE00\u0000\u0007\u0085";

    @Test
    void whatGoesIntoAnAttributeComesOut() {
        SplittableRandom random = new SplittableRandom(5);
        for (int run = 0; run < 2000; run++) {
            String text = random(random);
            String page = new Html()
                    .trusted("<!DOCTYPE html>")
                    .empty("p", "title", text)
                    .finished();
            Element element =
                    new ParsedPage(page.replace("\n<p", "<p")).all("p").get(0);
            assertThat(element.getAttribute("title")).isEqualTo(replaced(text));
        }
    }

    @Test
    void whatGoesIntoTextComesOut() {
        SplittableRandom random = new SplittableRandom(6);
        for (int run = 0; run < 2000; run++) {
            String text = random(random).replace("\r", "");
            String page =
                    new Html().trusted("<!DOCTYPE html>").element("b", text).finished();
            assertThat(new ParsedPage(page).all("b").get(0).getTextContent())
                    .isEqualTo(replaced(text).replace("\u202E", "⟨U+202E⟩").replace("\u200B", "⟨U+200B⟩"));
        }
    }

    @Test
    void jsonInAScriptStaysTheSameJson() throws IOException {
        String hostile = "</script><!--<script>" + SPECIAL;
        String json = new ObjectMapper().writeValueAsString(Map.of("k<", hostile));
        String escaped = Escape.json(json);
        assertThat(escaped).doesNotContain("<");
        assertThat(new ObjectMapper().readTree(escaped)).isEqualTo(new ObjectMapper().readTree(json));
    }

    @Test
    void whatTurnsTheDirectionOfALineIsSeen() {
        StringBuilder out = new StringBuilder();
        Escape.text("a\u202Eb\u2066c\u2069\u200F \u05D0\u200D", out);
        assertThat(Escape.drawn("[\"<\u202Ea\"]")).isEqualTo("[\"\\u003c⟨U+202E⟩a\"]");
        assertThat(out.toString()).isEqualTo("a⟨U+202E⟩b⟨U+2066⟩c⟨U+2069⟩⟨U+200F⟩ \u05D0\u200D");
    }

    @Test
    void halvesOfSurrogatePairsAreReplaced() {
        StringBuilder out = new StringBuilder();
        Escape.text("a\uD83Db\uDE00c\uD83D\uDE00\uFFFF", out);
        assertThat(out.toString()).isEqualTo("a\uFFFDb\uFFFDc\uD83D\uDE00\uFFFD");
    }

    @Test
    void elementsLeftOpenAreRefused() {
        assertThatThrownBy(() -> new Html().open("p").open("b").finished())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("elements left open: [b, p]");
        assertThatThrownBy(() -> new Html().open("p", "class"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("attributes of p are 1 strings, must be names and values in turn");
    }

    private static String replaced(String text) {
        return text.replaceAll("[\u0000\u0007\u0085]", "\uFFFD");
    }

    private static String random(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        int[] points = SPECIAL.codePoints().toArray();
        for (int length = random.nextInt(1, 12); length > 0; length--) {
            text.appendCodePoint(points[random.nextInt(points.length)]);
        }
        return text.toString();
    }
}
