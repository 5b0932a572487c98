package dev.credence.app.training;

import dev.credence.data.runs.Metrics.Point;
import java.util.function.Consumer;

/** Progress in lines: step, loss, speed, time left; not more often than a person reads. */
final class ProgressLines {
    private static final double EVERY = 5; // seconds

    private final long from;
    private final long steps;
    private final Consumer<String> report;
    private final long began = System.nanoTime();
    private double last = -EVERY;

    ProgressLines(long from, long steps, Consumer<String> report) {
        this.from = from;
        this.steps = steps;
        this.report = report;
    }

    void measured(Point point) {
        Double validation = point.values().get("validation_loss");
        if (validation != null) {
            report.accept(String.format("step %,d/%,d  validation loss %.4f", point.step(), steps, validation));
            return;
        }
        double now = (System.nanoTime() - began) / 1e9;
        if (now - last < EVERY && point.step() < steps) {
            return;
        }
        last = now;
        double left = now / Math.max(1, point.step() - from) * (steps - point.step());
        report.accept(String.format(
                "step %,d/%,d  loss %.4f  %,.0f tokens/s  %s left",
                point.step(),
                steps,
                point.values().getOrDefault("loss", Double.NaN),
                point.values().getOrDefault("tokens_per_second", Double.NaN),
                duration(left)));
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
