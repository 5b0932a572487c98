package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.training.SavedState;
import java.io.IOException;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Texts of one round of imitation with the shares that they are to have.
 *
 * @param texts (n) prompts with completions
 * @param prompt (n) position of the prompt in the task
 * @param reward (n); NaN where texts have none
 * @param share (n) ≥ 0, of each prompt that has any text they sum to one
 * @param modelCalls texts that were drawn or computed to get them
 */
@SuppressWarnings("ArrayRecordComponent")
record Imitated(List<Continuation> texts, int[] prompt, double[] reward, double[] share, long modelCalls) {
    /** Collects rows. */
    static final class Builder {
        private final List<Continuation> texts = new ArrayList<>();
        private final List<Integer> prompts = new ArrayList<>();
        private final List<double[]> figures = new ArrayList<>(); // (n) of reward, share

        void add(int prompt, Continuation text, double reward, double share) {
            if (share > 0) {
                texts.add(text);
                prompts.add(prompt);
                figures.add(new double[] {reward, share});
            }
        }

        Imitated build(long modelCalls) {
            return new Imitated(
                    texts,
                    prompts.stream().mapToInt(Integer::intValue).toArray(),
                    figures.stream().mapToDouble(row -> row[0]).toArray(),
                    figures.stream().mapToDouble(row -> row[1]).toArray(),
                    modelCalls);
        }
    }

    /** Adds what it holds to a state. */
    void save(SavedState state) {
        save("texts", state);
    }

    /** The same under a name. */
    void save(String name, SavedState state) {
        state.wholes(name + ".prompts", longs(prompt))
                .numbers(name + ".rewards", reward)
                .numbers(name + ".shares", share)
                .wholes(
                        name + ".lengths",
                        texts.stream().mapToLong(text -> text.tokens().length).toArray())
                .wholes(
                        name + ".tokens",
                        texts.stream()
                                .flatMapToInt(text -> Arrays.stream(text.tokens()))
                                .asLongStream()
                                .toArray());
    }

    static long[] longs(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    /** What a state has of it. */
    static Imitated of(TrainingTask task, SavedState state) throws IOException {
        return of("texts", task, state);
    }

    /** What a state has under a name. */
    static Imitated of(String name, TrainingTask task, SavedState state) throws IOException {
        Builder builder = new Builder();
        long[] prompts = state.wholes(name + ".prompts");
        long[] lengths = state.wholes(name + ".lengths");
        double[] rewards = state.numbers(name + ".rewards", prompts.length);
        double[] shares = state.numbers(name + ".shares", prompts.length);
        long[] all = state.wholes(name + ".tokens");
        if (lengths.length != prompts.length || Arrays.stream(lengths).sum() != all.length) {
            throw new IOException("fields '" + name + ".lengths' and '" + name
                    + ".tokens' of the saved state do not fit '" + name + ".prompts': it is damaged");
        }
        int from = 0;
        for (int i = 0; i < prompts.length; i++) {
            int to = from + (int) lengths[i];
            int[] tokens =
                    Arrays.stream(all, from, to).mapToInt(token -> (int) token).toArray();
            int c = (int) prompts[i];
            if (!(c >= 0 && c < task.prompts().size())) {
                throw new IOException("field '" + name + ".prompts' of the saved state names prompt " + c + " of "
                        + task.prompts().size() + ": it is of another task");
            }
            builder.add(c, new Continuation(task.prompts().get(c).ids(), tokens), rewards[i], shares[i]);
            from = to;
        }
        return builder.build(0);
    }

    int size() {
        return share.length;
    }

    /** The same with equal texts of a prompt in one row, which has all their shares. */
    Imitated eachOnce() {
        Map<List<Object>, Integer> first = new LinkedHashMap<>();
        double[] shares = new double[size()];
        for (int i = 0; i < size(); i++) {
            List<Object> text = List.of(prompt[i], IntBuffer.wrap(texts.get(i).tokens()));
            shares[first.computeIfAbsent(text, none -> first.size())] += share[i];
        }
        if (first.size() == size()) {
            return this;
        }
        Builder builder = new Builder();
        boolean[] seen = new boolean[first.size()];
        for (int i = 0; i < size(); i++) {
            int row = first.getOrDefault(
                    List.of(prompt[i], IntBuffer.wrap(texts.get(i).tokens())), 0);
            if (!seen[row]) {
                seen[row] = true;
                builder.add(prompt[i], texts.get(i), reward[i], shares[row]);
            }
        }
        return builder.build(modelCalls);
    }

    /** The rows of a prompt's texts. */
    int[] rows(int ofPrompt) {
        return IntStream.range(0, size()).filter(i -> prompt[i] == ofPrompt).toArray();
    }

    /**
     * Rows for a whole round: each as often as its share of all draws says, rounded up or down at random, in random order.
     *
     * @param draws of each prompt
     * @param random source of randomness
     * @return prompt to (draws) rows, prompts without texts left out
     */
    Map<Integer, int[]> order(int draws, RandomGenerator random) {
        Map<Integer, List<Integer>> rows = new TreeMap<>();
        for (int i = 0; i < size(); i++) {
            rows.computeIfAbsent(prompt[i], c -> new ArrayList<>()).add(i);
        }
        Map<Integer, int[]> order = new TreeMap<>();
        rows.forEach((c, own) -> order.put(c, order(own, draws, random)));
        return order;
    }

    /** Systematic resampling, then a shuffle. */
    private int[] order(List<Integer> rows, int draws, RandomGenerator random) {
        int[] order = new int[draws];
        double next = random.nextDouble();
        double passed = 0;
        int filled = 0;
        for (int row : rows) {
            passed += share[row] * draws;
            for (; filled < draws && next < passed; next++) {
                order[filled++] = row;
            }
        }
        while (filled < draws) { // shares that sum to a little less than one
            order[filled++] = rows.get(rows.size() - 1);
        }
        for (int i = draws - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }
}
