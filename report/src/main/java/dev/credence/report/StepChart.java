package dev.credence.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.FigureFormat;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lines of figures against training step, each with the band of its interval. */
final class StepChart {
    private static final int HEIGHT = 230;

    private StepChart() {}

    static Chart ledger(String anchor, List<StepAudit> steps) {
        ObjectNode option = frame("nats");
        List<Chart.Key> keys = new ArrayList<>();
        add(option, keys, steps, new Trace("kl.policy_prior", "policy from prior", Chart.Sign.DOTTED, "var(--ink)"));
        add(option, keys, steps, new Trace("kl.explained", "explained", Chart.Sign.LINE, "var(--posterior)"));
        add(option, keys, steps, new Trace("kl.departure", "departure", Chart.Sign.DASHED, "var(--policy)"));
        return chart(anchor, "KL ledger", steps, keys, option);
    }

    static Chart fraction(String anchor, List<StepAudit> steps) {
        ObjectNode option = frame("share");
        option.withObject("yAxis").put("min", 0).put("max", 1);
        List<Chart.Key> keys = new ArrayList<>();
        add(option, keys, steps, new Trace("bayes_fraction", "Bayes fraction", Chart.Sign.LINE, "var(--posterior)"));
        return chart(anchor, "Bayes fraction", steps, keys, option);
    }

    static Chart copies(String anchor, List<StepAudit> steps) {
        ObjectNode option = frame("copies");
        List<Chart.Key> keys = new ArrayList<>();
        add(option, keys, steps, new Trace("copies.moment_match", "copies", Chart.Sign.LINE, "var(--posterior)"));
        return chart(anchor, "Effective copies", steps, keys, option);
    }

    /** A step's number as it is printed; a step without one is the only one. */
    static String label(StepAudit step) {
        return step.step() == null ? FigureFormat.MISSING : Long.toString(step.step());
    }

    private static ObjectNode frame(String vertical) {
        ObjectNode option = Options.plane("step", vertical);
        option.withObject("yAxis").put("scale", false);
        return option;
    }

    private static Chart chart(
            String anchor, String title, List<StepAudit> steps, List<Chart.Key> keys, ObjectNode option) {
        return new Chart(
                anchor,
                title,
                "Bands are 95 % intervals; hollow points are withdrawn.",
                steps.size() + " steps; their numbers are in the table below.",
                HEIGHT,
                keys.size() > 1 ? keys : List.of(),
                option);
    }

    private static void add(ObjectNode option, List<Chart.Key> keys, List<StepAudit> steps, Trace trace) {
        keys.add(new Chart.Key(trace.sign, trace.colour, trace.name));
        ArrayNode series = Options.series(option);
        series.add(band(steps, trace));
        series.add(line(steps, trace));
    }

    private static ObjectNode line(List<StepAudit> steps, Trace trace) {
        ObjectNode line = Options.parse("""
                {"type": "line", "symbolSize": 7, "z": 5, "emphasis": {"disabled": true}, "data": []}""");
        line.put("name", trace.name);
        line.withObject("lineStyle").put("type", trace.dash()).put("width", 2).put("color", trace.colour);
        line.withObject("itemStyle").put("color", trace.colour);
        for (StepAudit step : steps) {
            Finding finding = step.findings().get(trace.id);
            if (step.step() != null && finding != null) {
                String text = "step " + label(step) + ", " + trace.name + " " + FindingFormat.of(finding)
                        + (finding.stands() ? "" : " (withdrawn)");
                line.withArray("data")
                        .add(Options.point(text, step.step(), finding.estimate())
                                .put("symbol", finding.stands() ? "circle" : "emptyCircle"));
            }
        }
        return line;
    }

    /** The band as one trapezium between each two steps: (step, lower, upper, next step, its lower, its upper). */
    private static ObjectNode band(List<StepAudit> steps, Trace trace) {
        ObjectNode band = Options.parse("""
                {"type": "custom", "shape": "band", "silent": true, "z": 1,
                 "encode": {"x": [0, 3], "y": [1, 2, 4, 5]}, "data": []}""");
        band.withObject("itemStyle").put("color", trace.colour);
        for (int at = 1; at < steps.size(); at++) {
            double[] left = ends(steps.get(at - 1), trace.id);
            double[] right = ends(steps.get(at), trace.id);
            if (left != null && right != null) {
                band.withArray("data").add(Options.point("", left[0], left[1], left[2], right[0], right[1], right[2]));
            }
        }
        return band;
    }

    private static double @Nullable [] ends(StepAudit step, String id) {
        Finding finding = step.findings().get(id);
        if (step.step() == null || finding == null || !Options.finite(finding.lower(), finding.upper())) {
            return null;
        }
        return new double[] {step.step(), finding.lower(), finding.upper()};
    }

    /** One figure's line. */
    private record Trace(String id, String name, Chart.Sign sign, String colour) {
        String dash() {
            return switch (sign) {
                case DASHED -> "dashed";
                case DOTTED -> "dotted";
                default -> "solid";
            };
        }
    }
}
