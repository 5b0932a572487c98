package dev.credence.core.audit;

import java.io.Serializable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Posterior mass that one prompt's records cannot show, by the rule of three: an event that none of N draws shows has a
 * probability of at most 3/N (95 %), and weighs e^{λr}/Z(λ) as much under the posterior; nor can there be more than the prior's mass that the recorded
 * texts leave over.
 *
 * @param shape what the records show of the reward's support
 * @param levels Σ 3/(N0 a0) e^{λr}/Z(λ) over the levels of which the prior's side has fewer than 5 records; NaN where the
 *     reward is {@link RewardShape#OPEN}
 * @param top the bound for a family of texts that no record shows at all, were its reward the largest that is known to
 *     occur
 * @param next the same were its reward as far again as those seen are apart, where nothing says that there is none
 * @serial exclude
 */
record Unseen(RewardShape shape, double levels, double top, double next) implements Serializable {
    /** Nats that a reward beyond those seen adds at least: where these are close together nothing says how far others are. */
    private static final double FURTHER = 3;

    private static final double RULE_OF_THREE = 3;
    private static final int FEW = 5;
    private static final int BINS = 50;

    /** Nothing is unseen in an exact table. */
    static final Unseen NOTHING = new Unseen(RewardShape.LEVELS, 0, 0, 0);

    /** What the records of a prompt leave open about a conditional of its prior. */
    static Unseen of(Atoms atoms, Conditional conditional) {
        if (!(atoms.strata() > 0 && atoms.records(RolloutLog.PRIOR) > 0)) {
            return NOTHING;
        }
        LevelIndex index = atoms.levels();
        if (index != null) {
            Cells cells = Cells.ofLevels(atoms, conditional, index);
            if (RewardShape.areLevels(index, cells.records)) {
                double top = cells.top(atoms, conditional);
                double reach = atoms.range() == null ? cells.reach(index.reward(), conditional) : 0;
                return new Unseen(RewardShape.LEVELS, cells.rare(), top, top * Math.exp(reach));
            }
        }
        AuditOptions.Range range = atoms.range();
        Cells cells = Cells.ofBins(atoms, conditional, range);
        double top = cells.top(atoms, conditional);
        return range == null
                ? new Unseen(RewardShape.OPEN, Double.NaN, top, top)
                : new Unseen(RewardShape.BOUNDED, cells.rare() + top, top, top);
    }

    /** Logarithms of numbers that are mostly the one before: of a log without tilts or thinned draws all are. */
    private static final class LastLog {
        private double number = 1;
        private double log;

        double of(double x) {
            if (x != number) {
                number = x;
                log = Math.log(x);
            }
            return log;
        }
    }

    /** Counts and largest weights by level, or by fiftieth of the reward's range. */
    private static final class Cells {
        private final int[] records;
        private final int[] fromPrior; // records of the prior's side
        private final double[] logBound; // log of the largest 3/(N0 a0) e^{λr}/Z; −∞ without a record
        private final double[] logWeight; // log of the largest e^{λr}/Z
        private int units; // of the prior's records

        private Cells(int size) {
            records = new int[size];
            fromPrior = new int[size];
            logBound = new double[size];
            Arrays.fill(logBound, Double.NEGATIVE_INFINITY);
            logWeight = logBound.clone();
        }

        static Cells ofLevels(Atoms atoms, Conditional conditional, LevelIndex index) {
            Cells cells = new Cells(index.reward().length);
            cells.fill(atoms, conditional, (block, i) -> block.level[i]);
            return cells;
        }

        static Cells ofBins(Atoms atoms, Conditional conditional, AuditOptions.@Nullable Range range) {
            double lowest = range == null ? 0 : range.lowest();
            double width = range == null ? Double.POSITIVE_INFINITY : (range.highest() - range.lowest()) / BINS;
            Cells cells = new Cells(BINS);
            cells.fill(atoms, conditional, (block, i) -> {
                double bin = (block.reward[i] - lowest) / width;
                return (int) Math.max(0, Math.min(BINS - 1, bin));
            });
            return cells;
        }

        /** Which cell an atom of a block is in. */
        private interface Place {
            int of(AtomBlock block, int i);
        }

        private void fill(Atoms atoms, Conditional conditional, Place place) {
            double[] logWeights = new double[atoms.blockSize()];
            double[] weights = new double[atoms.blockSize()];
            boolean[] isFromPrior = new boolean[atoms.strata()];
            for (int s = 0; s < isFromPrior.length; s++) {
                isFromPrior[s] = atoms.isFromPrior((byte) s);
            }
            double drawn = atoms.draws(RolloutLog.PRIOR);
            LastLog lastLog = new LastLog();
            atoms.forEachBlock(block -> {
                conditional.weigh(block, logWeights, weights);
                for (int i = 0; i < block.count; i++) {
                    int cell = place.of(block, i);
                    records[cell]++;
                    fromPrior[cell] += isFromPrior[block.stratum[i]] ? 1 : 0;
                    units += block.stratum[i] == RolloutLog.PRIOR && atoms.startsUnit(block.start + i) ? 1 : 0;
                    double draws = drawn * atoms.priorKept(block.start + i) + atoms.tiltDraws(block.reward[i]);
                    logBound[cell] = Math.max(logBound[cell], logWeights[i] - lastLog.of(draws));
                    logWeight[cell] = Math.max(logWeight[cell], logWeights[i]);
                }
            });
            double draws = (double) units / atoms.records(RolloutLog.PRIOR);
            for (int k = 0; k < logBound.length; k++) {
                logBound[k] += Math.log(RULE_OF_THREE) - Math.log(draws);
            }
        }

        /** Over the cells that the prior's side shows too rarely. */
        double rare() {
            double sum = 0;
            for (int k = 0; k < records.length; k++) {
                sum += records[k] > 0 && fromPrior[k] < FEW ? Math.exp(logBound[k]) : 0;
            }
            return sum;
        }

        /** At the reward that weighs most, or at the stated limit beyond it. */
        double top(Atoms atoms, Conditional conditional) {
            double cap = Math.log(atoms.unrecordedMass());
            double largest = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < logBound.length; k++) {
                largest = Math.max(largest, Math.min(logBound[k], cap + logWeight[k]));
            }
            AuditOptions.Range range = atoms.range();
            if (range != null && conditional instanceof AtomTilt tilt && Double.isFinite(tilt.lambda())) {
                double limit = tilt.lambda() >= 0 ? range.highest() : range.lowest();
                largest += Math.max(0, tilt.lambda() * (limit - tilt.extreme()));
            }
            return Math.exp(largest);
        }

        /** How many nats a reward adds that is as far beyond those seen as these are apart, or {@link #FURTHER}. */
        double reach(double[] levels, Conditional conditional) {
            if (!(conditional instanceof AtomTilt tilt && Double.isFinite(tilt.lambda()))) {
                return 0;
            }
            double span = Arrays.stream(levels).max().orElse(0)
                    - Arrays.stream(levels).min().orElse(0);
            return Math.max(FURTHER, Math.abs(tilt.lambda()) * span);
        }
    }

    /** Up to which reward texts that no record shows are reckoned with, in words: the stated limit, else what was seen. */
    static String reach(PromptPool pool, double lambda) {
        boolean up = !(lambda < 0);
        AuditOptions.Range range = pool.members().get(0).atoms().range();
        String end = up ? "largest" : "smallest";
        if (range != null) {
            return Words.number(up ? range.highest() : range.lowest()) + ", the " + end + " by its stated range";
        }
        double seen = pool.members().stream()
                .mapToDouble(m -> up ? m.moments().maxReward() : -m.moments().minReward())
                .max()
                .orElse(Double.NaN);
        return Words.number(up ? seen : -seen) + ", the " + end + " seen";
    }

    /**
     * What texts of the prior that no record shows could add to a mean over prompts of KL(π‖π0), were they dropped: −log of the
     * prior's mass that is left, and in all prompts together no more than the rule of three allows.
     *
     * @param pool the prompts
     * @return nats; 0 of an exact table, or where a prompt has no draws of the prior
     */
    static double droppedLogMass(PromptPool pool) {
        return addedLogMass(
                pool,
                Arrays.stream(pool.all(c -> unshown(pool.members().get(c)), Double[]::new))
                        .mapToDouble(each -> each)
                        .toArray());
    }

    /** The prior's mass that no record shows at most, relative to what they show. */
    private static double unshown(PromptAtoms member) {
        Atoms atoms = member.atoms();
        if (!(atoms.strata() > RolloutLog.POLICY && atoms.records(RolloutLog.PRIOR) > 0)) {
            return 0;
        }
        double most = Math.min(
                of(atoms, AtomTilt.of(atoms, member.moments(), 0)).top,
                member.weightMeans().prior().deficit());
        return most < 1 ? most / (1 - most) : Double.POSITIVE_INFINITY;
    }

    /**
     * What a family that no record shows could add to a mean over prompts of log(1 + bound): its mass is shared among the
     * prompts, for all their draws together show none of it.
     *
     * @param pool the prompts
     * @param bounds (members) of the posterior mass relative to Z
     */
    static double addedLogMass(PromptPool pool, double[] bounds) {
        double largest = 0;
        double spread = 0;
        for (int c = 0; c < bounds.length; c++) {
            largest = Math.max(largest, pool.weight(c) * Math.log1p(bounds[c]));
            spread += pool.weight(c) * Math.log1p(bounds[c] / bounds.length);
        }
        return Math.max(largest, spread);
    }
}
