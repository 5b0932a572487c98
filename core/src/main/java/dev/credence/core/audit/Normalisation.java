package dev.credence.core.audit;

import static dev.credence.core.audit.Gate.Status.FAIL;
import static dev.credence.core.audit.Gate.Status.PASS;
import static dev.credence.core.audit.Gate.Status.WARN;

import java.io.Serializable;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Whether the recorded log-probabilities are those of the samplers: the records are drawn from q, so mean π0/q and mean
 * π/q over all draws are one but for sampling error. A temperature, a truncation or a missing end token in one of the two
 * breaks this.
 *
 * <p>Sampling error is judged by an empirical Bernstein bound (Maurer and Pontil 2009, Theorem 4): π0/q is at most
 * N/(N0 a0) and π/q at most N/(N1 a1), and where the large values are rare (a posterior whose target the prior almost never
 * writes) a sample may miss them and show no spread at all, so that four of its standard errors mean nothing.
 *
 * @param priorMean mean of π0/q over the draws of prior and policy, over prompts by weight
 * @param priorAllowance how far from one it may lie
 * @param policyMean mean of π/q
 * @param policyAllowance how far from one it may lie
 */
record Normalisation(double priorMean, double priorAllowance, double policyMean, double policyAllowance) {
    /** Standard errors that are allowed for: one sound log in 16,000 is further away. */
    static final double ERRORS = 4;

    /** Of a mean from which texts are missing: the estimate that room is added to has an error of its own. */
    private static final double DEFICIT_ERRORS = 3;

    private static final double LOG_ODDS = Math.log(2 / 6.3e-5); // ln 2/δ, δ that of four standard errors
    private static final double MANY = 1e6; // beyond it no digit says more
    private static final double ROUNDING = 1e-9;

    /** Of 64 particles at a strong tilt of two levels 7 of 38 intervals of log Z that stood missed it (docs/coverage.md). */
    private static final double FEW_PARTICLES = 256;

    /** The gate: of a pool with records of both sides, and of one side where texts are known. */
    static List<Gate> gates(PromptPool pool, Sources sources, Set<String> ids) {
        boolean texts =
                pool.members().stream().anyMatch(member -> member.atoms().hasTexts());
        TiltLabels tilts = TiltLabels.of(pool);
        boolean tells = sources == Sources.BOTH || texts || !tilts.directions().isEmpty();
        if (sources == Sources.EXACT || !tells) {
            return List.of();
        }
        String apart = "";
        double deviation = 0;
        if (sources == Sources.BOTH) {
            Normalisation means = of(pool);
            deviation = means.deviation();
            apart = deviation <= ERRORS ? "" : means.reason();
            SourceOdds odds = SourceOdds.of(pool);
            deviation = Math.max(deviation, odds.isImpossible() ? odds.errors() : 0);
            apart += odds.isImpossible() ? (apart.isEmpty() ? "" : "; ") + odds.reason() : "";
            deviation = Math.max(deviation, odds.isSwapped() ? odds.swappedErrors() : 0);
            apart += odds.isSwapped() ? (apart.isEmpty() ? "" : "; ") + odds.swappedReason(pool) : "";
        }
        StatedShares shares = StatedShares.of(pool);
        deviation = Math.max(deviation, shares.isImpossible() ? shares.errors() : 0);
        apart += shares.isImpossible() ? (apart.isEmpty() ? "" : "; ") + shares.reason() : "";
        deviation = Math.max(deviation, tilts.isImpossible() ? tilts.errors() : 0);
        apart += tilts.isImpossible() ? (apart.isEmpty() ? "" : "; ") + tilts.reason() : "";
        double run = shortestRun(pool);
        if (apart.isEmpty() && (tilts.isDoubtful() || run < FEW_PARTICLES)) {
            double errors = Math.max(deviation, tilts.errors());
            String doubt = tilts.isDoubtful() ? tilts.doubt() + (run < FEW_PARTICLES ? "; " : "") : "";
            String few = run < FEW_PARTICLES ? ofFewParticles(run) : "";
            return List.of(new Gate("normalisation", WARN, errors, doubt + few, List.of()));
        }
        if (apart.isEmpty()) {
            return List.of(new Gate(
                    "normalisation",
                    PASS,
                    deviation,
                    "the recorded log-probabilities are those of the samplers",
                    List.of()));
        }
        Set<String> withdraws = new LinkedHashSet<>(ids);
        withdraws.removeIf(id -> id.startsWith("ess.") || id.startsWith("khat.") || id.endsWith(".sampled"));
        return List.of(new Gate("normalisation", FAIL, deviation, apart, List.copyOf(withdraws)));
    }

    /** How many draws of a tilt belong together where fewest do, of those that come in runs; ∞ where none do. */
    private static double shortestRun(PromptPool pool) {
        double shortest = Double.POSITIVE_INFINITY;
        for (PromptAtoms member : pool.members()) {
            Atoms atoms = member.atoms();
            Mixture mixture = atoms.mixture();
            if (mixture != null && mixture.tilts() > 0) {
                double[] units = atoms.units();
                for (int s = 0; s < units.length; s++) {
                    double run = atoms.records(s) / units[s];
                    shortest = mixture.isTilt(s) && run > 1 ? Math.min(shortest, run) : shortest;
                }
            }
        }
        return shortest;
    }

    private static String ofFewParticles(double run) {
        return "draws of tilts come in runs of about " + Words.number(Math.rint(run))
                + " (the field group): particles are"
                + " draws of the tilt in the limit of many, and of fewer than " + (int) FEW_PARTICLES
                + " log Z and what is asked may be further off than their intervals say (more particles a run, or exact draws)";
    }

    private String reason() {
        return "mean pi0/q is " + finite(priorMean) + " and mean pi/q " + finite(policyMean)
                + " where both should be 1 (" + finite(deviation())
                + " standard errors away, 4 allowed): the log-probabilities are not those of the samplers (temperature,"
                + " truncation, a missing end token, another model?)";
    }

    private static String finite(double value) {
        return Double.isNaN(value) ? "not a number" : value > MANY ? "above " + (long) MANY : Words.number(value);
    }

    static Normalisation of(PromptPool pool) {
        Own[] each = pool.all(c -> pool.members().get(c).weightMeans(), Own[]::new);
        Mean prior = Mean.overall(pool, c -> each[c].prior);
        Mean policy = Mean.overall(pool, c -> each[c].policy);
        return new Normalisation(prior.mean, prior.allowance(), policy.mean, policy.allowance());
    }

    /**
     * One side's mean over the draws of a prompt, or of all by weight.
     *
     * @param mean of π0/q or π/q
     * @param variance of that mean
     * @param largest what a single unit can add to it at most
     * @serial exclude
     */
    record Mean(double mean, double variance, double largest) implements Serializable {
        static Mean overall(PromptPool pool, IntFunction<Mean> ofPrompt) {
            double mean = 0;
            double variance = 0;
            double largest = 0;
            for (int c = 0; c < pool.size(); c++) {
                double weight = pool.weight(c);
                Mean own = ofPrompt.apply(c);
                mean += weight * own.mean;
                variance += weight * weight * own.variance;
                largest = Math.max(largest, weight * own.largest);
            }
            return new Mean(mean, variance, largest);
        }

        /** How far below one it may lie for want of texts that no record shows: none of their mass is in it. */
        double deficit() {
            double error = Math.sqrt(variance);
            return Double.isNaN(error) ? 1 : Math.max(0, 1 - mean + DEFICIT_ERRORS * error);
        }

        /** How far from one it may lie. */
        double allowance() {
            return ERRORS * Math.sqrt(variance) + 7.0 / 3 * LOG_ODDS * largest + ROUNDING;
        }
    }

    /**
     * One prompt's means over its draws of prior and policy.
     *
     * @param prior over draws of the prior
     * @param policy over draws of the policy
     * @serial exclude
     */
    record Own(Mean prior, Mean policy) implements Serializable {
        static Own of(Atoms atoms) {
            UnitSums[] strata = new UnitSums[atoms.strata()];
            for (int s = 0; s < strata.length; s++) {
                strata[s] = new UnitSums();
            }
            double draws = atoms.proposalDraws();
            boolean all = atoms.keepsEveryDraw();
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    if (atoms.isInProposal(block.stratum[i])) {
                        strata[block.stratum[i]].add(
                                atoms.startsUnit(block.start + i),
                                block.u[i] * atoms.priorTotal(),
                                block.v[i] * atoms.policyTotal(),
                                all ? 1 : atoms.kept(block.start + i));
                    }
                }
            });
            for (int s = 0; s < strata.length; s++) {
                strata[s].flush();
            }
            return new Own(mean(atoms, strata, 0, draws), mean(atoms, strata, 1, draws));
        }

        private static Mean mean(Atoms atoms, UnitSums[] strata, int side, double draws) {
            double mean = 0;
            double variance = 0;
            double cap = draws / atoms.draws(side); // of π0/q (π/q), before its own a
            double largest = 0;
            for (int s = 0; s < strata.length; s++) {
                mean += strata[s].sum[side] / draws;
                variance += strata[s].variance(side, atoms.records(s) == 0 ? 1 : atoms.draws(s) / atoms.records(s))
                        / (draws * draws);
                largest = Math.max(largest, strata[s].records / strata[s].leastKept * cap / draws);
            }
            return new Mean(mean, variance, largest);
        }
    }

    /** How many allowed standard errors the worse of the two means is away from one. */
    double deviation() {
        return ERRORS * Math.max(Math.abs(priorMean - 1) / priorAllowance, Math.abs(policyMean - 1) / policyAllowance);
    }

    /** Sums over one stratum's units. */
    private static final class UnitSums {
        private final double[] unit = new double[2];
        private final double[] sum = new double[2];
        private final double[] square = new double[2];
        private int units;
        private int inUnit;
        private int records; // of the largest unit
        private double leastKept = 1;

        void add(boolean starts, double u, double v, double kept) {
            if (starts) {
                flush();
            }
            inUnit++;
            unit[0] += u;
            unit[1] += v;
            leastKept = Math.min(leastKept, kept);
        }

        void flush() {
            if (inUnit == 0) {
                return;
            }
            for (int k = 0; k < 2; k++) {
                sum[k] += unit[k];
                square[k] += unit[k] * unit[k];
                unit[k] = 0;
            }
            units++;
            records = Math.max(records, inUnit);
            inUnit = 0;
        }

        /** Variance of the stratum's total, over units that were drawn, whether kept or not. */
        double variance(int k, double drawsPerRecord) {
            double n = units * drawsPerRecord;
            return UnitColumns.varianceOfTotal(n, sum[k], square[k]);
        }
    }
}
