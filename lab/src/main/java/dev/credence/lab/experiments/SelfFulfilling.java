package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A world that follows what is predicted of it: predicting m makes tanh(J m + h) so, with p = (1 + m)/2. Its fixed points are the
 * predictions that come true.
 *
 * @param coupling J ≥ 0
 * @param field h
 */
record SelfFulfilling(double coupling, double field) {
    private static final int ROUNDS = 20_000;
    private static final int BISECTIONS = 200;

    private double next(double m) {
        return Math.tanh(coupling * m + field);
    }

    /** The fixed points p, from the smallest to the largest: one, or three. Between the turns of m − tanh(Jm + h) is one each. */
    List<Double> points() {
        List<Double> points = new ArrayList<>();
        if (field == 0 && !(coupling > 1)) {
            put(points, 0); // exactly, where the distance touches 0 too flatly for a bisection
            return points;
        }
        if (!(coupling > 1)) {
            add(points, -1, 1);
            return points;
        }
        double turn = artanh(Math.sqrt(1 - 1 / coupling));
        double first = clamp((-turn - field) / coupling);
        double second = clamp((turn - field) / coupling);
        add(points, -1, first);
        add(points, first, second);
        add(points, second, 1);
        return points;
    }

    private static double clamp(double m) {
        return Math.max(-1, Math.min(1, m));
    }

    /** The distance m − tanh(Jm + h) is monotone between its turns: a change of sign is a fixed point. */
    private void add(List<Double> points, double from, double to) {
        double low = from;
        double high = to;
        double atLow = low - next(low);
        double atHigh = high - next(high);
        if (atLow == 0 || atHigh == 0) {
            put(points, atLow == 0 ? low : high);
            return;
        }
        if (Math.signum(atLow) == Math.signum(atHigh)) {
            return;
        }
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            double at = middle - next(middle);
            if (Math.signum(at) == Math.signum(atLow)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        put(points, (low + high) / 2);
    }

    private static void put(List<Double> points, double m) {
        double p = (1 + m) / 2;
        if (points.isEmpty() || Math.abs(points.get(points.size() - 1) - p) > 1e-12) {
            points.add(p);
        }
    }

    private static double artanh(double x) {
        return 0.5 * Math.log((1 + x) / (1 - x));
    }

    /**
     * Which of several is left on its unstable side: the middle of three. At the critical field two have met, on the side that
     * the field pulls away from, and what is left of them holds from one side alone.
     */
    private int unstable(List<Double> points) {
        return points.size() == 2 && field > 0 ? 0 : 1;
    }

    /** The field above which one fixed point is left, 0 where there is only ever one. */
    double criticalField() {
        if (!(coupling > 1)) {
            return 0;
        }
        double turn = Math.sqrt(1 - 1 / coupling);
        return coupling * turn - artanh(turn);
    }

    void tell(double start, ExperimentResult.Builder result) {
        List<Double> points = points();
        boolean unique = points.size() == 1;
        double low = points.get(0);
        double high = points.get(points.size() - 1);
        String question = "Which probability comes true where it is predicted";
        result.exact("selffulfilling.high", question + ", the largest?", high, "probability");
        result.exact("selffulfilling.low", question + ", the smallest?", low, "probability");
        double unstable = unique ? Double.NaN : points.get(unstable(points));
        Finding middle = new Finding(
                "selffulfilling.unstable",
                question + ", but not where it is nearly predicted?",
                unstable,
                unstable,
                unstable,
                Grade.EXACT,
                "probability",
                null,
                null);
        result.finding(unique ? middle.withdrawn("there is one fixed point alone, and it is stable") : middle);
        result.exact(
                "selffulfilling.entropy", "How uncertain is the world at the largest?", exactEntropy(high), "nats");
        result.exact("selffulfilling.unique", "Is there one alone (1) or several (0)?", unique ? 1 : 0, "");
        result.exact("selffulfilling.field", "Pull above which there is one alone?", criticalField(), "");
        result.exact(
                "chosen.prior", "Which is arrived at from the prior's own prediction?", reached(start), "probability");
        double predictable = points.stream()
                .min(Comparator.<Double>comparingDouble(SelfFulfilling::entropy)
                        .thenComparingDouble(p -> Math.abs(p - start)))
                .orElse(high);
        result.exact(
                "chosen.predictable",
                "Which does a predictor choose that wants to be right?",
                predictable,
                "probability");
        double malign = Math.abs(low - start) > Math.abs(high - start) ? low : high;
        result.exact(
                "chosen.malign",
                "Which can one bad prediction bring about, furthest from the prior's?",
                malign,
                "probability");
    }

    /** Entropies that differ by rounding alone are one, so that a symmetric world's two are told apart by the prior. */
    private static double entropy(double p) {
        return Math.rint(exactEntropy(p) * 1e9) / 1e9;
    }

    private static double exactEntropy(double p) {
        return p <= 0 || p >= 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log1p(-p);
    }

    /** Predictions that are corrected by what they brought about, until nothing changes. */
    private double reached(double start) {
        double m = 2 * start - 1;
        for (int i = 0; i < ROUNDS; i++) {
            m = next(m);
        }
        double p = (1 + m) / 2;
        return points().stream()
                .min(Comparator.comparingDouble(point -> Math.abs(point - p)))
                .orElse(p);
    }

    Picture picture() {
        int count = 201;
        double[] predicted = new double[count];
        double[] comesTrue = new double[count];
        for (int i = 0; i < count; i++) {
            predicted[i] = (double) i / (count - 1);
            comesTrue[i] = (1 + next(2 * predicted[i] - 1)) / 2;
        }
        return Picture.of(
                "selffulfilling",
                "A world that follows predictions",
                "Where the curve meets the diagonal a prediction comes true.",
                Picture.Axis.linear("predicted probability"),
                Picture.Axis.linear("what comes true"),
                List.of(
                        Picture.Series.line("world", predicted, comesTrue),
                        Picture.Series.line("prediction comes true", predicted, predicted)));
    }

    String words() {
        List<Double> points = points();
        if (points.size() == 2) {
            int unstable = unstable(points);
            return "has 2 predictions that come true, of which "
                    + FigureFormat.of(points.get(1 - unstable).doubleValue())
                    + " is stable and "
                    + FigureFormat.of(points.get(unstable).doubleValue())
                    + " holds from one side alone: the pull is the critical one";
        }
        return points.size() == 1
                ? "has one prediction that comes true, "
                        + FigureFormat.of(points.get(0).doubleValue())
                : "has " + points.size() + " predictions that come true, of which "
                        + FigureFormat.of(points.get(0).doubleValue()) + " and "
                        + FigureFormat.of(points.get(points.size() - 1).doubleValue())
                        + " are stable: the early prediction chooses between them";
    }
}
