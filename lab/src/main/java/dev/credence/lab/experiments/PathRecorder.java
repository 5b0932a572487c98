package dev.credence.lab.experiments;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Collects the audits of several seeds at the same steps. */
final class PathRecorder {
    private final String place;
    private final String reading;
    private final double beta;
    private final String method;
    private final Map<Long, List<PathLook>> seen = new LinkedHashMap<>(); // step to (seeds)

    PathRecorder(String place, String reading, double beta, String method) {
        this.place = place;
        this.reading = reading;
        this.beta = beta;
        this.method = method;
    }

    /** Steps at which a path is looked at: 1, 2, 3, 5, 7, 10, 20, … and the last. */
    static boolean isLookedAt(long step, long last) {
        long digit = step;
        long unit = 1;
        while (digit >= 10) {
            digit /= 10;
            unit *= 10;
        }
        return step == last || (step == digit * unit && "12357".indexOf((char) ('0' + digit)) >= 0);
    }

    void add(long step, PathLook look) {
        seen.computeIfAbsent(step, key -> new ArrayList<>()).add(look);
    }

    List<PathPoint> points() {
        List<PathPoint> points = new ArrayList<>();
        seen.forEach((step, seeds) -> {
            SeedInterval copies =
                    SeedInterval.of(seeds.stream().mapToDouble(PathLook::copies).toArray());
            points.add(new PathPoint(
                    place,
                    reading,
                    beta,
                    method,
                    step,
                    copies.mean(),
                    copies.lower(),
                    copies.upper(),
                    mean(seeds, PathLook::fraction),
                    mean(seeds, PathLook::kl)));
        });
        return points;
    }

    private static double mean(List<PathLook> seeds, ToDoubleFunction<PathLook> column) {
        return seeds.stream().mapToDouble(column).average().orElse(Double.NaN);
    }
}
