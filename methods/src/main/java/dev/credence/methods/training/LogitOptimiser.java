package dev.credence.methods.training;

import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SavedState;
import java.io.IOException;
import java.util.Arrays;

/** The rules of {@link Optimiser} on arrays of logits, ascending. */
final class LogitOptimiser {
    private final Optimiser settings;
    private final double[][] first; // (prompts) (outcomes), momentum or first moment
    private final double[][] second; // the same, second moment
    private long steps;

    LogitOptimiser(Optimiser settings, double[][] logits) {
        this.settings = settings;
        this.first = zeros(logits);
        this.second = zeros(logits);
    }

    static double[][] zeros(double[][] like) {
        double[][] zeros = new double[like.length][];
        for (int c = 0; c < like.length; c++) {
            zeros[c] = new double[like[c].length];
        }
        return zeros;
    }

    long steps() {
        return steps;
    }

    double average() {
        return settings.average();
    }

    double nextRate() {
        return settings.rate().at(steps);
    }

    boolean isNatural() {
        return settings.rule() == Optimiser.Rule.NATURAL;
    }

    /**
     * Takes a step.
     *
     * @param logits changed; −∞ stays
     * @param gradient natural already where the rule is natural
     * @param norm Euclidean norm of the gradient, finite
     */
    void ascend(double[][] logits, double[][] gradient, double norm) {
        double rate = nextRate();
        double scale = norm > settings.clip() ? settings.clip() / norm : 1;
        steps++;
        for (int c = 0; c < logits.length; c++) {
            for (int i = 0; i < logits[c].length; i++) {
                if (logits[c][i] > Double.NEGATIVE_INFINITY) {
                    if (settings.rule() == Optimiser.Rule.ADAMW) {
                        logits[c][i] -= rate * settings.weightDecay() * logits[c][i];
                    }
                    logits[c][i] += rate * direction(c, i, scale * gradient[c][i]);
                }
            }
        }
    }

    private double direction(int c, int i, double gradient) {
        double beta1 = settings.beta1();
        return switch (settings.rule()) {
            case NATURAL -> gradient;
            case SGD -> {
                first[c][i] = beta1 * first[c][i] + gradient;
                yield first[c][i];
            }
            case ADAM, ADAMW -> {
                double beta2 = settings.beta2();
                first[c][i] = beta1 * first[c][i] + (1 - beta1) * gradient;
                second[c][i] = beta2 * second[c][i] + (1 - beta2) * gradient * gradient;
                double mean = first[c][i] / (1 - Math.pow(beta1, (double) steps));
                double square = second[c][i] / (1 - Math.pow(beta2, (double) steps));
                yield mean / (Math.sqrt(square) + settings.epsilon());
            }
        };
    }

    void save(SavedState state) {
        state.wholes("optimiser.steps", steps)
                .numbers("optimiser.first", flat(first))
                .numbers("optimiser.second", flat(second));
    }

    /** What a state has of it, as an action that cannot fail. */
    Runnable restore(SavedState state) throws IOException {
        long savedSteps = state.whole("optimiser.steps");
        double[][] savedFirst = rows("optimiser.first", first, state);
        double[][] savedSecond = rows("optimiser.second", second, state);
        return () -> {
            steps = savedSteps;
            copy(savedFirst, first);
            copy(savedSecond, second);
        };
    }

    /** Rows one behind the other. */
    static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    /** A field of a state as rows of a shape. */
    static double[][] rows(String name, double[][] shape, SavedState state) throws IOException {
        double[] all = state.numbers(name, flat(shape).length);
        double[][] rows = zeros(shape);
        int from = 0;
        for (double[] row : rows) {
            System.arraycopy(all, from, row, 0, row.length);
            from += row.length;
        }
        return rows;
    }

    static void copy(double[][] from, double[][] to) {
        for (int c = 0; c < to.length; c++) {
            System.arraycopy(from[c], 0, to[c], 0, to[c].length);
        }
    }
}
