package dev.credence.core.posterior;

import dev.credence.core.probability.Distribution;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The I-projection of a prior onto moment constraints E φ_k = m_k: the member of π0 e^{λ·φ}/Z(λ) that meets them, which is of
 * all distributions that do the one nearest to the prior (GDC, Khalifa et al. 2021).
 *
 * <p>Solved on the dual log Z(λ) − λ·m, convex in λ, by damped Newton steps ({@link MomentDual}). A constraint at a feature's
 * largest or smallest value is the predicate "φ_k has that value", and is applied as one; the λ_k reported is then ±∞.
 */
public final class MomentConstraints {
    private final Distribution posterior;
    private final double[] lambda;
    private final double kl;

    private MomentConstraints(Distribution posterior, double[] lambda, double kl) {
        this.posterior = posterior;
        this.lambda = lambda;
        this.kl = kl;
    }

    /**
     * Projects.
     *
     * @param prior the prior
     * @param feature (features, outcomes), finite
     * @param moment (features), wanted expectations
     * @return the projection
     * @throws IllegalArgumentException if sizes differ or a feature is not finite
     * @throws NoPosteriorException if no distribution on the prior's support meets all constraints together
     */
    public static MomentConstraints meet(Distribution prior, double[][] feature, double[] moment) {
        check(prior, feature, moment);
        double[] lambda = new double[moment.length];
        double[] logWeight = prior.logProbabilities();
        restrictToExtremes(logWeight, feature, moment, lambda);
        int[] free = free(lambda);
        MomentDual dual = new MomentDual(logWeight, rows(feature, free), pick(moment, free));
        double[] solved = dual.solve();
        for (int k = 0; k < free.length; k++) {
            lambda[free[k]] = solved[k];
        }
        double[] logPosterior = dual.logWeights(solved);
        Distribution posterior = Distribution.ofLogWeights(prior.outcomes(), logPosterior);
        double kl = 0;
        for (int i = 0; i < posterior.size(); i++) {
            if (posterior.probability(i) > 0) {
                kl += posterior.probability(i) * (posterior.logProbability(i) - prior.logProbability(i));
            }
        }
        return new MomentConstraints(posterior, lambda, Math.max(0, kl));
    }

    /** {@return the projection, over the prior's outcomes} */
    public Distribution posterior() {
        return posterior;
    }

    /** {@return (features), nats a unit of feature; ±∞ where the constraint is a predicate; with collinear features the
     * shortest of the solutions} */
    public double[] lambda() {
        return lambda.clone();
    }

    /** {@return KL(projection‖prior), nats: what meeting the constraints costs} */
    public double kl() {
        return kl;
    }

    private static void check(Distribution prior, double[][] feature, double[] moment) {
        if (feature.length != moment.length) {
            throw new IllegalArgumentException(feature.length + " features but " + moment.length + " moments");
        }
        for (int k = 0; k < feature.length; k++) {
            if (feature[k].length != prior.size()) {
                throw new IllegalArgumentException(
                        "feature " + k + " has " + feature[k].length + " values for " + prior.size() + " outcomes");
            }
            for (double value : feature[k]) {
                if (!(Math.abs(value) < Double.POSITIVE_INFINITY)) {
                    throw new IllegalArgumentException("feature " + k + " has value " + value + "; it must be finite");
                }
            }
        }
    }

    /** Applies constraints at an extreme as predicates, until none is left; what they exclude may bring new ones. */
    private static void restrictToExtremes(double[] logWeight, double[][] feature, double[] moment, double[] lambda) {
        for (int k = 0; k < moment.length; k++) {
            if (lambda[k] != 0) {
                continue;
            }
            double[] range = range(logWeight, feature[k]);
            if (!(range[0] <= moment[k] && moment[k] <= range[1])) {
                throw new NoPosteriorException("moment " + k + " is " + moment[k] + "; on what the prior and the other"
                        + " constraints allow, the feature lies in [" + range[0] + ", " + range[1] + "]");
            }
            if (range[0] < range[1] && (moment[k] == range[0] || moment[k] == range[1])) {
                lambda[k] = moment[k] == range[1] ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
                for (int i = 0; i < logWeight.length; i++) {
                    logWeight[i] = feature[k][i] == moment[k] ? logWeight[i] : Double.NEGATIVE_INFINITY;
                }
                restrictToExtremes(logWeight, feature, moment, lambda);
                return;
            }
        }
    }

    /** Smallest and largest value where the weight is not zero. */
    static double[] range(double[] logWeight, double[] feature) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < feature.length; i++) {
            if (logWeight[i] > Double.NEGATIVE_INFINITY) {
                least = Math.min(least, feature[i]);
                most = Math.max(most, feature[i]);
            }
        }
        return new double[] {least, most};
    }

    private static int[] free(double[] lambda) {
        return IntStream.range(0, lambda.length)
                .filter(k -> !Double.isInfinite(lambda[k]))
                .toArray();
    }

    private static double[][] rows(double[][] feature, int[] which) {
        return Arrays.stream(which).mapToObj(k -> feature[k]).toArray(double[][]::new);
    }

    private static double[] pick(double[] values, int[] which) {
        return Arrays.stream(which).mapToDouble(k -> values[k]).toArray();
    }
}
