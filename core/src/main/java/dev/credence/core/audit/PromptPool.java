package dev.credence.core.audit;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
    private final Memo<@Nullable TextSummary[]> texts = new Memo<>();
    private final Memo<ScoringNoise> noise = new Memo<>();

    private final @Nullable Together together; // where others hold the records of some members

    PromptPool(List<PromptAtoms> members) {
        this(members, null);
    }

    /**
     * Prompts whose records several processes hold.
     *
     * @param members the same prompts in all of them
     * @param together what they find together, or null where all records are here
     */
    PromptPool(List<PromptAtoms> members, @Nullable Together together) {
        double total = members.stream().mapToDouble(m -> m.atoms().weight()).sum();
        this.members = List.copyOf(members);
        this.weights =
                members.stream().mapToDouble(m -> m.atoms().weight() / total).toArray();
        this.together = together;
    }

    /** Some of the prompts. */
    PromptPool of(List<PromptAtoms> some) {
        return new PromptPool(some, together);
    }

    /** What the processes find together that hold the records, or null where all are here. */
    @Nullable
    Together together() {
        return together;
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

    /** The same prompts, each held against another target. */
    PromptPool map(UnaryOperator<PromptAtoms> change) {
        if (together == null) {
            return new PromptPool(members.stream().map(change).toList());
        }
        PromptAtoms[] changed = new PromptAtoms[weights.length];
        @Nullable
        Target[] targets = all(
                c -> {
                    changed[c] = change.apply(members.get(c));
                    return changed[c].asked();
                },
                target -> target == null ? null : target.told(),
                Target[]::new);
        return of(IntStream.range(0, changed.length)
                .mapToObj(c -> changed[c] != null ? changed[c] : members.get(c).withTarget(targets[c]))
                .toList());
    }

    double weight(int member) {
        return weights[member];
    }

    int size() {
        return weights.length;
    }

    /** Σ ω · value, of what is known of each without a pass over its records. */
    double mean(ToDoubleFunction<PromptAtoms> value) {
        if (weights.length > TOGETHER) { // found side by side, for each is elsewhere in memory
            double[] values = new double[weights.length];
            Arrays.parallelSetAll(values, c -> value.applyAsDouble(members.get(c)));
            return mean(values);
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
        if (together != null) {
            Object[] all = together.find(holders(together), found, each -> each);
            for (int c = 0; c < all.length; c++) {
                @SuppressWarnings("unchecked")
                T one = (T) all[c];
                taker.take(c, one);
                all[c] = null;
            }
            return;
        }
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

    private int[] holders(Together processes) {
        return members.stream()
                .mapToInt(member -> member.atoms().holder(processes.place()))
                .toArray();
    }

    /** The same where all is kept: what was found of each. */
    <T> T[] all(IntFunction<T> found, IntFunction<T[]> array) {
        return all(found, each -> each, array);
    }

    /**
     * The same where others need less of it than the process that holds the records.
     *
     * @param told what they need of what was found
     */
    <T> T[] all(IntFunction<T> found, UnaryOperator<T> told, IntFunction<T[]> array) {
        if (together != null) {
            Object[] all = together.find(holders(together), found, told);
            T[] typed = array.apply(all.length);
            System.arraycopy(all, 0, typed, 0, all.length);
            return typed;
        }
        if (weights.length == 1) {
            T[] one = array.apply(1);
            one[0] = found.apply(0);
            return one;
        }
        return IntStream.range(0, weights.length).parallel().mapToObj(found).toArray(array);
    }

    /** What only the process needs that holds the records, of those that are here; null of the others. */
    <T> @Nullable T[] here(IntFunction<T> found, IntFunction<@Nullable T[]> array) {
        Together processes = together;
        return processes == null
                ? all(found, array)
                : IntStream.range(0, weights.length)
                        .parallel()
                        .mapToObj(c -> members.get(c).atoms().holder(processes.place()) == processes.place()
                                ? found.apply(c)
                                : null)
                        .toArray(array);
    }

    /** A number of each member. */
    double[] values(IntToDoubleFunction value) {
        if (together != null) {
            return Arrays.stream(all(value::applyAsDouble, Double[]::new))
                    .mapToDouble(Double::doubleValue)
                    .toArray();
        }
        double[] values = new double[weights.length];
        if (weights.length == 1) {
            values[0] = value.applyAsDouble(0);
        } else {
            Arrays.parallelSetAll(values, value);
        }
        return values;
    }

    /** What is known of the texts of each member, null where its texts are not known. */
    private @Nullable TextSummary[] textsByMember() {
        return texts.get(() -> all(c -> members.get(c).atoms().textSummary(), TextSummary[]::new));
    }

    /** What is known of a member's texts, or null where they are not. */
    @Nullable
    TextSummary textSummary(int member) {
        return textsByMember()[member];
    }

    /** What is known of the texts of each member whose texts are known, in order. */
    List<TextSummary> textSummaries() {
        return Arrays.stream(textsByMember()).filter(Objects::nonNull).toList();
    }

    /** How much the scores of one and the same text scatter. */
    ScoringNoise scoringNoise() {
        return noise.get(() -> ScoringNoise.of(textSummaries()));
    }

    /** Every member's tilt at λ. */
    AtomTilt[] tilts(double lambda) {
        return all(
                c -> AtomTilt.of(members.get(c).atoms(), members.get(c).moments(), lambda),
                AtomTilt::told,
                AtomTilt[]::new);
    }

    /** Every member's sums at a finite λ. */
    TiltSums[] tiltSums(double lambda) {
        return all(c -> TiltSums.of(members.get(c).atoms(), members.get(c).moments(), lambda), TiltSums[]::new);
    }
}
