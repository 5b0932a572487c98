package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Coverage by kind of log. A seed gives the same logs on any number of threads, and a kind's logs do not depend on which
 * other kinds are drawn.
 *
 * @param seed of all draws
 * @param logs a kind
 * @param samples of each kind: its logs' figures by id
 */
record KindStudy(long seed, int logs, Map<LogKind, List<Map<String, Figure>>> samples) {
    /** The figures whose coverage is promised for every kind. */
    static final List<String> FIGURES = List.of(
            "kl.policy_prior",
            "kl.explained",
            "kl.departure",
            "bayes_fraction",
            "copies.moment_match",
            "log_z",
            "kl.policy_asked",
            "kl.asked_policy");

    /** Figures that are looked at beside those. */
    static final List<String> OTHERS = List.of(
            "kl.policy_prior.population",
            "kl.explained.population",
            "kl.departure.population",
            "bayes_fraction.population",
            "copies.moment_match.population",
            "log_z.population",
            "recall",
            "nuisance.log_prior",
            "nuisance.reward_squared");

    /** Draws and audits the logs, in parallel, a kind after the other. */
    static KindStudy run(List<LogKind> kinds, int logs, long seed, Runnable progress) {
        Map<LogKind, List<Map<String, Figure>>> samples = new EnumMap<>(LogKind.class);
        for (LogKind kind : kinds) {
            SplittableRandom root = new SplittableRandom(seed * 31 + kind.ordinal());
            List<SplittableRandom> own = new ArrayList<>();
            for (int i = 0; i < logs; i++) {
                own.add(root.split());
            }
            samples.put(
                    kind,
                    IntStream.range(0, logs)
                            .parallel()
                            .mapToObj(i -> {
                                Map<String, Figure> figures = kind.sample(own.get(i));
                                progress.run();
                                return figures;
                            })
                            .toList());
        }
        return new KindStudy(seed, logs, samples);
    }

    /** The coverage of one figure over a kind's logs. */
    Coverage of(LogKind kind, String id) {
        return Coverage.of(Objects.requireNonNull(samples.get(kind)).stream()
                .map(figures -> figures.get(id))
                .filter(Objects::nonNull)
                .toList());
    }
}
