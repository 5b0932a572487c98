package dev.credence.report;

import dev.credence.core.audit.Verdict;

/** What to change, most useful first. */
final class AdviceSection implements Section {
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
