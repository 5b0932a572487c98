package dev.credence.bench.coverage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * How often the audit's 95 % intervals cover the truth, over logs drawn from known worlds. A seed gives the same logs on
 * any number of threads.
 *
 * @param seed of all draws
 * @param samples the logs, in the order they were drawn
 */
record CoverageStudy(long seed, List<CoverageSample> samples) {
    /** The figures whose coverage is promised. */
    static final List<String> HEADLINE = List.of(
            "kl.policy_prior", "kl.explained", "kl.departure", "bayes_fraction", "copies.moment_match", "log_z");

    /**
     * Draws and audits the logs, in parallel.
     *
     * @param logs how many
     * @param seed of all draws
     * @param progress told after each log
     * @return the study
     */
    static CoverageStudy run(int logs, long seed, Runnable progress) {
        SplittableRandom root = new SplittableRandom(seed);
        SplittableRandom[] own = new SplittableRandom[logs];
        for (int i = 0; i < logs; i++) {
            own[i] = root.split();
        }
        List<CoverageSample> samples = IntStream.range(0, logs)
                .parallel()
                .mapToObj(i -> {
                    CoverageSample sample = CoverageSample.draw(own[i]);
                    progress.run();
                    return sample;
                })
                .toList();
        return new CoverageStudy(seed, samples);
    }

    /** The logs that a predicate holds for. */
    CoverageStudy where(Predicate<CoverageSample> predicate) {
        return new CoverageStudy(seed, samples.stream().filter(predicate).toList());
    }

    /** The coverage of one figure over the logs whose gates let it stand. */
    Coverage of(String id) {
        return Coverage.of(samples, id);
    }

    /** The ids that have an interval in at least one log, those of the headline first. */
    List<String> ids() {
        List<String> ids = new ArrayList<>(HEADLINE);
        samples.stream()
                .flatMap(sample -> sample.figures().keySet().stream())
                .distinct()
                .sorted()
                .filter(id -> !HEADLINE.contains(id))
                .forEach(ids::add);
        return ids;
    }

    /** The share of the logs in which each gate withdraws a figure. */
    Map<String, Double> withdrawnBy(String id) {
        Map<String, Double> shares = new LinkedHashMap<>();
        for (CoverageSample sample : samples) {
            sample.withdrawnBy().forEach((gate, ids) -> {
                if (ids.contains(id)) {
                    shares.merge(gate, 1.0 / samples.size(), Double::sum);
                }
            });
        }
        return shares;
    }

    /** The cells that a coverage is looked at in, by name. */
    Map<String, CoverageStudy> cells() {
        Map<String, CoverageStudy> cells = new LinkedHashMap<>();
        cells.put("members of the tilt family", where(CoverageSample::isMember));
        cells.put("non-members", where(s -> !s.isMember()));
        CoverageStudy others = where(s -> !s.isMember());
        for (World.Family family : World.Family.values()) {
            if (family != World.Family.MEMBER) {
                cells.put("- " + family.name().toLowerCase(Locale.ROOT), where(s -> s.family() == family));
            }
        }
        int[] records = {20, 60, 300, 5001};
        int[] prompts = {1, 2, 9, 41};
        for (int n = 1; n < records.length; n++) {
            for (int c = 1; c < prompts.length; c++) {
                int fewest = records[n - 1];
                int most = records[n];
                int least = prompts[c - 1];
                int below = prompts[c];
                cells.put(
                        "non-members, n " + fewest + "–" + (most - 1) + ", prompts " + least + "–" + (below - 1),
                        others.where(s -> s.size().fewest() >= fewest
                                && s.size().fewest() < most
                                && s.size().prompts() >= least
                                && s.size().prompts() < below));
            }
        }
        cells.put("non-members, mild tilt (λσ < 1)", others.where(s -> s.strength() < 1));
        cells.put("non-members, strong tilt (λσ ≥ 1)", others.where(s -> !(s.strength() < 1)));
        cells.put("non-members, smallest ESS below 30", others.where(s -> s.ess() < 30));
        cells.put("non-members, smallest ESS 30–100", others.where(s -> s.ess() >= 30 && s.ess() < 100));
        cells.put("non-members, smallest ESS from 100", others.where(s -> s.ess() >= 100));
        cells.put(
                "non-members, n0 ≠ n1",
                others.where(s -> s.size().prior() != s.size().policy()));
        cells.put("non-members, text-like", others.where(s -> s.kind() == World.Kind.TEXT));
        return cells;
    }
}
