package dev.credence.report;

import dev.credence.core.audit.Finding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Every overall figure; those withdrawn are greyed and say why, none is hidden. What qualifies several is said once. */
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
        Collection<Finding> findings = view.step().findings().values();
        List<String> shared = shared(findings);
        findings.forEach(finding -> row(html, finding, shared, view));
        Tables.close(html);
        notes(
                html,
                shared.stream()
                        .map(reason -> Reasons.brief(reason, view.step().gates()))
                        .toList(),
                view.anchor("reason"));
        html.close();
    }

    /** Reasons of more than one figure, which stand once below the table. */
    static List<String> shared(Collection<Finding> findings) {
        Map<String, Integer> counts = new HashMap<>();
        List<String> shared = new ArrayList<>();
        for (Finding finding : findings) {
            String reason = finding.reason();
            if (reason != null && counts.merge(reason, 1, Integer::sum) == 2) {
                shared.add(reason);
            }
        }
        return shared;
    }

    private static void notes(Html html, List<String> shared, String anchor) {
        if (shared.isEmpty()) {
            return;
        }
        html.open("ol", "class", "reasons");
        for (int i = 0; i < shared.size(); i++) {
            html.element("li", shared.get(i), "id", anchor + "-" + (i + 1));
        }
        html.close();
    }

    private static void reason(Html html, String reason, List<String> shared, View view) {
        int note = shared.indexOf(reason) + 1;
        if (note == 0) {
            html.element("span", Reasons.brief(reason, view.step().gates()), "class", "reason");
        } else {
            String there = "#" + view.anchor("reason") + "-" + note;
            html.text(" ").element("a", "reason " + note, "class", "reason-note", "href", there);
        }
    }

    private static void row(Html html, Finding finding, List<String> shared, View view) {
        html.open(
                "tr",
                "class",
                finding.stands() ? "stands" : Figures.kind("", finding).strip());
        html.open("th", "scope", "row", "data-sort", finding.question());
        html.element("span", finding.question(), "class", "question");
        String why = finding.reason();
        if (why != null) {
            reason(html, why, shared, view);
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
