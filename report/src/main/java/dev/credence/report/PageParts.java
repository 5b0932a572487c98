package dev.credence.report;

import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.Picture;
import java.util.List;

/**
 * The parts of reports, for a page that has a frame of its own: the same tables and drawings, and the style sheet and scripts that they
 * need. Nothing in a part is a script or a style that runs where it stands, so that the page may forbid both; texts are escaped.
 */
public final class PageParts {
    private PageParts() {}

    /**
     * One audit, as a report has it.
     *
     * @param audit the audit
     * @return an element {@code article}
     */
    public static String audit(NamedAudit audit) {
        Html html = new Html();
        HtmlReport.audit(html, new View(0, audit), true);
        return html.finished();
    }

    /**
     * Several audits side by side, as a report of several begins.
     *
     * @param audits the audits
     * @return a table and drawings
     */
    public static String comparison(List<NamedAudit> audits) {
        Html html = new Html();
        AuditComparison.write(html, audits);
        return html.finished();
    }

    /**
     * One training run: its facts, and what was measured against step.
     *
     * @param run what was measured
     * @return an element {@code article}
     */
    public static String training(TrainingCurves run) {
        Html html = new Html();
        TrainingReport.run(html, run, 0);
        return html.finished();
    }

    /**
     * Several training runs side by side, as a report of several begins.
     *
     * @param runs what was measured, each run under a name of its own
     * @return a table and drawings
     */
    public static String runs(List<TrainingCurves> runs) {
        Html html = new Html();
        RunComparison.write(html, runs);
        return html.finished();
    }

    /**
     * One experiment: conclusion, drawings, tables.
     *
     * @param shown the experiment
     * @return an element {@code article}
     */
    public static String experiment(ExperimentPage.Shown shown) {
        Html html = new Html();
        ExperimentPage.article(html, shown.question(), shown, List.of(shown.name()));
        return html.finished();
    }

    /**
     * A drawing.
     *
     * @param anchor identifier, unique on the page
     * @param picture what is drawn
     * @return an element {@code figure}
     */
    public static String picture(String anchor, Picture picture) {
        Html html = new Html();
        PictureChart.of(anchor, picture).write(html);
        return html.finished();
    }

    /**
     * A table that sorts by its heads.
     *
     * @param table what is in it
     * @return an element with the table
     */
    public static String table(DataTable table) {
        Html html = new Html();
        ExperimentPage.table(html, table);
        return html.finished();
    }

    /** {@return the style sheet of reports} */
    public static String styles() {
        return Page.resource("report.css");
    }

    /** {@return the script that draws and sorts; {@code window.credenceReport.show(element)} does so within an element that is new} */
    public static String script() {
        return Page.resource("report.js");
    }

    /** {@return the chart library that the script draws with} */
    public static String charts() {
        return Page.resource(Page.CHARTS);
    }
}
