package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
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
    private final Map<Long, List<double[]>> seen = new LinkedHashMap<>(); // step to (seeds) of copies, fraction, KL

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

    void add(long step, StepAudit audit) {
        seen.computeIfAbsent(step, key -> new ArrayList<>()).add(new double[] {
            estimate(audit, "copies.moment_match"),
            estimate(audit, "bayes_fraction"),
            estimate(audit, "kl.policy_prior")
        });
    }

    private static double estimate(StepAudit audit, String id) {
        Finding finding = audit.findings().get(id);
        return finding == null || !finding.stands() ? Double.NaN : finding.estimate();
    }

    List<PathPoint> points() {
        List<PathPoint> points = new ArrayList<>();
        seen.forEach((step, seeds) -> {
            double[] copies =
                    SeedInterval.of(seeds.stream().mapToDouble(row -> row[0]).toArray());
            points.add(new PathPoint(
                    place,
                    reading,
                    beta,
                    method,
                    step,
                    copies[1],
                    copies[0],
                    copies[2],
                    mean(seeds, row -> row[1]),
                    mean(seeds, row -> row[2])));
        });
        return points;
    }

    private static double mean(List<double[]> seeds, ToDoubleFunction<double[]> column) {
        return seeds.stream().mapToDouble(column).average().orElse(Double.NaN);
    }
}
