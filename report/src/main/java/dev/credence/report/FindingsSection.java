package dev.credence.report;

import dev.credence.core.audit.Finding;

/** Every overall figure; those withdrawn are greyed and say why, none is hidden. */
final class FindingsSection implements Section {
    @Override
    public void write(Html html, View view) {
        html.open("section").element("h3", "Findings");
        Tables.open(
                html,
                "All overall figures with their 95 % intervals. Withdrawn figures are kept, greyed, with the reason.",
                "findings",
                Column.text("Question"),
                Column.text("Id"),
                Column.number("Estimate"),
                Column.number("Interval"),
                Column.text("Unit"),
                Column.text("Grade"));
        view.step().findings().values().forEach(finding -> row(html, finding));
        Tables.close(html);
        html.close();
    }

    private static void row(Html html, Finding finding) {
        html.open(
                "tr",
                "class",
                finding.stands() ? "stands" : Figures.kind("", finding).strip());
        html.open("th", "scope", "row", "data-sort", finding.question());
        html.element("span", finding.question(), "class", "question");
        if (finding.reason() != null) {
            html.element("span", finding.reason(), "class", "reason");
        }
        html.close().open("td", "class", "id").element("code", finding.id()).close();
        html.open("td", "class", "num", "data-sort", Double.toString(finding.estimate()));
        Figures.estimate(html, finding);
        html.close().open("td", "class", "num", "data-sort", Double.toString(finding.lower()));
        Figures.interval(html, finding);
        html.close().element("td", finding.unit(), "class", "unit");
        html.open("td", "class", "grade").text(Figures.grade(finding.grade()));
        if (finding.interval() != null) {
            html.element("span", " · " + finding.interval(), "class", "method");
        }
        html.close().close();
    }
}
