package dev.credence.report;

import dev.credence.core.figures.FigureFormat;
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

    private static void audit(Html html, View view, boolean unfolded) {
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
}
