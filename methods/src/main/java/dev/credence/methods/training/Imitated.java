package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

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

    /** Rows of a state. */
    static final int ROWS = 5;

    /** Prompts, rewards, shares, lengths, and all tokens in a row. */
    double[][] state() {
        double[] lengths =
                texts.stream().mapToDouble(text -> text.tokens().length).toArray();
        double[] tokens = texts.stream()
                .flatMapToInt(text -> Arrays.stream(text.tokens()))
                .asDoubleStream()
                .toArray();
        return new double[][] {Arrays.stream(prompt).asDoubleStream().toArray(), reward, share, lengths, tokens};
    }

    /** From rows that {@link #state} gave. */
    static Imitated of(TrainingTask task, double[]... rows) {
        Builder builder = new Builder();
        int from = 0;
        for (int i = 0; i < rows[0].length; i++) {
            int[] tokens = new int[(int) rows[3][i]];
            for (int t = 0; t < tokens.length; t++) {
                tokens[t] = (int) rows[4][from++];
            }
            int c = (int) rows[0][i];
            builder.add(c, new Continuation(task.prompts().get(c).ids(), tokens), rows[1][i], rows[2][i]);
        }
        return builder.build(0);
    }

    int size() {
        return share.length;
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
