package dev.credence.report;

/** The main table of a run: one line a method. */
final class MethodsSection {
    private static final String ASKED = "Asked";
    private static final String AIMED = "Aimed at";
    private static final String GOT = "Got";
    private static final String FRACTION = "Bayes fraction";
    private static final String COPIES = "Copies";
    private static final String KL_PRIOR = "KL(π‖π₀)";
    private static final String KL_TO = "KL(π‖target)";
    private static final String KL_FROM = "KL(target‖π)";
    private static final String MODES = "Modes kept";
    private static final String COST = "Cost";

    private MethodsSection() {}

    static void write(Html html, MethodTable table) {
        html.open("section", "class", "methods", "id", "methods");
        html.element("h2", "Methods compared");
        Tables.open(
                html,
                "What each method was asked for, what it converges to, and what was got.",
                "methods",
                Column.text("Method"),
                Column.text(ASKED),
                Column.text(AIMED),
                Column.text(GOT),
                Column.number(FRACTION),
                Column.number(COPIES),
                Column.number(KL_PRIOR),
                Column.number(KL_TO),
                Column.number(KL_FROM),
                Column.number(MODES),
                Column.text(COST));
        table.rows().forEach(row -> row(html, row));
        Tables.close(html);
        legend(html);
        html.close();
    }

    private static void row(Html html, MethodTable.Row row) {
        html.open("tr", "data-method", row.method()).element("th", row.method(), "scope", "row");
        words(html, ASKED, row.asked());
        words(html, AIMED, row.aimed());
        html.open("td", "data-column", GOT);
        Badge.verdict(html, row.got());
        if (row.cause() != null) {
            html.text(": " + row.cause());
        }
        html.close();
        MethodTable.Figures figures = row.figures();
        Figures.cell(html, figures.bayesFraction(), FRACTION);
        Figures.cell(html, figures.copies(), COPIES);
        Figures.cell(html, figures.klPrior(), KL_PRIOR);
        Figures.cell(html, figures.klToTarget(), KL_TO);
        Figures.cell(html, figures.klFromTarget(), KL_FROM);
        Figures.cell(html, figures.modesKept(), MODES);
        words(html, COST, row.cost());
        html.close();
    }

    private static void words(Html html, String column, String text) {
        html.element("td", text, "data-column", column);
    }

    private static void legend(Html html) {
        html.open("details", "class", "legend-text")
                .element("summary", "What the columns mean")
                .open("dl");
        term(html, ASKED, "the evidence in whose light the prior was to be seen.");
        term(html, AIMED, "the distribution to which the method converges, which need not be what was asked.");
        term(html, GOT, "how much of the policy's departure from the prior is conditioning on that evidence.");
        term(html, FRACTION, "share of KL(π‖π₀) that the nearest conditional explains; 1 for an exact one.");
        term(html, COPIES, "how many copies of the evidence the nearest conditional has seen.");
        term(html, KL_PRIOR, "how far the policy went from the prior, in nats.");
        term(html, KL_TO, "how far the policy is from the target, seen from the policy: 0 when it is met.");
        term(html, KL_FROM, "the same seen from the target: large when the policy drops what the target has.");
        term(html, MODES, "share of the posterior on outcomes to which the policy still gives at least half.");
        term(html, COST, "what the method took.");
        html.close().close();
    }

    private static void term(Html html, String term, String meaning) {
        html.open("div").element("dt", term).element("dd", meaning).close();
    }
}
