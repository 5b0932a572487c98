package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Prints findings a chapter at a time: id, estimate, interval, unit, grade; those withdrawn dimmed, with the reason. */
final class FindingsText {
    private final Console console;
    private final Detail detail;
    private final SaidReasons said;

    /** @param said reasons that were printed above: they are not said again */
    FindingsText(Console console, Detail detail, SaidReasons said) {
        this.console = console;
        this.detail = detail;
        this.said = said;
    }

    void print(Chapter chapter, Map<String, Finding> all) {
        List<Finding> findings =
                all.values().stream().filter(finding -> shown(chapter, finding)).toList();
        if (findings.isEmpty()) {
            return;
        }
        console.line();
        console.line(Style.BOLD, chapter.heading());
        table(findings).print(console);
    }

    private boolean shown(Chapter chapter, Finding finding) {
        if (!chapter.has(finding.id()) || (finding.stands() && Double.isNaN(finding.estimate()))) {
            return false; // of another chapter, or not a figure of this kind of input
        }
        return detail == Detail.FULL
                || (chapter != Chapter.RECORDS && !finding.id().endsWith(".population"));
    }

    TextTable table(List<Finding> findings) {
        TextTable table = new TextTable(2)
                .words("", 30)
                .numbers("")
                .words("", 26)
                .words("", 18)
                .words("", 10);
        standing(table, findings.stream().filter(Finding::stands).toList());
        withdrawn(table, findings);
        return table;
    }

    private void standing(TextTable table, List<Finding> findings) {
        for (int i = 0; i < findings.size(); i++) {
            Finding finding = findings.get(i);
            row(table, Style.PLAIN, finding, grade(finding));
            question(table, finding);
            String reason = finding.reason();
            boolean last = i + 1 == findings.size()
                    || !Objects.equals(reason, findings.get(i + 1).reason());
            if (reason != null && last) { // neighbours qualified by the same words share them
                table.note(reason);
            }
        }
    }

    /** Those withdrawn for one reason stand together, and the reason once. */
    private void withdrawn(TextTable table, List<Finding> findings) {
        Map<String, List<Finding>> byReason = new LinkedHashMap<>();
        for (Finding finding : findings) {
            if (!finding.stands()) {
                String reason = finding.reason() == null ? "no reason is recorded" : finding.reason();
                byReason.computeIfAbsent(reason, key -> new ArrayList<>()).add(finding);
            }
        }
        byReason.forEach((reason, group) -> {
            group.forEach(finding -> row(table, Style.DIM, finding, "withdrawn"));
            table.note(said.with(reason, group.get(0).id()));
        });
    }

    private void row(TextTable table, Style style, Finding finding, String grade) {
        String interval = FindingFormat.interval(finding);
        table.row(
                style,
                finding.id(),
                FindingFormat.estimate(finding),
                interval.startsWith("[") ? interval : "",
                finding.unit(),
                grade);
    }

    private void question(TextTable table, Finding finding) {
        if (detail == Detail.FULL) {
            table.note(finding.question());
        }
    }

    private static String grade(Finding finding) {
        return finding.grade().name().toLowerCase(Locale.ROOT);
    }
}
