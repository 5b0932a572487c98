package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.probability.Distribution;
import dev.credence.lab.posteriors.NetworkPosterior;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints an exact posterior: its figures, and its outcomes beside the prior's. */
public final class PosteriorText {
    private static final int OUTCOMES = 20;

    private final Console console;
    private final Detail detail;

    /**
     * A printer.
     *
     * @param console where
     * @param detail how much
     */
    public PosteriorText(Console console, Detail detail) {
        this.console = console;
        this.detail = detail;
    }

    /**
     * Prints figures.
     *
     * @param heading above them
     * @param findings exact or bounded ones, by id
     */
    public void findings(String heading, Map<String, Finding> findings) {
        console.line();
        console.line(Style.BOLD, heading);
        TextTable table = new TextTable(2)
                .words("", 24)
                .numbers("")
                .words("", 8)
                .words("", 44)
                .words("", 60);
        for (Finding finding : findings.values()) {
            table.row(
                    Style.PLAIN,
                    finding.id(),
                    FigureFormat.exact(finding.estimate()),
                    finding.unit(),
                    finding.grade() == Grade.BOUNDED
                            ? "[" + FigureFormat.exact(finding.lower()) + ", " + FigureFormat.exact(finding.upper())
                                    + "]"
                            : "",
                    detail == Detail.FULL ? finding.question() : "");
        }
        table.print(console);
    }

    /**
     * Prints the outcomes of a prompt, the posterior's likeliest first.
     *
     * @param prompt the prompt
     * @param prior of its outcomes
     * @param posterior of the same outcomes
     * @param reward their reward, or null where the evidence needs none
     */
    public void outcomes(String prompt, Distribution prior, Distribution posterior, @Nullable RewardFunction reward) {
        console.line();
        console.line(Style.BOLD, prompt.isEmpty() ? "Outcomes" : "Outcomes of prompt " + prompt);
        TextTable table = new TextTable(2)
                .texts("outcome", 40)
                .numbers("prior")
                .numbers("posterior")
                .numbers("ratio");
        table.numbers(reward == null ? "" : "reward");
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < prior.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingDouble(i -> -posterior.logProbability(i)));
        int shown = detail == Detail.FULL ? order.size() : Math.min(OUTCOMES, order.size());
        for (int i : order.subList(0, shown)) {
            String outcome = prior.outcome(i);
            table.row(
                    Style.PLAIN,
                    outcome,
                    FigureFormat.exact(prior.probability(i)),
                    FigureFormat.exact(posterior.probability(i)),
                    FigureFormat.exact(Math.exp(posterior.logProbability(i) - prior.logProbability(i))),
                    reward == null ? "" : FigureFormat.exact(reward.reward(prompt, outcome)));
        }
        table.print(console);
        if (shown < order.size()) {
            console.line(Style.DIM, "  the likeliest " + shown + " of " + order.size() + "; --verbose prints all");
        }
    }

    /**
     * Prints what is believed of hidden variables and probes.
     *
     * @param prompts of which prompts; the first few unless all is told
     * @param posterior the posterior
     */
    public void beliefs(List<String> prompts, NetworkPosterior posterior) {
        for (String prompt : prompts.subList(0, detail == Detail.FULL ? prompts.size() : Math.min(5, prompts.size()))) {
            NetworkPosterior.Beliefs beliefs = posterior.beliefs(prompt);
            String of = prompt.isEmpty() ? "" : " under prompt " + prompt;
            beliefs("Hidden variables" + of, beliefs.hidden());
            beliefs("Probes" + of, beliefs.probes());
        }
    }

    private void beliefs(String heading, Map<String, Map<String, Map<String, Double>>> beliefs) {
        if (beliefs.isEmpty()) {
            return;
        }
        console.line();
        console.line(Style.BOLD, heading);
        TextTable table =
                new TextTable(2).words("variable", 24).words("value", 30).numbers("prior");
        table.numbers("posterior");
        beliefs.forEach((variable, values) -> values.forEach((value, sides) -> table.row(
                Style.PLAIN,
                variable,
                value,
                FigureFormat.exact(sides.getOrDefault("prior", Double.NaN)),
                FigureFormat.exact(sides.getOrDefault("posterior", Double.NaN)))));
        table.print(console);
    }
}
