package dev.credence.app.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One paragraph on fifty copies, from the figures alone. */
public final class CopiesConclusion {
    private static final double FIFTY = 0.02;
    private static final double CLOSE = 0.1;

    private CopiesConclusion() {}

    /**
     * The last point of each path.
     *
     * @param points of all paths
     * @return in the order of the paths
     */
    public static List<PathPoint> ends(List<PathPoint> points) {
        Map<String, PathPoint> last = new LinkedHashMap<>();
        for (PathPoint point : points) {
            last.put(point.place() + " " + point.reading() + " " + point.beta() + " " + point.method(), point);
        }
        return new ArrayList<>(last.values());
    }

    /**
     * The paragraph.
     *
     * @param outcome the figures
     * @return sentences
     */
    public static String of(FiftyCopies.Outcome outcome) {
        List<PathPoint> ends = ends(outcome.points());
        StringBuilder text = new StringBuilder();
        List<PathPoint> heard = ends.stream()
                .filter(end -> end.beta() > 0
                        && !end.method().equals("best-of-n")
                        && !end.method().equals("expert-iteration"))
                .toList();
        long near = heard.stream()
                .filter(end -> Math.abs(end.copies() * end.beta() - 1) <= CLOSE)
                .count();
        text.append(String.format(
                Locale.ROOT,
                "Of %d runs with a penalty %d ended within 10 %% of their nominal 1/β copies. ",
                heard.size(),
                near));
        text.append("At β = 0.02, nominally 50 copies: ");
        List<String> parts = new ArrayList<>();
        for (PathPoint end : ends) {
            if (end.beta() == FIFTY && end.reading().equals("c")) {
                parts.add(String.format(
                        Locale.ROOT,
                        "%s reached %s [%s, %s] at a KL of %.2f nats (Bayes fraction %.3f)",
                        end.method(),
                        number(end.copies()),
                        number(end.lower()),
                        number(end.upper()),
                        end.kl(),
                        end.bayesFraction()));
            }
        }
        text.append(String.join("; ", parts)).append(" (reading c). ");
        observed(outcome.observed(), text);
        return text.toString();
    }

    private static void observed(List<ObservedCopies.Reading> readings, StringBuilder text) {
        double most = 0;
        double residual = 0;
        for (ObservedCopies.Reading reading : readings) {
            most = Math.max(most, reading.copies());
            residual = Math.max(residual, reading.residual());
        }
        text.append(String.format(
                Locale.ROOT,
                "Read as data, off an unrewarded probe, the exact optima count as at most %.2f cop%s of a good example however"
                        + " small β (residual below %.0e nats): ",
                most,
                Math.abs(most - 1) < 0.005 ? "y" : "ies",
                Math.max(1e-12, residual)));
        text.append(
                most < 2
                        ? "the penalty sets how surely the output is good, not how much is learned about who writes it."
                        : "the optima do carry over to the probe.");
    }

    /**
     * Copies as people read them.
     *
     * @param copies any number
     * @return at most four digits
     */
    public static String number(double copies) {
        return Double.isInfinite(copies) ? "∞" : String.format(Locale.ROOT, "%.3g", copies);
    }
}
