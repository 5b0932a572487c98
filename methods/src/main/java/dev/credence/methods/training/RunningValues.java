package dev.credence.methods.training;

import java.util.Arrays;

/**
 * A value of each prompt, learned from the returns of steps gone by: v ← v + (mean return − v)/10. What a step takes off its
 * returns is known before its own texts are drawn, so it biases no gradient.
 */
final class RunningValues {
    private static final double RATE = 0.1;

    private double[] values = {}; // (prompts)

    double[] state() {
        return values;
    }

    void restore(double[] saved) {
        values = saved;
    }

    /** (prompts) as the steps before left them; before the first step the means of its own returns. */
    double[] before(double[] means) {
        double[] now = values.length == means.length ? values : means;
        double[] next = now.clone();
        Arrays.setAll(next, c -> now[c] + RATE * (means[c] - now[c]));
        values = next;
        return now;
    }
}
