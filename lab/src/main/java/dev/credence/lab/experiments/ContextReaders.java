package dev.credence.lab.experiments;

import dev.credence.torch.Transformer;
import java.util.ArrayList;
import java.util.List;

/**
 * A language model as the reader: it has k copies of a rewarded text in its context, each behind its own prompt, and gives
 * the next token behind a prompt that was never rewarded.
 */
final class ContextReaders implements Readers {
    private static final int MOST = 32;

    private final int[] probe;
    private final List<double[]> logProbs; // (copies) (tokens)

    private ContextReaders(int[] probe, List<double[]> logProbs) {
        this.probe = probe;
        this.logProbs = logProbs;
    }

    /**
     * Reads 0, 1, … copies, as many as the context window holds.
     *
     * @param prior the model
     * @param example tokens of the rewarded text with its prompt in front
     * @param probe tokens of the unrewarded prompt
     */
    static ContextReaders of(Transformer prior, int[] example, int[] probe) {
        int room = (prior.architecture().context() - probe.length) / example.length;
        List<int[]> contexts = new ArrayList<>();
        for (int k = 0; k <= Math.min(MOST, room); k++) {
            int[] context = new int[k * example.length + probe.length];
            for (int copy = 0; copy < k; copy++) {
                System.arraycopy(example, 0, context, copy * example.length, example.length);
            }
            System.arraycopy(probe, 0, context, k * example.length, probe.length);
            contexts.add(context);
        }
        return new ContextReaders(probe.clone(), List.of(prior.nextLogProbs(contexts)));
    }

    /** {@return most copies that were read} */
    int most() {
        return logProbs.size() - 1;
    }

    /** {@return (tokens) what a model gives to the probe, without any copy} */
    double[] probeOf(Transformer model) {
        double[] next = model.nextLogProbs(List.of(probe))[0];
        for (int i = 0; i < next.length; i++) {
            next[i] = Math.exp(next[i]);
        }
        return next;
    }

    @Override
    public double[] logProbs(double copies) {
        return logProbs.get((int) Math.round(copies));
    }

    @Override
    public double nearest(double[] given) {
        int best = 0;
        for (int k = 1; k < logProbs.size(); k++) {
            if (kl(given, k) < kl(given, best)) {
                best = k;
            }
        }
        return best;
    }
}
