package dev.credence.core.audit;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The records of one prompt of a log as atoms, weighted by the balance heuristic: with N0 draws from the prior, each kept
 * with probability a0(x), and N1 from the policy kept with a1(x), the proposal is q = (N0 a0 π0 + N1 a1 π)/(N0 + N1), and
 * u = π0/q, v = π/q. A record of another source s is one more atom with u = π0/π_s, v = π/π_s.
 */
final class LogAtoms extends Atoms {
    private static final double LEAST_MASS = 1e-9; // of a text: a million rarer ones leave all but a thousandth over
    private static final int FEW = 4096; // records that are not worth a second thread
    private static final int LEAST_KEPT = 32; // records whose masses are worth keeping
    private static final int MOST_KEPT = 1 << 21; // records of a log whose masses are kept: 130 MB
    private static final long ONE = Double.doubleToRawLongBits(1);

    private final RolloutLog.Columns columns;
    private final double[] reward;
    private final int from;
    private final int size;
    private final int[] recordsByStratum;
    private final double priorShare; // N0 / (N0 + N1)
    private final double policyShare;
    private final double[] drawsByStratum;
    private final RolloutLog.Draws stated;
    private final int @Nullable [] order; // groups side by side; null where every record is its own unit
    private final double[]
            ratio; // (size) e^{-|ℓ|}: kept, for every pass needs it and it is what a pass would take longest for

    private final AuditOptions.@Nullable Range range;
    private final Memo<Double> unrecorded = new Memo<>();
    private final @Nullable Mixture mixture; // the proposal's further sources, or null
    private final boolean isTilted; // whether it is this reward by which tilts were drawn

    LogAtoms(RolloutLog log, RolloutLog.Prompt prompt, double weight, int reward) {
        this(log, prompt, weight, reward, reward, null);
    }

    /**
     * Records with one of their rewards.
     *
     * @param reward position of the reward among the log's
     * @param tilted position of the reward by which its tilts were drawn: a rival's audit takes them for what they are
     * @param range within which the reward lies, or null
     */
    LogAtoms(
            RolloutLog log,
            RolloutLog.Prompt prompt,
            double weight,
            int reward,
            int tilted,
            AuditOptions.@Nullable Range range) {
        super(prompt.text(), weight);
        this.range = range;
        this.columns = log.columns();
        this.reward = columns.rewards()[reward];
        this.from = prompt.from();
        this.size = prompt.size();
        this.recordsByStratum = new int[log.sources().size()];
        for (int i = prompt.from(); i < prompt.to(); i++) {
            recordsByStratum[columns.source()[i]]++;
        }
        this.drawsByStratum = draws(prompt.draws(), recordsByStratum);
        this.stated = prompt.draws();
        this.mixture = Mixture.of(log, prompt, columns.rewards()[tilted], drawsByStratum);
        this.isTilted = reward == tilted;
        double drawn = drawsByStratum[RolloutLog.PRIOR] + drawsByStratum[RolloutLog.POLICY];
        this.priorShare = drawsByStratum[RolloutLog.PRIOR] / drawn;
        this.policyShare = drawsByStratum[RolloutLog.POLICY] / drawn;
        this.order = columns.group() == null ? null : byUnit(columns, prompt);
        this.ratio = new double[size];
        IntToDoubleFunction least = i -> {
            int record = record(i);
            return Math.exp(-Math.abs(columns.logPolicy()[record] - columns.logPrior()[record]));
        };
        if (size <= FEW) {
            Arrays.setAll(ratio, least);
        } else {
            Arrays.parallelSetAll(ratio, least);
        }
        normalise();
    }

    private static double[] draws(RolloutLog.Draws stated, int[] records) {
        double[] draws = new double[records.length];
        for (int s = 0; s < draws.length; s++) {
            draws[s] = records[s];
        }
        if (stated.prior() > draws[RolloutLog.PRIOR]) {
            draws[RolloutLog.PRIOR] = stated.prior();
        }
        if (stated.policy() > draws[RolloutLog.POLICY]) {
            draws[RolloutLog.POLICY] = stated.policy();
        }
        return draws;
    }

    private static int[] byUnit(RolloutLog.Columns columns, RolloutLog.Prompt prompt) {
        int[] group = java.util.Objects.requireNonNull(columns.group());
        return IntStream.range(prompt.from(), prompt.to())
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(i -> columns.source()[i])
                        .thenComparingInt(i -> group[i])
                        .thenComparingInt(i -> i))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @Override
    int size() {
        return size;
    }

    @Override
    int strata() {
        return recordsByStratum.length;
    }

    @Override
    int records(int stratum) {
        return recordsByStratum[stratum];
    }

    @Override
    double draws(int stratum) {
        return drawsByStratum[stratum];
    }

    @Override
    boolean estimatesDraws(int stratum) {
        return (stratum == RolloutLog.PRIOR && stated.isPriorEstimated())
                || (stratum == RolloutLog.POLICY && stated.isPolicyEstimated());
    }

    @Override
    double kept(int position) {
        RolloutLog.Kept kept = columns.kept();
        if (kept == null) {
            return 1;
        }
        int record = record(position);
        return switch (columns.source()[record]) {
            case RolloutLog.PRIOR -> kept.prior()[record];
            case RolloutLog.POLICY -> kept.policy()[record];
            default -> 1;
        };
    }

    @Override
    double priorKept(int position) {
        RolloutLog.Kept kept = columns.kept();
        return kept == null ? 1 : kept.prior()[record(position)];
    }

    @Override
    double policyKept(int position) {
        RolloutLog.Kept kept = columns.kept();
        return kept == null ? 1 : kept.policy()[record(position)];
    }

    @Override
    boolean isInProposal(byte stratum) {
        return mixture == null ? stratum <= RolloutLog.POLICY : mixture.holds(stratum);
    }

    @Override
    boolean isFromPrior(byte stratum) {
        return stratum == RolloutLog.PRIOR || (isTilted && mixture != null && mixture.isTilt(stratum));
    }

    @Override
    double tiltDraws(double reward) {
        return mixture == null || !isTilted ? 0 : mixture.draws(reward);
    }

    @Override
    @Nullable
    Mixture mixture() {
        return mixture;
    }

    @Override
    double tiltShare(int tilt, int position) {
        return mixture == null ? 0 : mixture.share(tilt, record(position) - from);
    }

    @Override
    double tiltReward(int position) {
        return mixture == null ? Double.NaN : mixture.reward(record(position) - from);
    }

    @Override
    AuditOptions.@Nullable Range range() {
        return range;
    }

    @Override
    boolean hasUnits() {
        return order != null;
    }

    @Override
    boolean startsUnit(int position) {
        int[] group = columns.group();
        if (order == null || group == null || position == 0) {
            return true;
        }
        int here = order[position];
        int before = order[position - 1];
        return group[here] < 0 || group[here] != group[before] || columns.source()[here] != columns.source()[before];
    }

    @Override
    void loadRaw(int start, AtomBlock block) {
        if (order == null) {
            int first = from + start;
            System.arraycopy(columns.logPrior(), first, block.logPrior, 0, block.count);
            System.arraycopy(columns.logPolicy(), first, block.logPolicy, 0, block.count);
            System.arraycopy(reward, first, block.reward, 0, block.count);
            System.arraycopy(columns.source(), first, block.stratum, 0, block.count);
        } else {
            for (int i = 0; i < block.count; i++) {
                int record = order[start + i];
                block.logPrior[i] = columns.logPrior()[record];
                block.logPolicy[i] = columns.logPolicy()[record];
                block.reward[i] = reward[record];
                block.stratum[i] = columns.source()[record];
            }
        }
        loadTokens(start, block);
        for (int i = 0; i < block.count; i++) {
            block.logRatio[i] = block.logPolicy[i] - block.logPrior[i];
        }
        if (mixture != null) {
            balance(start, block, mixture);
        } else if (columns.kept() == null) {
            balance(start, block);
        } else {
            balance(start, block, columns.kept());
        }
        if (recordsByStratum.length > 2) {
            weighOthers(start, block);
        }
    }

    @Override
    boolean keepsBlocks() {
        return size >= LEAST_KEPT && reward.length <= MOST_KEPT;
    }

    @Override
    double reward(int position) {
        return reward[record(position)];
    }

    private void loadTokens(int start, AtomBlock block) {
        int[] tokens = columns.tokens();
        if (tokens == null) {
            return; // blocks begin with zeros
        }
        double[] into = block.tokens;
        if (order == null) {
            int first = from + start;
            for (int i = 0; i < block.count; i++) {
                into[i] = tokens[first + i];
            }
        } else {
            for (int i = 0; i < block.count; i++) {
                into[i] = tokens[order[start + i]];
            }
        }
    }

    /**
     * One exponential e of a number ≤ 0, so that neither mass can overflow: one of the two is e and the other 1, over their
     * mean. Which is which is as good as a coin's toss, so it is a mask of bits here and no branch.
     */
    private void balance(int start, AtomBlock block) {
        double[] ratio = this.ratio;
        double[] u = block.u;
        double[] v = block.v;
        double[] logRatio = block.logRatio;
        double priorShare = this.priorShare;
        double policyShare = this.policyShare;
        for (int i = 0; i < block.count; i++) {
            long e = Double.doubleToRawLongBits(ratio[start + i]);
            long policyIsLess = Double.doubleToRawLongBits(logRatio[i]) >> 63; // all bits or none
            long swap = (e ^ ONE) & policyIsLess;
            double prior = Double.longBitsToDouble(e ^ swap);
            double policy = Double.longBitsToDouble(ONE ^ swap);
            double scale = 1 / (priorShare * prior + policyShare * policy);
            u[i] = prior * scale;
            v[i] = policy * scale;
        }
    }

    /** The same where draws were thinned: each record has shares of its own. */
    private void balance(int start, AtomBlock block, RolloutLog.Kept kept) {
        for (int i = 0; i < block.count; i++) {
            int record = record(start + i);
            double least = ratio[start + i];
            boolean policyIsLess = block.logRatio[i] < 0;
            double prior = policyIsLess ? 1 : least;
            double policy = policyIsLess ? least : 1;
            double scale =
                    1 / (priorShare * kept.prior()[record] * prior + policyShare * kept.policy()[record] * policy);
            block.u[i] = prior * scale;
            block.v[i] = policy * scale;
        }
    }

    /** The same where the proposal has further sources. */
    private void balance(int start, AtomBlock block, Mixture mixture) {
        for (int i = 0; i < block.count; i++) {
            double logProposal = mixture.logProposal(record(start + i) - from);
            block.u[i] = Math.exp(block.logPrior[i] - logProposal);
            block.v[i] = Math.exp(block.logPolicy[i] - logProposal);
        }
    }

    /** Records of other sources that are not part of the proposal. */
    private void weighOthers(int start, AtomBlock block) {
        for (int i = 0; i < block.count; i++) {
            if (!isInProposal(block.stratum[i])) {
                double logSource = java.util.Objects.requireNonNull(columns.logSource())[record(start + i)];
                block.u[i] = Math.exp(block.logPrior[i] - logSource);
                block.v[i] = Math.exp(block.logPolicy[i] - logSource);
            }
        }
    }

    @Override
    boolean hasTokens() {
        return columns.tokens() != null;
    }

    @Override
    boolean hasTokenKl() {
        return columns.tokenKl() != null;
    }

    @Override
    double tokenKl(int position) {
        double[] all = columns.tokenKl();
        return all == null ? Double.NaN : all[record(position)];
    }

    @Override
    boolean keepsEveryDraw() {
        return columns.kept() == null;
    }

    @Override
    boolean hasTexts() {
        return columns.text() != null;
    }

    @Override
    long @Nullable [] texts() {
        long[] all = columns.text();
        return all == null
                ? null
                : IntStream.range(0, size).mapToLong(i -> all[record(i)]).toArray();
    }

    @Override
    double unrecordedMass() {
        return unrecorded.get(this::leftByTexts);
    }

    private double leftByTexts() {
        long[] texts = columns.text();
        if (texts == null) {
            return 1;
        }
        int[] counted = new int[Integer.highestOneBit(size) << 2]; // the record of a slot's text + 1, 0 where free
        double left = 1;
        for (int i = from; i < from + size; i++) {
            int slot = slot(texts, texts[i], counted);
            double mass = counted[slot] == 0 ? Math.exp(columns.logPrior()[i]) : 0;
            if (mass > LEAST_MASS) {
                counted[slot] = i + 1;
                left -= mass;
            }
        }
        return Math.max(0, left);
    }

    /** Where a text is in a table that holds records by their texts, or where it would be. */
    private static int slot(long[] texts, long text, int[] records) {
        long mixed = text * 0x9E3779B97F4A7C15L;
        int slot = (int) (mixed ^ (mixed >>> 32)) & (records.length - 1);
        while (records[slot] > 0 && texts[records[slot] - 1] != text) {
            slot = (slot + 1) & (records.length - 1);
        }
        return slot;
    }

    @Override
    double massOutsidePrior() {
        return 0;
    }

    private int record(int position) {
        return order == null ? from + position : order[position];
    }
}
