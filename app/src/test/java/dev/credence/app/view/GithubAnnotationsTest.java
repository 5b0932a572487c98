package dev.credence.app.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GithubAnnotationsTest {
    @Test
    void theyAreWrittenWhereGithubSaysSoOrTheUser() {
        Map<String, String> github = Map.of("GITHUB_ACTIONS", "true");
        assertThat(GithubAnnotations.areWanted(null, github)).isTrue();
        assertThat(GithubAnnotations.areWanted(null, Map.of())).isFalse();
        assertThat(GithubAnnotations.areWanted(null, Map.of("GITHUB_ACTIONS", "false")))
                .isFalse();
        assertThat(GithubAnnotations.areWanted("none", github)).isFalse();
        assertThat(GithubAnnotations.areWanted("github", Map.of())).isTrue();
        assertThatThrownBy(() -> GithubAnnotations.areWanted("gitlab", github))
                .hasMessage("annotations is gitlab; it is github or none");
    }

    /** The escapes are those that GitHub's toolkit makes: of properties also colons and commas. */
    @Test
    void textsAreEscapedAsGithubReadsThem() {
        Guard guard = new Guard(4, List.of(new Guard.Complaint("not met", "a:b", "50 %, so:\r\n::error::x")));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        GithubAnnotations.write("x,y%", guard, new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "::error title=Credence%2C x%2Cy%25%3A a%3Ab not met" + "::50 %25, so:%0D%0A::error::x");
    }

    @Test
    void aNameSteersNoTerminal() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Guard guard = new Guard(4, List.of(new Guard.Complaint("not met", "a", "b\u0007")));
        GithubAnnotations.write("\u001b[31m\u202e.jsonl", guard, new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("\\u001b[31m\\u202e.jsonl", "b\\u0007");
    }
}
