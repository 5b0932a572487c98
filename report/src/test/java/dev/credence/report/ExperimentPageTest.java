package dev.credence.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ExperimentPageTest {
    private static final Pattern OPTION = Pattern.compile(
            "<script type=\"application/json\" class=\"chart-option\" data-for=\"([^\"]*)\">(.*?)</script>");

    private static String page(String... names) throws IOException {
        Provenance provenance = new Provenance("1.0", "credence run fifty-copies", 1, Map.of(), List.of());
        StringBuilder out = new StringBuilder();
        ExperimentPage.write(
                new ReportDocument("Copies <of>", null, List.of(), provenance, "{}"),
                List.of(names).stream().map(ExperimentPageTest::shown).toList(),
                out);
        return out.toString();
    }

    private static ExperimentPage.Shown shown(String name) {
        Picture.Series path = Picture.Series.line("rloo", new double[] {1, 10, 100}, new double[] {-0.2, 2, 4})
                .within(new double[] {-0.3, 1.5, 3.5}, new double[] {-0.1, 2.5, 4.5});
        Picture.Series far = Picture.Series.points("best-of-n", new double[] {2}, new double[] {1 / 0.0});
        Picture paths = Picture.of(
                "paths",
                "Copies against steps",
                "Bands are intervals.",
                Picture.Axis.logarithmic("steps"),
                Picture.Axis.logarithmic("copies"),
                List.of(path, far));
        Picture bars = Picture.bars(
                "bars",
                "Shares",
                "Of the whole.",
                Picture.Axis.linear("share"),
                List.of("a", "b"),
                List.of(Picture.Series.bars("prior", 0.25, 0.75)));
        Picture parts = Picture.bars(
                "parts",
                "Losses",
                "Below the line is taken off.",
                Picture.Axis.linear("nats"),
                List.of("a", "b"),
                List.of(Picture.Series.stacked("model", 2, 1), Picture.Series.stacked("rest", -1, 0.5)));
        Finding exact = new Finding("a.copies", "How many?", 2, 2, 2, Grade.EXACT, "copies", null, null);
        Finding none = exact.withdrawn("nothing moved");
        Finding drawn = new Finding("b.copies", "How many?", 1, 2, 4, Grade.ESTIMATED, "copies", "95 %", null);
        DataTable table = DataTable.of("Ends & means", "method", "copies")
                .row("rloo", 4.0)
                .row("none", null)
                .build();
        return new ExperimentPage.Shown(
                name,
                "Is it <so>?",
                "It fell short & stayed there:\n- rloo: 3 copies\n- ppo: 2 < 3\nNot so the others.\n- at the end",
                new LinkedHashMap<>(Map.of("a.copies", exact, "b.copies", drawn, "c.copies", none, "d.copies", none)),
                List.of(paths, bars, parts),
                Map.of("ends", table),
                Map.of("ends", "method,copies\n"),
                "What lies beyond.",
                Map.of("seed", "1"),
                List.of("certified", "sweeps"));
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
    void theNextExperimentsAreLinkedWhereThePageHasThem() throws IOException {
        assertThat(page("fifty-copies", "certified"))
                .contains("<a href=\"#certified\">certified</a> or <code>credence run sweeps</code>");
    }

    /** A reason stands once, however many figures it is of; what is missing among numbers stands where they do. */
    @Test
    void reasonsDoNotRepeat() throws IOException {
        String page = page("fifty-copies");
        assertThat(page).containsOnlyOnce("withdrawn: nothing moved").containsPattern("withdrawn, as [cd].copies is");
        assertThat(page).contains("<td class=\"num\">–</td>");
        assertThat(page).as("no value of what is withdrawn").containsPattern("data-id=\"c.copies\"[^>]*>–<");
    }

    /** Names below bars that would run into each other on a narrow page stand aslant. */
    @Test
    void namesOfBarsDoNotCollide() throws IOException {
        assertThat(options(page("one"))
                        .get("one-bars")
                        .at("/xAxis/axisLabel/rotate")
                        .isMissingNode())
                .isTrue();
        Picture wide = Picture.bars(
                "wide",
                "Shares",
                "Of the whole.",
                Picture.Axis.linear("share"),
                List.of("selected", "selfgenerated", "reordered", "othercamera", "same"),
                List.of(Picture.Series.bars("prior", .1, .2, .3, .2, .2)));
        StringBuilder out = new StringBuilder();
        Html html = new Html();
        PictureChart.of("wide", wide).write(html);
        out.append(html.finished());
        assertThat(options(out.toString())
                        .get("wide")
                        .at("/xAxis/axisLabel/rotate")
                        .asInt())
                .isEqualTo(30);
    }

    @Test
    void termsAreExplainedAndPicturesCanBeSaved() throws IOException {
        String page = page("fifty-copies");
        assertThat(page).contains("Glossary", "<dt>Bayes fraction</dt>");
        assertThat(page).contains("download=\"paths.svg\"", "data:image/svg+xml;base64,", "download=\"bars.svg\"");
    }

    @Test
    void picturesAreDrawnFromTheirData() throws IOException {
        Map<String, JsonNode> options = options(page("one"));
        assertThat(options.keySet()).containsExactly("one-paths", "one-bars", "one-parts");
        JsonNode paths = options.get("one-paths");
        assertThat(paths.at("/xAxis/name").asText()).isEqualTo("steps");
        assertThat(paths.at("/xAxis/type").asText()).isEqualTo("log");
        assertThat(paths.at("/series/0/data"))
                .as("bands only where the interval is above 0")
                .hasSize(1);
        assertThat(paths.at("/series/1/data/0/value").toString())
                .as("what a logarithmic axis cannot show leaves a gap")
                .isEqualTo("[1.0,null]");
        assertThat(paths.at("/series/1/data/2/value").toString()).isEqualTo("[100.0,4.0]");
        assertThat(paths.at("/series/1/data/1/text").asText()).isEqualTo("rloo at 10: 2 [1.5, 2.5]");
        assertThat(paths.at("/series/2/data/0/value").toString()).isEqualTo("[2.0,null]");
        JsonNode bars = options.get("one-bars");
        assertThat(bars.at("/xAxis/data").toString()).isEqualTo("[\"a\",\"b\"]");
        assertThat(bars.at("/series/0/data/1/value").toString()).isEqualTo("[1.0,0.75]");
        assertThat(bars.at("/series/0").has("stack")).isFalse();
        assertThat(options.get("one-parts").at("/series/0/stack").asText())
                .as("parts stand on each other")
                .isNotEmpty()
                .isEqualTo(options.get("one-parts").at("/series/1/stack").asText());
    }

    @Test
    void theConclusionComesFirstThenFiguresTablesAndWhatIsLeftOpen() throws IOException {
        String page = page("one");
        assertThat(page)
                .contains(
                        "It fell short &amp; stayed there:",
                        "Copies &lt;of&gt;",
                        "Is it &lt;so&gt;?",
                        "What lies beyond.")
                .contains("<td class=\"num\" data-id=\"b.copies\" data-field=\"estimate\" data-sort=\"2.0\">2</td>")
                .contains("[1, 4]", "Ends &amp; means", "download=\"ends.csv\"")
                .doesNotContain("aria-label=\"Experiments\"");
        assertThat(page.indexOf("It fell short")).isLessThan(page.indexOf("b.copies"));
        assertThat(page.indexOf("Bands are intervals."))
                .as("pictures stand before the long table of figures")
                .isPositive()
                .isLessThan(page.indexOf("b.copies"));
    }

    @Test
    void hundredsOfFiguresStandBehindTheTables() throws IOException {
        Map<String, Finding> many = new LinkedHashMap<>();
        for (int i = 0; i < 200; i++) {
            many.put("f" + i, new Finding("f" + i, "How many?", i, i, i, Grade.EXACT, "copies", null, null));
        }
        ExperimentPage.Shown few = shown("one");
        ExperimentPage.Shown more = new ExperimentPage.Shown(
                "two",
                few.question(),
                few.conclusion(),
                many,
                few.pictures(),
                few.tables(),
                few.csv(),
                few.cannotShow(),
                few.settings(),
                few.related());
        Provenance provenance = new Provenance("1.0", "credence run two", 1, Map.of(), List.of());
        StringBuilder out = new StringBuilder();
        ExperimentPage.write(new ReportDocument("Copies", null, List.of(), provenance, "{}"), List.of(more), out);
        String page = out.toString();
        assertThat(page.indexOf("Ends &amp; means")).isPositive().isLessThan(page.indexOf("data-finding=\"f0\""));
        assertThat(page("one").indexOf("Ends &amp; means"))
                .isGreaterThan(page("one").indexOf("a.copies"));
    }

    @Test
    void aPageDoesNotSayItsTitleTwice() throws IOException {
        Provenance provenance = new Provenance("1.0", "credence run one", 1, Map.of(), List.of());
        StringBuilder page = new StringBuilder();
        ExperimentPage.write(
                new ReportDocument("Is it <so>?", null, List.of(), provenance, "{}"), List.of(shown("one")), page);
        assertThat(page).contains("<h1>Is it &lt;so&gt;?</h1>", "<h2>one</h2>").doesNotContain("<h2>Is it");
    }

    @Test
    void aConclusionIsParagraphsAndLists() throws IOException {
        assertThat(page("one").replaceAll(">\\s+<", "><"))
                .contains("<p class=\"conclusion\">It fell short &amp; stayed there:</p><ul class=\"conclusion\">"
                        + "<li>rloo: 3 copies</li><li>ppo: 2 &lt; 3</li></ul>"
                        + "<p class=\"conclusion\">Not so the others.</p>"
                        + "<ul class=\"conclusion\"><li>at the end</li></ul>");
    }

    @Test
    void severalHaveAContentsPage() throws IOException {
        String page = page("one", "two");
        assertThat(page).contains("aria-label=\"Experiments\"", "href=\"#two\"", "id=\"two\"");
        assertThat(options(page).keySet()).hasSize(6).contains("two-bars");
    }
}
