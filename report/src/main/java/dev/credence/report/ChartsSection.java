package dev.credence.report;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Plots;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ledger, log-ratio against reward, and the reward densities. */
final class ChartsSection implements Section {
    private static final List<String> LEDGER = List.of("kl.policy_prior", "kl.explained", "kl.departure");

    @Override
    public void write(Html html, View view) {
        ledger(html, view);
        Plots plots = view.step().plots();
        boolean points = plots.points().stream().anyMatch(p -> Options.finite(p.reward(), p.logRatio()));
        if (!points && plots.bins().isEmpty()) {
            return;
        }
        html.open("section", "class", "pair").element("h3", "Reward", "class", "wide");
        if (points) {
            RatioChart.of(view.anchor("ratio"), plots).write(html);
        }
        if (!plots.bins().isEmpty()) {
            html.open("div");
            DensityChart.of(view.anchor("density"), plots.bins()).write(html);
            DensityChart.table(html, plots.bins());
            html.close();
        }
        html.close();
    }

    private static void ledger(Html html, View view) {
        Finding total = view.finding(LEDGER.get(0));
        Finding explained = view.finding(LEDGER.get(1));
        Finding departure = view.finding(LEDGER.get(2));
        html.open("section").element("h3", "KL ledger");
        html.open("p", "class", "equation");
        term(html, "", "policy from prior", total);
        term(html, "=", "explained", explained);
        term(html, "+", "departure", departure);
        Finding least = LeastDepartureText.of(view.step().findings());
        if (least != null) {
            atLeast(html, least);
        }
        html.close();
        if (total != null
                && explained != null
                && departure != null
                && Options.finite(total.estimate(), explained.estimate(), departure.estimate())) {
            LedgerChart.of(view.anchor("ledger"), total, explained, departure).write(html);
        } else {
            html.element("p", "Not drawn: a part of the ledger is missing or infinite.", "class", "muted");
        }
        html.close();
    }

    /** The end of the bound, not its estimate: the end is what is certain. */
    private static void atLeast(Html html, Finding least) {
        html.open("span", "class", "side")
                .element("span", "≥", "class", "operator")
                .text(" ");
        html.open("span", "class", "term").open("span", "class", "figure");
        Figures.number(html, least.id(), "lower", least.lower());
        html.close().text(" " + least.unit());
        html.element("span", "departure at least, whatever Z is", "class", "term-name")
                .close()
                .close();
    }

    private static void term(Html html, String operator, String name, @Nullable Finding finding) {
        html.open("span", "class", "side");
        if (!operator.isEmpty()) {
            html.element("span", operator, "class", "operator").text(" ");
        }
        html.open("span", "class", "term");
        Figures.inline(html, finding);
        html.text(finding == null ? "" : " " + finding.unit())
                .element("span", name, "class", "term-name")
                .close()
                .close();
    }
}
