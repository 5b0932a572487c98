package dev.credence.report;

import dev.credence.core.audit.Gate;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.Verdict;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.util.List;

/**
 * Writes a report: one HTML file that needs nothing beside it, neither files nor a network.
 *
 * <p>Every figure on the page is the audit's, through {@link FigureFormat}, in an element with {@code data-id} (of the
 * finding) and {@code data-field} ({@code estimate}, {@code lower}, {@code upper}; of a gate {@code figure}; of a
 * candidate its field). The elements around it carry {@code data-audit}, {@code data-step}, {@code data-prompt},
 * {@code data-gate}, {@code data-threshold}, {@code data-candidate} and {@code data-method}.
 */
public final class HtmlReport {
    /** With more audits than this, all but the first are folded. */
    private static final int UNFOLDED = 3;

    private static final List<Section> SECTIONS = List.of(
            new SummarySection(),
            new SourcesSection(),
            new ThresholdsSection(),
            new AdviceSection(),
            new ChartsSection(),
            new TextsSection(),
            new GatesSection(),
            new FindingsSection(),
            new PromptsSection(),
            new CandidatesSection(),
            new StepsSection());

    private HtmlReport() {}

    /**
     * Writes the report.
     *
     * @param document what it shows
     * @param out where to; not closed
     * @throws IOException when writing fails
     */
    public static void write(ReportDocument document, Appendable out) throws IOException {
        Html html = new Html();
        html.trusted("<!DOCTYPE html>").open("html", "lang", "en");
        Page.head(html, document.title());
        html.open("body").element("a", "Skip to the report", "class", "skip", "href", "#report");
        Page.header(html, document);
        html.open("main", "id", "report");
        if (document.methods() != null) {
            MethodsSection.write(html, document.methods());
        }
        if (document.audits().size() > 1) {
            html.open("section", "class", "comparison").element("h2", "Side by side");
            AuditComparison.write(html, document.audits());
            html.close();
        }
        for (int index = 0; index < document.audits().size(); index++) {
            View view = new View(index, document.audits().get(index));
            audit(html, view, index == 0 || document.audits().size() <= UNFOLDED);
        }
        ProvenanceSection.write(html, document);
        html.close();
        Page.scripts(html, document.json());
        html.close().close();
        out.append(html.finished());
    }

    static void audit(Html html, View view, boolean unfolded) {
        html.open(
                "article",
                "class",
                "audit",
                "id",
                view.anchor(),
                "data-audit",
                view.named().name());
        if (unfolded) {
            html.open("details", "open", "open");
        } else {
            html.open("details");
        }
        html.open("summary").open("h2").text(view.named().name()).close();
        Badge.verdict(html, view.step().verdict().label());
        html.close();
        String step = StepChart.label(view.step());
        html.open("div", "class", "step", "data-step", view.step().step() == null ? "" : step);
        if (view.hasSteps()) {
            String last =
                    "Step " + step + ", the last of " + view.audit().steps().size();
            html.element("p", last + "; the others stand below, against training step.", "class", "muted small");
        }
        // Figures against step are of all steps, hence outside the element of the one that is shown.
        SECTIONS.subList(0, SECTIONS.size() - 1).forEach(section -> section.write(html, view));
        html.close();
        SECTIONS.get(SECTIONS.size() - 1).write(html, view);
        html.close().close();
    }

    /** What the audit read, named where the reader begins: files, how many records of each, sizes, hashes. */
    static final class SourcesSection implements Section {
        /** Of more, the provenance at the end has the others. */
        private static final int SHOWN = 6;

        @Override
        public void write(Html html, View view) {
            List<Provenance.Input> inputs = view.audit().provenance().inputs();
            if (inputs.isEmpty()) {
                return;
            }
            html.open("section", "class", "sources").element("h3", inputs.size() == 1 ? "Input" : "Inputs");
            html.open("ul");
            inputs.stream().limit(SHOWN).forEach(input -> line(html, input));
            if (inputs.size() > SHOWN) {
                html.open("li")
                        .text("and " + (inputs.size() - SHOWN) + " more, ")
                        .element("a", "listed at the end", "href", "#provenance")
                        .close();
            }
            html.close().close();
        }

        private static void line(Html html, Provenance.Input input) {
            html.open("li").element("b", input.name());
            if (input.records() != null) {
                html.text(" · " + FigureFormat.of((double) input.records())
                        + (input.records() == 1 ? " record" : " records"));
            }
            html.text(" · " + FigureFormat.of((double) input.bytes()) + " bytes · SHA-256 ")
                    .element("code", input.sha256(), "class", "hash")
                    .close();
        }
    }

    /** The preconditions: which hold, and what those that do not have withdrawn. */
    static final class GatesSection implements Section {
        @Override
        public void write(Html html, View view) {
            if (view.step().gates().isEmpty()) {
                return;
            }
            html.open("section").element("h3", "Gates");
            Tables.open(
                    html,
                    "Preconditions of the figures. A gate that fails withdraws the figures that depend on it.",
                    "gates",
                    Column.text("Gate"),
                    Column.text("Status"),
                    Column.number("Figure"),
                    Column.text("What was found"),
                    Column.text("Withdraws"));
            view.step().gates().forEach(gate -> row(html, gate));
            Tables.close(html);
            html.close();
        }

        private static void row(Html html, Gate gate) {
            html.open("tr", "data-gate", gate.id());
            html.open("th", "scope", "row").element("code", gate.id()).close();
            html.open("td", "data-sort", Integer.toString(gate.status().ordinal()));
            Badge.gate(html, gate.status());
            html.close().open("td", "class", "num", "data-sort", Double.toString(gate.figure()));
            Figures.number(html, gate.id(), "figure", gate.figure());
            html.close().element("td", gate.reason(), "class", "prose").open("td", "class", "ids");
            if (gate.withdraws().isEmpty()) {
                html.element("span", "nothing", "class", "muted");
            }
            for (String id : gate.withdraws()) {
                html.element("code", id).text(" ");
            }
            html.close().close();
        }
    }

    /** Texts behind the figures, where they are at hand. */
    static final class TextsSection implements Section {
        @Override
        public void write(Html html, View view) {
            if (view.named().texts().isEmpty()) {
                return;
            }
            html.open("section", "class", "texts").element("h3", "Texts");
            view.named().texts().forEach(table -> ExperimentPage.folding(html, table));
            html.close();
        }
    }

    /** What was demanded of the figures, and whether it held. */
    static final class ThresholdsSection implements Section {
        @Override
        public void write(Html html, View view) {
            List<ThresholdOutcome> thresholds = view.audit().thresholds();
            if (thresholds.isEmpty()) {
                return;
            }
            html.open("section").element("h3", "Thresholds");
            Tables.open(
                    html,
                    "Limits that the figures had to keep. The end of the 95 % interval counts, so that the records must show it;"
                            + " a withdrawn figure keeps none.",
                    "thresholds",
                    Column.text("Demanded"),
                    Column.text("Outcome"),
                    Column.text("Why"));
            for (ThresholdOutcome threshold : thresholds) {
                html.open("tr", "data-threshold", threshold.id());
                html.open("th", "scope", "row")
                        .element("code", threshold.demand())
                        .close();
                html.open("td");
                Badge.threshold(html, threshold);
                html.close().open("td", "class", "prose").text(threshold.reason());
                threshold.before().forEach(line -> html.element("p", line));
                html.close().close();
            }
            Tables.close(html);
            html.close();
        }
    }

    /** What to change, most useful first. */
    static final class AdviceSection implements Section {
        @Override
        public void write(Html html, View view) {
            Verdict verdict = view.step().verdict();
            html.open("section", "class", "advice").element("h3", "What to change");
            if (verdict.advice().isEmpty()) {
                html.element("p", "The audit has nothing to advise.", "class", "muted");
            } else {
                html.open("ol");
                verdict.advice().stream().distinct().forEach(line -> html.element("li", line));
                html.close();
            }
            html.close();
        }
    }
}
