package dev.credence.report;

import dev.credence.core.audit.StepAudit;
import java.util.List;
import java.util.Map;

/** Figures against training step, as a table and as lines. */
final class StepsSection implements Section {
    private static final List<String> IDS =
            List.of("kl.policy_prior", "kl.explained", "kl.departure", "bayes_fraction", "copies.moment_match");
    private static final Map<String, String> NAMES = Map.of(
            "kl.policy_prior", "KL from prior",
            "kl.explained", "Explained",
            "kl.departure", "Departure",
            "bayes_fraction", "Bayes fraction",
            "copies.moment_match", "Copies");

    @Override
    public void write(Html html, View view) {
        if (!view.hasSteps()) {
            return;
        }
        List<StepAudit> steps = view.audit().steps();
        html.open("section").element("h3", "Against training step");
        html.open("div", "class", "triple");
        StepChart.ledger(view.anchor("steps-kl"), steps).write(html);
        StepChart.fraction(view.anchor("steps-fraction"), steps).write(html);
        StepChart.copies(view.anchor("steps-copies"), steps).write(html);
        html.close();
        Tables.open(html, "The headline of every step. What stands above is the last one's.", "steps cards", columns());
        for (StepAudit step : steps) {
            String number = StepChart.label(step);
            html.open("tr", "data-step", number).element("th", number, "scope", "row", "data-sort", number);
            IDS.forEach(id -> Figures.cell(html, step.findings().get(id), name(id)));
            html.open(
                    "td",
                    "data-column",
                    "Verdict",
                    "data-sort",
                    Integer.toString(step.verdict().label().ordinal()));
            Badge.verdict(html, step.verdict().label());
            html.close().close();
        }
        Tables.close(html);
        List<String> gates = EarlierGatesText.lines(steps);
        if (!gates.isEmpty()) {
            html.element("p", "Gates that do not hold before the last step:").open("ul");
            gates.forEach(line -> html.element("li", line));
            html.close();
        }
        html.close();
    }

    private static String name(String id) {
        return NAMES.getOrDefault(id, id);
    }

    private static Column[] columns() {
        Column[] columns = new Column[IDS.size() + 2];
        columns[0] = Column.text("Step");
        for (int at = 0; at < IDS.size(); at++) {
            columns[at + 1] = Column.number(name(IDS.get(at)));
        }
        columns[IDS.size() + 1] = Column.text("Verdict");
        return columns;
    }
}
