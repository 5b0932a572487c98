package dev.credence.core.posterior;

import dev.credence.core.probability.LogMath;
import java.util.Arrays;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.RealMatrix;

/**
 * The dual of {@link MomentConstraints}, log E_π0 e^{λ·(φ − m)}: convex, gradient E_λ φ − m, Hessian Cov_λ φ. Features are
 * shifted to their moments and divided by their ranges.
 *
 * <p>Minimised by Newton steps damped as Levenberg and Marquardt do: collinear features, and posteriors so sharp that the
 * covariance all but vanishes, stay harmless.
 */
final class MomentDual {
    private static final int MOST_STEPS = 1_000;
    private static final double TOLERANCE = 1e-12; // of a moment, in units of the feature's range
    private static final double LEAST_DAMPING = 1e-15; // of the largest curvature

    private final double[] logPrior; // (outcomes)
    private final double[][] centred; // (features, outcomes): (φ − m) / range
    private final double[] range; // (features)

    MomentDual(double[] logPrior, double[][] feature, double[] moment) {
        this.logPrior = logPrior;
        this.centred = new double[feature.length][logPrior.length];
        this.range = new double[feature.length];
        for (int k = 0; k < feature.length; k++) {
            double[] ends = MomentConstraints.range(logPrior, feature[k]);
            range[k] = ends[1] > ends[0] ? ends[1] - ends[0] : 1;
            for (int i = 0; i < logPrior.length; i++) {
                centred[k][i] = (feature[k][i] - moment[k]) / range[k];
            }
        }
    }

    /** The minimum; (features), nats a unit of feature. */
    double[] solve() {
        double[] lambda = new double[centred.length];
        double damping = 1e-3;
        double value = value(lambda);
        double leastPossible = leastLogPrior() - 1e-6; // −KL of any distribution on the support is above it
        for (int step = 0; step < MOST_STEPS && value > leastPossible; step++) {
            double[] posterior = posterior(lambda);
            double[] gradient = gradient(posterior);
            if (Arrays.stream(gradient).allMatch(g -> Math.abs(g) <= TOLERANCE)) {
                return unscaled(lambda);
            }
            EigenDecompositionSymmetric curvature = new EigenDecompositionSymmetric(covariance(posterior, gradient));
            damping = Math.max(damping, LEAST_DAMPING * curvature.getEigenvalue(0));
            double[] next = candidate(lambda, curvature, gradient, damping);
            double there = value(next);
            // Near the minimum the gain drowns in rounding; the step is right all the same.
            if (there <= value + 1e-14 * (1 + Math.abs(value))) {
                lambda = next;
                value = there;
                damping /= 100;
            } else {
                damping = Math.max(damping, Double.MIN_NORMAL) * 10;
            }
        }
        throw new NoPosteriorException(
                "no distribution on the prior's support meets the moment constraints together (the"
                        + " dual has no finite optimum)");
    }

    private double leastLogPrior() {
        return Arrays.stream(logPrior)
                .filter(x -> x > Double.NEGATIVE_INFINITY)
                .min()
                .orElse(0);
    }

    /** log of the unnormalised projection; (outcomes). */
    double[] logWeights(double[] unscaledLambda) {
        double[] scaled = unscaledLambda.clone();
        for (int k = 0; k < scaled.length; k++) {
            scaled[k] *= range[k];
        }
        return scaledLogWeights(scaled);
    }

    private double[] unscaled(double[] lambda) {
        double[] result = lambda.clone();
        for (int k = 0; k < result.length; k++) {
            result[k] /= range[k];
        }
        return result;
    }

    private double[] scaledLogWeights(double[] lambda) {
        double[] logWeight = logPrior.clone();
        for (int i = 0; i < logWeight.length; i++) {
            for (int k = 0; k < lambda.length; k++) {
                logWeight[i] += lambda[k] * centred[k][i];
            }
        }
        return logWeight;
    }

    private double value(double[] lambda) {
        return LogMath.logSumExp(scaledLogWeights(lambda));
    }

    private double[] posterior(double[] lambda) {
        double[] weight = scaledLogWeights(lambda);
        double logZ = LogMath.logSumExp(weight);
        for (int i = 0; i < weight.length; i++) {
            weight[i] = Math.exp(weight[i] - logZ);
        }
        return weight;
    }

    private double[] gradient(double[] posterior) {
        double[] gradient = new double[centred.length];
        for (int k = 0; k < gradient.length; k++) {
            for (int i = 0; i < posterior.length; i++) {
                gradient[k] += posterior[i] * centred[k][i];
            }
        }
        return gradient;
    }

    private RealMatrix covariance(double[] posterior, double[] mean) {
        int n = mean.length;
        RealMatrix covariance = new Array2DRowRealMatrix(n, n);
        for (int j = 0; j < n; j++) {
            for (int k = 0; k <= j; k++) {
                double sum = 0;
                for (int i = 0; i < posterior.length; i++) {
                    sum += posterior[i] * (centred[j][i] - mean[j]) * (centred[k][i] - mean[k]);
                }
                covariance.setEntry(j, k, sum);
                covariance.setEntry(k, j, sum);
            }
        }
        return covariance;
    }

    /** λ − (Cov + damping)⁻¹ · gradient. */
    private static double[] candidate(
            double[] lambda, EigenDecompositionSymmetric curvature, double[] gradient, double damping) {
        double[] next = lambda.clone();
        for (int e = 0; e < lambda.length; e++) {
            double[] axis = curvature.getEigenvector(e).toArray();
            double along = 0;
            for (int k = 0; k < axis.length; k++) {
                along += axis[k] * gradient[k];
            }
            double length = along / (Math.max(0, curvature.getEigenvalue(e)) + damping);
            for (int k = 0; k < axis.length; k++) {
                next[k] -= length * axis[k];
            }
        }
        return next;
    }
}
