package dev.credence.core.audit;

import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The overlap figures of a pool: the smallest effective sample size and the largest k̂ of its prompts.
 *
 * @param essPrior at λ = 0
 * @param essFitted at the fitted λ
 * @param essAsked at 1/β; NaN without β
 * @param khatFitted k̂ at the fitted λ
 * @param khatAsked k̂ at 1/β; NaN without β
 * @param excessFitted largest k̂ less its own threshold; above 0 the gate fails
 * @param excessAsked the same at 1/β
 */
record OverlapReport(
        double essPrior,
        double essFitted,
        double essAsked,
        double khatFitted,
        double khatAsked,
        double excessFitted,
        double excessAsked) {
    static OverlapReport of(Pool pool, Estimates estimates) {
        Overlap[] fitted = overlaps(
                pool, c -> Overlap.of(pool.members().get(c).atoms(), estimates.tilts()[c]));
        Overlap[] wanted =
                pool.isAsked() ? overlaps(pool, c -> pool.members().get(c).targetOverlap()) : new Overlap[0];
        return new OverlapReport(
                pool.members().stream()
                        .mapToDouble(m -> m.moments().essPrior())
                        .min()
                        .orElse(Double.NaN),
                smallestEss(fitted),
                smallestEss(wanted),
                largestKhat(fitted),
                largestKhat(wanted),
                largestExcess(fitted),
                largestExcess(wanted));
    }

    private static Overlap[] overlaps(Pool pool, IntFunction<Overlap> own) {
        return IntStream.range(0, pool.size()).parallel().mapToObj(own).toArray(Overlap[]::new);
    }

    private static double smallestEss(Overlap[] overlaps) {
        return Arrays.stream(overlaps).mapToDouble(Overlap::ess).min().orElse(Double.NaN);
    }

    private static double largestKhat(Overlap[] overlaps) {
        return Arrays.stream(overlaps)
                .mapToDouble(Overlap::khat)
                .filter(k -> !Double.isNaN(k))
                .max()
                .orElse(Double.NaN);
    }

    private static double largestExcess(Overlap[] overlaps) {
        return Arrays.stream(overlaps)
                .mapToDouble(o -> o.khat() - o.threshold())
                .filter(k -> !Double.isNaN(k))
                .max()
                .orElse(Double.NEGATIVE_INFINITY);
    }
}
