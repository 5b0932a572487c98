package dev.credence.lab.runs;

import dev.credence.core.figures.FigureFormat;
import dev.credence.data.runs.Metrics.Point;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/** Progress in lines: step, loss, speed, time left; not more often than a person reads. */
public final class ProgressLines {
    private static final double EVERY = 5; // seconds
    private static final int LOSS_DIGITS = 5;

    private final long from;
    private final long steps;
    private final Consumer<String> report;
    private final long began = System.nanoTime();
    private double last = -EVERY;

    /**
     * Lines of a run.
     *
     * @param from the step before the first that is told of
     * @param steps of the run in all
     * @param report takes the lines
     */
    public ProgressLines(long from, long steps, Consumer<String> report) {
        this.from = from;
        this.steps = steps;
        this.report = report;
    }

    /**
     * Takes a measurement, and tells of it where the last line is a while ago.
     *
     * @param point figures of a step
     */
    public void measured(Point point) {
        Double validation = point.values().get("validation_loss");
        if (validation != null) {
            report.accept(step(point) + "  validation loss " + loss(validation));
            return;
        }
        double now = (System.nanoTime() - began) / 1e9;
        if (now - last < EVERY && point.step() < steps) {
            return;
        }
        last = now;
        double pace = (point.step() - from) / now;
        double left = (steps - point.step()) / pace;
        report.accept(String.join(
                "  ",
                step(point),
                words(point.values()),
                FigureFormat.of(pace) + " steps/s",
                duration(left) + " left"));
    }

    private String step(Point point) {
        return String.format("step %,d/%,d", point.step(), steps);
    }

    /** With the digits that change from line to line. */
    private static String loss(double nats) {
        return FigureFormat.inWords(nats, LOSS_DIGITS);
    }

    private static String words(Map<String, Double> values) {
        StringJoiner words = new StringJoiner("  ");
        add(words, values.get("loss"), loss -> "loss " + loss(loss));
        add(words, values.get("reward"), reward -> "reward " + FigureFormat.of(reward));
        add(words, values.get("kl"), kl -> "KL from the prior " + FigureFormat.of(kl) + " nats");
        add(words, values.get("tokens_per_second"), pace -> FigureFormat.of(pace) + " tokens/s");
        return words.toString();
    }

    private static void add(StringJoiner words, @Nullable Double value, DoubleFunction<String> said) {
        if (value != null && !value.isNaN()) {
            words.add(said.apply(value));
        }
    }

    /** The step before the first that it tells of. */
    long from() {
        return from;
    }

    /** Such as 4 min 10 s. */
    static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        if (whole < 3600) {
            return whole / 60 + " min " + whole % 60 + " s";
        }
        return whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }
}
