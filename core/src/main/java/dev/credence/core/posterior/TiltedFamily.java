package dev.credence.core.posterior;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;

/**
 * All posteriors π*_λ ∝ π0 e^{λr} of one prompt: prior masses and rewards of its atoms (outcomes of a table, records of a
 * log), and everything that follows from κ(λ) = log Z(λ) (docs/theory.md#the-tilt-family).
 *
 * <p>Texts of reward −∞ are inadmissible: every member excludes them, the limit λ → 0 too. Each evaluation is one sweep over
 * the atoms, with rewards measured from the extreme one, so that neither large λ nor large rewards cost digits.
 */
public final class TiltedFamily {
    private final double[] logPrior; // (atoms), normalised over all; −∞ where excluded
    private final double[] reward; // (atoms)
    private final double min; // smallest and largest reward of an admissible atom with mass
    private final double max;
    private final boolean excludes; // whether atoms with mass are inadmissible
    private final double meanUnderPrior; // over admissible atoms, by their full prior masses

    private TiltedFamily(double[] logPrior, double[] reward) {
        this.logPrior = logPrior;
        this.reward = reward;
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        boolean inadmissible = false;
        for (int i = 0; i < reward.length; i++) {
            if (!(reward[i] < Double.POSITIVE_INFINITY)) {
                throw new NoPosteriorException("reward of atom " + i + " is " + reward[i]
                        + "; it must be a number below infinity, else Z is infinite or undefined");
            }
            if (logPrior[i] == Double.NEGATIVE_INFINITY) {
                continue;
            }
            if (reward[i] == Double.NEGATIVE_INFINITY) {
                inadmissible = true;
                logPrior[i] = Double.NEGATIVE_INFINITY;
                continue;
            }
            least = Math.min(least, reward[i]);
            most = Math.max(most, reward[i]);
        }
        if (!(least <= most)) {
            throw new NoPosteriorException("every text of the prior has reward -Infinity: nothing is admissible");
        }
        this.min = least;
        this.max = most;
        this.excludes = inadmissible;
        double mean = 0;
        for (int i = 0; i < reward.length; i++) {
            mean += logPrior[i] > Double.NEGATIVE_INFINITY ? Math.exp(logPrior[i]) * (reward[i] - least) : 0;
        }
        this.meanUnderPrior = mean;
    }

    /**
     * The family of a table's prompt.
     *
     * @param prior over completions
     * @param reward (outcomes), each in [−∞, ∞)
     * @return the family
     * @throws IllegalArgumentException if the sizes differ
     * @throws NoPosteriorException if a reward is NaN or ∞, or all are −∞
     */
    public static TiltedFamily of(Distribution prior, double[] reward) {
        return ofLog(prior.logProbabilities(), reward);
    }

    /**
     * The family of weighted atoms.
     *
     * @param logPriorMass (atoms), nats, each in [−∞, ∞), not all −∞; normalised here
     * @param reward (atoms), each in [−∞, ∞)
     * @return the family
     * @throws IllegalArgumentException if the sizes differ or the masses have no finite positive sum
     * @throws NoPosteriorException if a reward is NaN or ∞, or all are −∞
     */
    public static TiltedFamily ofLog(double[] logPriorMass, double[] reward) {
        if (logPriorMass.length != reward.length) {
            throw new IllegalArgumentException(logPriorMass.length + " prior masses but " + reward.length + " rewards");
        }
        double logSum = LogMath.logSumExp(logPriorMass);
        if (!(Math.abs(logSum) < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "log of the summed prior masses is " + logSum + "; it must be finite (no NaN, not all zero)");
        }
        double[] logPrior = new double[reward.length];
        for (int i = 0; i < logPrior.length; i++) {
            logPrior[i] = logPriorMass[i] - logSum;
        }
        return new TiltedFamily(logPrior, reward.clone());
    }

    /** {@return the smallest reward the prior allows} */
    public double minReward() {
        return min;
    }

    /** {@return the largest reward the prior allows} */
    public double maxReward() {
        return max;
    }

    /**
     * One member in figures.
     *
     * @param lambda copies, any sign, ±∞ included
     * @return its figures
     * @throws IllegalArgumentException if lambda is NaN
     */
    public TiltFigures at(double lambda) {
        Sweep sweep = new Sweep(lambda);
        double pivot = sweep.pivot;
        double kl = Double.isInfinite(lambda) ? -sweep.logShifted : lambda * sweep.mean - sweep.logShifted;
        return new TiltFigures(
                lambda,
                product(lambda, pivot) + sweep.logShifted,
                pivot + sweep.mean,
                sweep.variance,
                sweep.third,
                Math.max(0, kl),
                Math.max(0, klFromPrior(sweep)),
                sweep.entropy(),
                Math.exp(sweep.logShifted));
    }

    /**
     * κ(λ) = log E_π0 e^{λr}.
     *
     * @param lambda copies, any sign
     * @return nats
     */
    public double logPartition(double lambda) {
        Sweep sweep = new Sweep(lambda);
        return product(lambda, sweep.pivot) + sweep.logShifted;
    }

    /**
     * The member's log-probabilities.
     *
     * @param lambda copies, any sign, ±∞ included
     * @return (atoms), nats
     */
    public double[] logPosterior(double lambda) {
        Sweep sweep = new Sweep(lambda);
        double[] logPosterior = new double[reward.length];
        for (int i = 0; i < logPosterior.length; i++) {
            logPosterior[i] = sweep.logWeight(i) - sweep.logShifted;
        }
        return logPosterior;
    }

    /**
     * The strongest tilt within a KL budget.
     *
     * @param budget KL(π*_λ‖π0), nats, ≥ 0
     * @return λ ≥ 0 that spends it; ∞ where even the limit on the largest rewards costs no more
     * @throws IllegalArgumentException if the budget is negative or NaN
     * @throws NoPosteriorException if excluding the inadmissible texts alone costs more
     */
    public double lambdaAtKl(double budget) {
        if (!(budget >= 0)) {
            throw new IllegalArgumentException("budget is " + budget + "; a KL budget must be >= 0 nats");
        }
        double least = at(0).klToPrior();
        if (budget < least) {
            throw new NoPosteriorException("a KL budget of " + budget + " nats is below the " + least
                    + " that excluding the texts of reward -Infinity costs");
        }
        if (budget == least) {
            return 0;
        }
        if (!(budget < at(Double.POSITIVE_INFINITY).klToPrior())) {
            return Double.POSITIVE_INFINITY;
        }
        return MonotoneRoot.rightOfZero(
                lambda -> {
                    Sweep sweep = new Sweep(lambda);
                    double kl = lambda * sweep.mean - sweep.logShifted;
                    return new double[] {kl - budget, lambda * sweep.variance};
                },
                1 / (max - min));
    }

    /**
     * Moment matching: the member whose mean reward is the given one. The member nearest to any policy of that mean reward.
     *
     * @param meanReward wanted E* r
     * @return λ, any sign; ±∞ at the largest or smallest reward; 0 where all rewards are equal
     * @throws NoPosteriorException if the prior's rewards do not reach it (or it is NaN)
     */
    public double lambdaAtMean(double meanReward) {
        if (!(min <= meanReward && meanReward <= max)) {
            throw new NoPosteriorException("a mean reward of " + meanReward
                    + " was never seen: the prior's rewards lie in [" + min + ", " + max + "]");
        }
        if (min == max) {
            return 0;
        }
        if (meanReward == min || meanReward == max) {
            return meanReward == max ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
        }
        double atZero = at(0).mean();
        if (atZero == meanReward) {
            return 0;
        }
        double sign = meanReward > atZero ? 1 : -1;
        double root = MonotoneRoot.rightOfZero(
                size -> {
                    Sweep sweep = new Sweep(sign * size);
                    return new double[] {sign * (sweep.mean - (meanReward - sweep.pivot)), sweep.variance};
                },
                1 / (max - min));
        return sign * root;
    }

    private double klFromPrior(Sweep sweep) {
        double lambda = sweep.lambda;
        if (excludes || Double.isInfinite(lambda)) {
            return !excludes && min == max ? 0 : Double.POSITIVE_INFINITY;
        }
        return sweep.logShifted - lambda * (meanUnderPrior - (sweep.pivot - min));
    }

    /** λ·r, where an infinite λ times a reward of 0 is its limit. */
    private static double product(double lambda, double r) {
        return r == 0 || lambda == 0 ? 0 : lambda * r;
    }

    /** One pass over the atoms: sums of e^{λ(r − pivot)} under the prior, the pivot being the extreme reward on λ's side. */
    private final class Sweep {
        final double lambda;
        final double pivot;
        final double logShifted; // log E_π0 e^{λ(r − pivot)}, ≤ 0
        final double mean; // of r − pivot
        final double variance;
        final double third;

        Sweep(double lambda) {
            if (Double.isNaN(lambda)) {
                throw new IllegalArgumentException("lambda is NaN; copies must be a number");
            }
            this.lambda = lambda;
            this.pivot = lambda < 0 ? min : max;
            double[] weight = new double[reward.length];
            double top = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < weight.length; i++) {
                weight[i] = logWeight(i);
                top = Math.max(top, weight[i]);
            }
            double sum = 0;
            double first = 0;
            for (int i = 0; i < weight.length; i++) {
                if (weight[i] > Double.NEGATIVE_INFINITY) {
                    weight[i] = Math.exp(weight[i] - top);
                    sum += weight[i];
                    first += weight[i] * (reward[i] - pivot);
                } else {
                    weight[i] = 0;
                }
            }
            this.logShifted = top + Math.log(sum);
            this.mean = first / sum;
            double second = 0;
            double cubes = 0;
            for (int i = 0; i < weight.length; i++) {
                if (weight[i] > 0) {
                    double gap = reward[i] - pivot - mean;
                    second += weight[i] * gap * gap;
                    cubes += weight[i] * gap * gap * gap;
                }
            }
            this.variance = second / sum;
            this.third = cubes / sum;
        }

        double logWeight(int i) {
            if (logPrior[i] == Double.NEGATIVE_INFINITY) {
                return Double.NEGATIVE_INFINITY;
            }
            double gap = reward[i] - pivot;
            return gap == 0 ? logPrior[i] : logPrior[i] + lambda * gap;
        }

        double entropy() {
            double sum = 0;
            for (int i = 0; i < reward.length; i++) {
                double logPosterior = logWeight(i) - logShifted;
                double posterior = Math.exp(logPosterior);
                if (posterior > 0) {
                    sum -= posterior * logPosterior;
                }
            }
            return sum;
        }
    }
}
