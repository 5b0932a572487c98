package dev.credence.core.audit;

import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One prompt's records (or a table's outcomes) as weighted atoms: prior masses ū and policy masses v̄, each summing to
 * one, with a reward and both log-probabilities. All estimates are table formulas on these vectors.
 *
 * <p>Masses are computed block by block, at each pass or, where there is room, once ({@link #keepsBlocks}). Sums are
 * taken block by block and added in order: the same to the last bit whatever the number of threads.
 */
abstract class Atoms {
    /** Atoms summed by one task. */
    private static final int TASK = 128 * AtomBlock.SIZE;

    /** A sum over atoms. */
    @FunctionalInterface
    interface Kernel {
        /**
         * Adds a block's contribution.
         *
         * @param block the atoms
         * @param sums where to add, of the width asked for
         */
        void add(AtomBlock block, double[] sums);
    }

    /** What is added up over a unit: a record, or a group of records that were drawn together. */
    @FunctionalInterface
    interface Columns {
        /**
         * Writes the vectors of a block's records, by column.
         *
         * @param block the records
         * @param into (width, at least the block's records) where to write, overwriting
         */
        void fill(AtomBlock block, double[][] into);
    }

    /** A sum over units. */
    @FunctionalInterface
    interface UnitKernel {
        /**
         * Adds the contributions of a stretch of units.
         *
         * @param units the sums of their records' vectors
         * @param sums where to add
         */
        void add(UnitColumns units, double[] sums);
    }

    private final String prompt;
    private final double weight;
    private double priorTotal = 1; // Σ u
    private double policyTotal = 1; // Σ v
    private double logRatioShift; // ln Σu − ln Σv
    private @Nullable LevelIndex levels;
    private AtomBlock @Nullable [] kept; // all blocks, where they are kept; read by all threads, written by none
    private int recognisedGroup;
    private final Memo<TextSummary> texts = new Memo<>();

    Atoms(String prompt, double weight) {
        this.prompt = prompt;
        this.weight = weight;
    }

    final String prompt() {
        return prompt;
    }

    /** The prompt's share ω of the overall means. */
    final double weight() {
        return weight;
    }

    abstract int size();

    /**
     * The process that holds the records, of those that audit a log together.
     *
     * @param here this one
     */
    int holder(int here) {
        return here;
    }

    /** How many strata there are: sources of records; 0 where the masses are exact. */
    abstract int strata();

    /** How many records a stratum has. */
    abstract int records(int stratum);

    /** How many texts were drawn from a stratum's source: its records, and those that were not kept. */
    double draws(int stratum) {
        return records(stratum);
    }

    /** Whether that is an estimate from the records, since nobody said it. */
    boolean estimatesDraws(int stratum) {
        return false;
    }

    /** The probability with which the record at a position was kept as a draw of its own source. */
    double kept(int position) {
        return 1;
    }

    /** Whether records were drawn in groups, so that the unit of an interval is the group. */
    abstract boolean hasUnits();

    /** The size of the groups that were recognised by their rewards and taken for units; 0 of none. */
    final int recognisedGroup() {
        return recognisedGroup;
    }

    /** Says that the units are groups of this size that no field names. */
    final void recognise(int group) {
        recognisedGroup = group;
    }

    /** Whether the atom at a position begins a new unit; units lie side by side. */
    abstract boolean startsUnit(int position);

    /** How many units each stratum has, those that were drawn and not kept included: (strata). */
    final double[] units() {
        double[] units = new double[strata()];
        if (hasUnits()) {
            forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    units[block.stratum[i]] += startsUnit(block.start + i) ? 1 : 0;
                }
            });
        }
        for (int s = 0; s < units.length; s++) {
            double kept = hasUnits() ? units[s] : records(s);
            units[s] =
                    kept * (records(s) == 0 ? 1 : draws(s) / records(s)); // one that was not kept is a unit of nothing
        }
        return units;
    }

    /** The probability with which a draw of the prior with the reward of the record at a position would have been kept. */
    double priorKept(int position) {
        return 1;
    }

    /** The probability with which a draw of the policy with that reward would have been kept. */
    double policyKept(int position) {
        return 1;
    }

    /** Whether records of a stratum show where the prior's mass is: the prior's own, and those of its tilts. */
    boolean isFromPrior(byte stratum) {
        return stratum == RolloutLog.PRIOR;
    }

    /** The prior's mass that the records' different texts leave over; 1 where it is not known which are different. */
    double unrecordedMass() {
        return 1;
    }

    /** Whether draws of a stratum are part of the proposal q, rather than importance records of their own. */
    boolean isInProposal(byte stratum) {
        return stratum <= RolloutLog.POLICY;
    }

    /** How many draws of the prior's tilts a text of a reward stands for, relative to the prior's density. */
    double tiltDraws(double reward) {
        return 0;
    }

    /** The proposal's further sources, or null. */
    @Nullable
    Mixture mixture() {
        return null;
    }

    /** The share of the proposal at a record that is a tilt's. */
    double tiltShare(int tilt, int position) {
        return 0;
    }

    /** The reward by which tilts were drawn, of the record at a position: the audited one, whichever this prompt is asked of. */
    double tiltReward(int position) {
        return Double.NaN;
    }

    /** How many draws the proposal is made of. */
    final double proposalDraws() {
        double draws = 0;
        for (int s = 0; s < strata(); s++) {
            draws += isInProposal((byte) s) ? draws(s) : 0;
        }
        return draws;
    }

    /** Within which the reward is stated to lie, or null. */
    AuditOptions.@Nullable Range range() {
        return null;
    }

    /** Loads atoms {@code from} to {@code from + block.count} with masses as the source gives them. */
    abstract void loadRaw(int from, AtomBlock block);

    /** Whether what the first pass loads is kept for all others: some 60 bytes an atom. */
    boolean keepsBlocks() {
        return false;
    }

    /** The reward of the atom at a position. */
    abstract double reward(int position);

    /** Whether token counts are known. */
    abstract boolean hasTokens();

    /** Whether Σ_t KL of the next-token distributions is known of any record. */
    boolean hasTokenKl() {
        return false;
    }

    /** Σ_t KL of the next-token distributions of the atom at a position, NaN where unknown. */
    double tokenKl(int position) {
        return Double.NaN;
    }

    /** Whether every text that was drawn is a record, so that plain means over records are the sampler's. */
    boolean keepsEveryDraw() {
        return true;
    }

    /** Whether texts are known. */
    boolean hasTexts() {
        return false;
    }

    /** Hashes of the texts by position, a copy; null where texts are not known. */
    long @Nullable [] texts() {
        return null;
    }

    /** What the records say of their texts, or null where texts are not known. */
    final @Nullable TextSummary textSummary() {
        return !hasTexts() ? null : texts.get(() -> java.util.Objects.requireNonNull(TextSummary.of(this)));
    }

    /** Policy mass on outcomes that the prior cannot produce (tables only; a log's records cannot show it). */
    abstract double massOutsidePrior();

    /** Must be called once, by the subclass's constructor or factory, before any sum. */
    final void normalise() {
        levels = LevelIndex.of(size(), this::reward);
        double[] total = sum(2, (block, sums) -> {
            for (int i = 0; i < block.count; i++) {
                sums[0] += block.u[i];
                sums[1] += block.v[i];
            }
        });
        priorTotal = total[0];
        policyTotal = total[1];
        logRatioShift = Math.log(total[0]) - Math.log(total[1]);
        if (keepsBlocks()) {
            int blocks = (size() + AtomBlock.SIZE - 1) / AtomBlock.SIZE;
            kept = IntStream.range(0, blocks)
                    .parallel()
                    .mapToObj(b -> block(b * AtomBlock.SIZE, Math.min(AtomBlock.SIZE, size() - b * AtomBlock.SIZE)))
                    .toArray(AtomBlock[]::new);
        }
    }

    /** Σ u of the records, before normalisation. */
    final double priorTotal() {
        return priorTotal;
    }

    /** Σ v of the records, before normalisation. */
    final double policyTotal() {
        return policyTotal;
    }

    /** Which atom has which reward, or null where there are too many different ones. */
    @Nullable
    LevelIndex levels() {
        return levels;
    }

    /** A block of the one atom at a position. */
    final AtomBlock at(int position) {
        return block(position, 1);
    }

    private AtomBlock block(int start, int count) {
        AtomBlock block = new AtomBlock(count);
        block.start = start;
        block.count = count;
        load(start, block);
        return block;
    }

    private void load(int from, AtomBlock block) {
        loadRaw(from, block);
        if (levels != null) {
            levels.load(from, block);
        }
        double priorShare = 1 / priorTotal;
        double policyShare = 1 / policyTotal;
        double[] u = block.u;
        double[] v = block.v;
        double[] logRatio = block.logRatio;
        for (int i = 0; i < block.count; i++) {
            u[i] *= priorShare;
            v[i] *= policyShare;
            logRatio[i] += logRatioShift;
        }
    }

    /** How many atoms a block of a pass holds at most: what working space needs. */
    final int blockSize() {
        return Math.min(AtomBlock.SIZE, size());
    }

    /** The sums of a kernel over all atoms. */
    final double[] sum(int width, Kernel kernel) {
        return sum(width, () -> kernel);
    }

    /** The sums of kernels over all atoms, one kernel a task: it may have working space of its own. */
    final double[] sum(int width, Supplier<Kernel> kernel) {
        int tasks = (size() + TASK - 1) / TASK;
        if (tasks <= 1) {
            return sumRange(0, size(), width, kernel.get());
        }
        double[][] parts = IntStream.range(0, tasks)
                .parallel()
                .mapToObj(t -> sumRange(t * TASK, Math.min(size(), (t + 1) * TASK), width, kernel.get()))
                .toArray(double[][]::new);
        double[] sums = parts[0];
        for (int t = 1; t < tasks; t++) {
            for (int k = 0; k < width; k++) {
                sums[k] += parts[t][k];
            }
        }
        return sums;
    }

    private double[] sumRange(int from, int to, int width, Kernel kernel) {
        double[] sums = new double[width];
        forEachBlock(from, to, block -> kernel.add(block, sums));
        return sums;
    }

    /**
     * The sums of a kernel over all units.
     *
     * @param width of the sums
     * @param unitWidth of a record's vector
     * @param vectors makes the vectors; asked for once a task, so it may have working space of its own
     * @param kernel what to add
     */
    final double[] sumUnits(int width, int unitWidth, Supplier<Columns> vectors, UnitKernel kernel) {
        int capacity = blockSize();
        if (hasUnits()) {
            return sumGroups(width, vectors.get(), kernel, new UnitColumns.Grouping(this, unitWidth, capacity));
        }
        return sum(width, () -> {
            Columns own = vectors.get();
            UnitColumns units = new UnitColumns(unitWidth, strata(), capacity);
            return (block, sums) -> {
                units.takeRecords(block, own);
                kernel.add(units, sums);
            };
        });
    }

    private double[] sumGroups(int width, Columns vectors, UnitKernel kernel, UnitColumns.Grouping grouping) {
        double[] sums = new double[width];
        forEachBlock(block -> {
            kernel.add(grouping.take(block, vectors), sums);
            grouping.next();
        });
        kernel.add(grouping.last(), sums);
        return sums;
    }

    /** A value of each atom. */
    @FunctionalInterface
    interface Value {
        /** The value of atom {@code i} of a block; NaN where it has none. */
        double of(AtomBlock block, int i);
    }

    /** The least and the largest value, {@link Intervals.Limits#NOTHING} where no atom has one. */
    final Intervals.Limits limits(Value value) {
        double[] ends = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}; // not a record a record: millions of them
        forEachBlock(block -> {
            for (int i = 0; i < block.count; i++) {
                double own = value.of(block, i);
                if (!Double.isNaN(own)) {
                    ends[0] = Math.min(ends[0], own);
                    ends[1] = Math.max(ends[1], own);
                }
            }
        });
        return new Intervals.Limits(ends[0], ends[1]);
    }

    /** Visits all atoms in order, in one thread. */
    final void forEachBlock(Consumer<AtomBlock> visitor) {
        forEachBlock(0, size(), visitor);
    }

    /** The first atom is the first of a block. */
    private void forEachBlock(int from, int to, Consumer<AtomBlock> visitor) {
        if (kept != null) {
            for (int start = from; start < to; start += AtomBlock.SIZE) {
                visitor.accept(kept[start / AtomBlock.SIZE]);
            }
            return;
        }
        AtomBlock block = new AtomBlock(Math.min(AtomBlock.SIZE, to - from));
        for (int start = from; start < to; start += AtomBlock.SIZE) {
            block.start = start;
            block.count = Math.min(AtomBlock.SIZE, to - start);
            load(start, block);
            visitor.accept(block);
        }
    }
}
