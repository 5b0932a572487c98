package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Prompts whose means are taken together, with weights that sum to one: all prompts for the overall figures, a single
 * one for a prompt's own.
 */
final class PromptPool {
    /** Members whose findings wait to be taken, at most. */
    private static final int TOGETHER = 1024;

    /** Takes what was found of a member. */
    @FunctionalInterface
    interface Taker<T> {
        /**
         * Takes it.
         *
         * @param member position in the pool
         * @param found of the member
         */
        void take(int member, T found);
    }

    private final List<PromptAtoms> members;
    private final double[] weights; // (members), sum 1
    private final Memo<List<TextSummary>> texts = new Memo<>();
    private final Memo<ScoringNoise> noise = new Memo<>();

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
        if (weights.length > TOGETHER) { // found side by side, for each is elsewhere in memory
            return mean(values(c -> value.applyAsDouble(members.get(c))));
        }
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

    /**
     * Finds something of every member, side by side, and gives it on in order, so that of a hundred thousand prompts no more
     * is held than what is kept of it.
     *
     * @param found what is found of the member at a position
     * @param taker is given each, one after the other
     */
    <T> void each(IntFunction<T> found, Taker<T> taker) {
        if (weights.length == 1) { // the most frequent pool: a prompt by itself
            taker.take(0, found.apply(0));
            return;
        }
        for (int from = 0; from < weights.length; from += TOGETHER) {
            List<T> some = IntStream.range(from, Math.min(weights.length, from + TOGETHER))
                    .parallel()
                    .mapToObj(found)
                    .toList();
            for (int i = 0; i < some.size(); i++) {
                taker.take(from + i, some.get(i));
            }
        }
    }

    /** The same where all is kept: what was found of each. */
    <T> T[] all(IntFunction<T> found, IntFunction<T[]> array) {
        if (weights.length == 1) {
            T[] one = array.apply(1);
            one[0] = found.apply(0);
            return one;
        }
        return IntStream.range(0, weights.length).parallel().mapToObj(found).toArray(array);
    }

    /** A number of each member. */
    double[] values(IntToDoubleFunction value) {
        double[] values = new double[weights.length];
        if (weights.length == 1) {
            values[0] = value.applyAsDouble(0);
        } else {
            Arrays.parallelSetAll(values, value);
        }
        return values;
    }

    /** What is known of the texts of each member whose texts are known, in order. */
    List<TextSummary> textSummaries() {
        return texts.get(this::knownTexts);
    }

    /** How much the scores of one and the same text scatter. */
    ScoringNoise scoringNoise() {
        return noise.get(() -> ScoringNoise.of(textSummaries()));
    }

    private List<TextSummary> knownTexts() {
        List<TextSummary> known = new ArrayList<>();
        each(c -> Optional.ofNullable(members.get(c).atoms().textSummary()), (c, own) -> own.ifPresent(known::add));
        return known;
    }

    /** Every member's tilt at λ. */
    AtomTilt[] tilts(double lambda) {
        return all(c -> AtomTilt.of(members.get(c).atoms(), members.get(c).moments(), lambda), AtomTilt[]::new);
    }

    /** Every member's sums at a finite λ. */
    TiltSums[] tiltSums(double lambda) {
        return all(c -> TiltSums.of(members.get(c).atoms(), members.get(c).moments(), lambda), TiltSums[]::new);
    }
}
