package dev.credence.core.audit;

import java.io.Serializable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The six headline figures when the weights of a prompt's records change, in closed form: nine sums of a prompt determine
 * them, and λ_mm follows by one second-order step (its root of f = V'δ + K'δ²/2; the explained KL is the maximum of
 * λR − log Z(λ), so an error of δ enters it squared).
 */
final class Reweighting {
    // What is summed over the records: ū, v̄, v̄ℓ, v̄r, w̄, w̄d, w̄d², w̄d³ with d = r − M, and the asked w̄.
    private static final int U = 0;
    private static final int V = 1;
    private static final int V_RATIO = 2;
    private static final int V_REWARD = 3;
    private static final int TILTED = 4;
    private static final int TILTED_D1 = 5;
    private static final int TILTED_D2 = 6;
    private static final int TILTED_D3 = 7;
    private static final int ASKED = 8;

    /** How many they are. */
    static final int FIELDS = 9;

    /** The headline figures, in the order of every array here. */
    static final Figure[] FIGURES = {
        Figure.KL_POLICY_PRIOR,
        Figure.KL_EXPLAINED,
        Figure.KL_DEPARTURE,
        Figure.BAYES_FRACTION,
        Figure.MOMENT_MATCH,
        Figure.LOG_Z
    };

    static final int COUNT = FIGURES.length;
    static final int KL = 0;
    static final int EXPLAINED = 1;
    static final int DEPARTURE = 2;
    static final int FRACTION = 3;
    static final int COPIES = 4;
    static final int LOG_Z = 5;

    private static final double LEAST_MASS = 1e-6;
    private static final double LEAST_SHARE = 1e-3;

    private final Estimates estimates;
    private final double variance; // Σ ω V_c
    private final double third; // Σ ω K_c
    private final double meanReward; // Σ ω R_c
    private final double meanLogZ; // Σ ω log Z_c at the fit
    private final double[] thirds; // (members)
    private final double[] baseline = new double[COUNT];

    Reweighting(Estimates estimates) {
        this.estimates = estimates;
        this.variance = estimates.varianceAtFit();
        PromptPool pool = estimates.pool();
        TiltSums[] sums = pool.tiltSums(estimates.lambda());
        this.thirds = new double[sums.length];
        double total = 0;
        double reward = 0;
        double logZ = 0;
        for (int c = 0; c < sums.length; c++) {
            thirds[c] = sums[c].thirdMoment();
            total += pool.weight(c) * thirds[c];
            reward += pool.weight(c) * reward(c);
            logZ += pool.weight(c) * estimates.tilts()[c].logZ();
        }
        this.third = total;
        this.meanReward = reward;
        this.meanLogZ = logZ;
        double kl = estimates.get(Figure.KL_POLICY_PRIOR);
        baseline[KL] = Math.cbrt(kl);
        baseline[EXPLAINED] = Math.sqrt(Math.max(0, explained()));
        baseline[DEPARTURE] = Math.log(departure());
        baseline[FRACTION] = ShareScale.to(estimates.get(Figure.BAYES_FRACTION), departure() / kl);
        baseline[COPIES] = estimates.lambda();
        baseline[LOG_Z] = estimates.get(Figure.LOG_Z);
    }

    private double reward(int member) {
        return estimates.pool().members().get(member).moments().policy().reward();
    }

    private double explained() {
        return estimates.get(Figure.KL_EXPLAINED);
    }

    private double departure() {
        return estimates.get(Figure.KL_DEPARTURE);
    }

    /**
     * The figure's interval from its ends on its own scale. Those of the explained KL and the fraction are roots with the
     * sign of λ as it was estimated: what reaches below zero is a tilt the other way, and holds zero.
     */
    static Intervals.Limits unscaled(int figure, double low, double high) {
        return switch (figure) {
            case KL -> new Intervals.Limits(cube(low), cube(high));
            case EXPLAINED -> {
                double least = Math.max(0, low);
                double most = Math.max(high, -low);
                yield new Intervals.Limits(least * least, most * most);
            }
            case DEPARTURE -> new Intervals.Limits(Math.exp(low), Math.exp(high));
            case FRACTION -> new Intervals.Limits(ShareScale.from(low), ShareScale.from(Math.max(high, -low)));
            default -> new Intervals.Limits(low, high);
        };
    }

    private static double cube(double root) {
        return root <= 0 ? 0 : root * root * root;
    }

    /** The slope of the scale at the estimate. */
    double slope(int figure) {
        return switch (figure) {
            case KL -> {
                double root = Math.cbrt(estimates.get(FIGURES[figure]));
                yield 1 / (3 * root * root);
            }
            case EXPLAINED -> 1 / (2 * Math.sqrt(explained()));
            case DEPARTURE -> 1 / departure();
            case FRACTION -> {
                double kl = estimates.get(Figure.KL_POLICY_PRIOR);
                yield kl / (2 * Math.sqrt(explained() / kl) * departure());
            }
            default -> 1;
        };
    }

    /** The estimates on the scales of their intervals. */
    double baseline(int figure) {
        return baseline[figure];
    }

    /** The fields of one prompt's records, by column. */
    final class Fields implements Atoms.Columns {
        private final AtomTilt tilt;
        private final @Nullable Target asked;
        private final double[] logAsked; // (atoms of a block)

        Fields(int member) {
            this.tilt = estimates.tilts()[member];
            this.asked = estimates.pool().members().get(member).asked();
            this.logAsked =
                    new double[estimates.pool().members().get(member).atoms().blockSize()];
        }

        @Override
        public void fill(AtomBlock block, double[][] into) {
            System.arraycopy(block.u, 0, into[U], 0, block.count);
            System.arraycopy(block.v, 0, into[V], 0, block.count);
            double[] tilted = into[TILTED];
            tilt.weigh(block, tilted);
            for (int i = 0; i < block.count; i++) {
                double v = block.v[i];
                double r = block.reward[i];
                double d = r - tilt.mean();
                into[V_RATIO][i] = block.isSupported(i) ? v * block.logRatio[i] : 0;
                into[V_REWARD][i] = v * r;
                into[TILTED_D1][i] = tilted[i] * d;
                into[TILTED_D2][i] = tilted[i] * d * d;
                into[TILTED_D3][i] = tilted[i] * d * d * d;
            }
            if (asked == null) {
                Arrays.fill(into[ASKED], 0, block.count, 0);
            } else {
                asked.conditional().weigh(block, logAsked, into[ASKED]);
            }
        }
    }

    /** What a prompt's change does to the overall sums. */
    static final class Change implements Serializable {
        double kl;
        double reward;
        double logZ;
        double askedLogZ;
        double excess;
        double variance;
        double third;

        void add(Change other) {
            kl += other.kl;
            reward += other.reward;
            logZ += other.logZ;
            askedLogZ += other.askedLogZ;
            excess += other.excess;
            variance += other.variance;
            third += other.third;
        }
    }

    /** Adds to {@code change} what a prompt contributes whose nine sums move by {@code shift}, from {@code at} on. */
    void add(int member, double[] shift, int at, Change change) {
        PromptAtoms prompt = estimates.pool().members().get(member);
        double weight = estimates.pool().weight(member);
        double kl = prompt.moments().klPolicyPrior();
        double reward = reward(member);
        double ownVariance = estimates.tilts()[member].variance();
        double mass = positive(shift[at + U]);
        double policyMass = positive(shift[at + V]);
        double tiltMass = positive(shift[at + TILTED]);
        double logMass = Math.log(mass);
        change.kl += weight * ((kl + shift[at + V_RATIO]) / policyMass - Math.log(policyMass) + logMass - kl);
        double moved = (reward + shift[at + V_REWARD]) / policyMass - reward;
        change.reward += weight * moved;
        change.logZ += weight * (Math.log(tiltMass) - logMass);
        change.askedLogZ += weight * (Math.log(positive(shift[at + ASKED])) - logMass);
        double m = shift[at + TILTED_D1] / tiltMass;
        double s2 = (ownVariance + shift[at + TILTED_D2]) / tiltMass;
        double s3 = (thirds[member] + shift[at + TILTED_D3]) / tiltMass;
        change.excess += weight * (moved - m);
        change.variance += weight * (s2 - m * m - ownVariance);
        change.third += weight * (s3 - 3 * m * s2 + 2 * m * m * m - thirds[member]);
    }

    /** Adds to {@code change} what it does to give a whole prompt so much more of the weight, taken from all alike. */
    void reweigh(int member, double by, Change change) {
        PromptAtoms prompt = estimates.pool().members().get(member);
        AtomTilt tilt = estimates.tilts()[member];
        change.kl += by * (prompt.moments().klPolicyPrior() - estimates.get(Figure.KL_POLICY_PRIOR));
        change.reward += by * (reward(member) - meanReward);
        change.logZ += by * (tilt.logZ() - meanLogZ);
        change.excess += by * (reward(member) - tilt.mean());
        change.variance += by * (tilt.variance() - variance);
        change.third += by * (thirds[member] - third);
        if (prompt.asked() != null) {
            change.askedLogZ += by * (prompt.target().logZ() - estimates.get(Figure.LOG_Z));
        }
    }

    private static double positive(double change) {
        return Math.max(1 + change, LEAST_MASS);
    }

    /** Writes the figures after a change, on the scales of their intervals. */
    void figures(Change change, double[] into) {
        double f = change.excess;
        double v = Math.max(variance + change.variance, variance * LEAST_SHARE);
        double k = third + change.third;
        double delta = step(f, v, k);
        double explained = explained()
                + estimates.lambda() * change.reward
                - change.logZ
                + f * delta
                - v * delta * delta / 2
                - k * delta * delta * delta / 6;
        double kl = estimates.get(Figure.KL_POLICY_PRIOR) + change.kl;
        double departure = Math.max(kl - explained, departure() * LEAST_SHARE);
        into[KL] = Math.cbrt(Math.max(0, kl));
        double lambda = estimates.lambda() + delta;
        double sign = lambda * estimates.lambda() < 0 ? -1 : 1;
        double positive = Math.max(0, explained);
        double total = positive + departure;
        into[EXPLAINED] = sign * Math.sqrt(positive);
        into[DEPARTURE] = Math.log(departure);
        into[FRACTION] = sign * ShareScale.to(positive / total, departure / total);
        into[COPIES] = lambda;
        into[LOG_Z] = estimates.get(Figure.LOG_Z) + change.askedLogZ;
    }

    private static double step(double f, double v, double k) {
        double discriminant = v * v + 2 * k * f;
        double delta = discriminant > 0.1 * v * v ? 2 * f / (v + Math.sqrt(discriminant)) : f / v;
        double most = 5 + 5 / Math.sqrt(v);
        return Math.max(-most, Math.min(most, delta));
    }
}
