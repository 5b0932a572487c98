package dev.credence.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.figures.FigureFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a report of training runs: several side by side, then of each losses against step, how large gradients were, how fast it went. */
public final class TrainingReport {
    private static final int TALL = 280;
    private static final int LOW = 170;

    private static final Trace GRADIENT = ink("gradient_norm", "Gradient norm");
    private static final List<Trace> OF_CORPORA =
            List.of(GRADIENT, ink("learning_rate", "Learning rate"), ink("tokens_per_second", "Tokens a second"));
    private static final List<Trace> OF_METHODS = List.of(
            new Trace("reward", "Reward", Chart.Sign.LINE, "var(--policy)"),
            new Trace("kl", "KL from the prior, nats a text", Chart.Sign.LINE, "var(--posterior)"),
            ink(TrainingCurves.LOSS, "Loss, as the method has it"),
            ink("entropy", "Entropy, nats a text"),
            ink("bayes_fraction", "Bayes fraction, of all texts"),
            ink("bayes_fraction_most", "Bayes fraction at most, by the policy's own draws"),
            ink("copies", "Copies of the reward, of all texts"),
            ink("copies_policy_slope", "Copies of the reward, slope by the policy's own draws"),
            ink("effective_share", "Effective share of reused rollouts"),
            GRADIENT);

    private TrainingReport() {}

    /**
     * Writes the report, one HTML file that needs nothing beside it.
     *
     * @param document title, provenance and JSON of the page; it has no audits
     * @param runs what was measured, one at least
     * @param out where to; not closed
     * @throws IOException when writing fails
     */
    public static void write(ReportDocument document, List<TrainingCurves> runs, Appendable out) throws IOException {
        Html html = new Html();
        html.trusted("<!DOCTYPE html>").open("html", "lang", "en");
        Page.head(html, document.title());
        html.open("body").element("a", "Skip to the report", "class", "skip", "href", "#report");
        Page.header(html, document);
        html.open("main", "id", "report");
        if (runs.size() > 1) {
            html.open("section", "class", "comparison").element("h2", "Side by side");
            RunComparison.write(html, runs);
            html.close();
        }
        for (int index = 0; index < runs.size(); index++) {
            run(html, runs.get(index), index);
        }
        ProvenanceSection.write(html, document);
        html.close();
        Page.scripts(html, document.json());
        html.close().close();
        out.append(html.finished());
    }

    static void run(Html html, TrainingCurves run, int index) {
        html.open("article", "class", "audit", "data-run", run.name()).element("h2", run.name());
        facts(html, run.facts());
        String anchor = "run" + index + "-";
        boolean conditions = !run.having("kl").isEmpty();
        boolean learns = !run.having(TrainingCurves.LOSS).isEmpty()
                || !run.having(TrainingCurves.VALIDATION).isEmpty();
        if (run.points().isEmpty()) {
            html.element("p", "No figures of its own are kept of this run.", "class", "note");
        } else if (!conditions && learns) {
            losses(anchor, run).write(html);
        }
        for (Trace trace : conditions ? OF_METHODS : OF_CORPORA) {
            if (!run.having(trace.measure).isEmpty()) {
                one(anchor + trace.measure, run, trace).write(html);
            }
        }
        table(html, run);
        html.open("details").element("summary", "Settings");
        facts(html, run.settings());
        html.close().close();
    }

    private static Trace ink(String measure, String name) {
        return new Trace(measure, name, Chart.Sign.LINE, "var(--ink)");
    }

    private static void facts(Html html, Map<String, String> facts) {
        html.open("dl", "class", "facts");
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            html.open("div").element("dt", fact.getKey()).element("dd", fact.getValue());
            html.close();
        }
        html.close();
    }

    private static Chart losses(String anchor, TrainingCurves run) {
        ObjectNode option = Options.plane("step", "nats a token");
        List<Chart.Key> keys = new ArrayList<>();
        for (Trace trace : List.of(
                new Trace(TrainingCurves.LOSS, "training batches", Chart.Sign.LINE, "var(--posterior)"),
                new Trace(TrainingCurves.VALIDATION, "held out", Chart.Sign.DASHED, "var(--policy)"))) {
            if (!run.having(trace.measure).isEmpty()) {
                keys.add(new Chart.Key(trace.sign, trace.colour, trace.name));
                Options.series(option).add(line(run, trace));
            }
        }
        return new Chart(
                anchor + "loss",
                "Loss",
                "Training batches: the mean since the last point, each batch before its own step.",
                spoken(run, TrainingCurves.LOSS),
                TALL,
                keys,
                option);
    }

    private static Chart one(String anchor, TrainingCurves run, Trace trace) {
        ObjectNode option = Options.plane("step", "");
        Options.series(option).add(line(run, trace));
        return new Chart(anchor, trace.name, "", spoken(run, trace.measure), LOW, List.of(), option);
    }

    private static String spoken(TrainingCurves run, String measure) {
        List<TrainingCurves.Point> points = run.having(measure);
        if (points.isEmpty()) {
            return "Nothing was measured.";
        }
        TrainingCurves.Point first = points.get(0);
        TrainingCurves.Point last = points.get(points.size() - 1);
        return "From " + of(first, measure) + " at step " + first.step() + " to " + of(last, measure) + " at step "
                + last.step() + ".";
    }

    private static ObjectNode line(TrainingCurves run, Trace trace) {
        ObjectNode line = Options.parse("""
                {"type": "line", "showSymbol": false, "symbolSize": 6, "emphasis": {"disabled": true}, "data": []}""");
        line.put("name", trace.name);
        String dash = trace.sign == Chart.Sign.DASHED ? "dashed" : "solid";
        line.withObject("lineStyle").put("type", dash).put("width", 2).put("color", trace.colour);
        line.withObject("itemStyle").put("color", trace.colour);
        for (TrainingCurves.Point point : run.having(trace.measure)) {
            String text = "step " + point.step() + ", " + trace.name + " " + of(point, trace.measure);
            line.withArray("data").add(Options.point(text, (double) point.step(), value(point, trace.measure)));
        }
        return line;
    }

    private static void table(Html html, TrainingCurves run) {
        List<TrainingCurves.Point> held = run.having(TrainingCurves.VALIDATION);
        if (held.isEmpty()) {
            return;
        }
        Tables.open(
                html,
                "Loss on held-out documents, nats a token.",
                "losses",
                Column.number("Step"),
                Column.number("Held out"));
        for (TrainingCurves.Point point : held) {
            String step = Long.toString(point.step());
            html.open("tr").element("td", step, "class", "num", "data-sort", step);
            String loss = Double.toString(value(point, TrainingCurves.VALIDATION));
            html.element("td", of(point, TrainingCurves.VALIDATION), "class", "num", "data-sort", loss);
            html.close();
        }
        Tables.close(html);
    }

    private static double value(TrainingCurves.Point point, String measure) {
        return point.values().getOrDefault(measure, Double.NaN);
    }

    private static String of(TrainingCurves.Point point, String measure) {
        return FigureFormat.of(value(point, measure));
    }

    /** One line of a drawing. */
    private record Trace(String measure, String name, Chart.Sign sign, String colour) {}
}
