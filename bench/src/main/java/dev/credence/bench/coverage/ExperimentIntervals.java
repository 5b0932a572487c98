package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import dev.credence.core.audit.Finding;
import dev.credence.lab.experiments.Effort;
import dev.credence.lab.experiments.Experiment;
import dev.credence.lab.experiments.ExperimentResult;
import dev.credence.lab.experiments.ExperimentSettings;
import dev.credence.lab.experiments.Experiments;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Whole experiments at random settings whose sampled figures have an exact one beside them, by a formula that shares no code with the
 * simulation. A sweep's intervals are those of its cells.
 */
final class ExperimentIntervals {
    private static final Effort QUICK = new Effort(Effort.Size.QUICK, false);

    /** What a sampled figure's id ends with, and the exact one's in its place. */
    private static final Map<String, String> EXACT = Map.of(
            "contamination.simulated", "contamination.depth",
            "variance.simulated", "variance",
            ".z", ".expected",
            ".gold", ".gold_exact",
            ".simulated", ".diversity");

    private ExperimentIntervals() {}

    static Map<String, Figure> draw(RandomGenerator random) {
        Map<String, Figure> figures = new TreeMap<>();
        add(
                figures,
                "mode-collapse",
                Map.of(
                        "samples",
                        whole(random, 5, 200),
                        "real",
                        number(random, .02, .5),
                        "repeats",
                        whole(random, 20, 2000),
                        "generations",
                        "1,10,100",
                        "methods",
                        "tilt",
                        "method",
                        "tilt"),
                random);
        add(
                figures,
                "over-optimisation",
                Map.of(
                        "gold.linear", number(random, .1, 2),
                        "gold.square", number(random, .01, .5),
                        "noise", number(random, .1, 1),
                        "n", "1,4,16,64",
                        "pool", whole(random, 2_000, 40_000)),
                random);
        add(
                figures,
                "amplification",
                Map.of(
                        "depth", whole(random, 1, 12),
                        "branching", whole(random, 1, 5),
                        "transmission", number(random, .05, 1),
                        "own", number(random, .0006, .2)),
                random);
        add(
                figures,
                "continuity",
                Map.of(
                        "records", whole(random, 20, 400),
                        "level", number(random, .01, .2),
                        "repeats", "100"),
                random);
        return figures;
    }

    private static void add(
            Map<String, Figure> figures, String name, Map<String, String> given, RandomGenerator random) {
        ExperimentResult result = run(name, given, random);
        result.findings().forEach((id, finding) -> {
            Finding exact = exact(result, id);
            if (exact != null
                    && exact.stands()
                    && Double.isFinite(exact.estimate())
                    && !Double.isNaN(finding.lower())) {
                figures.put(name + ": " + id, Figure.of(finding, exact.estimate()));
            }
        });
    }

    private static @Nullable Finding exact(ExperimentResult result, String id) {
        return EXACT.entrySet().stream()
                .filter(each -> id.endsWith(each.getKey()))
                .map(each -> result.findings()
                        .get(id.substring(0, id.length() - each.getKey().length()) + each.getValue()))
                .filter(finding -> finding != null)
                .findFirst()
                .orElse(null);
    }

    /** An experiment on tables with a seed of its own. */
    static ExperimentResult run(String name, Map<String, String> given, RandomGenerator random) {
        Experiment experiment = Experiments.byName(name);
        Map<String, String> all = new TreeMap<>(given);
        all.put("seed", Integer.toString(random.nextInt(1_000_000_000)));
        try {
            return experiment.run(ExperimentSettings.of(experiment, QUICK, all), Listener.silent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String whole(RandomGenerator random, int low, int high) {
        return Integer.toString((int) Draws.logUniform(random, low, high + 1));
    }

    private static String number(RandomGenerator random, double low, double high) {
        return String.format(Locale.ROOT, "%.4f", Draws.logUniform(random, low, high));
    }
}
