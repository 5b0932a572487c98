package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Coverage of every interval that is printed, promised or not. A seed gives the same draws on any number of threads.
 *
 * @param seed of all draws
 * @param draws of each kind
 * @param samples by what is drawn: the figures of each draw by name
 */
record IntervalStudy(long seed, int draws, Map<String, List<Map<String, Figure>>> samples) {
    private static Map<String, Function<RandomGenerator, Map<String, Figure>>> kinds() {
        Map<String, Function<RandomGenerator, Map<String, Figure>>> kinds = new LinkedHashMap<>();
        kinds.put("a log", random -> CoverageSample.draw(random).figures());
        kinds.put("a part of a log", SplitIntervals::draw);
        kinds.put("a reward model", JudgedIntervals::draw);
        kinds.put("seeds", SeedIntervals::draw);
        kinds.put("particles", ParticleIntervals::draw);
        return kinds;
    }

    /** {@return how many kinds of draws there are} */
    static int kindCount() {
        return kinds().size();
    }

    /** Draws, in parallel, a kind after the other. */
    static IntervalStudy run(int draws, long seed, Runnable progress) {
        Map<String, List<Map<String, Figure>>> samples = new LinkedHashMap<>();
        SplittableRandom root = new SplittableRandom(seed);
        kinds().forEach((kind, drawer) -> {
            SplittableRandom[] own = new SplittableRandom[draws];
            for (int i = 0; i < draws; i++) {
                own[i] = root.split();
            }
            samples.put(
                    kind,
                    IntStream.range(0, draws)
                            .parallel()
                            .mapToObj(i -> {
                                Map<String, Figure> figures = drawer.apply(own[i]);
                                progress.run();
                                return figures;
                            })
                            .toList());
        });
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
