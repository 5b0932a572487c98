package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Coverage of every interval that is printed, promised or not. A seed gives the same draws on any number of threads, and a kind's draws
 * do not depend on which other kinds are drawn.
 *
 * @param seed of all draws
 * @param draws of each kind
 * @param samples by what is drawn: the figures of each draw by name
 */
record IntervalStudy(long seed, int draws, Map<Kind, List<Map<String, Figure>>> samples) {
    /** Draws something of a kind. */
    @FunctionalInterface
    private interface Drawer {
        /** Its figures by name. */
        Map<String, Figure> draw(RandomGenerator random);
    }

    /** What is drawn. */
    enum Kind {
        /** Logs of the mix. */
        LOG("a log", random -> CoverageSample.draw(random).figures()),
        /** One prompt, held-out prompts, and what a plan comes to. */
        PART("a part of a log", SplitIntervals::draw),
        /** Held-out scores. */
        REWARD_MODEL("a reward model", JudgedIntervals::draw),
        /** Means of a few values, shares of a few trials. */
        SEEDS("seeds", SeedIntervals::draw),
        /** Sequential Monte Carlo. */
        PARTICLES("particles", ParticleIntervals::draw),
        /** Logs of one source, and what the policy's records carry. */
        SOURCE("one source", SourceIntervals::draw),
        /** Methods that draw, audited by draws. */
        DRAWN("methods that draw", DrawnIntervals::draw),
        /** Experiments with an exact figure beside the sampled one. */
        EXPERIMENT("whole experiments", ExperimentIntervals::draw),
        /** Experiments with means over seeds. */
        REPEATED("repeated experiments", random -> Map.of());

        private static final int FEWER = 4; // repeated experiments have many figures each, and take long

        private final String title;

        @SuppressWarnings("ImmutableEnumChecker") // functions without a state
        private final Drawer drawer;

        Kind(String title, Drawer drawer) {
            this.title = title;
            this.drawer = drawer;
        }

        String title() {
            return title;
        }

        /** How often progress is told of. */
        int turns(int draws) {
            return this == REPEATED ? runs(draws) * RepeatedExperiments.count() : draws;
        }

        private static int runs(int draws) {
            return Math.max(2, draws / FEWER);
        }

        private List<Map<String, Figure>> draw(int draws, SplittableRandom root, Runnable progress) {
            if (this == REPEATED) {
                return RepeatedExperiments.run(runs(draws), root, progress);
            }
            List<SplittableRandom> own =
                    IntStream.range(0, draws).mapToObj(i -> root.split()).toList();
            return own.parallelStream()
                    .map(random -> {
                        Map<String, Figure> figures = drawer.draw(random);
                        progress.run();
                        return figures;
                    })
                    .toList();
        }
    }

    /** Draws, in parallel, a kind after the other. */
    static IntervalStudy run(List<Kind> kinds, int draws, long seed, Runnable progress) {
        Map<Kind, List<Map<String, Figure>>> samples = new LinkedHashMap<>();
        for (Kind kind : kinds) {
            samples.put(kind, kind.draw(draws, new SplittableRandom(seed * 31 + kind.ordinal()), progress));
        }
        return new IntervalStudy(seed, draws, samples);
    }

    /** The coverage of every figure, kind by kind, in the order of their names. */
    Map<String, Coverage> coverages() {
        Map<String, Coverage> coverages = new LinkedHashMap<>();
        samples.values().forEach(all -> {
            TreeSet<String> names = new TreeSet<>();
            all.forEach(figures -> names.addAll(figures.keySet()));
            for (String name : names) {
                coverages.put(
                        name,
                        Coverage.of(all.stream()
                                .map(figures -> figures.get(name))
                                .filter(Objects::nonNull)
                                .toList()));
            }
        });
        return coverages;
    }
}
