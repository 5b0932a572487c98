package dev.credence.lab.experiments;

import java.util.Arrays;

/** Readers of 0, 1, 2, … copies whose answers to a probe are known; between two numbers of copies their answers are mixed. */
final class ReadCopies implements Readers {
    private static final int HALVINGS = 60;

    private final double[][] answers; // (copies) (outcomes) probabilities

    /**
     * Readers.
     *
     * @param answers (copies) (outcomes) probabilities, positive
     */
    ReadCopies(double[][] answers) {
        this.answers = answers;
    }

    int most() {
        return answers.length - 1;
    }

    /** Whether the probe tells a reader of some copies from one of none: by more than so many nats. */
    boolean tells(double nats) {
        return Arrays.stream(answers).anyMatch(answer -> kl(answer, 0) > nats);
    }

    @Override
    public double[] logProbs(double copies) {
        int below = (int) Math.min(most(), Math.floor(copies));
        double part = Math.min(most(), copies) - below;
        double[] logs = answers[below].clone();
        for (int i = 0; i < logs.length; i++) {
            logs[i] = Math.log(part == 0 ? logs[i] : (1 - part) * logs[i] + part * answers[below + 1][i]);
        }
        return logs;
    }

    @Override
    public double nearest(double[] probe) {
        double best = 0;
        for (int k = 0; k < most(); k++) {
            double low = k; // KL is convex along a mixture
            double high = k + 1;
            for (int i = 0; i < HALVINGS; i++) {
                double left = low + (high - low) / 3;
                double right = high - (high - low) / 3;
                if (kl(probe, left) <= kl(probe, right)) {
                    high = right;
                } else {
                    low = left;
                }
            }
            best = kl(probe, (low + high) / 2) < kl(probe, best) ? (low + high) / 2 : best;
        }
        double whole = Math.rint(best);
        return kl(probe, whole) <= kl(probe, best) ? whole : best;
    }
}
