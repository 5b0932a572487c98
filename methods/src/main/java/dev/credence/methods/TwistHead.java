package dev.credence.methods;

import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.SavedState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A twist that is a linear head on the prior's hidden states: log ψ(xv) = so far(xv) + c_t + b_v + (u + W_v)·h(x), with h what the prior's
 * own head reads of x, so that one call of the model gives its next tokens and the twists of all of them
 * (docs/theory.md#learned-twists). c sets each position's scale by the draws' own mean.
 *
 * <p>Forecasts are asked with {@link #see} before a beginning's tokens are asked for.
 */
public final class TwistHead implements Twist {
    private static final String STATE = "twist head";

    final int width;
    private final int vocabulary;
    final double[] mean; // (d) of hidden states
    final double[] deviation; // (d)
    final double[] position; // (horizon) c
    final double[] weights; // u (d), b (V), W (V, d)
    private Twist soFar = Twist.NONE;
    private final Map<IntBuffer, double[]> seen = new HashMap<>(); // (V) of beginnings

    /** How a head learns. */
    public enum Loss {
        /** Posterior and prior times twist are told apart at each position (Zhao et al. 2024). */
        CONTRASTIVE,
        /** Each beginning's value is the soft value of what may follow it. */
        SOFT_RL
    }

    TwistHead(int width, int vocabulary, int horizon) {
        this.width = width;
        this.vocabulary = vocabulary;
        this.mean = new double[width];
        this.deviation = new double[width];
        this.position = new double[horizon];
        this.weights = new double[width + vocabulary + vocabulary * width];
        Arrays.fill(deviation, 1);
    }

    /**
     * What there is to learn from.
     *
     * @param prompt token ids
     * @param drawn of the prior
     * @param logLikelihoods (n) in all copies, nats
     * @param evidence in all copies, token by token; null where it is asked of complete texts alone
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Lesson(
            int[] prompt,
            List<Sample> drawn,
            double[] logLikelihoods,
            @Nullable TokenEvidence evidence) {}

    static TwistHead learn(PredictiveModel prior, Lesson lesson, int horizon, Loss loss) {
        Twist soFar = lesson.evidence == null ? Twist.NONE : Twist.soFar(lesson.evidence);
        if (loss == Loss.SOFT_RL
                && (lesson.evidence == null || !lesson.evidence.unfollowed().isEmpty())) {
            throw InputException.ofSetting(
                    "twist-loss",
                    "soft-rl",
                    "what each token leads to must be known, and the evidence is asked of complete texts: contrastive needs those"
                            + " alone");
        }
        TwistLearning learning = new TwistLearning(prior, lesson, soFar, horizon, loss);
        learning.read();
        learning.fit();
        return learning.head();
    }

    /** The same head with what is known of beginnings without learning. */
    TwistHead on(Twist known) {
        soFar = known;
        return this;
    }

    /** Forecasts for all that may follow a beginning from now on. */
    void see(int[] tokens, int length, double[] hidden, int from) {
        if (hidden.length == 0) {
            throw noStates();
        }
        double[] own = standardised(hidden, from);
        double[] all = new double[vocabulary];
        Arrays.setAll(all, v -> logit(v, own));
        seen.put(IntBuffer.wrap(Arrays.copyOf(tokens, length)), all);
    }

    /** Forgets forecasts. */
    void forget() {
        seen.clear();
    }

    @Override
    public double of(int[] tokens, int length) {
        double expected = soFar.of(tokens, length);
        double[] all = seen.get(IntBuffer.wrap(tokens, 0, length - 1));
        return expected == Double.NEGATIVE_INFINITY || all == null
                ? expected
                : expected + position[length] + all[tokens[length - 1]];
    }

    double[] standardised(double[] hidden, int from) {
        double[] own = new double[width];
        Arrays.setAll(own, k -> (hidden[from + k] - mean[k]) / deviation[k]);
        return own;
    }

    double logit(int v, double[] hidden) {
        double sum = weights[width + v];
        int row = width + vocabulary + v * width;
        for (int k = 0; k < width; k++) {
            sum += (weights[k] + weights[row + k]) * hidden[k];
        }
        return sum;
    }

    static InputException noStates() {
        return InputException.ofSetting(
                "twist-loss", "contrastive", "the model shows no hidden states for a head to read; table needs none");
    }

    /**
     * Writes the head.
     *
     * @param out takes it; not closed
     * @throws IOException if it cannot be written
     */
    public void save(OutputStream out) throws IOException {
        SavedState.of(STATE)
                .wholes("width", width)
                .wholes("vocabulary", vocabulary)
                .numbers("mean", mean)
                .numbers("deviation", deviation)
                .numbers("position", position)
                .numbers("weights", weights)
                .write(out);
    }

    /**
     * Reads a head.
     *
     * @param in what {@link #save} wrote
     * @param vocabulary tokens of the model that it is for
     * @param horizon tokens after which its texts are cut
     * @return the head
     * @throws IOException if it is none, or one for another vocabulary or horizon
     */
    public static TwistHead read(InputStream in, int vocabulary, int horizon) throws IOException {
        SavedState state = SavedState.read(in, STATE);
        if (state.whole("vocabulary") != vocabulary || state.numbers("position").length != horizon) {
            throw new IOException("the head is for " + state.whole("vocabulary") + " tokens and texts of up to "
                    + state.numbers("position").length + "; the model has " + vocabulary + " and texts are cut after "
                    + horizon);
        }
        TwistHead head = new TwistHead((int) state.whole("width"), vocabulary, horizon);
        System.arraycopy(state.numbers("mean", head.width), 0, head.mean, 0, head.width);
        System.arraycopy(state.numbers("deviation", head.width), 0, head.deviation, 0, head.width);
        System.arraycopy(state.numbers("position", horizon), 0, head.position, 0, horizon);
        System.arraycopy(state.numbers("weights", head.weights.length), 0, head.weights, 0, head.weights.length);
        return head;
    }
}
