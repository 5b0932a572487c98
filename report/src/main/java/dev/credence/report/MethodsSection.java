package dev.credence.report;

/** The main table of a run: one line a method. */
final class MethodsSection {
    private MethodsSection() {}

    static void write(Html html, MethodTable table) {
        html.open("section", "class", "methods", "id", "methods");
        html.element("h2", "Methods compared");
        Tables.open(
                html,
                "What each method was asked for, what it converges to, and what was got.",
                "methods",
                Column.text("Method"),
                Column.text("Asked"),
                Column.text("Aimed at"),
                Column.text("Got"),
                Column.number("Bayes fraction"),
                Column.number("Copies"),
                Column.number("KL(π‖π₀)"),
                Column.number("KL(π‖target)"),
                Column.number("KL(target‖π)"),
                Column.number("Modes kept"),
                Column.text("Cost"));
        table.rows().forEach(row -> row(html, row));
        Tables.close(html);
        legend(html);
        html.close();
    }

    private static void row(Html html, MethodTable.Row row) {
        html.open("tr", "data-method", row.method()).element("th", row.method(), "scope", "row");
        html.element("td", row.asked()).element("td", row.aimed()).open("td");
        Badge.verdict(html, row.got());
        html.close();
        MethodTable.Figures figures = row.figures();
        Figures.cell(html, figures.bayesFraction());
        Figures.cell(html, figures.copies());
        Figures.cell(html, figures.klPrior());
        Figures.cell(html, figures.klToTarget());
        Figures.cell(html, figures.klFromTarget());
        Figures.cell(html, figures.modesKept());
        html.element("td", row.cost()).close();
    }

    private static void legend(Html html) {
        html.open("details", "class", "legend-text")
                .element("summary", "What the columns mean")
                .open("dl");
        term(html, "Asked", "the evidence in whose light the prior was to be seen.");
        term(html, "Aimed at", "the distribution to which the method converges, which need not be what was asked.");
        term(html, "Got", "how much of the policy's departure from the prior is conditioning on that evidence.");
        term(html, "Bayes fraction", "share of KL(π‖π₀) that the nearest conditional explains; 1 for an exact one.");
        term(html, "Copies", "how many copies of the evidence the nearest conditional has seen.");
        term(html, "KL(π‖π₀)", "how far the policy went from the prior, in nats.");
        term(html, "KL(π‖target)", "how far the policy is from the target, seen from the policy: 0 when it is met.");
        term(html, "KL(target‖π)", "the same seen from the target: large when the policy drops what the target has.");
        term(html, "Modes kept", "share of the posterior on outcomes to which the policy still gives at least half.");
        term(html, "Cost", "what the method took.");
        html.close().close();
    }

    private static void term(Html html, String term, String meaning) {
        html.open("div").element("dt", term).element("dd", meaning).close();
    }
}
