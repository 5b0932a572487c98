package dev.credence.core.audit;

import java.io.Serializable;

/**
 * The root of λ = Σω Cov_w̄(r, ℓ) / Σω Var_w̄(r) with w̄ = π*_λ itself, nearest to the moment-matching λ: a stationary
 * point of KL(π*_λ‖π) (docs/theory.md#slopes).
 *
 * @param lambda copies; NaN where no root was found
 * @param slope derivative of Σω Cov_w̄(r, ℓ − λr) in λ at the root
 * @param fits each prompt's moments at the root
 */
record SelfConsistent(double lambda, double slope, Fit[] fits) {
    private static final SelfConsistent NONE = new SelfConsistent(Double.NaN, Double.NaN, new Fit[0]);
    private static final int MAX_NEWTON = 60;
    private static final int MAX_SCAN = 80;
    /** Newton's error after a step this small (relative) is its square: below rounding. */
    private static final double NEWTON_TOLERANCE = 1e-9;

    private static final double BISECTION_TOLERANCE = 1e-13;

    /**
     * One prompt at one λ, with e = ℓ − λr under w̄.
     *
     * @param tilt the prompt's conditional
     * @param residual mean of e
     * @param covariance Cov(r, e)
     * @param third E (r − M)²(e − mean e)
     * @serial exclude
     */
    record Fit(AtomTilt tilt, double residual, double covariance, double third) implements Serializable {
        /** What a process needs of it that does not hold the records. */
        Fit told() {
            return new Fit(tilt.told(), residual, covariance, third);
        }

        static Fit of(PromptAtoms member, double lambda) {
            TiltSums sums = TiltSums.of(member.atoms(), member.moments(), lambda);
            AtomTilt tilt = AtomTilt.of(lambda, sums, member.moments().levels());
            double residual = sums.l() / sums.one() - lambda * tilt.mean();
            if (member.atoms().strata() == 0) {
                TiltResiduals about = TiltResiduals.of(member.atoms(), tilt);
                return new Fit(tilt.withVariance(about.variance()), residual, about.covariance(), about.third());
            }
            return new Fit(
                    tilt,
                    residual,
                    sums.covariance() - lambda * tilt.variance(),
                    sums.thirdMixed() - lambda * sums.thirdMoment());
        }
    }

    static SelfConsistent solve(PromptPool pool, double momentMatch) {
        boolean lost = pool.mean(m -> m.moments().lostMass()) > 0;
        if (lost || !(Math.abs(momentMatch) < Double.POSITIVE_INFINITY)) {
            return NONE;
        }
        double range = pool.mean(m -> m.moments().maxReward() - m.moments().minReward());
        SelfConsistent newton = newton(pool, momentMatch, momentMatch, 0.5 * Math.abs(momentMatch) + 1 / range);
        return Double.isNaN(newton.lambda) ? scan(pool, momentMatch, range) : newton;
    }

    private static SelfConsistent at(PromptPool pool, double lambda) {
        Fit[] fits = pool.all(c -> Fit.of(pool.members().get(c), lambda), Fit::told, Fit[]::new);
        double slope = 0;
        for (int c = 0; c < fits.length; c++) {
            slope += pool.weight(c) * (fits[c].third - fits[c].tilt.variance());
        }
        return new SelfConsistent(lambda, slope, fits);
    }

    private double excess(PromptPool pool) {
        double excess = 0;
        for (int c = 0; c < fits.length; c++) {
            excess += pool.weight(c) * fits[c].covariance;
        }
        return excess;
    }

    /** Newton's method; gives up (NaN) when it wanders further than {@code reach} or does not settle. */
    private static SelfConsistent newton(PromptPool pool, double start, double center, double reach) {
        double lambda = start;
        for (int step = 0; step < MAX_NEWTON; step++) {
            SelfConsistent here = at(pool, lambda);
            double next = lambda - here.excess(pool) / here.slope;
            if (!(Math.abs(next - center) <= reach)) {
                break;
            }
            if (Math.abs(next - lambda) <= NEWTON_TOLERANCE * Math.max(Math.abs(lambda), reach)) {
                return at(pool, next);
            }
            lambda = next;
        }
        return NONE;
    }

    /** Looks outwards from the centre, on both sides, for the nearest change of sign, then bisects it. */
    private static SelfConsistent scan(PromptPool pool, double center, double range) {
        double first = at(pool, center).excess(pool);
        double up = center;
        double down = center;
        double stride = 0.02 * Math.max(Math.abs(center), 1 / range);
        for (int k = 0; k < MAX_SCAN; k++, stride *= 1.1) {
            if (first * at(pool, up + stride).excess(pool) <= 0) {
                return bisect(pool, up, up + stride, first);
            }
            if (first * at(pool, down - stride).excess(pool) <= 0) {
                return bisect(pool, down, down - stride, first);
            }
            up += stride;
            down -= stride;
        }
        return NONE;
    }

    private static SelfConsistent bisect(PromptPool pool, double from, double to, double signAtFrom) {
        double near = from;
        double far = to;
        for (int k = 0;
                k < 100 && Math.abs(far - near) > BISECTION_TOLERANCE * Math.max(Math.abs(near), Math.abs(far));
                k++) {
            double middle = 0.5 * (near + far);
            if (signAtFrom * at(pool, middle).excess(pool) > 0) {
                near = middle;
            } else {
                far = middle;
            }
        }
        return at(pool, 0.5 * (near + far));
    }
}
