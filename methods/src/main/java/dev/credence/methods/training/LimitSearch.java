package dev.credence.methods.training;

import dev.credence.core.training.Objective;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.TrainingEnd;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Implicit steps along the natural gradient of an enumerated objective on a table, until it is zero (docs/theory.md#population).
 *
 * <p>On a table the natural gradient is a force F on the log-probability of each text, up to a constant a prompt. With the
 * stiffness κ = −∂F/∂ log π of each text a step of the flow of length δ, taken implicitly, is (F − c)/(κ + 1/δ), where c keeps
 * the probabilities' sum. Steps lengthen while the force that is found is the one that was foretold, and shorten where it is not: at
 * first they follow the flow from the prior, so that of several limits the one that it leads to is found, and at last they are
 * Newton's.
 */
final class LimitSearch {
    private static final double STILL = 1e-12; // nats, mean distance that is left
    private static final double RELEVANT = 1e-18; // mass below which a text does not hold up the others
    private static final double FURTHEST = 0.5; // nats, the first step
    private static final double MOST_CURVED = 8; // nats a step where the stiffness changes on the way
    private static final double SHORTEST = 1e-3; // nats
    private static final double LONGEST = 1e30; // of the flow's time
    private static final double NOISE = 1e-13; // of a force
    private static final double LEAST_STIFF = 1e-13; // of the range of forces, by nat
    private static final double CLOSE = 1e-7; // nats, within which rounding may be all that is left
    private static final int PATIENCE = 100; // steps within that which bring it no nearer
    private static final double MOST_GROWN = 700; // nats, so that masses stay finite
    private static final int BISECTIONS = 200;

    private final double[] weight; // (prompts)
    private final double rate;
    private final double most; // nats a step
    private final boolean curved; // the stiffness falls as e^−ℓ, rather than being the same everywhere

    private final double[] time; // (prompts) δ
    private final double[] furthest; // (prompts) nats
    private final double[] lastSize; // (prompts)
    private final double[] left; // (prompts) nats
    private final double[] restless; // (prompts) Σ |gradient| of the prompt by itself, beyond rounding
    private double[] lastLogProbs = {};
    private double[] lastForce = {};
    private double[] lastStiffness = {};
    private double gradientNorm = Double.NaN;
    private double nearest = Double.POSITIVE_INFINITY; // nats
    private long idle;

    /** What a step needs to know of an objective. */
    interface Forces {
        /**
         * Its derivative by the text's log-probability, per mass of the text.
         *
         * @param i the text
         * @param logProb under the policy as it is
         * @param mass of the text, its prompt's weight included; above 0
         * @return F
         */
        double force(int i, double logProb, double mass);

        /**
         * −∂F/∂ log π.
         *
         * @param i the text
         * @param logProb under the policy as it is
         * @return κ, any sign
         */
        double stiffness(int i, double logProb);

        /** {@return (prompts) what differences of forces are rounding, at most} */
        double[] roundoff();
    }

    /** What kind of forces there are. */
    enum Kind {
        /** The stiffness of a text is the same everywhere. */
        LINEAR,
        /** It falls as e^−ℓ. */
        EXPONENTIAL,
        /** Linear, and the strength of all forces depends on the policy: the path matters. */
        COUPLED,
        /** Exponential, and the strength depends on the policy. */
        EXPONENTIAL_COUPLED
    }

    /**
     * A search.
     *
     * @param weight (prompts), summing to one
     * @param rate of the optimiser: length of the first step, in units of the flow's time
     * @param kind of the forces
     */
    LimitSearch(double[] weight, double rate, Kind kind) {
        this.weight = weight.clone();
        this.rate = rate;
        this.curved = kind == Kind.EXPONENTIAL || kind == Kind.EXPONENTIAL_COUPLED;
        boolean coupled = kind == Kind.COUPLED || kind == Kind.EXPONENTIAL_COUPLED;
        this.most = coupled ? FURTHEST : curved ? MOST_CURVED : 1e9;
        this.time = new double[weight.length];
        this.furthest = new double[weight.length];
        this.lastSize = new double[weight.length];
        this.left = new double[weight.length];
        this.restless = new double[weight.length];
        restart();
    }

    /** One for a policy and settings, where they run to the limit on a table by natural steps; else null. */
    static @Nullable LimitSearch of(TrainablePolicy policy, TrainingTask task, TrainingSettings settings, Kind kind) {
        boolean natural = settings.optimiser().rule() == Optimiser.Rule.NATURAL;
        if (!(settings.population() && natural && policy instanceof TabularPolicy)) {
            return null;
        }
        double[] weight =
                task.prompts().stream().mapToDouble(TrainingTask.Prompt::weight).toArray();
        return new LimitSearch(weight, settings.optimiser().rate().at(0), kind);
    }

    /** Begins anew, where what is ascended has changed. */
    void restart() {
        Arrays.fill(time, rate);
        Arrays.fill(furthest, Math.min(FURTHEST, most));
        Arrays.fill(left, Double.POSITIVE_INFINITY);
        nearest = Double.POSITIVE_INFINITY;
        idle = 0;
        lastLogProbs = new double[0];
    }

    /** Adds what it holds to a state. */
    void save(SavedState state) {
        state.numbers("search.time", time)
                .numbers("search.furthest", furthest)
                .numbers("search.size", lastSize)
                .numbers("search.left", left)
                .numbers("search.restless", restless)
                .numbers("search.gradient", gradientNorm)
                .numbers("search.nearest", nearest)
                .wholes("search.idle", idle)
                .numbers("search.log-probs", lastLogProbs)
                .numbers("search.force", lastForce)
                .numbers("search.stiffness", lastStiffness);
    }

    /** What a state has of it, as an action that cannot fail. */
    Runnable restore(SavedState state) throws IOException {
        double[] savedTime = state.numbers("search.time", time.length);
        double[] savedFurthest = state.numbers("search.furthest", time.length);
        double[] savedSize = state.numbers("search.size", time.length);
        double[] savedLeft = state.numbers("search.left", time.length);
        double[] savedRestless = state.numbers("search.restless", time.length);
        double savedGradient = state.number("search.gradient");
        double savedNearest = state.number("search.nearest");
        long savedIdle = state.whole("search.idle");
        double[] logProbs = state.numbers("search.log-probs");
        double[] force = state.numbers("search.force");
        double[] stiffness = state.numbers("search.stiffness");
        return () -> {
            System.arraycopy(savedTime, 0, time, 0, time.length);
            System.arraycopy(savedFurthest, 0, furthest, 0, time.length);
            System.arraycopy(savedSize, 0, lastSize, 0, time.length);
            System.arraycopy(savedLeft, 0, left, 0, time.length);
            System.arraycopy(savedRestless, 0, restless, 0, time.length);
            gradientNorm = savedGradient;
            nearest = savedNearest;
            idle = savedIdle;
            lastLogProbs = logProbs;
            lastForce = force;
            lastStiffness = stiffness;
        };
    }

    /** {@return whether nothing is left to go} */
    boolean isConverged() {
        return Arrays.stream(left).allMatch(nats -> nats <= STILL) || idle >= PATIENCE;
    }

    /**
     * Whether the policy stands still and its forces are balanced too: where texts are driven out without end they are not, with a pull that
     * is a penalty's coefficient times what the prior has of them.
     *
     * @param coefficient of the penalty, which is the forces' scale
     * @return whether each prompt's gradient, without its weight, is at most 1e-6 of it
     */
    boolean isBalanced(double coefficient) {
        return Arrays.stream(restless).allMatch(pull -> pull <= TrainingEnd.REACHED * coefficient);
    }

    /** {@return Euclidean norm of the objective's gradient by the logits, where the last step began} */
    double gradientNorm() {
        return gradientNorm;
    }

    /**
     * The objective whose natural gradient is the step.
     *
     * @param prompt (n) position of each text's prompt
     * @param forces of the objective
     * @return to be ascended once
     */
    Objective step(int[] prompt, Forces forces) {
        return logProbs -> {
            int n = prompt.length;
            double[] own = new double[n];
            double[] mass = new double[n];
            double[] force = new double[n];
            double[] stiffness = new double[n];
            for (int i = 0; i < n; i++) {
                own[i] = Rollouts.sum(logProbs[i]);
                mass[i] = weight[prompt[i]] * Math.exp(own[i]);
                if (mass[i] > 0) {
                    force[i] = forces.force(i, own[i], mass[i]);
                    stiffness[i] = Math.max(0, forces.stiffness(i, own[i]));
                }
            }
            look(prompt, own, mass, force, stiffness, forces.roundoff());
            double[] floor = new double[weight.length];
            Arrays.setAll(floor, c -> 1 / time[c]);
            double[] step = steps(prompt, mass, force, stiffness, floor);
            hold(prompt, mass, step);
            double[][] weights = new double[n][];
            for (int i = 0; i < n; i++) {
                weights[i] = new double[logProbs[i].length];
                Arrays.fill(weights[i], mass[i] * step[i] / rate);
            }
            return weights;
        };
    }

    /** Compares what is found with what was foretold, and measures what is left to go. */
    private void look(
            int[] prompt, double[] own, double[] mass, double[] force, double[] stiffness, double[] roundoff) {
        double[] mean = means(prompt, mass, force, null);
        double[] size = new double[weight.length];
        double[] least = new double[weight.length];
        double[] greatest = new double[weight.length];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
        Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
        double square = 0;
        for (int i = 0; i < force.length; i++) {
            int c = prompt[i];
            if (mass[i] > 0) {
                double gradient = mass[i] * (force[i] - mean[c]);
                size[c] += Math.abs(gradient);
                square += gradient * gradient;
                least[c] = Math.min(least[c], force[i]);
                greatest[c] = Math.max(greatest[c], force[i]);
            }
        }
        gradientNorm = Math.sqrt(square);
        if (!Double.isFinite(gradientNorm)) {
            Arrays.fill(left, Double.NaN);
            return;
        }
        if (lastLogProbs.length == own.length) {
            pace(prompt, own, mass, force);
        }
        double[] floor = new double[weight.length];
        Arrays.setAll(floor, c -> Math.max(curved ? 0 : LEAST_STIFF * (greatest[c] - least[c]), Double.MIN_NORMAL));
        double[] step = steps(prompt, mass, force, stiffness, floor);
        Arrays.fill(left, 0);
        for (int c = 0; c < left.length; c++) {
            restless[c] = size[c] / weight[c] - roundoff[c];
        }
        for (int i = 0; i < step.length; i++) {
            int c = prompt[i];
            boolean alike = least[c] == greatest[c]; // then what is off their mean is the mean's rounding
            boolean pulled = !alike && Math.abs(force[i] - mean[c]) > roundoff[c];
            double share = mass[i] / weight[prompt[i]];
            double there =
                    Math.min(1, share * Math.exp(Math.min(step[i], MOST_GROWN))); // a text that has all but vanished
            left[prompt[i]] += pulled ? Math.max(share, there) * Math.abs(step[i]) : 0;
        }
        double furthestLeft = Arrays.stream(left).max().orElse(0);
        idle = furthestLeft <= CLOSE && furthestLeft >= nearest / 2 ? idle + 1 : 0;
        nearest = Math.min(nearest, furthestLeft);
        lastLogProbs = own;
        lastForce = force;
        lastStiffness = stiffness;
        System.arraycopy(size, 0, lastSize, 0, size.length);
    }

    private void pace(int[] prompt, double[] own, double[] mass, double[] force) {
        double[] error = new double[own.length];
        double[] largest = new double[weight.length];
        for (int i = 0; i < own.length; i++) {
            if (mass[i] > 0) {
                double moved = own[i] - lastLogProbs[i];
                double foretold = lastForce[i] - lastStiffness[i] * (curved ? -Math.expm1(-moved) : moved);
                error[i] = force[i] - foretold;
                largest[prompt[i]] = Math.max(largest[prompt[i]], Math.abs(force[i]) + Math.abs(lastForce[i]));
            }
        }
        double[] mean = means(prompt, mass, error, null);
        double[] off = new double[weight.length];
        for (int i = 0; i < own.length; i++) {
            off[prompt[i]] += mass[i] > 0 ? mass[i] * Math.abs(error[i] - mean[prompt[i]]) : 0;
        }
        for (int c = 0; c < off.length; c++) {
            if (off[c] <= Math.max(0.25 * lastSize[c], NOISE * weight[c] * largest[c])) {
                time[c] = Math.min(4 * time[c], LONGEST);
                furthest[c] = Math.min(2 * furthest[c], most);
            } else if (off[c] > 0.6 * lastSize[c]) {
                time[c] /= 2;
                furthest[c] = Math.max(furthest[c] / 2, SHORTEST);
            }
        }
    }

    /** (prompts) of Σ m x/(κ + s) over Σ m/(κ + s); without stiffness the mean. */
    private double[] means(int[] prompt, double[] mass, double[] x, double @Nullable [] stiffness) {
        double[] sum = new double[weight.length];
        double[] total = new double[weight.length];
        for (int i = 0; i < x.length; i++) {
            if (mass[i] > 0) {
                double share = stiffness == null ? mass[i] : mass[i] / stiffness[i];
                sum[prompt[i]] += share * x[i];
                total[prompt[i]] += share;
            }
        }
        Arrays.setAll(sum, c -> total[c] > 0 ? sum[c] / total[c] : 0);
        return sum;
    }

    /** (n) (F − c)/(κ + floor), or what that is where the stiffness falls on the way. */
    private double[] steps(int[] prompt, double[] mass, double[] force, double[] stiffness, double[] floor) {
        double[] stiff = new double[force.length];
        Arrays.setAll(stiff, i -> stiffness[i] + floor[prompt[i]]);
        double[] centre = curved ? centres(prompt, mass, force, stiff) : means(prompt, mass, force, stiff);
        double[] step = new double[force.length];
        for (int i = 0; i < step.length; i++) {
            step[i] = mass[i] > 0 ? along((force[i] - centre[prompt[i]]) / stiff[i]) : 0;
        }
        return step;
    }

    /** Shortens the steps of a prompt alike, so that no text that matters goes too far; none where it has arrived. */
    private void hold(int[] prompt, double[] mass, double[] step) {
        double[] longest = new double[weight.length];
        for (int i = 0; i < step.length; i++) {
            longest[prompt[i]] =
                    mass[i] > RELEVANT ? Math.max(longest[prompt[i]], Math.abs(step[i])) : longest[prompt[i]];
        }
        for (int i = 0; i < step.length; i++) {
            int c = prompt[i];
            double scale = longest[c] > furthest[c] ? furthest[c] / longest[c] : 1;
            step[i] = left[c] <= STILL ? 0 : Math.max(-furthest[c], Math.min(furthest[c], scale * step[i]));
        }
    }

    /** (prompts) c with Σ m Δ(c) = 0, which falls in c. */
    private double[] centres(int[] prompt, double[] mass, double[] force, double[] stiff) {
        double[] low = new double[weight.length];
        double[] high = new double[weight.length];
        Arrays.fill(low, Double.POSITIVE_INFINITY);
        Arrays.fill(high, Double.NEGATIVE_INFINITY);
        for (int i = 0; i < force.length; i++) {
            if (mass[i] > 0) {
                low[prompt[i]] = Math.min(low[prompt[i]], force[i]);
                high[prompt[i]] = Math.max(high[prompt[i]], force[i]);
            }
        }
        double[] middle = new double[weight.length];
        for (int k = 0; k < BISECTIONS; k++) {
            boolean split = false;
            for (int c = 0; c < middle.length; c++) {
                middle[c] = low[c] + (high[c] - low[c]) / 2;
                split |= middle[c] > low[c] && middle[c] < high[c];
            }
            if (!split) {
                break;
            }
            double[] sum = new double[weight.length];
            for (int i = 0; i < force.length; i++) {
                sum[prompt[i]] += mass[i] > 0 ? mass[i] * along((force[i] - middle[prompt[i]]) / stiff[i]) : 0;
            }
            for (int c = 0; c < middle.length; c++) {
                if (sum[c] > 0) {
                    low[c] = middle[c];
                } else {
                    high[c] = middle[c];
                }
            }
        }
        return middle;
    }

    /** Where a force x times the stiffness leads: that far, or where a stiffness that falls as e^−ℓ has brought it to 0. */
    private double along(double x) {
        return !curved ? x : x <= 0.5 ? -Math.log1p(-x) : Math.log(2) + 2 * (x - 0.5);
    }
}
