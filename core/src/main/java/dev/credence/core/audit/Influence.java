package dev.credence.core.audit;

import java.util.Arrays;
import java.util.List;

/**
 * The derivative of every figure by the weight of each record, with n0, n1 and the proposal held fixed (docs/theory.md#influence-functions; the
 * figures that are not there by the same rule: a functional of ū and v̄ with gradients g and h has influence
 * ū (g − E_ū g) + v̄ (h − E_v̄ h), and through λ its derivative in λ times λ's own influence).
 *
 * <p>Columns are of two kinds: multiples of a prompt's own ({@link PromptInfluence}), and those that change with λ and
 * the other prompts, which are written here.
 */
final class Influence {
    /** What is followed. */
    enum Extent {
        /** The figures. */
        FIGURES,
        /** The figures, and what verdicts compare: {@link #ASKED_FRACTION} and the differences of the slopes. */
        VERDICTS
    }

    /** Columns beside the figures: 1 − KL(π‖asked)/KL, and the differences of the slopes. */
    static final int ASKED_FRACTION = Figure.values().length;

    static final int DIFFERENCES = ASKED_FRACTION + 1;

    /** The figures whose pairwise differences are followed. */
    static final Figure[] SLOPES = {
        Figure.MOMENT_MATCH, Figure.SELF_CONSISTENT, Figure.PRIOR_SLOPE, Figure.POLICY_SLOPE, Figure.MIXTURE_SLOPE
    };

    /** The figures that are written here, in the order of their columns; what is beside the figures follows them. */
    private static final List<Figure> FITTED = List.of(
            Figure.KL_EXPLAINED,
            Figure.KL_DEPARTURE,
            Figure.BAYES_FRACTION,
            Figure.PER_SIGMA,
            Figure.CEILING,
            Figure.MOMENT_MATCH,
            Figure.SELF_CONSISTENT,
            Figure.PRIOR_SLOPE,
            Figure.POLICY_SLOPE,
            Figure.MIXTURE_SLOPE,
            Figure.RESIDUAL_VARIANCE,
            Figure.NUISANCE_LOG_PRIOR,
            Figure.NUISANCE_LENGTH,
            Figure.NUISANCE_REWARD_SQUARED);

    /** Those of them that take every atom's log-ratio to be a number. */
    private static final List<Figure> OF_LOG_RATIO =
            FITTED.subList(FITTED.indexOf(Figure.SELF_CONSISTENT), FITTED.size());

    private final Estimates estimates;
    private final Extent extent;
    private final boolean argmax; // whether infinitely many copies are asked for
    private final double askedCopies;
    private final boolean supported;
    private final boolean finite; // whether λ is a number
    private final double copies; // λ, or 0
    private final double precision; // 1/Σ ω V_c, or 0
    private final double kl;
    private final double bayesFraction;

    Influence(Estimates estimates, double askedCopies, Extent extent) {
        this.estimates = estimates;
        this.extent = extent;
        this.argmax = Double.isInfinite(askedCopies);
        this.askedCopies = askedCopies;
        this.supported = estimates.get(Figure.KL_PRIOR_POLICY) < Double.POSITIVE_INFINITY;
        this.finite = Math.abs(estimates.lambda()) < Double.POSITIVE_INFINITY && estimates.varianceAtFit() > 0;
        this.copies = finite ? estimates.lambda() : 0;
        this.precision = finite ? 1 / estimates.varianceAtFit() : 0;
        this.kl = estimates.get(Figure.KL_POLICY_PRIOR);
        this.bayesFraction = estimates.get(Figure.BAYES_FRACTION);
    }

    Estimates estimates() {
        return estimates;
    }

    /** β of the objective's gap; 0 where none is asked for or it is not told by KL(π‖π*). */
    double objectiveScale() {
        return estimates.pool().isAsked() && askedCopies > 0 && !argmax ? 1 / askedCopies : 0;
    }

    /** How many columns are written here. */
    int fittedWidth() {
        return extent == Extent.FIGURES ? FITTED.size() : FITTED.size() + 1 + SLOPES.length * (SLOPES.length - 1) / 2;
    }

    /** Where each figure's influence is, by ordinal; what is beside the figures follows them. */
    InfluenceColumn[] columns() {
        int figures = Figure.values().length;
        InfluenceColumn[] columns = new InfluenceColumn[figures + fittedWidth() - FITTED.size()];
        for (Figure figure : Figure.values()) {
            int index = FITTED.indexOf(figure);
            columns[figure.ordinal()] = index >= 0 ? new InfluenceColumn(true, index, 1) : ofPrompt(figure);
        }
        for (int k = figures; k < columns.length; k++) {
            columns[k] = new InfluenceColumn(true, FITTED.size() + k - figures, 1);
        }
        return columns;
    }

    private InfluenceColumn ofPrompt(Figure figure) {
        boolean asked = estimates.pool().isAsked();
        return switch (figure) {
            case MODES_PRIOR -> InfluenceColumn.ofPrompt(Figure.ENTROPY_PRIOR, estimates.get(figure));
            case MODES_POLICY -> InfluenceColumn.ofPrompt(Figure.ENTROPY_POLICY, estimates.get(figure));
            case MODES_ASKED -> InfluenceColumn.ofPrompt(Figure.ENTROPY_ASKED, asked ? estimates.get(figure) : 0);
            case GAP_OBJECTIVE ->
                argmax
                        ? InfluenceColumn.ofPrompt(Figure.REWARD_POLICY, asked ? -1 : 0)
                        : InfluenceColumn.ofPrompt(Figure.KL_POLICY_ASKED, asked ? 1 / askedCopies : 0);
            case KL_PRIOR_POLICY, KL_ASKED_POLICY -> InfluenceColumn.ofPrompt(figure, supported ? 1 : 0);
            default -> InfluenceColumn.ofPrompt(figure, 1);
        };
    }

    /** The influences of one prompt's atoms. */
    final class OfMember implements Atoms.Columns {
        private final int index;
        private final double weight;
        private final AtomMoments moments;
        private final AtomTilt tilt;
        private final PromptInfluence own;
        private final double[] toPrior; // (atoms of a block)
        private final double[] tilted;

        OfMember(int index) {
            PromptAtoms member = estimates.pool().members().get(index);
            this.index = index;
            this.weight = estimates.pool().weight(index);
            this.moments = member.moments();
            this.tilt = estimates.tilts()[index];
            this.own = new PromptInfluence(member);
            this.toPrior = new double[member.atoms().blockSize()];
            this.tilted = toPrior.clone();
        }

        @Override
        public void fill(AtomBlock block, double[][] into) {
            double[] matching = into[FITTED.indexOf(Figure.MOMENT_MATCH)];
            ledger(
                    block,
                    toPrior,
                    into[FITTED.indexOf(Figure.KL_EXPLAINED)],
                    into[FITTED.indexOf(Figure.KL_DEPARTURE)],
                    into[FITTED.indexOf(Figure.BAYES_FRACTION)],
                    matching);
            perSigma(block, matching, into[FITTED.indexOf(Figure.PER_SIGMA)], into[FITTED.indexOf(Figure.CEILING)]);
            if (supported) {
                selfConsistent(block, into[FITTED.indexOf(Figure.SELF_CONSISTENT)]);
                slopes(
                        block,
                        into[FITTED.indexOf(Figure.PRIOR_SLOPE)],
                        into[FITTED.indexOf(Figure.POLICY_SLOPE)],
                        into[FITTED.indexOf(Figure.MIXTURE_SLOPE)]);
                residuals(block, into[FITTED.indexOf(Figure.RESIDUAL_VARIANCE)]);
                estimates.nuisances().influence(index, block, weight, into, FITTED.indexOf(Figure.NUISANCE_LOG_PRIOR));
            } else {
                for (Figure figure : OF_LOG_RATIO) {
                    Arrays.fill(into[FITTED.indexOf(figure)], 0, block.count, 0);
                }
            }
            if (extent == Extent.VERDICTS) {
                askedFraction(block, into[FITTED.size()]);
                differences(block, into);
            }
        }

        /** Writes the influence on the six headline figures from a column on, in the order of {@link Reweighting#FIGURES}. */
        void headline(AtomBlock block, double[][] into, int at) {
            ledger(
                    block,
                    into[at + Reweighting.KL],
                    into[at + Reweighting.EXPLAINED],
                    into[at + Reweighting.DEPARTURE],
                    into[at + Reweighting.FRACTION],
                    into[at + Reweighting.COPIES]);
            own.logZ(block, weight, into[at + Reweighting.LOG_Z]);
        }

        /** All but log Z. */
        private void ledger(
                AtomBlock block,
                double[] kl,
                double[] explained,
                double[] departure,
                double[] fraction,
                double[] matching) {
            own.klPolicyPrior(block, weight, kl);
            tilt.weigh(block, tilted);
            double policyReward = moments.policy().reward();
            for (int i = 0; i < block.count; i++) {
                double w = tilted[i];
                double r = block.reward[i];
                double policyPart = weight * block.v[i] * (r - policyReward);
                matching[i] = (policyPart - weight * w * (r - tilt.mean())) * precision;
                // the envelope: λ's own influence cancels
                explained[i] = weight * (block.u[i] - w) + copies * policyPart;
            }
            for (int i = 0; i < block.count; i++) {
                departure[i] = kl[i] - explained[i];
                fraction[i] = (explained[i] - bayesFraction * kl[i]) / Influence.this.kl;
            }
        }

        private void perSigma(AtomBlock block, double[] matching, double[] perSigma, double[] ceiling) {
            double variance = estimates.slopes().priorVariance();
            double sigma = Math.sqrt(variance);
            double most = estimates.get(Figure.CEILING);
            double slope = finite ? copies / (2 * sigma) : 0;
            double mean = moments.prior().reward();
            double ownVariance = moments.prior().variance();
            for (int i = 0; i < block.count; i++) {
                double distance = block.reward[i] - mean;
                double shift = weight * block.u[i] * (distance * distance - ownVariance); // of the variance
                perSigma[i] = sigma * matching[i] + slope * shift;
                ceiling[i] = most * (toPrior[i] / (2 * kl) - shift / (2 * variance));
            }
        }

        private void slopes(AtomBlock block, double[] prior, double[] policy, double[] mixture) {
            Slopes slopes = estimates.slopes();
            Arrays.fill(prior, 0, block.count, 0);
            Arrays.fill(policy, 0, block.count, 0);
            Arrays.fill(mixture, 0, block.count, 0);
            AtomMoments.Pair under = moments.prior();
            addScores(block, block.u, under, under, slopes.prior(), 1 / slopes.priorVariance(), prior);
            under = moments.policy();
            addScores(block, block.v, under, under, slopes.policy(), 1 / slopes.policyVariance(), policy);
            under = moments.mixture();
            double share = 0.5 / slopes.mixtureVariance();
            addScores(block, block.u, moments.prior(), under, slopes.mixture(), share, mixture);
            addScores(block, block.v, moments.policy(), under, slopes.mixture(), share, mixture);
        }

        /** (r − Er)(ℓ − Eℓ − s (r − Er)) about a centre, less its mean under the masses, times these and a factor. */
        private void addScores(
                AtomBlock block,
                double[] mass,
                AtomMoments.Pair half,
                AtomMoments.Pair center,
                double slope,
                double factor,
                double[] into) {
            double rewardShift = half.reward() - center.reward();
            double ratioShift = half.logRatio() - center.logRatio();
            double mean = half.covariance()
                    + rewardShift * ratioShift
                    - slope * (half.variance() + rewardShift * rewardShift);
            double reward = center.reward();
            double logRatio = center.logRatio();
            double scale = weight * factor;
            for (int i = 0; i < block.count; i++) {
                double distance = block.reward[i] - reward;
                double score = distance * (block.logRatio[i] - logRatio - slope * distance) - mean;
                into[i] += scale * mass[i] * score;
            }
        }

        private void residuals(AtomBlock block, double[] into) {
            AtomMoments.Pair policy = moments.policy();
            double slope = estimates.slopes().policy();
            slope = Double.isNaN(slope) ? 0 : slope;
            double mean = policy.residual(slope);
            for (int i = 0; i < block.count; i++) {
                double residual = block.logRatio[i] - policy.logRatio() - slope * (block.reward[i] - policy.reward());
                into[i] = weight * block.v[i] * (residual * residual - mean);
            }
        }

        private void selfConsistent(AtomBlock block, double[] into) {
            SelfConsistent root = estimates.slopes().selfConsistent();
            if (root.fits().length == 0) {
                Arrays.fill(into, 0, block.count, 0);
                return;
            }
            SelfConsistent.Fit fit = root.fits()[index];
            fit.tilt().weigh(block, tilted);
            double mean = fit.tilt().mean();
            double scale = -weight / root.slope();
            for (int i = 0; i < block.count; i++) {
                double r = block.reward[i];
                double residual = block.logRatio[i] - root.lambda() * r - fit.residual();
                into[i] = scale * tilted[i] * ((r - mean) * residual - fit.covariance());
            }
        }

        private void askedFraction(AtomBlock block, double[] into) {
            own.klPolicyAsked(block, weight, into);
            if (askedIsFinite()) {
                double share = estimates.get(Figure.KL_POLICY_ASKED) / kl;
                for (int i = 0; i < block.count; i++) {
                    into[i] = -(into[i] - share * toPrior[i]) / kl;
                }
            }
        }

        private boolean askedIsFinite() {
            Target asked = estimates.pool().members().get(index).asked();
            return asked != null && asked.klFromPolicy() < Double.POSITIVE_INFINITY;
        }

        private void differences(AtomBlock block, double[][] into) {
            int first = FITTED.indexOf(Figure.MOMENT_MATCH);
            int at = FITTED.size() + 1;
            for (int a = first; a < first + SLOPES.length; a++) {
                for (int b = a + 1; b < first + SLOPES.length; b++, at++) {
                    for (int i = 0; i < block.count; i++) {
                        into[at][i] = into[a][i] - into[b][i];
                    }
                }
            }
        }
    }
}
