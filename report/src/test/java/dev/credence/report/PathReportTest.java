package dev.credence.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PathReportTest {
    private static final Pattern OPTION = Pattern.compile(
            "<script type=\"application/json\" class=\"chart-option\" data-for=\"([^\"]*)\">(.*?)</script>");

    private static String page(PathFigure... figures) throws IOException {
        Provenance provenance = new Provenance("1.0", "credence run fifty-copies", 1, Map.of(), List.of());
        StringBuilder out = new StringBuilder();
        PathReport.write(
                new ReportDocument("Copies <of>", null, List.of(), provenance, "{}"),
                List.of("It fell short & stayed there."),
                List.of(figures),
                out);
        return out.toString();
    }

    private static PathFigure figure(String title) {
        return new PathFigure(
                title,
                "What was run.",
                50,
                List.of(
                        new PathFigure.Line(
                                "rloo",
                                List.of(
                                        new PathFigure.Point(1, 0.1, -0.2, -0.3, -0.1, 0.5),
                                        new PathFigure.Point(10, 0.4, 2, 1.5, 2.5, 0.75),
                                        new PathFigure.Point(100, 0.9, 4, 3.5, 4.5, 0.875))),
                        new PathFigure.Line(
                                "best-of-n",
                                List.of(new PathFigure.Point(
                                        2, 0.2, Double.POSITIVE_INFINITY, 1, Double.POSITIVE_INFINITY, 1)))));
    }

    private static Map<String, JsonNode> options(String page) throws IOException {
        Map<String, JsonNode> options = new LinkedHashMap<>();
        Matcher script = OPTION.matcher(page);
        while (script.find()) {
            options.put(script.group(1), new ObjectMapper().readTree(script.group(2)));
        }
        return options;
    }

    @Test
    void copiesAndFractionAgainstStepsAndAgainstKl() throws IOException {
        Map<String, JsonNode> options = options(page(figure("table, β = 0.02")));
        assertThat(options.keySet())
                .containsExactly("path0-copies-step", "path0-copies-kl", "path0-fraction-step", "path0-fraction-kl");
        JsonNode copies = options.get("path0-copies-step");
        assertThat(copies.at("/xAxis/name").asText()).isEqualTo("steps, rounds or draws (logarithmic)");
        assertThat(copies.at("/xAxis/type").asText()).isEqualTo("log");
        assertThat(copies.at("/series/0/data"))
                .as("bands only where the interval is above 0")
                .hasSize(1);
        assertThat(copies.at("/series/1/data/0/value").toString())
                .as("what a logarithmic axis cannot show leaves a gap")
                .isEqualTo("[1.0,null]");
        assertThat(copies.at("/series/1/data/2/value").toString()).isEqualTo("[100.0,4.0]");
        assertThat(copies.at("/series/3/data/0/value").toString()).isEqualTo("[2.0,null]");
        JsonNode fraction = options.get("path0-fraction-kl");
        assertThat(fraction.at("/xAxis/name").asText()).isEqualTo("KL(policy‖prior), nats");
        assertThat(fraction.at("/series/0/data/1/value").toString()).isEqualTo("[0.4,0.75]");
        assertThat(fraction.at("/series/0/data/1/text").asText())
                .isEqualTo("rloo, step 10: 2 copies, Bayes fraction 0.75, KL 0.4 nats");
    }

    @Test
    void theConclusionComesFirstAndTheEndsAreInATable() throws IOException {
        String page = page(figure("paths one"), figure("paths two"));
        assertThat(page)
                .contains("It fell short &amp; stayed there.", "Copies &lt;of&gt;", "Where each path ends.")
                .contains("asked for were 50 copies", "<details open=\"open\">");
        assertThat(page.indexOf("It fell short")).isLessThan(page.indexOf("paths one"));
        assertThat(options(page).keySet()).hasSize(8).contains("path1-fraction-kl");
    }
}
