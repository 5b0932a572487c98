package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The prompts whose records do not carry a conditional, and what follows for means over all prompts: a mean is withdrawn
 * when the weak prompts' share of its variance, or their possible bias as a share of its half-width, is above a third, not
 * because its smallest prompt is small. A prompt of so few records that its spread is borrowed from the others' has its
 * error in the interval, and counts by its weight alone.
 */
final class WeakPrompts {
    private static final double MOST = 1.0 / 3;
    private static final int NAMED = 3;

    private final PromptPool pool;
    private final Estimates estimates;
    private final @Nullable StandardErrors errors;
    private final Overlap[] overlaps;
    private final int[] weak; // members

    WeakPrompts(
            PromptPool pool,
            Estimates estimates,
            @Nullable StandardErrors errors,
            Overlap[] overlaps,
            Predicate<Overlap> isWeak) {
        this.pool = pool;
        this.estimates = estimates;
        this.errors = errors;
        this.overlaps = overlaps;
        this.weak = IntStream.range(0, overlaps.length)
                .filter(c -> isWeak.test(overlaps[c]))
                .toArray();
    }

    boolean isEmpty() {
        return weak.length == 0;
    }

    /** Those of the ids that these prompts make untrustworthy. */
    List<String> vetoed(List<String> ids) {
        return isEmpty() ? List.of() : ids.stream().filter(this::vetoes).toList();
    }

    private boolean vetoes(String id) {
        double ofWeight =
                Arrays.stream(weak).mapToDouble(c -> pool.weight(c) * doubt(c)).sum();
        if (ofWeight > MOST || errors == null) {
            return true;
        }
        Figure figure = Figure.of(id);
        double error = errors.of(figure);
        if (!(error > 0)) {
            return false; // no record says anything but the estimate
        }
        double variance = 0;
        for (int c : weak) {
            variance += isLent(c) ? 0 : doubt(c) * doubt(c) * errors.byMember(c, figure);
        }
        return variance > MOST * error * error || bias(figure) > MOST * Intervals.Z * error;
    }

    /** How far these prompts may pull the mean, in the figure's unit: 0 where that is not told in nats. */
    private double bias(Figure figure) {
        boolean isFraction = figure == Figure.BAYES_FRACTION;
        if (!isFraction && !figure.unit().equals("nats")) {
            return 0;
        }
        double bias = 0;
        for (int c : weak) {
            if (isLent(c)) {
                continue;
            }
            bias += pool.weight(c) * possible(overlaps[c]);
            if (overlaps[c].isHeavy()) {
                bias += Intervals.Z * doubt(c) * Math.sqrt(byMember(c, figure)) * (isFraction ? kl() : 1);
            }
        }
        return isFraction ? bias / kl() : bias;
    }

    /** The part of a prompt's error that is in doubt: all of it but where the tail alone is. */
    private double doubt(int c) {
        Overlap overlap = overlaps[c];
        return overlap.isThin() || overlap.isUnseen() ? 1 : overlap.doubt();
    }

    /** Whether a prompt is weak for its few records alone, with a spread that takes in the others'. */
    private boolean isLent(int c) {
        return errors != null && errors.borrows()[c] && !overlaps[c].isHeavy() && !overlaps[c].isUnseen();
    }

    private double byMember(int c, Figure figure) {
        return errors == null ? 0 : errors.byMember(c, figure);
    }

    private double kl() {
        return estimates.get(Figure.KL_POLICY_PRIOR);
    }

    /** Of one prompt's log Ẑ, nats: minus half its relative variance to second order, and the mass that no record shows. */
    private static double possible(Overlap overlap) {
        double unseen = overlap.isUnseen() ? Math.log1p(overlap.unseen().levels()) : 0;
        return overlap.isThin() ? Math.max(unseen, 0.5 / overlap.ess()) : unseen;
    }

    /** Their names, for a reason; empty where there is none, or the pool is one prompt. */
    String named() {
        if (pool.size() == 1 || isEmpty()) {
            return "";
        }
        List<String> names = new ArrayList<>();
        Arrays.stream(weak)
                .limit(NAMED)
                .forEach(c ->
                        names.add(Words.quoted(pool.members().get(c).atoms().prompt())));
        String more = weak.length > NAMED ? " and " + (weak.length - NAMED) + " more" : "";
        return weak.length + " of " + pool.size() + " prompts: "
                + names.stream().collect(Collectors.joining(", ")) + more;
    }
}
