package dev.credence.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.FigureFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.w3c.dom.Element;

/** The page as a program reads it: its figures are the JSON's, it is well-formed, it needs nothing from outside. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HtmlReportTest {
    private final ReportDocument document = Example.document();
    private ParsedPage page = new ParsedPage("<!DOCTYPE html><html/>");
    private String html = "";

    @BeforeAll
    void write() throws IOException {
        StringBuilder out = new StringBuilder();
        HtmlReport.write(document, out);
        html = out.toString();
        page = new ParsedPage(html);
    }

    @Test
    void everyFigureIsTheFigureOfTheJson() throws IOException {
        JsonNode json = new ObjectMapper().readTree(page.script("credence-json"));
        assertThat(json).as("the JSON in the page").isEqualTo(new ObjectMapper().readTree(document.json()));
        int compared = 0;
        for (Element figure : page.withAttribute("data-field")) {
            if (ParsedPage.inherited(figure, "data-method").isPresent()) {
                continue;
            }
            JsonNode audit = json.get(ParsedPage.inherited(figure, "data-audit").orElseThrow());
            JsonNode number = number(audit, figure);
            assertThat(figure.getTextContent())
                    .as(ParsedPage.describe(figure))
                    .isEqualTo(FigureFormat.of(value(number)));
            compared++;
        }
        assertThat(compared).as("figures compared").isGreaterThan(700);
    }

    private static JsonNode number(JsonNode audit, Element figure) {
        String field = figure.getAttribute("data-field");
        String id = figure.getAttribute("data-id");
        JsonNode scope = audit;
        if (audit.has("steps")) {
            long step = Long.parseLong(ParsedPage.inherited(figure, "data-step").orElseThrow());
            scope = find(audit.get("steps"), "step", Long.toString(step));
        }
        if (ParsedPage.inherited(figure, "data-gate").isPresent()) {
            return find(scope.get("gates"), "id", id).get(field);
        }
        if (ParsedPage.inherited(figure, "data-candidate").isPresent()) {
            String name = ParsedPage.inherited(figure, "data-candidate").orElseThrow();
            return find(scope.get("candidates"), "name", name).get(field);
        }
        if (ParsedPage.inherited(figure, "data-prompt").isPresent()) {
            scope = scope.get("prompts")
                    .get(ParsedPage.inherited(figure, "data-prompt").orElseThrow());
        }
        return scope.get("findings").get(id).get(field);
    }

    private static JsonNode find(JsonNode list, String field, String value) {
        for (JsonNode node : list) {
            if (node.get(field).asText().equals(value)) {
                return node;
            }
        }
        throw new AssertionError("nothing with " + field + " = " + value);
    }

    private static double value(JsonNode number) {
        if (number.isNull()) {
            return Double.NaN;
        }
        return switch (number.asText()) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> number.doubleValue();
        };
    }

    @Test
    void everyFindingOfTheJsonIsOnThePage() {
        Element audit = page.byId("audit-1");
        Set<String> shown = new TreeSet<>();
        for (Element estimate : page.withAttribute("data-id")) {
            boolean overall = ParsedPage.inherited(estimate, "data-prompt").isEmpty()
                    && ParsedPage.inherited(estimate, "data-audit")
                            .equals(Optional.of(audit.getAttribute("data-audit")));
            if (overall && estimate.getAttribute("data-field").equals("estimate")) {
                shown.add(estimate.getAttribute("data-id"));
            }
        }
        Set<String> all = Example.single().steps().get(0).findings().keySet();
        assertThat(all).hasSize(37);
        assertThat(shown).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void withdrawnFiguresAreGreyedWithTheirReasonAndKept() {
        Element estimate = page.withAttribute("data-id").stream()
                .filter(e -> e.getAttribute("data-id").equals("log_z")
                        && e.getAttribute("data-field").equals("estimate"))
                .findFirst()
                .orElseThrow();
        Element row = (Element) estimate.getParentNode().getParentNode();
        assertThat(row.getAttribute("class")).isEqualTo("withdrawn");
        assertThat(row.getTextContent()).contains("withdrawn", "reason 1").doesNotContain("khat");
        assertThat(page.byId("audit-1-reason-1").getTextContent()).startsWith("khat: 0.74 is above 0.7");
        assertThat(estimate.getTextContent()).isNotEqualTo(FigureFormat.MISSING);
    }

    @Test
    void aWithdrawnInfinityIsADashAsInTheTerminal() {
        Finding withdrawn = new Finding("x", "?", 1, 2, 3, Grade.WITHDRAWN, "nats", null, "a reason");
        Finding endless = new Finding(
                "x",
                "?",
                1,
                Double.POSITIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                Grade.WITHDRAWN,
                "nats",
                null,
                "a reason");
        assertThat(Figures.kind("stacked", withdrawn)).isEqualTo("stacked withdrawn");
        assertThat(Figures.kind("stacked", endless)).isEqualTo("stacked withdrawn unstruck");
        Html html = new Html();
        Figures.stacked(html, endless);
        assertThat(html.finished())
                .contains("\"stacked withdrawn unstruck\"", ">–</span>", "data-field=\"lower\"")
                .doesNotContain("data-field=\"estimate\"");
    }

    @Test
    void theTableOfMethodsHasEveryFigure() {
        MethodTable methods = document.methods();
        assertThat(methods).isNotNull();
        List<String> shown = new ArrayList<>();
        for (Element figure : page.withAttribute("data-field")) {
            if (ParsedPage.inherited(figure, "data-method").equals(Optional.of("best-of-4"))) {
                shown.add(figure.getAttribute("data-id") + " " + figure.getAttribute("data-field") + " "
                        + figure.getTextContent());
            }
        }
        assertThat(shown)
                .containsExactly(
                        "bayes_fraction estimate 0.745",
                        "copies.moment_match estimate 3.21",
                        "copies.moment_match lower 2.89",
                        "copies.moment_match upper 3.53",
                        "kl.policy_prior estimate 2.34",
                        "kl.policy_asked estimate 0.396",
                        "recall estimate 0.877");
    }

    @Test
    void oneCopyIsNotCopies() {
        assertThat(SummarySection.CopyWords.noun(RewardType.SCORE, "1")).isEqualTo("copy of the reward");
        assertThat(SummarySection.CopyWords.noun(RewardType.SCORE, "1.47")).isEqualTo("copies of the reward");
        for (RewardType type : RewardType.values()) {
            assertThat(SummarySection.CopyWords.noun(type, "1"))
                    .isNotEqualTo(SummarySection.CopyWords.noun(type, "0.5"));
        }
    }

    @Test
    void saysAskedAimedGotInOneSentence() {
        assertThat(page.textOfClass("asked-got"))
                .element(0)
                .asString()
                .startsWith(
                        "Asked for warmth at β = 0.05, which is 20 approving raters on average → aimed at the posterior"
                                + " at β = 0.05, in reverse KL → got only partly a conditional of the prior: ")
                .endsWith(" nats between it and the prior.");
        assertThat(page.textOfClass("asked-got"))
                .element(1)
                .asString()
                .startsWith("Asked for helpful without a stated β → aimed at an end that was not stated")
                .contains("copies of the reward (")
                .contains(" per standard deviation), explaining ");
        assertThat(page.textOfClass("asked-got"))
                .element(2)
                .asString()
                .isEqualTo(
                        "Asked for r at β = 0, the best outcome alone → aimed at 3 copies of “beats a fresh draw” → got only"
                                + " partly a conditional of the prior: 0.964 independent copies of the observation, explaining 0.745 of"
                                + " the 0.674 nats between it and the prior.");
    }

    @Test
    void severalAuditsBeginSideBySide() throws IOException {
        List<NamedAudit> audits = document.audits();
        assertThat(page.textOfClass("comparison")).singleElement().satisfies(words -> {
            for (NamedAudit named : audits) {
                StepAudit last = named.audit().last();
                assertThat(words).contains(named.name(), last.verdict().label().words());
                Finding kl = last.findings().get("kl.policy_prior");
                if (kl != null && kl.stands()) {
                    assertThat(words).contains(FigureFormat.of(kl.estimate()));
                }
            }
        });
        StringBuilder out = new StringBuilder();
        HtmlReport.write(
                new ReportDocument("one", null, audits.subList(0, 1), document.provenance(), document.json()), out);
        assertThat(new ParsedPage(out.toString()).textOfClass("comparison")).isEmpty();
    }

    @Test
    void needsNothingFromOutside() {
        for (String attribute : List.of("src", "href", "action", "data", "poster", "srcset", "xlink:href")) {
            for (Element element : page.withAttribute(attribute)) {
                assertThat(element.getAttribute(attribute))
                        .as("%s of %s", attribute, element)
                        .startsWith("#");
            }
        }
        assertThat(page.all("style"))
                .isNotEmpty()
                .allSatisfy(style -> assertThat(page.contentOf(style)).doesNotContain("url(", "@import", "http"));
        assertThat(page.withAttribute("http-equiv").get(0).getAttribute("content"))
                .startsWith("default-src 'none';");
    }

    @Test
    void linksLeadSomewhereAndIdentifiersAreUnique() {
        List<String> ids =
                page.withAttribute("id").stream().map(e -> e.getAttribute("id")).toList();
        assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(10);
        Set<String> known = new HashSet<>(ids);
        assertThat(page.withAttribute("href"))
                .isNotEmpty()
                .allSatisfy(link ->
                        assertThat(known).contains(link.getAttribute("href").substring(1)));
    }

    @Test
    void tablesAndChartsSpeakToThoseWhoDoNotSee() {
        assertThat(page.all("table")).hasSizeGreaterThan(12).allSatisfy(table -> {
            assertThat(table.getElementsByTagName("caption").getLength()).isEqualTo(1);
            assertThat(table.getElementsByTagName("th").getLength()).isGreaterThan(3);
        });
        assertThat(page.withAttribute("role"))
                .filteredOn(e -> e.getAttribute("role").equals("img"))
                .hasSizeGreaterThan(8)
                .allSatisfy(
                        chart -> assertThat(chart.getAttribute("aria-label")).hasSizeGreaterThan(20));
        assertThat(page.all("h1")).hasSize(1);
        assertThat(page.all("html").get(0).getAttribute("lang")).isEqualTo("en");
    }

    @Test
    void hostileTextStaysText() {
        Element row = page.withAttribute("data-prompt").stream()
                .filter(e -> e.getAttribute("data-prompt").equals(Example.HOSTILE))
                .findFirst()
                .orElseThrow();
        assertThat(row.getTextContent())
                .contains(
                        "</script><script>window.hacked=1</script>↵\"it's\" & <|endoftext|> {a} ⟨U+202E⟩ltr␍↵⇥<img src=x");
        assertThat(html).doesNotContain("<script>window.hacked", "<img src=x");
        assertThat(page.all("body").get(0).getTextContent()).doesNotContain("\u202E");
        assertThat(page.all("script").stream().map(s -> s.getAttribute("type")).distinct())
                .containsExactlyInAnyOrder("application/json", "");
        assertThat(page.all("title").get(0).getTextContent()).isEqualTo("Audit of “warmth” & its <rivals>");
    }

    @Test
    void chartsHoldOnlyNumbersThatCanBeDrawn() throws IOException {
        for (Element script : page.all("script")) {
            if (script.getAttribute("class").equals("chart-option")) {
                String option = page.contentOf(script);
                assertThat(option).doesNotContain("NaN", "Infinity");
                assertThat(new ObjectMapper().readTree(option).get("series")).isNotEmpty();
                assertThat(page.byId(script.getAttribute("data-for")).getAttribute("class"))
                        .isEqualTo("plot");
            }
        }
    }

    @Test
    void aLongListOfPromptsIsCutAndSaysSo() throws IOException {
        StepAudit one = Example.single().steps().get(0);
        List<PromptAudit> many = new ArrayList<>();
        for (int at = 0; at < 1000; at++) {
            double departure = at;
            Finding finding =
                    new Finding("kl.departure", "?", departure, departure, departure, Grade.EXACT, "nats", null, null);
            many.add(new PromptAudit("prompt " + at, 0.001, 5, 5, Map.of("kl.departure", finding)));
        }
        StepAudit big = new StepAudit(
                null, one.findings(), many, one.gates(), one.candidates(), one.verdict(), one.verdicts(), one.plots());
        AuditReport audit = new AuditReport(0.05, "r", RewardType.LOGIT, List.of(big), Example.provenance());
        StringBuilder out = new StringBuilder();
        HtmlReport.write(
                new ReportDocument("big", null, List.of(new NamedAudit("big", audit)), Example.provenance(), "{}"),
                out);
        ParsedPage parsed = new ParsedPage(out.toString());
        List<String> prompts = parsed.withAttribute("data-prompt").stream()
                .map(e -> e.getAttribute("data-prompt"))
                .toList();
        assertThat(prompts)
                .hasSize(PromptsSection.SHOWN)
                .startsWith("prompt 999", "prompt 998")
                .endsWith("prompt 700");
        assertThat(out.toString()).contains("Shown are the 300 of 1,000 prompts that depart furthest");
    }

    @Test
    void anAuditWithoutStepsIsRefused() {
        AuditReport empty = new AuditReport(null, "r", RewardType.LOGIT, List.of(), Example.provenance());
        assertThatThrownBy(() -> new NamedAudit("nothing", empty))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("audit.steps is empty, must hold at least one step: nothing");
    }
}
