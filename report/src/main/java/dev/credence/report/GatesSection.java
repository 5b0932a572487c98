package dev.credence.report;

import dev.credence.core.audit.Gate;

/** The preconditions: which hold, and what those that do not have withdrawn. */
final class GatesSection implements Section {
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
