package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.figures.FigureFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    @TempDir
    private Path folder;

    @Test
    void conditionsAuditsAndWritesAReportOfTheSameFigures() throws IOException {
        Path html = folder.resolve("report.html");
        Path json = folder.resolve("demo.json");
        Cli cli = Cli.run("demo", "-o", html.toString(), "--json", json.toString())
                .exits(0);
        assertThat(cli.err()).contains("1/4", "2/4", "3/4", "4/4");
        assertThat(cli.out())
                .containsSubsequence(
                        "method",
                        "posterior tilt",
                        "Poisson raters",
                        "Luce pool of 8",
                        "best of 4",
                        "quantilizer",
                        "hard filter",
                        "prior",
                        "exact posterior",
                        "mean reward",
                        "16,000 records of 8 prompts",
                        "Verdict: ",
                        "The report is in " + html);
        JsonNode root = Cli.json(Files.readString(json), "credence.demo/1");
        String page = Files.readString(html);
        assertThat(root.get("methods")).hasSize(13);
        for (JsonNode method : root.get("methods")) {
            String fraction =
                    FigureFormat.of(method.at("/got/bayes_fraction/estimate").asDouble());
            assertThat(page).contains(">" + fraction + "<");
        }
        waysToTheSamePosteriorArriveThere(root.get("methods"));
        JsonNode texts = root.get("texts");
        assertThat(texts).hasSize(4);
        double prior = texts.at("/0/mean_reward").asDouble();
        double posterior = texts.at("/3/mean_reward").asDouble();
        assertThat(texts.at("/3/texts")).hasSize(40);
        assertThat(prior).isLessThan(0.3);
        assertThat(posterior).isBetween(prior + 0.2, 1.0);
        JsonNode audit = root.get("audit");
        assertThat(audit.get("schema").asText()).isEqualTo("credence.audit/1");
        assertThat(page)
                .contains(">"
                        + FigureFormat.of(
                                audit.at("/findings/kl.policy_prior/estimate").asDouble()) + "<")
                .contains("rloo-beta0.05.jsonl.zst")
                .contains("""
                        <td data-column="audit">posterior tilt</td>
                        <td data-column="verdict">conditional</td>
                        <td data-column="reward">reward</td>
                        <td data-column="β">1</td>"""); // each asked of its own β
        assertThat(opening())
                .as("what the README begins with")
                .contains("Only partly")
                .contains("Of the " + shown(audit, "kl.policy_prior", 1) + " nats that the policy moved")
                .contains(shown(audit, "kl.explained", 1) + " are conditioning on the reward: "
                        + shown(audit, "bayes_fraction", 100) + " %")
                .contains("The other " + shown(audit, "kl.departure", 1) + " bought nothing")
                .contains("is " + shown(audit, "kl.policy_asked", 1) + " nats away");
        assertThat(audit.at("/verdict/label").asText()).isEqualTo("partly");
    }

    private static String shown(JsonNode audit, String figure, int times) {
        return FigureFormat.of(
                times * audit.at("/findings/" + figure + "/estimate").asDouble());
    }

    /** The README's words before its first picture, as one line. */
    private static String opening() throws IOException {
        String readme =
                Files.readString(Path.of("").toAbsolutePath().getParent().resolve("README.md"));
        return readme.substring(0, readme.indexOf("![")).replaceAll("\\s+", " ");
    }

    /** Three of its ways are ways to the same posterior, and one reads the reward as raters. */
    private static void waysToTheSamePosteriorArriveThere(JsonNode methods) {
        for (int i = 0; i < 3; i++) {
            assertThat(methods.get(i).at("/got/kl.policy_asked/estimate").asDouble())
                    .isLessThan(1e-12);
            assertThat(methods.get(i).get("verdict").asText()).isEqualTo("conditional");
        }
        assertThat(methods.get(2).get("method").asText()).isEqualTo("poisson");
    }

    @Test
    void aFolderThatIsNotThereIsRefusedFirst() {
        Cli cli = Cli.run("demo", "-o", folder + "/none/report.html").exits(2);
        assertThat(cli.err()).contains("its folder does not exist");
    }
}
