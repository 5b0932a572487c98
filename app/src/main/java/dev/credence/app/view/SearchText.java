package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.evidence.LogBounds;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.model.LogPartition;
import dev.credence.core.model.NextTokenPosterior;
import java.util.List;
import java.util.Locale;

/** Prints what a search for a posterior looked at, its draws, and next tokens. */
public final class SearchText {
    private static final int TOKENS = 20;

    private final Console console;
    private final Detail detail;

    /**
     * A printer.
     *
     * @param console where
     * @param detail how much
     */
    public SearchText(Console console, Detail detail) {
        this.console = console;
        this.detail = detail;
    }

    /**
     * Prints the certificate of log Z.
     *
     * @param heading above it
     * @param logZ what was seen, summed at once, excluded and left
     * @param completions how many there are
     */
    public void certificate(String heading, LogPartition logZ, double completions) {
        StringBuilder words =
                new StringBuilder(count((double) logZ.seen()) + " of " + count(completions) + " completions seen");
        append(words, logZ.settled(), "summed at once, the evidence being the same for all behind them");
        append(words, logZ.excluded(), "excluded");
        append(words, logZ.cut(), "left");
        if (logZ.cut() > 0) {
            words.append(", with ").append(FigureFormat.exact(logZ.cutMass())).append(" of the prior's mass");
        }
        console.paragraph(0, heading + ": " + words + ".");
    }

    private static void append(StringBuilder words, long branches, String what) {
        if (branches > 0) {
            words.append("; ")
                    .append(count((double) branches))
                    .append(branches == 1 ? " branch " : " branches ")
                    .append(what);
        }
    }

    private static String count(double number) {
        return number < 1e15 ? String.format(Locale.ROOT, "%,.0f", number) : FigureFormat.exact(number);
    }

    /**
     * A drawn text.
     *
     * @param text its text
     * @param reward its reward; NaN where none is spoken of
     * @param logPrior nats
     * @param logPosterior nats, an interval where log Z is one
     */
    public record Draw(String text, double reward, double logPrior, LogBounds logPosterior) {}

    /**
     * Prints draws.
     *
     * @param heading above them
     * @param draws in their order
     */
    public void draws(String heading, List<Draw> draws) {
        console.line();
        console.line(Style.BOLD, heading);
        TextTable table = new TextTable(2)
                .texts("completion", 60)
                .numbers(draws.stream().allMatch(draw -> Double.isNaN(draw.reward())) ? "" : "reward")
                .numbers("log prior")
                .numbers("log posterior");
        for (Draw draw : draws) {
            table.row(
                    Style.PLAIN,
                    draw.text(),
                    Double.isNaN(draw.reward()) ? "" : FigureFormat.exact(draw.reward()),
                    FigureFormat.exact(draw.logPrior()),
                    interval(draw.logPosterior().lower(), draw.logPosterior().upper(), " to "));
        }
        table.print(console);
    }

    /**
     * Prints the next token.
     *
     * @param heading above it
     * @param next its distributions
     * @param texts of the tokens
     * @param order of the tokens, the likeliest first
     */
    public void next(String heading, NextTokenPosterior next, List<String> texts, List<Integer> order) {
        console.line();
        console.line(Style.BOLD, heading);
        TextTable table = new TextTable(2)
                .texts("token", 24)
                .numbers("prior")
                .numbers("posterior")
                .numbers("soft value");
        int shown = detail == Detail.FULL ? order.size() : Math.min(TOKENS, order.size());
        for (int v : order.subList(0, shown)) {
            LogBounds soft = next.logSoftValues()[v];
            table.row(
                    Style.PLAIN,
                    texts.get(v),
                    FigureFormat.exact(Math.exp(next.logPrior()[v])),
                    interval(next.lower()[v], next.upper()[v], "–"),
                    interval(Math.exp(soft.lower()), Math.exp(soft.upper()), "–"));
        }
        table.print(console);
        if (shown < order.size()) {
            console.line(Style.DIM, "  the likeliest " + shown + " of " + order.size() + "; --verbose prints all");
        }
    }

    /** One number where both ends print alike. */
    private static String interval(double lower, double upper, String between) {
        String low = FigureFormat.exact(lower);
        String high = FigureFormat.exact(upper);
        return low.equals(high) ? low : low + between + high;
    }
}
