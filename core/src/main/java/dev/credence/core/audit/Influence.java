package dev.credence.core.audit;

/**
 * The derivative of every figure by the weight of each record, with n0, n1 and the proposal held fixed (THEORY §3c; the
 * figures that are not there by the same rule: a functional of ū and v̄ with gradients g and h has influence
 * ū (g − E_ū g) + v̄ (h − E_v̄ h), and through λ its derivative in λ times λ's own influence).
 */
final class Influence {
    /** Columns beside the figures: 1 − KL(π‖asked)/KL, and the differences of the slopes. */
    static final int ASKED_FRACTION = Figure.values().length;

    static final int DIFFERENCES = ASKED_FRACTION + 1;

    /** The figures whose pairwise differences are followed. */
    static final Figure[] SLOPES = {
        Figure.MOMENT_MATCH, Figure.SELF_CONSISTENT, Figure.PRIOR_SLOPE, Figure.POLICY_SLOPE, Figure.MIXTURE_SLOPE
    };

    static final int WIDTH = DIFFERENCES + SLOPES.length * (SLOPES.length - 1) / 2;

    private static final Figure[] NUISANCES = {
        Figure.NUISANCE_LOG_PRIOR, Figure.NUISANCE_LENGTH, Figure.NUISANCE_REWARD_SQUARED
    };

    private final Estimates estimates;
    private final double askedCopies;
    private final boolean supported;
    private final boolean finite; // whether λ is a number
    private final double kl;
    private final double bayesFraction;

    Influence(Estimates estimates, double askedCopies) {
        this.estimates = estimates;
        this.askedCopies = askedCopies;
        this.supported = estimates.get(Figure.KL_PRIOR_POLICY) < Double.POSITIVE_INFINITY;
        this.finite = Math.abs(estimates.lambda()) < Double.POSITIVE_INFINITY && estimates.varianceAtFit() > 0;
        this.kl = estimates.get(Figure.KL_POLICY_PRIOR);
        this.bayesFraction = estimates.get(Figure.BAYES_FRACTION);
    }

    /** The influences of one prompt's atoms. */
    final class OfMember implements Atoms.RecordVector {
        private final int index;
        private final double weight;
        private final Moments moments;
        private final Tilt tilt;
        private final Member member;
        private final double[] headline = new double[Reweighting.COUNT];
        private final double[] scratch = new double[Nuisances.COLUMNS];
        private final double[] coefficients = new double[Nuisances.COLUMNS];

        OfMember(int index) {
            this.index = index;
            this.weight = estimates.pool().weight(index);
            this.member = estimates.pool().members().get(index);
            this.moments = member.moments();
            this.tilt = estimates.tilts()[index];
        }

        @Override
        public void of(Block block, int i, double[] f) {
            double u = block.u[i];
            double v = block.v[i];
            double r = block.reward[i];
            double logRatio =
                    block.isSupported(i) ? block.logRatio[i] : 0; // else it meets no weight but in figures withdrawn
            prior(f, u, r, block.logPrior[i]);
            policy(f, v, r, block.isSupported(i) ? block.logPolicy[i] : 0);
            ledger(f, block, i);
            if (supported) {
                f[Figure.KL_PRIOR_POLICY.ordinal()] = weight * (u * (-logRatio - moments.klPriorPolicy()) + v - u);
                slopes(f, u, v, r, logRatio);
                nuisances(f, block, i);
            }
            differences(f);
            if (member.asked() != null) {
                asked(f, block, i, logRatio);
            }
        }

        private void prior(double[] f, double u, double r, double logPrior) {
            f[Figure.REWARD_PRIOR.ordinal()] = weight * u * (r - moments.prior().reward());
            double entropy = weight * u * (-logPrior - moments.entropyPrior());
            f[Figure.ENTROPY_PRIOR.ordinal()] = entropy;
            f[Figure.MODES_PRIOR.ordinal()] = entropy * estimates.get(Figure.MODES_PRIOR);
        }

        private void policy(double[] f, double v, double r, double logPolicy) {
            f[Figure.REWARD_POLICY.ordinal()] =
                    weight * v * (r - moments.policy().reward());
            double entropy = weight * v * (-logPolicy - moments.entropyPolicy());
            f[Figure.ENTROPY_POLICY.ordinal()] = entropy;
            f[Figure.MODES_POLICY.ordinal()] = entropy * estimates.get(Figure.MODES_POLICY);
        }

        /** Writes the influence on the six headline figures, in the order of {@link Reweighting#FIGURES}. */
        void headline(Block block, int i, double[] into, int at) {
            double u = block.u[i];
            double v = block.v[i];
            double r = block.reward[i];
            double logRatio = block.isSupported(i) ? block.logRatio[i] : 0;
            double w = u * Math.exp(tilt.logWeight(r));
            double toPrior = weight * (v * (logRatio - moments.klPolicyPrior()) + u - v);
            double explained = weight * (u - w);
            double copies = 0;
            if (finite) {
                double policyPart = weight * v * (r - moments.policy().reward());
                copies = (policyPart - weight * w * (r - tilt.mean())) / estimates.varianceAtFit();
                explained += estimates.lambda() * policyPart; // the envelope: λ's own influence cancels
            }
            into[at + Reweighting.KL] = toPrior;
            into[at + Reweighting.EXPLAINED] = explained;
            into[at + Reweighting.DEPARTURE] = toPrior - explained;
            into[at + Reweighting.FRACTION] = (explained - bayesFraction * toPrior) / kl;
            into[at + Reweighting.COPIES] = copies;
            Target asked = member.asked();
            into[at + Reweighting.LOG_Z] =
                    asked == null ? 0 : weight * (u * Math.exp(asked.logWeight().at(block.start + i, r)) - u);
        }

        private void ledger(double[] f, Block block, int i) {
            headline(block, i, headline, 0);
            for (int k = 0; k < Reweighting.COUNT; k++) {
                f[Reweighting.FIGURES[k].ordinal()] = headline[k];
            }
            double sigma = Math.sqrt(estimates.slopes().priorVariance());
            double distance = block.reward[i] - moments.prior().reward();
            double varianceShift =
                    weight * block.u[i] * (distance * distance - moments.prior().variance());
            double ceiling = estimates.get(Figure.CEILING);
            f[Figure.CEILING.ordinal()] =
                    ceiling * (headline[Reweighting.KL] / (2 * kl) - varianceShift / (2 * sigma * sigma));
            f[Figure.PER_SIGMA.ordinal()] = finite
                    ? sigma * headline[Reweighting.COPIES] + estimates.lambda() * varianceShift / (2 * sigma)
                    : 0;
        }

        private void slopes(double[] f, double u, double v, double r, double logRatio) {
            Slopes slopes = estimates.slopes();
            f[Figure.PRIOR_SLOPE.ordinal()] =
                    weight * u * score(moments.prior(), slopes.prior(), r, logRatio) / slopes.priorVariance();
            f[Figure.POLICY_SLOPE.ordinal()] =
                    weight * v * score(moments.policy(), slopes.policy(), r, logRatio) / slopes.policyVariance();
            f[Figure.MIXTURE_SLOPE.ordinal()] = weight
                    * 0.5
                    * (u * mixedScore(moments.prior(), slopes.mixture(), r, logRatio)
                            + v * mixedScore(moments.policy(), slopes.mixture(), r, logRatio))
                    / slopes.mixtureVariance();
            Moments.Pair policy = moments.policy();
            double slope = Double.isNaN(slopes.policy()) ? 0 : slopes.policy();
            double residual = logRatio - policy.logRatio() - slope * (r - policy.reward());
            f[Figure.RESIDUAL_VARIANCE.ordinal()] = weight * v * (residual * residual - policy.residual(slope));
            f[Figure.SELF_CONSISTENT.ordinal()] = selfConsistent(u, r, logRatio);
        }

        /** (r − Er)(ℓ − Eℓ − s (r − Er)) less its mean Cov − s Var. */
        private double score(Moments.Pair under, double slope, double r, double logRatio) {
            double distance = r - under.reward();
            return distance * (logRatio - under.logRatio() - slope * distance)
                    - (under.covariance() - slope * under.variance());
        }

        /** The mixture's score less its mean under one of the two halves. */
        private double mixedScore(Moments.Pair half, double slope, double r, double logRatio) {
            Moments.Pair mixture = moments.mixture();
            double distance = r - mixture.reward();
            double rewardShift = half.reward() - mixture.reward();
            double ratioShift = half.logRatio() - mixture.logRatio();
            double mean = half.covariance()
                    + rewardShift * ratioShift
                    - slope * (half.variance() + rewardShift * rewardShift);
            return distance * (logRatio - mixture.logRatio() - slope * distance) - mean;
        }

        private double selfConsistent(double u, double r, double logRatio) {
            SelfConsistent root = estimates.slopes().selfConsistent();
            if (root.fits().length == 0) {
                return 0;
            }
            SelfConsistent.Fit fit = root.fits()[index];
            double w = u * Math.exp(fit.tilt().logWeight(r));
            double residual = logRatio - root.lambda() * r - fit.residual();
            return -weight * w * ((r - fit.tilt().mean()) * residual - fit.covariance()) / root.slope();
        }

        private void nuisances(double[] f, Block block, int i) {
            estimates.nuisances().influence(index, block, i, scratch, coefficients);
            for (int k = 0; k < NUISANCES.length; k++) {
                f[NUISANCES[k].ordinal()] = weight * coefficients[k + 1];
            }
        }

        private void differences(double[] f) {
            int at = DIFFERENCES;
            for (int a = 0; a < SLOPES.length; a++) {
                for (int b = a + 1; b < SLOPES.length; b++) {
                    f[at++] = f[SLOPES[a].ordinal()] - f[SLOPES[b].ordinal()];
                }
            }
        }

        private void asked(double[] f, Block block, int i, double logRatio) {
            Target target = member.target();
            double u = block.u[i];
            double v = block.v[i];
            double r = block.reward[i];
            double t = target.logWeight().at(block.start + i, r);
            double w = u * Math.exp(t);
            double logWeight = w > 0 ? t : 0;
            f[Figure.REWARD_ASKED.ordinal()] = weight * w * (r - target.mean());
            f[Figure.KL_ASKED_PRIOR.ordinal()] = weight * (w * (logWeight - target.klToPrior()) + u - w);
            double entropy = weight * (w * (-block.logPrior[i] - logWeight - target.entropy()) + w - u);
            f[Figure.ENTROPY_ASKED.ordinal()] = entropy;
            f[Figure.MODES_ASKED.ordinal()] = entropy * estimates.get(Figure.MODES_ASKED);
            f[Figure.RECALL.ordinal()] = weight * w * ((v >= 0.5 * w ? 1 : 0) - target.recall());
            if (supported) {
                f[Figure.KL_ASKED_POLICY.ordinal()] =
                        weight * (w * (logWeight - logRatio - target.klToPolicy()) + v - w);
            }
            boolean argmax = Double.isInfinite(askedCopies);
            if (target.klFromPolicy() < Double.POSITIVE_INFINITY) {
                double fromPolicy = weight * (v * (logRatio - (v > 0 ? t : 0) - target.klFromPolicy()) + w - v);
                f[Figure.KL_POLICY_ASKED.ordinal()] = fromPolicy;
                double share = estimates.get(Figure.KL_POLICY_ASKED) / kl;
                f[ASKED_FRACTION] = -(fromPolicy - share * f[Figure.KL_POLICY_PRIOR.ordinal()]) / kl;
                f[Figure.GAP_OBJECTIVE.ordinal()] = fromPolicy / askedCopies;
            }
            if (argmax) {
                f[Figure.GAP_OBJECTIVE.ordinal()] = -f[Figure.REWARD_POLICY.ordinal()];
            }
        }
    }

    Estimates estimates() {
        return estimates;
    }
}
