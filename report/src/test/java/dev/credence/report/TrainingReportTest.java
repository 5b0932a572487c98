package dev.credence.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TrainingReportTest {
    private static final Pattern OPTION = Pattern.compile(
            "<script type=\"application/json\" class=\"chart-option\" data-for=\"([^\"]*)\">(.*?)</script>");

    private static String page(TrainingCurves... runs) throws IOException {
        Provenance provenance = new Provenance("1.0", "credence report runs/a", 1, Map.of(), List.of());
        StringBuilder out = new StringBuilder();
        TrainingReport.write(
                new ReportDocument("Training of <a>", null, List.of(), provenance, "{\"runs\": []}"),
                List.of(runs),
                out);
        return out.toString();
    }

    private static TrainingCurves run(String name, boolean held) {
        List<TrainingCurves.Point> points = new ArrayList<>();
        for (long step = 10; step <= 40; step += 10) {
            points.add(new TrainingCurves.Point(step, Map.of("loss", 60.0 / step, "gradient_norm", 1.5)));
        }
        points.add(new TrainingCurves.Point(50, Map.of("loss", Double.NaN)));
        if (held) {
            points.add(new TrainingCurves.Point(50, Map.of("validation_loss", 1.25)));
        }
        return new TrainingCurves(name, Map.of("Status", "done & <well>"), Map.of("lr", "0.1"), points);
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
    void lossesAreDrawnAgainstStep() throws IOException {
        String page = page(run("a", true));
        Map<String, JsonNode> options = options(page);
        assertThat(options.keySet()).containsExactly("run0-loss", "run0-gradient_norm");
        JsonNode series = options.get("run0-loss").get("series");
        assertThat(series).hasSize(2);
        assertThat(series.at("/0/data/1/value").toString()).isEqualTo("[20.0,3.0]");
        assertThat(series.at("/0/data/4/value").toString())
                .as("NaN leaves a gap")
                .isEqualTo("[50.0,null]");
        assertThat(series.at("/1/data/0/text").asText()).isEqualTo("step 50, held out 1.25");
        assertThat(page)
                .contains("done &amp; &lt;well&gt;", "Training of &lt;a&gt;", "From 6 at step 10 to – at step 50.")
                .contains("Loss on held-out documents");
    }

    @Test
    void everyRunHasItsOwnDrawings() throws IOException {
        String page = page(run("a", false), run("b", true));
        assertThat(options(page).keySet())
                .containsExactly(
                        "runs-loss",
                        "runs-validation_loss",
                        "run0-loss",
                        "run0-gradient_norm",
                        "run1-loss",
                        "run1-gradient_norm");
        assertThat(options(page).get("run0-loss").get("series")).hasSize(1);
    }

    private static TrainingCurves conditioned(String name, String reward, double slope) {
        List<TrainingCurves.Point> points = new ArrayList<>();
        for (long step = 1; step <= 3; step++) {
            points.add(new TrainingCurves.Point(
                    step, Map.of("loss", -slope * step, "kl", 0.5 * step, "reward", slope * step)));
        }
        points.add(new TrainingCurves.Point(4, Map.of("kl", 9.0)));
        return new TrainingCurves(
                name, Map.of("Status", "done"), Map.of("method", "rloo", "beta", "0.05", "reward", reward), points);
    }

    @Test
    void severalRunsBeginSideBySide() throws IOException {
        String page = page(conditioned("<a>", "length", 1), conditioned("b", "length", 2));
        Map<String, JsonNode> options = options(page);
        assertThat(options.keySet()).startsWith("runs-frontier", "runs-reward", "runs-kl", "run0-reward");
        JsonNode frontier = options.get("runs-frontier").get("series");
        assertThat(frontier.at("/1/data").findValuesAsText("text"))
                .as("a step without a reward has no point")
                .containsExactly("b at 0.5: 2", "b at 1: 4", "b at 1.5: 6");
        assertThat(frontier.at("/1/data/2/value").toString()).isEqualTo("[1.5,6.0]");
        assertThat(options.get("runs-kl").at("/series/0/data")).hasSize(4);
        assertThat(options).as("objectives of methods do not compare").doesNotContainKey("runs-loss");
        assertThat(page)
                .contains(
                        "Side by side",
                        "reward against step: &lt;a&gt; from 1 at 1 to 3 at 3; b from 2 at 1 to 6 at 3.",
                        "&lt;a&gt;")
                .doesNotContain("whose values do not compare");
    }

    @Test
    void differentRewardsAreSaidNotToCompare() throws IOException {
        assertThat(page(conditioned("a", "length", 1), conditioned("b", "warmth", 1)))
                .contains("The runs were asked for different rewards, whose values do not compare.");
        assertThat(page(conditioned("a", "length", 1))).doesNotContain("Side by side");
    }

    /** Twelve may be compared: each has a colour and a line or mark of its own in the legend. */
    @Test
    void twelveRunsAreToldApart() throws IOException {
        TrainingCurves[] runs = new TrainingCurves[12];
        for (int i = 0; i < runs.length; i++) {
            runs[i] = conditioned("run " + i, "length", i + 1);
        }
        List<String> looks = new ArrayList<>();
        options(page(runs))
                .get("runs-kl")
                .get("series")
                .forEach(series -> looks.add(series.at("/lineStyle/color").asText()
                        + series.at("/lineStyle/type").asText()
                        + series.get("symbol").asText()));
        assertThat(looks).hasSize(12).doesNotHaveDuplicates();
    }
}
