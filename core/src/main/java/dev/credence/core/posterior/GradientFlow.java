package dev.credence.core.posterior;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Ordinary gradient ascent of the mean reward in a table's logits, without a penalty and in the limit of small steps:
 * dz/dt = w π (r − E_π r), with w the prompt's weight and z = log π0 at t = 0. It leaves the tilt family at once, where
 * {@link MirrorDescent} stays in it (docs/theory.md#without-a-penalty). Of each prompt Σ z is conserved, and of two texts of one
 * reward e^{−z₁} − e^{−z₂}.
 *
 * <p>A place on the flow is a value: {@link #until} and {@link #toKl} give another. Integrated by the pair of Dormand and Prince
 * (1980), orders 5 and 4, with 1e-12 of error in a logit a step; an outcome of prior 0 stays so.
 */
public final class GradientFlow {
    private static final double TOLERANCE = 1e-12; // of a logit, a step
    private static final int BISECTIONS = 60;
    private static final int MOST_STEPS = 2_000_000;
    private static final double[][] STAGES = {
        {1 / 5.},
        {3 / 40., 9 / 40.},
        {44 / 45., -56 / 15., 32 / 9.},
        {19372 / 6561., -25360 / 2187., 64448 / 6561., -212 / 729.},
        {9017 / 3168., -355 / 33., 46732 / 5247., 49 / 176., -5103 / 18656.},
        {35 / 384., 0, 500 / 1113., 125 / 192., -2187 / 6784., 11 / 84.}
    };
    private static final double[] ERROR = {
        71 / 57600., 0, -71 / 16695., 71 / 1920., -17253 / 339200., 22 / 525., -1 / 40.
    };

    private final TableModel prior;
    private final double[][]
            reward; // (prompts) (outcomes), less the prompt's largest, so that what is nearly best keeps its digits
    private final double[][] logits; // the same
    private final double time;
    private final double step; // that the tolerance allows next; 0 where nothing moves

    private GradientFlow(TableModel prior, double[][] reward, double[][] logits, double time, double step) {
        this.prior = prior;
        this.reward = reward;
        this.logits = logits;
        this.time = time;
        this.step = step;
    }

    /**
     * The flow at its start.
     *
     * @param prior where it starts
     * @param reward ascended; finite on every text that the prior allows
     * @return the place at time 0
     * @throws NoPosteriorException if a reward is not finite
     */
    public static GradientFlow of(TableModel prior, RewardFunction reward) {
        List<double[]> rewards = new ArrayList<>();
        List<double[]> logits = new ArrayList<>();
        double fastest = 0;
        for (String prompt : prior.prompts()) {
            Distribution distribution = prior.given(prompt);
            double[] values = new double[distribution.size()];
            double least = Double.POSITIVE_INFINITY;
            double most = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < values.length; i++) {
                if (distribution.probability(i) > 0) {
                    values[i] = reward.reward(prompt, distribution.outcome(i));
                    if (!(Math.abs(values[i]) < Double.POSITIVE_INFINITY)) {
                        throw new NoPosteriorException("reward of '" + distribution.outcome(i) + "' is " + values[i]
                                + "; it must be finite to be ascended");
                    }
                    least = Math.min(least, values[i]);
                    most = Math.max(most, values[i]);
                }
            }
            fastest = Math.max(fastest, prior.weight(prompt) * (most - least));
            double best = most;
            rewards.add(Arrays.stream(values).map(r -> r - best).toArray());
            logits.add(distribution.logProbabilities());
        }
        return new GradientFlow(
                prior,
                rewards.toArray(double[][]::new),
                logits.toArray(double[][]::new),
                0,
                fastest > 0 ? 1e-3 / fastest : 0);
    }

    /** {@return how long it has flowed, in units of 1/reward} */
    public double time() {
        return time;
    }

    /** {@return the policy here, over the prior's prompts and outcomes} */
    public TableModel policy() {
        List<String> prompts = prior.prompts();
        return prior.map((prompt, distribution) ->
                Distribution.ofLogWeights(distribution.outcomes(), logits[prompts.indexOf(prompt)]));
    }

    /** {@return mean KL(π‖π0) over the prompts, nats} */
    public double kl() {
        double kl = 0;
        List<String> prompts = prior.prompts();
        for (int c = 0; c < logits.length; c++) {
            Distribution start = prior.given(prompts.get(c));
            double logSum = LogMath.logSumExp(logits[c]);
            for (int i = 0; i < logits[c].length; i++) {
                double logP = logits[c][i] - logSum;
                double p = Math.exp(logP);
                kl += p > 0 ? prior.weight(prompts.get(c)) * p * (logP - start.logProbability(i)) : 0;
            }
        }
        return kl;
    }

    /**
     * Flows on.
     *
     * @param end time to stop at, not before this place
     * @return the place at that time
     * @throws IllegalArgumentException if the time lies behind, or it is not finite
     */
    public GradientFlow until(double end) {
        if (!(end >= time && end < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "time is " + end + "; it must be finite and at least " + time + ", as the flow does not go back");
        }
        GradientFlow at = this;
        while (at.time < end && at.step > 0) {
            at = at.step(Math.min(at.step, end - at.time));
        }
        return new GradientFlow(prior, reward, at.logits, end, at.step);
    }

    /**
     * Flows on until the mean KL from the prior is reached for the first time.
     *
     * @param nats KL(π‖π0), at least 0
     * @return the place, at that KL to rounding; none where the flow ends nearer to the prior
     */
    public Optional<GradientFlow> toKl(double nats) {
        GradientFlow at = this;
        for (int i = 0; i < MOST_STEPS && at.kl() < nats; i++) {
            GradientFlow next = at.step == 0 ? at : at.step(at.step);
            if (next.kl() >= nats) {
                return Optional.of(at.crossing(next.time - at.time, nats));
            }
            if (at.step == 0 || !(next.time < 1e300)) {
                return Optional.empty();
            }
            at = next;
        }
        return at.kl() >= nats ? Optional.of(at) : Optional.empty();
    }

    /** Within one step. */
    private GradientFlow crossing(double whole, double nats) {
        double low = 0;
        double high = whole;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (step(middle).kl() < nats) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return step(high);
    }

    /** A step of this length, or a shorter one where the error would be too large. */
    private GradientFlow step(double length) {
        double h = length;
        while (true) {
            double[][][] slopes = new double[STAGES.length + 1][][];
            slopes[0] = slope(logits);
            double[][] next = logits;
            for (int s = 0; s < STAGES.length; s++) {
                next = moved(h, STAGES[s], slopes);
                slopes[s + 1] = slope(next);
            }
            double error = h * largest(ERROR, slopes) / TOLERANCE;
            double factor = Math.max(.2, Math.min(4, .9 * Math.pow(error, -.2)));
            if (error <= 1) {
                return new GradientFlow(prior, reward, next, time + h, h * factor);
            }
            h *= Math.min(factor, .9);
        }
    }

    private double[][] moved(double h, double[] weights, double[][][] slopes) {
        double[][] next = new double[logits.length][];
        for (int c = 0; c < next.length; c++) {
            next[c] = logits[c].clone();
            for (int i = 0; i < next[c].length; i++) {
                double sum = 0;
                for (int s = 0; s < weights.length; s++) {
                    sum += weights[s] * slopes[s][c][i];
                }
                next[c][i] += h * sum;
            }
        }
        return next;
    }

    private static double largest(double[] weights, double[][][] slopes) {
        double largest = 0;
        for (int c = 0; c < slopes[0].length; c++) {
            for (int i = 0; i < slopes[0][c].length; i++) {
                double sum = 0;
                for (int s = 0; s < weights.length; s++) {
                    sum += weights[s] * slopes[s][c][i];
                }
                largest = Math.max(largest, Math.abs(sum));
            }
        }
        return largest;
    }

    private double[][] slope(double[][] at) {
        double[][] slope = new double[at.length][];
        List<String> prompts = prior.prompts();
        for (int c = 0; c < at.length; c++) {
            double logSum = LogMath.logSumExp(at[c]);
            double[] p = Arrays.stream(at[c]).map(z -> Math.exp(z - logSum)).toArray();
            double mean = 0;
            for (int i = 0; i < p.length; i++) {
                mean += p[i] * reward[c][i];
            }
            slope[c] = new double[p.length];
            for (int i = 0; i < p.length; i++) {
                slope[c][i] = prior.weight(prompts.get(c)) * p[i] * (reward[c][i] - mean);
            }
        }
        return slope;
    }
}
