package dev.credence.torch.training;

import dev.credence.core.model.Continuation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tokens of several sequences one after the other, without padding. What acts on each token alone runs over all N of
 * them; attention runs over groups of sequences of the same length, which stand side by side, so that no sequence sees
 * another.
 *
 * @param sequences (n) which ones of the batch, longest first
 * @param ids (N) tokens read: all but the last of each sequence, which is only predicted
 * @param runs sequences of equal length
 * @param at (m) rows whose next token is scored
 * @param targets (m) that token
 */
record Packing(int[] sequences, int[] ids, List<Run> runs, int[] at, int[] targets) {
    /**
     * Sequences of equal length.
     *
     * @param from first row of the first one
     * @param sequences how many
     * @param tokens rows of each
     */
    record Run(int from, int sequences, int tokens) {
        int rows() {
            return sequences * tokens;
        }
    }

    static int rows(Continuation continuation) {
        return Math.max(1, continuation.prompt().length + continuation.tokens().length - 1);
    }

    /** Packs sequences of a batch in the order given: equal lengths must be neighbours. */
    static Packing of(List<Continuation> batch, int[] sequences) {
        int rows = 0;
        int scored = 0;
        for (int sequence : sequences) {
            rows += rows(batch.get(sequence));
            scored += batch.get(sequence).tokens().length;
        }
        int[] ids = new int[rows];
        int[] at = new int[scored];
        int[] targets = new int[scored];
        List<Run> runs = new ArrayList<>();
        int row = 0;
        int k = 0;
        for (int sequence : sequences) {
            Continuation continuation = batch.get(sequence);
            int length = rows(continuation);
            System.arraycopy(continuation.whole(), 0, ids, row, length);
            for (int t = 0; t < continuation.tokens().length; t++) {
                at[k] = row + continuation.prompt().length + t - 1;
                targets[k++] = continuation.tokens()[t];
            }
            int last = runs.size() - 1;
            if (last >= 0 && runs.get(last).tokens == length) {
                Run run = runs.get(last);
                runs.set(last, new Run(run.from, run.sequences + 1, length));
            } else {
                runs.add(new Run(row, 1, length));
            }
            row += length;
        }
        return new Packing(sequences, ids, runs, at, targets);
    }

    /** Cuts (m) values into one array for each sequence, and puts them where the batch has it. */
    void scatter(double[] values, List<Continuation> batch, double[][] into) {
        int k = 0;
        for (int sequence : sequences) {
            int own = batch.get(sequence).tokens().length;
            into[sequence] = Arrays.copyOfRange(values, k, k + own);
            k += own;
        }
    }

    /** The opposite: (m) values from one array for each sequence of the batch. */
    double[] gather(double[][] of) {
        double[] values = new double[targets.length];
        int k = 0;
        for (int sequence : sequences) {
            System.arraycopy(of[sequence], 0, values, k, of[sequence].length);
            k += of[sequence].length;
        }
        return values;
    }

    /** Whether every row is scored, in order. */
    boolean scoresAll() {
        for (int i = 0; i < at.length; i++) {
            if (at[i] != i) {
                return false;
            }
        }
        return at.length == ids.length;
    }
}
