package dev.credence.core.audit;

import static dev.credence.core.audit.Gate.Status.FAIL;
import static dev.credence.core.audit.Gate.Status.PASS;

import java.io.Serializable;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Whether the two estimates of KL(π‖π0), and of KL(π0‖π), can both be right: the mixture's, which weighs every record by
 * its log-probabilities, and the plain mean of the log-ratio ℓ over the records that are said to be of one model. Labels
 * or columns that were swapped, another temperature, a truncated sampler, shuffled scores and a stale policy part them.
 *
 * <p>Both come from the same records, so it is their difference that is tested, by its own influence function. That one is
 * kinder than either estimate's: E_π0[ℓ; ℓ &gt; t] meets a mass below e^{−t}, so an exact log leaves no heavy tail to the
 * difference. What no record shows is allowed for: that so many draws of a kind were due and none came has a probability of
 * e^{−g}, so g records' worth of the range of ℓ.
 *
 * <p>A negative KL needs no variance: E_π e^{−ℓ} ≤ 1, so that Σℓ over independent records of the policy is below −g with
 * a probability of at most e^{−g} (Markov), whatever the tails.
 */
final class TwoEstimates {
    /** The probability of a false alarm that each test is set to, before it is divided among prompts. */
    private static final double LEVEL = 1e-3;

    /** Standard errors that a KL must be below zero too: scores that scatter break the bound on Σℓ, but not this. */
    private static final double ERRORS = 3;

    /** Of a bias of second order: what those of higher order may be. */
    private static final double LEFT_OF_LEAN = 0.5;

    /** Nats: what single precision leaves of two sums over the same records. */
    private static final double ROUNDING = 1e-5;

    // What each record adds to its unit: its weight's derivative of the two differences and of its own side's plain
    // mean, the summand of that mean, and one; its masses under both, and their products with the log-ratio.
    private static final int FORWARD = 0;
    private static final int REVERSE = 1;
    private static final int PLAIN = 2;
    private static final int SUMMAND = 3;
    private static final int RECORDS = 4;
    private static final int U = 5;
    private static final int V = 6;
    private static final int U_RATIO = 7;
    private static final int V_RATIO = 8;
    private static final int COLUMNS = 9;

    // What is summed over a stratum's units.
    private static final int UNITS = 0;
    private static final int FORWARD_SUM = 1;
    private static final int FORWARD_SQUARE = 2;
    private static final int REVERSE_SUM = 3;
    private static final int REVERSE_SQUARE = 4;
    private static final int PLAIN_SQUARE = 5;
    private static final int TOTAL = 6; // of the units' means of the summand
    private static final int U_SUM = 7;
    private static final int U_SQUARE = 8;
    private static final int V_SUM = 9;
    private static final int V_SQUARE = 10;
    private static final int U_RATIO_SUM = 11;
    private static final int U_BY_RATIO = 12; // of mass and its product with the log-ratio
    private static final int V_RATIO_SUM = 13;
    private static final int V_BY_RATIO = 14;
    private static final int FIELDS = 15;

    private TwoEstimates() {}

    /** The gate of a pool with records of both; {@code ids} are the findings there are. */
    static Gate of(PromptPool pool, Set<String> ids) {
        if (!pool.members().stream().allMatch(m -> m.atoms().keepsEveryDraw())) {
            return pass(Double.NaN, "not tried: draws were thinned, so that no plain mean is one of the sampler");
        }
        Own[] own = pool.all(c -> Own.of(pool.members().get(c)), Own[]::new);
        double allowance = ROUNDING + ScoringNoise.of(pool).ratioVariance();
        Own all = Own.mean(own, pool);
        double[] excess = IntStream.range(0, own.length)
                .mapToDouble(c -> own[c].excess(LEVEL / own.length, allowance))
                .toArray();
        int worst = IntStream.range(0, own.length).reduce(0, (a, b) -> excess[b] > excess[a] ? b : a);
        double overall = all.excess(LEVEL, allowance);
        double largest = Math.max(overall, excess[worst]);
        if (!(largest > 1)) {
            return pass(largest, "the mixture's and the plain estimates of the divergences agree");
        }
        boolean one = excess[worst] > overall && own.length > 1;
        Own shown = one ? own[worst] : all;
        String where =
                one ? "prompt " + Words.quoted(pool.members().get(worst).atoms().prompt()) + ": " : "";
        Set<String> withdraws = new LinkedHashSet<>(ids);
        withdraws.removeIf(id -> id.startsWith("ess.") || id.startsWith("khat.") || id.endsWith(".sampled"));
        return new Gate("two_estimates", FAIL, largest, where + shown.reason(LEVEL), List.copyOf(withdraws));
    }

    private static Gate pass(double figure, String reason) {
        return new Gate("two_estimates", PASS, figure, reason, List.of());
    }

    /**
     * One direction: KL(π‖π0) over the policy's records, or KL(π0‖π) over the prior's.
     *
     * @param mixture the mixture's estimate, nats
     * @param lean its bias of second order, nats: few records a prompt lean it, and all prompts the same way
     * @param plain the plain mean, nats
     * @param variance of their difference
     * @param plainVariance of the plain mean
     * @param total Σ of the plain summands, a unit's mean counting once, nats
     * @serial exclude
     */
    record Direction(double mixture, double lean, double plain, double variance, double plainVariance, double total)
            implements Serializable {
        static final Direction NONE = new Direction(0, 0, 0, 0, 0, 0);

        /** How much the plain estimate is above the mixture's, which is as good as without bias. */
        double difference() {
            return plain - (mixture - lean);
        }

        /** Whether the plain estimate is negative beyond what independent draws allow, and by so many of its errors. */
        boolean isNegative(double level, double errors) {
            return total < Math.log(level) && plain < -errors * Math.sqrt(plainVariance);
        }
    }

    /**
     * What is known of one prompt, or of all by weight.
     *
     * @param policy KL(π‖π0)
     * @param prior KL(π0‖π), {@link Direction#NONE} where it is infinite
     * @param reach what the weightiest unseen record could add to a difference: the range of ℓ, or one, over the number of
     *     units (a mass m that no record shows makes every recorded ℓ too small by about m)
     * @serial exclude
     */
    record Own(Direction policy, Direction prior, double reach) implements Serializable {
        static Own of(PromptAtoms member) {
            Atoms atoms = member.atoms();
            int strata = atoms.strata();
            double n0 = atoms.records(RolloutLog.PRIOR);
            double n1 = atoms.records(RolloutLog.POLICY);
            double[] plain = atoms.sum(2, TwoEstimates::addPlain);
            boolean supported = member.moments().klPriorPolicy() < Double.POSITIVE_INFINITY;
            double ofPolicy = plain[RolloutLog.POLICY] / n1;
            double ofPrior = supported ? plain[RolloutLog.PRIOR] / n0 : 0;
            Influences influences = new Influences(member.moments(), ofPolicy, ofPrior, n0, n1, supported);
            double[] s = atoms.sumUnits(FIELDS * strata, COLUMNS, () -> influences, TwoEstimates::addUnits);
            double forwardVariance = 0;
            double reverseVariance = 0;
            double fewest = Double.POSITIVE_INFINITY;
            double ofU = 0;
            double ofV = 0;
            double ofURatio = 0;
            double ofVRatio = 0;
            for (int stratum = 0; stratum < strata; stratum++) {
                int at = FIELDS * stratum;
                double units = s[at + UNITS];
                ofU += UnitColumns.varianceOfTotal(units, s[at + U_SUM], s[at + U_SQUARE]);
                ofV += UnitColumns.varianceOfTotal(units, s[at + V_SUM], s[at + V_SQUARE]);
                ofURatio += covariance(units, s[at + U_SUM], s[at + U_RATIO_SUM], s[at + U_BY_RATIO]);
                ofVRatio += covariance(units, s[at + V_SUM], s[at + V_RATIO_SUM], s[at + V_BY_RATIO]);
                forwardVariance += UnitColumns.varianceOfTotal(units, s[at + FORWARD_SUM], s[at + FORWARD_SQUARE]);
                reverseVariance += UnitColumns.varianceOfTotal(units, s[at + REVERSE_SUM], s[at + REVERSE_SQUARE]);
                fewest = stratum <= RolloutLog.POLICY ? Math.min(fewest, units) : fewest;
            }
            int policy = FIELDS * RolloutLog.POLICY;
            int prior = FIELDS * RolloutLog.PRIOR;
            double klPolicy = member.moments().klPolicyPrior();
            double klPrior = member.moments().klPriorPolicy();
            Direction forward = new Direction(
                    klPolicy,
                    0.5 * ((2 * klPolicy + 1) * ofV - 2 * ofVRatio - ofU),
                    ofPolicy,
                    forwardVariance,
                    UnitColumns.varianceOfTotal(s[policy + UNITS], 0, s[policy + PLAIN_SQUARE]),
                    s[policy + TOTAL]);
            Direction reverse = supported
                    ? new Direction(
                            klPrior,
                            0.5 * ((2 * klPrior + 1) * ofU - 2 * ofURatio - ofV),
                            ofPrior,
                            reverseVariance,
                            UnitColumns.varianceOfTotal(s[prior + UNITS], 0, s[prior + PLAIN_SQUARE]),
                            s[prior + TOTAL])
                    : Direction.NONE;
            return new Own(forward, reverse, Math.max(1, range(atoms)) / fewest);
        }

        private static double range(Atoms atoms) {
            return atoms.limits(
                            (block, i) -> block.isSupported(i) ? block.logPolicy[i] - block.logPrior[i] : Double.NaN)
                    .width();
        }

        private static double covariance(double units, double sum, double other, double product) {
            return units < 2 ? 0 : units / (units - 1) * (product - sum * other / units);
        }

        static Own mean(Own[] own, PromptPool pool) {
            double reach = 0;
            for (int c = 0; c < own.length; c++) {
                reach = Math.max(reach, pool.weight(c) * own[c].reach);
            }
            return new Own(
                    mean(
                            IntStream.range(0, own.length)
                                    .mapToObj(c -> own[c].policy)
                                    .toList(),
                            pool),
                    mean(
                            IntStream.range(0, own.length)
                                    .mapToObj(c -> own[c].prior)
                                    .toList(),
                            pool),
                    reach);
        }

        private static Direction mean(List<Direction> each, PromptPool pool) {
            double mixture = 0;
            double lean = 0;
            double plain = 0;
            double variance = 0;
            double plainVariance = 0;
            double total = 0;
            for (int c = 0; c < each.size(); c++) {
                double weight = pool.weight(c);
                Direction own = each.get(c);
                mixture += weight * own.mixture;
                lean += weight * own.lean;
                plain += weight * own.plain;
                variance += weight * weight * own.variance;
                plainVariance += weight * weight * own.plainVariance;
                total += own.total; // records of all prompts are independent: their product has mean one at most
            }
            return new Direction(mixture, lean, plain, variance, plainVariance, total);
        }

        /** The largest ratio of a difference to what its error allows; infinite where a KL is negative beyond its error. */
        double excess(double level, double allowance) {
            if (policy.isNegative(level, ERRORS) || prior.isNegative(level, ERRORS)) {
                return Double.POSITIVE_INFINITY;
            }
            return Math.max(excess(policy, level, allowance), excess(prior, level, allowance));
        }

        private double excess(Direction direction, double level, double allowance) {
            double g = Math.log(2 / level);
            return Math.abs(direction.difference())
                    / (Math.sqrt(2 * g * direction.variance)
                            + g * reach
                            + allowance
                            + LEFT_OF_LEAN * Math.abs(direction.lean));
        }

        String reason(double level) {
            return Gates.text(
                    "KL(pi||pi0) is %.4g by the mixture and %.4g by the policy's records alone, KL(pi0||pi) %.4g by the"
                            + " mixture and %.4g by the prior's alone, further apart than their errors allow: %s",
                    policy.mixture, policy.plain, prior.mixture, prior.plain, cause(level));
        }

        private String cause(double level) {
            boolean policyNegative = policy.isNegative(level, 0);
            boolean priorNegative = prior.isNegative(level, 0);
            if (policyNegative && priorNegative) {
                return "each side's records are likelier under the other model; the sources' labels or the columns of"
                        + " prior and policy are swapped";
            }
            if (policyNegative) {
                return "the policy's records are likelier under the prior; were they drawn from it (a wrong label, a stale"
                        + " policy), or are columns swapped or scores shuffled?";
            }
            if (priorNegative) {
                return "the prior's records are likelier under the policy; were they drawn from it (a wrong label), or are"
                        + " columns swapped or scores shuffled?";
            }
            if (policy.difference() < 0 && prior.difference() < 0) {
                return "records of both lie nearer to each other than their log-probabilities say (a stale policy, a higher"
                        + " temperature, shuffled scores, labels that are mixed up?)";
            }
            return "the records are not drawn from what they are scored under (another temperature, top-k or top-p, a stale"
                    + " policy, shuffled scores?)";
        }
    }

    /** Sums by source: ℓ over the policy's records, −ℓ over the prior's. */
    private static void addPlain(AtomBlock block, double[] sums) {
        for (int i = 0; i < block.count; i++) {
            double ratio = block.logPolicy[i] - block.logPrior[i];
            sums[RolloutLog.POLICY] += block.stratum[i] == RolloutLog.POLICY ? ratio : 0;
            sums[RolloutLog.PRIOR] -= block.stratum[i] == RolloutLog.PRIOR && block.isSupported(i) ? ratio : 0;
        }
    }

    private static void addUnits(UnitColumns units, double[] sums) {
        for (int i = 0; i < units.count; i++) {
            int at = FIELDS * units.stratum(i);
            double forward = units.columns[FORWARD][i];
            double reverse = units.columns[REVERSE][i];
            double plain = units.columns[PLAIN][i];
            sums[at + UNITS]++;
            sums[at + FORWARD_SUM] += forward;
            sums[at + FORWARD_SQUARE] += forward * forward;
            sums[at + REVERSE_SUM] += reverse;
            sums[at + REVERSE_SQUARE] += reverse * reverse;
            sums[at + PLAIN_SQUARE] += plain * plain;
            sums[at + TOTAL] += units.columns[SUMMAND][i] / units.columns[RECORDS][i];
            double u = units.columns[U][i];
            double v = units.columns[V][i];
            sums[at + U_SUM] += u;
            sums[at + U_SQUARE] += u * u;
            sums[at + V_SUM] += v;
            sums[at + V_SQUARE] += v * v;
            sums[at + U_RATIO_SUM] += units.columns[U_RATIO][i];
            sums[at + U_BY_RATIO] += u * units.columns[U_RATIO][i];
            sums[at + V_RATIO_SUM] += units.columns[V_RATIO][i];
            sums[at + V_BY_RATIO] += v * units.columns[V_RATIO][i];
        }
    }

    /**
     * What each record adds to its unit.
     *
     * @param moments the mixture's
     * @param ofPolicy the plain mean of ℓ over the policy's records
     * @param ofPrior the plain mean of −ℓ over the prior's
     * @param n0 records of the prior
     * @param n1 records of the policy
     * @param supported whether KL(π0‖π) is finite
     */
    private record Influences(
            AtomMoments moments, double ofPolicy, double ofPrior, double n0, double n1, boolean supported)
            implements Atoms.Columns {
        @Override
        public void fill(AtomBlock block, double[][] into) {
            for (int i = 0; i < block.count; i++) {
                boolean isPolicy = block.stratum[i] == RolloutLog.POLICY;
                boolean isPrior = block.stratum[i] == RolloutLog.PRIOR;
                double ratio = block.isSupported(i) ? block.logPolicy[i] - block.logPrior[i] : 0;
                double u = block.u[i];
                double v = block.v[i];
                double logRatio = block.finiteLogRatio(i);
                double forward = v == 0 ? u : v * (logRatio - moments.klPolicyPrior()) + u - v;
                double reverse = supported ? u * (-logRatio - moments.klPriorPolicy()) + v - u : 0;
                double plainForward = isPolicy ? (ratio - ofPolicy) / n1 : 0;
                double plainReverse = isPrior && supported ? (-ratio - ofPrior) / n0 : 0;
                into[FORWARD][i] = plainForward - forward;
                into[REVERSE][i] = plainReverse - reverse;
                into[PLAIN][i] = plainForward + plainReverse;
                into[SUMMAND][i] = isPolicy ? ratio : isPrior ? -ratio : 0;
                into[RECORDS][i] = 1;
                into[U][i] = u;
                into[V][i] = v;
                into[U_RATIO][i] = supported ? -u * logRatio : 0;
                into[V_RATIO][i] = v == 0 ? 0 : v * logRatio;
            }
        }
    }
}
