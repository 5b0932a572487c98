package dev.credence.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.Candidate;
import dev.credence.core.figures.FigureFormat;
import java.util.List;

/** Rival conditionals, best first. */
final class CandidatesSection implements Section {
    private static final int ROW = 26;
    private static final int FRAME = 56;
    private static final int NAMES = 136;

    @Override
    public void write(Html html, View view) {
        List<Candidate> candidates = view.step().candidates();
        if (candidates.isEmpty()) {
            return;
        }
        html.open("section").element("h3", "Which conditional is it?");
        Tables.open(
                html,
                "Rival conditionals, nearest first: the prior tilted by each reward, at its best number of copies; and how many"
                        + " policy records tell it from the nearest.",
                "candidates cards",
                Column.text("Reward"),
                Column.number("Copies"),
                Column.number("Departure, nats"),
                Column.number("Bayes fraction"),
                Column.number("Records to separate"));
        for (Candidate candidate : candidates) {
            html.open("tr", "data-candidate", candidate.name());
            html.open("th", "scope", "row");
            PromptText.write(html, candidate.name());
            html.close();
            number(html, "copies", "Copies", candidate.copies());
            number(html, "departure", "Departure, nats", candidate.departure());
            number(html, "bayesFraction", "Bayes fraction", candidate.bayesFraction());
            number(html, "samplesToSeparate", "Records to separate", candidate.samplesToSeparate());
            html.close();
        }
        Tables.close(html);
        List<Candidate> standing =
                candidates.stream().filter(c -> !Double.isNaN(c.departure())).toList();
        String withdrawn = Candidate.withdrawals(candidates);
        if (!withdrawn.isEmpty()) {
            html.element("p", withdrawn, "class", "muted");
        }
        if (standing.size() > 1) {
            chart(view.anchor("candidates"), standing).write(html);
        }
        html.close();
    }

    private static void number(Html html, String field, String column, double number) {
        html.open("td", "class", "num", "data-column", column, "data-sort", Double.toString(number));
        Figures.number(html, "candidate", field, number);
        html.close();
    }

    private static Chart chart(String anchor, List<Candidate> candidates) {
        ObjectNode option = Options.bars("departure, nats", NAMES);
        ArrayNode names = option.withObject("yAxis").withArray("data");
        ObjectNode bars = Options.parse("""
                {"type": "bar", "barMaxWidth": 14, "emphasis": {"disabled": true},
                 "itemStyle": {"color": "var(--policy)"}, "data": []}""");
        for (int at = 0; at < candidates.size(); at++) {
            Candidate candidate = candidates.get(at);
            String name = PromptText.line(candidate.name());
            names.add(name);
            bars.withArray("data")
                    .add(Options.point(
                            name + ": departure " + FigureFormat.of(candidate.departure()), candidate.departure(), at));
        }
        Options.series(option).add(bars);
        return new Chart(
                anchor,
                "Departure from each rival",
                "The shorter the bar, the better that reward explains the policy.",
                candidates.size() + " rivals; the nearest is "
                        + PromptText.line(candidates.get(0).name()) + ".",
                FRAME + ROW * candidates.size(),
                List.of(),
                option);
    }
}
