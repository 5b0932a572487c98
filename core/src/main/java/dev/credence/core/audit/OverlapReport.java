package dev.credence.core.audit;

import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * The overlap figures of a pool: the smallest effective sample size, the largest k̂ and the largest unseen mass of its
 * prompts.
 *
 * @param essPrior at λ = 0
 * @param fitted (members) at the fitted λ
 * @param asked (members) at 1/β; none without β
 */
@SuppressWarnings("ArrayRecordComponent")
record OverlapReport(double essPrior, Overlap[] fitted, Overlap[] asked) {
    static OverlapReport of(PromptPool pool, Estimates estimates) {
        return new OverlapReport(
                pool.members().stream()
                        .mapToDouble(m -> m.moments().essPrior())
                        .min()
                        .orElse(Double.NaN),
                overlaps(
                        pool,
                        c -> Overlap.of(pool.members().get(c).atoms(), estimates.tilts()[c])),
                pool.isAsked() ? overlaps(pool, c -> pool.members().get(c).targetOverlap()) : new Overlap[0]);
    }

    private static Overlap[] overlaps(PromptPool pool, IntFunction<Overlap> own) {
        return pool.all(own, Overlap[]::new);
    }

    /** The smallest effective sample size; NaN of none. */
    static double ess(Overlap[] of) {
        return Arrays.stream(of).mapToDouble(Overlap::ess).min().orElse(Double.NaN);
    }

    /** The largest k̂, first of all of those that say something; NaN of none. */
    static double khat(Overlap[] of) {
        double telling = largest(of, Overlap::hasTail, Overlap::khat);
        return Double.isNaN(telling) ? largest(of, o -> !Double.isNaN(o.khat()), Overlap::khat) : telling;
    }

    /** The largest shape of a tail that is too heavy; NaN of none. */
    static double heaviest(Overlap[] of) {
        return largest(of, Overlap::isHeavy, Overlap::shape);
    }

    /** The largest posterior mass on levels that are hardly seen; NaN where no reward has levels or bounds. */
    static double unseen(Overlap[] of) {
        return largest(
                of, o -> !Double.isNaN(o.unseen().levels()), o -> o.unseen().levels());
    }

    /** Whether any prompt's k̂ says something. */
    static boolean hasTail(Overlap[] of) {
        return Arrays.stream(of).anyMatch(Overlap::hasTail);
    }

    private static double largest(Overlap[] of, Predicate<Overlap> counts, ToDoubleFunction<Overlap> value) {
        return Arrays.stream(of).filter(counts).mapToDouble(value).max().orElse(Double.NaN);
    }
}
