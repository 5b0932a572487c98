package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Experiments whose figures are means over seeds and have no exact one beside them, run again and again with other seeds at one
 * setting: an interval is right if it holds the mean of all runs, whose own error is a small part of its width. These are the
 * distributions over seeds that training and learning really have, and not the normal one.
 */
final class RepeatedExperiments {
    /** Fewer standing figures than this share of all runs are those of rare runs, whose mean is another. */
    private static final double MOST_RUNS = 0.95;

    private static final Map<String, Map<String, String>> SETTINGS = settings();

    private RepeatedExperiments() {}

    private static Map<String, Map<String, String>> settings() {
        Map<String, Map<String, String>> settings = new LinkedHashMap<>();
        settings.put("rlhf", Map.of("seeds", "5"));
        settings.put("implicit-kl", Map.of("seeds", "5", "budgets", ".25,1"));
        settings.put("mode-collapse", Map.of("seeds", "5", "steps", "200", "methods", "rloo,grpo", "repeats", "20"));
        return settings;
    }

    /** {@return how many experiments there are} */
    static int count() {
        return SETTINGS.size();
    }

    /** Figures, one a map, named by experiment and figure without the numbers in its name. */
    static List<Map<String, Figure>> run(int runs, SplittableRandom root, Runnable progress) {
        List<Map<String, Figure>> all = new ArrayList<>();
        SETTINGS.forEach((name, given) -> {
            List<SplittableRandom> own =
                    IntStream.range(0, runs).mapToObj(i -> root.split()).toList();
            List<Map<String, Finding>> findings = own.parallelStream()
                    .map(random -> {
                        Map<String, Finding> found =
                                ExperimentIntervals.run(name, given, random).findings();
                        progress.run();
                        return found;
                    })
                    .toList();
            all.addAll(figures(name, findings));
        });
        return all;
    }

    private static List<Map<String, Figure>> figures(String name, List<Map<String, Finding>> runs) {
        Map<String, List<Finding>> byId = new TreeMap<>();
        runs.forEach(run -> run.forEach((id, finding) -> {
            if (finding.grade() == Grade.ESTIMATED && Double.isFinite(finding.estimate())) {
                byId.computeIfAbsent(id, any -> new ArrayList<>()).add(finding);
            }
        }));
        List<Map<String, Figure>> figures = new ArrayList<>();
        byId.forEach((id, findings) -> {
            double mean =
                    findings.stream().mapToDouble(Finding::estimate).average().orElseThrow();
            if (findings.size() >= MOST_RUNS * runs.size()) {
                findings.stream()
                        .filter(finding -> finding.lower() < finding.upper())
                        .forEach(finding -> figures.add(Map.of(name + ": " + kind(id), Figure.of(finding, mean))));
            }
        });
        return figures;
    }

    /** A figure's name with N for each number in it. */
    static String kind(String id) {
        return id.replaceAll("(?<=[.-])\\.?[0-9]+(\\.[0-9]+)?(?=\\.|$)", "N");
    }
}
