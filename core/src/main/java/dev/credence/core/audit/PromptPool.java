package dev.credence.core.audit;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Prompts whose means are taken together, with weights that sum to one: all prompts for the overall figures, a single
 * one for a prompt's own.
 */
final class PromptPool {
    private final List<PromptAtoms> members;
    private final double[] weights; // (members), sum 1

    PromptPool(List<PromptAtoms> members) {
        double total = members.stream().mapToDouble(m -> m.atoms().weight()).sum();
        this.members = List.copyOf(members);
        this.weights =
                members.stream().mapToDouble(m -> m.atoms().weight() / total).toArray();
    }

    List<PromptAtoms> members() {
        return members;
    }

    /** Whether a target is stated. */
    boolean isAsked() {
        return members.get(0).asked() != null;
    }

    /** Whether the masses are those of tables, not of records. */
    boolean isExact() {
        return members.stream().allMatch(m -> m.atoms().strata() == 0);
    }

    /** The same prompts, each changed. */
    PromptPool map(UnaryOperator<PromptAtoms> change) {
        return new PromptPool(members.stream().map(change).toList());
    }

    double weight(int member) {
        return weights[member];
    }

    int size() {
        return weights.length;
    }

    /** Σ ω · value. */
    double mean(ToDoubleFunction<PromptAtoms> value) {
        double sum = 0;
        for (int c = 0; c < weights.length; c++) {
            sum += weights[c] * value.applyAsDouble(members.get(c));
        }
        return sum;
    }

    /** Σ ω · value. */
    double mean(double[] values) {
        double sum = 0;
        for (int c = 0; c < weights.length; c++) {
            sum += weights[c] * values[c];
        }
        return sum;
    }

    /** Every member's tilt at λ. */
    AtomTilt[] tilts(double lambda) {
        return IntStream.range(0, weights.length)
                .parallel()
                .mapToObj(
                        c -> AtomTilt.of(members.get(c).atoms(), members.get(c).moments(), lambda))
                .toArray(AtomTilt[]::new);
    }

    /** Every member's sums at a finite λ. */
    TiltSums[] tiltSums(double lambda) {
        return IntStream.range(0, weights.length)
                .parallel()
                .mapToObj(
                        c -> TiltSums.of(members.get(c).atoms(), members.get(c).moments(), lambda))
                .toArray(TiltSums[]::new);
    }
}
