package dev.credence.bench.speed;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * KL(π*‖π) along a training.
 *
 * @param title who trained, and how
 * @param points where it was computed
 * @param skipped why there are none, or empty
 */
record MethodsPath(String title, List<Point> points, String skipped) {
    /**
     * A place on the way.
     *
     * @param steps taken
     * @param seconds of training so far
     * @param kl KL(π*‖π), nats, the mean over prompts
     */
    record Point(int steps, double seconds, double kl) {}

    /** Copies the points. */
    MethodsPath {
        points = List.copyOf(points);
    }

    /** Seconds until it was no larger; infinite where it never was. */
    double secondsTo(double kl) {
        return points.stream()
                .filter(point -> point.kl() <= kl)
                .mapToDouble(Point::seconds)
                .findFirst()
                .orElse(Double.POSITIVE_INFINITY);
    }

    double least() {
        return points.stream().mapToDouble(Point::kl).min().orElse(Double.NaN);
    }

    @Override
    public String toString() {
        return points.isEmpty()
                ? title + ": " + skipped
                : title + ": " + points.get(0) + " to " + points.get(points.size() - 1) + ", least " + least();
    }

    Map<String, @Nullable Object> fields() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("title", title);
        List<Map<String, @Nullable Object>> path = new ArrayList<>();
        for (Point point : points) {
            Map<String, @Nullable Object> place = new LinkedHashMap<>();
            place.put("steps", point.steps());
            place.put("seconds", point.seconds());
            place.put("kl", point.kl());
            path.add(place);
        }
        fields.put("path", path);
        if (!skipped.isEmpty()) {
            fields.put("skipped", skipped);
        }
        return fields;
    }
}
