package dev.credence.core.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sequences of any model, asked anew of each whole prefix. */
final class AskedSequences implements GrowingSequences {
    private final PredictiveModel model;
    private List<int[]> prefixes; // (rows)
    private int[] rows = {0}; // (sequences)
    private double[] logits;

    AskedSequences(PredictiveModel model, int[] prompt) {
        this.model = model;
        this.prefixes = List.of(new Continuation(prompt, new int[0]).prompt());
        this.logits = ask(prefixes);
    }

    @Override
    public double[] logits() {
        return logits;
    }

    @Override
    public int row(int sequence) {
        return rows[sequence];
    }

    @Override
    public void grow(int[] parents, int[] tokens) {
        Map<Long, Integer> places = new LinkedHashMap<>();
        List<int[]> longer = new ArrayList<>();
        int[] next = new int[parents.length];
        for (int i = 0; i < next.length; i++) {
            int row = rows[parents[i]];
            int place = places.size();
            next[i] = places.computeIfAbsent((long) row << Integer.SIZE | tokens[i], way -> place);
            if (next[i] == place) {
                int[] prefix = Arrays.copyOf(prefixes.get(row), prefixes.get(row).length + 1);
                prefix[prefix.length - 1] = tokens[i];
                longer.add(prefix);
            }
        }
        prefixes = longer;
        rows = next;
        logits = ask(longer);
    }

    private double[] ask(List<int[]> of) {
        int size = model.vocabulary().size();
        double[] flat = new double[of.size() * size];
        double[][] next = of.isEmpty() ? new double[0][] : model.nextLogProbs(of);
        for (int i = 0; i < next.length; i++) {
            System.arraycopy(next[i], 0, flat, i * size, size);
        }
        return flat;
    }

    @Override
    public void close() {
        prefixes = List.of();
    }
}
