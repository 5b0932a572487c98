package dev.credence.core.audit;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What should not be read past though it is no proof: intervals of one thing that exclude each other. Of sound logs less than
 * one in a hundred shows it, so that it qualifies the figures and withdraws none; what proves a log wrong is
 * {@link TwoEstimates}.
 */
final class Contradictions {
    private static final double NINETY_NINE = 2.5758 / Intervals.Z;

    private Contradictions() {}

    /** The gate {@code two_estimates} as a warning, where it passed and intervals exclude each other; else the gate. */
    static Gate weigh(Gate gate, Map<String, Finding> findings) {
        if (!gate.id().equals("two_estimates") || gate.status() != Gate.Status.PASS) {
            return gate;
        }
        Finding mixture = findings.get(Figure.KL_POLICY_PRIOR.id());
        Finding sampled = findings.get("kl.policy_prior.sampled");
        if (hasWidth(sampled) && isApartBothWays(mixture, Objects.requireNonNull(sampled))) {
            return warning(gate, "KL(pi||pi0) by the mixture and by the policy's records alone", mixture, sampled);
        }
        Finding departure = findings.get(Figure.KL_DEPARTURE.id());
        Finding least = findings.get(LeastDeparture.ID);
        return isApart(departure, least) ? warning(gate, "the departure and its lower bound", departure, least) : gate;
    }

    /** A few records that are all one text have no spread, and their mean no interval. */
    private static boolean hasWidth(@Nullable Finding finding) {
        return finding != null && finding.lower() < finding.upper();
    }

    /** The mixture's interval may be a point beside the plain mean's, which misses it once in twenty: that one's is of 99 %. */
    private static boolean isApartBothWays(@Nullable Finding mixture, Finding sampled) {
        double half = (sampled.upper() - sampled.lower()) / 2 * NINETY_NINE;
        Finding wide = sampled.like(
                sampled.id(),
                sampled.question(),
                sampled.estimate() - half,
                sampled.estimate(),
                sampled.estimate() + half);
        return isApart(mixture, wide) || isApart(wide, mixture);
    }

    /** Whether the first lies below the second, both standing. */
    private static boolean isApart(@Nullable Finding below, @Nullable Finding above) {
        return below != null && above != null && below.stands() && above.stands() && below.upper() < above.lower();
    }

    private static Gate warning(Gate gate, String what, @Nullable Finding one, @Nullable Finding other) {
        return new Gate(
                gate.id(),
                Gate.Status.WARN,
                gate.figure(),
                what + " exclude each other: " + Words.of(Objects.requireNonNull(one)) + " and "
                        + Words.of(Objects.requireNonNull(other))
                        + "; of sound logs hardly one in a hundred shows it: see whether the texts were drawn from the very"
                        + " distributions that scored them",
                List.of());
    }
}
