package dev.credence.core.diagnostics;

/**
 * The shape of a generalised Pareto distribution fitted to exceedances: Zhang and Stephens (2009), "A new and efficient
 * estimation method for the generalized Pareto distribution", Technometrics 51(3), with the weakly informative prior of
 * Vehtari, Simpson, Gelman, Yao and Gabry, "Pareto smoothed importance sampling": ten observations' worth towards one
 * half.
 *
 * <p>The posterior mean of θ = −shape/scale is taken on a grid of quantiles of its data-based prior, with the shape
 * profiled out: k(θ) = mean log(1 − θx). The sign of k is such that a heavy tail is positive.
 */
final class GeneralisedParetoFit {
    private static final double PRIOR_OBSERVATIONS = 10;
    private static final double PRIOR_SHAPE = 0.5;
    private static final int MINIMAL_GRID = 30;

    /** Below this the quartile counts as this: the shape is far above one either way, and θ·x stays finite. */
    private static final double SMALLEST_QUARTILE = 1e-200;

    private final double[] x; // (distinct), ascending, the largest is 1
    private final long firstCount; // how often x[0] occurs; every other entry occurs once
    private final double count; // observations

    /**
     * @param x (distinct) exceedances over the cutoff, ascending, positive, scaled so that the largest is one
     * @param firstCount how many observations have the value {@code x[0]}
     */
    GeneralisedParetoFit(double[] x, long firstCount) {
        this.x = x;
        this.firstCount = firstCount;
        this.count = firstCount + x.length - 1.0;
    }

    /** {@return the shape k̂, pulled towards one half by the prior} */
    double shape() {
        int grid = MINIMAL_GRID + (int) Math.sqrt(count);
        double quartile = Math.max(SMALLEST_QUARTILE, ranked((long) (count / 4 + 0.5)));
        double[] theta = new double[grid];
        double[] logLikelihood = new double[grid];
        double best = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < grid; j++) {
            theta[j] = 1 + (1 - Math.sqrt(grid / (j + 0.5))) / (3 * quartile);
            logLikelihood[j] = profileLogLikelihood(theta[j]);
            best = Math.max(best, logLikelihood[j]);
        }
        double weights = 0;
        double weighted = 0;
        for (int j = 0; j < grid; j++) {
            double weight = Math.exp(logLikelihood[j] - best);
            weights += weight;
            weighted += weight * theta[j];
        }
        double fitted = meanLog(weighted / weights);
        return (count * fitted + PRIOR_OBSERVATIONS * PRIOR_SHAPE) / (count + PRIOR_OBSERVATIONS);
    }

    /** The value of rank {@code rank} (from 1, ascending), the first value counted as often as it occurs. */
    private double ranked(long rank) {
        return x[(int) Math.max(0, rank - firstCount)];
    }

    /** The log-likelihood at θ with the shape that maximises it. */
    double profileLogLikelihood(double theta) {
        double shape = meanLog(theta);
        if (shape == 0) { // θ = 0: the exponential distribution, where θ/k tends to −1/mean
            return count * (-Math.log(mean()) - 1);
        }
        return count * (Math.log(-theta / shape) - shape - 1);
    }

    private double mean() {
        double sum = firstCount * x[0];
        for (int i = 1; i < x.length; i++) {
            sum += x[i];
        }
        return sum / count;
    }

    /**
     * Mean of log(1 − θx). The factors are multiplied while the product is far from over- and underflow: one logarithm
     * for dozens of them.
     */
    private double meanLog(double theta) {
        double sum = firstCount * Math.log1p(-theta * x[0]);
        double product = 1;
        for (int i = 1; i < x.length; i++) {
            product *= 1 - theta * x[i];
            if (!(product > 1e-100 && product < 1e100)) {
                sum += Math.log(product);
                product = 1;
            }
        }
        return (sum + Math.log(product)) / count;
    }
}
