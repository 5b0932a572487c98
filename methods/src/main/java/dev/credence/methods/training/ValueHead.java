package dev.credence.methods.training;

import dev.credence.core.training.Resumable;
import dev.credence.core.training.StateValues;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Values of states at work in policy gradients: what they say of a step's rollouts is taken off the returns, then they go a step
 * towards advantage plus value, the return that their own λ trusts.
 */
final class ValueHead implements Resumable {
    private final StateValues values;

    ValueHead(StateValues values) {
        this.values = values;
    }

    /**
     * What one step's rollouts say.
     *
     * @param advantages (n) (tokens), not divided by anything
     * @param targets (n) (tokens) what values are to become
     * @param error root of the mean square of targets less values, a token
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Seen(double[][] advantages, double[][] targets, double error) {}

    Seen see(Rollouts rollouts, Surrogate surrogate) {
        double[][] before = values.of(rollouts.batch());
        double[][] advantages = Advantages.ofStates(rollouts, surrogate, before);
        double[][] targets = new double[before.length][];
        double square = 0;
        double tokens = 0;
        for (int i = 0; i < before.length; i++) {
            double[] own = Advantages.generalised(
                    Advantages.tokenRewards(rollouts, surrogate, i), before[i], surrogate.gamma(), surrogate.lambda());
            for (int t = 0; t < own.length && rollouts.measure()[i] > 0; t++) {
                square += rollouts.measure()[i] * own[t] * own[t];
                tokens += rollouts.measure()[i];
                own[t] += before[i][t];
            }
            targets[i] = own;
        }
        return new Seen(advantages, targets, Math.sqrt(square / Math.max(tokens, Double.MIN_NORMAL)));
    }

    /** One step down half the mean square, a token, of targets less values. */
    void step(Rollouts rollouts, Seen seen) {
        double tokens = rollouts.mean(rollouts.length());
        values.step(rollouts.batch(), (i, now) -> {
            double[] weights = new double[now.length];
            for (int t = 0; t < weights.length && rollouts.measure()[i] > 0; t++) {
                weights[t] = rollouts.measure()[i] / tokens * (seen.targets()[i][t] - now[t]);
            }
            return weights;
        });
    }

    @Override
    public void save(OutputStream out) throws IOException {
        values.save(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        values.restore(in);
    }
}
