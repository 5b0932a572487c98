package dev.credence.core.audit;

import static dev.credence.core.audit.Gate.Status.PASS;
import static dev.credence.core.audit.Gate.Status.WARN;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Whether a log without groups looks like one of a group method (GRPO, RLOO): the policy's rewards, in the order of the
 * log, are standardised in blocks of k. Such records were drawn together and their rewards depend on each other, so that
 * intervals which take each for a unit are too narrow. Where every prompt has several such blocks, they are the units.
 */
final class GroupPattern {
    private static final int LARGEST_GROUP = 64;

    /** Blocks to go by: two values about their mean come out standardised by chance in one block of two. */
    private static final int FEWEST_BLOCKS = 20;

    /** Groups of a prompt below which its spread between groups is not told. */
    private static final int FEWEST_OF_A_PROMPT = 4;

    /**
     * Standard deviations from which on the blocks of another source count as drawn together: what is below it widens no
     * error by more than a few per cent, and independent records that are taken for blocks lose little.
     */
    private static final double ALIKE = 1;

    private static final double SHARE = 0.95;
    private static final double MEAN = 1e-3;

    /** How far a spread may be from one; trainers add up to 1e-4 to what they divide by, and use either divisor. */
    private static final double SPREAD = 0.01;

    /** Policy records of a prompt that are looked at. */
    private static final int MOST_RECORDS = 8192;

    private GroupPattern() {}

    /** The gate of a pool; none where there are no records of the policy. */
    static List<Gate> of(PromptPool pool) {
        if (pool.isExact()) {
            return List.of();
        }
        int taken = pool.members().stream()
                .mapToInt(member -> member.atoms().recognisedGroup())
                .max()
                .orElse(0);
        if (taken == 0
                && pool.members().stream().anyMatch(member -> member.atoms().hasUnits())) {
            return List.of(
                    new Gate("groups", PASS, Double.NaN, "records that were drawn together are marked", List.of()));
        }
        int size = taken > 0 ? taken : blockSize(pool);
        if (size == 0) {
            return List.of(new Gate("groups", PASS, 0, "no sign of records that were drawn together", List.of()));
        }
        return List.of(new Gate(
                "groups",
                WARN,
                size,
                Gates.text(
                        "the policy's rewards have mean 0 and spread 1 in blocks of %d records in a row, as a group method"
                                + " leaves them: %s; give each such block a value of its own in the field group, and raw"
                                + " rewards",
                        size,
                        taken > 0
                                ? "these blocks are taken for groups that were drawn together, the units of the intervals"
                                : "if these were drawn together, intervals are too narrow"),
                List.of()));
    }

    /** The size of the groups that can be taken for units: a prompt needs several to tell its spread; 0 of none. */
    static int usable(PromptPool pool) {
        int size = blockSize(pool);
        boolean several = pool.members().stream()
                .allMatch(member -> member.atoms().records(RolloutLog.POLICY) >= FEWEST_OF_A_PROMPT * size);
        return several ? size : 0;
    }

    /**
     * The log with every k policy records of a prompt in a row marked as a group. So are those of another source whose
     * log-ratios are alike within such blocks; the records of the others are units of their own.
     *
     * @param log the records that are here
     * @param prompts all prompts of the log
     * @param together what the processes find together that hold them, or null where all are here
     * @param k the size of the blocks
     */
    static RolloutLog marked(RolloutLog log, List<ListedPrompt> prompts, @Nullable Together together, int k) {
        RolloutLog.Columns columns = log.columns();
        int sources = log.sources().size();
        boolean[] alike = new boolean[sources];
        for (int s = 0; s < sources; s++) {
            alike[s] = s == RolloutLog.POLICY || isAlike(log, prompts, together, s, k);
        }
        int[] group = new int[log.size()];
        int next = 0;
        for (RolloutLog.Prompt prompt : log.prompts()) {
            int[] seen = new int[sources];
            int[] open = new int[sources];
            for (int i = prompt.from(); i < prompt.to(); i++) {
                int source = columns.source()[i];
                if (alike[source] && seen[source]++ % k == 0) {
                    open[source] = ++next;
                }
                group[i] = alike[source] ? open[source] : -1;
            }
        }
        return new RolloutLog(
                log.rewardNames(),
                log.sources(),
                log.prompts(),
                new RolloutLog.Columns(
                        columns.rewards(),
                        columns.logPrior(),
                        columns.logPolicy(),
                        columns.source(),
                        columns.logSource(),
                        columns.tokens(),
                        group,
                        columns.tokenKl(),
                        columns.kept(),
                        columns.text()),
                log.tilts());
    }

    /**
     * Whether a source's log-ratios are more alike within blocks of k in a row than {@link #ALIKE} standard deviations of
     * what independent records have: Σ over pairs of a block of their products about the prompt's mean, whose variance is
     * that of the pairs whatever the tails. False where a prompt has too few blocks to go by.
     */
    private static boolean isAlike(
            RolloutLog log, List<ListedPrompt> prompts, @Nullable Together together, int source, int k) {
        double products = 0;
        double variance = 0;
        for (Pairs own :
                ListedPrompt.find(prompts, together, prompt -> Pairs.of(ratios(log, prompt.prompt(), source), k))) {
            if (own.isFew) {
                return false;
            }
            products += own.products;
            variance += own.variance;
        }
        return products > ALIKE * Math.sqrt(variance);
    }

    /**
     * One prompt's pairs of records of one source within blocks of k in a row.
     *
     * @param isFew whether it has records of the source, and too few blocks to go by
     * @param products Σ of the products of their log-ratios about the mean
     * @param variance of that sum, were they independent
     * @serial exclude
     */
    private record Pairs(boolean isFew, double products, double variance) implements Serializable {
        static Pairs of(double[] ratios, int k) {
            if (ratios.length < FEWEST_OF_A_PROMPT * k) {
                return new Pairs(ratios.length > 0, 0, 0);
            }
            double mean = Arrays.stream(ratios).average().orElseThrow();
            double products = 0;
            double squares = 0;
            double pairs = 0;
            for (int from = 0; from < ratios.length; from += k) {
                double sum = 0;
                double own = 0;
                int to = Math.min(from + k, ratios.length);
                for (int i = from; i < to; i++) {
                    double d = ratios[i] - mean;
                    sum += d;
                    own += d * d;
                }
                products += sum * sum - own;
                squares += own;
                pairs += (to - from) * (to - from - 1.0);
            }
            double square = squares / (ratios.length - 1);
            products += pairs * square / ratios.length; // what the mean took out
            return new Pairs(false, products, 2 * pairs * square * square);
        }
    }

    /** The finite log-ratios of a source's records, in the order of the log. */
    private static double[] ratios(RolloutLog log, RolloutLog.Prompt prompt, int source) {
        RolloutLog.Columns columns = log.columns();
        return IntStream.range(prompt.from(), prompt.to())
                .filter(i -> columns.source()[i] == source)
                .mapToDouble(i -> columns.logPolicy()[i] - columns.logPrior()[i])
                .filter(Double::isFinite)
                .toArray();
    }

    /** The size of the blocks in which the policy's rewards are standardised; 0 where they are not. */
    private static int blockSize(PromptPool pool) {
        Blocks all = new Blocks();
        pool.each(c -> Blocks.of(policyRewards(pool.members().get(c).atoms())), (c, own) -> all.add(own));
        for (int k = 2; k <= LARGEST_GROUP; k++) {
            if (all.areStandardised(k)) {
                return k;
            }
        }
        return 0;
    }

    private static double[] policyRewards(Atoms atoms) {
        double[] rewards = new double[Math.min(MOST_RECORDS, atoms.records(RolloutLog.POLICY))];
        int[] count = {0};
        atoms.forEachBlock(block -> {
            for (int i = 0; i < block.count && count[0] < rewards.length; i++) {
                if (block.stratum[i] == RolloutLog.POLICY) {
                    rewards[count[0]++] = block.reward[i];
                }
            }
        });
        return rewards;
    }

    /** How many blocks of k records in a row there are, by k, of one prompt or of several. */
    private static final class Blocks implements Serializable {
        private final boolean[] isOdd = new boolean[LARGEST_GROUP + 1]; // whether k does not divide a number of records
        private final int[] blocks =
                new int[LARGEST_GROUP + 1]; // those whose rewards are not all 0, as a standardised constant is
        private final int[] fitting = new int[LARGEST_GROUP + 1]; // those that are standardised

        static Blocks of(double[] rewards) {
            Blocks own = new Blocks();
            double[] sums = new double[rewards.length + 1]; // of the first rewards
            double sizes = 0;
            for (int i = 0; i < rewards.length; i++) {
                sums[i + 1] = sums[i] + rewards[i];
                sizes += Math.abs(rewards[i]);
            }
            double rounding = 1e-11 * sizes; // five times what two sums of at most 8192 can be off
            for (int k = 2; k <= LARGEST_GROUP; k++) {
                own.isOdd[k] = rewards.length % k != 0 && rewards.length < MOST_RECORDS;
                double farthest = 2 * MEAN * k + rounding;
                for (int from = 0; from + k <= rewards.length && !own.isOdd[k]; from += k) {
                    boolean zeros = true;
                    for (int i = from; i < from + k && zeros; i++) {
                        zeros = rewards[i] == 0;
                    }
                    own.blocks[k] += zeros ? 0 : 1;
                    boolean isFar = Math.abs(sums[from + k] - sums[from]) > farthest; // from a mean of 0, to begin with
                    own.fitting[k] += !zeros && !isFar && isStandardised(rewards, from, k) ? 1 : 0;
                }
            }
            return own;
        }

        void add(Blocks other) {
            for (int k = 2; k <= LARGEST_GROUP; k++) {
                isOdd[k] |= other.isOdd[k];
                blocks[k] += other.blocks[k];
                fitting[k] += other.fitting[k];
            }
        }

        /** Whether nearly all are standardised. */
        boolean areStandardised(int k) {
            return !isOdd[k] && fitting[k] >= FEWEST_BLOCKS && fitting[k] >= SHARE * blocks[k];
        }
    }

    private static boolean isStandardised(double[] rewards, int from, int k) {
        double sum = 0;
        double squares = 0;
        for (int i = from; i < from + k; i++) {
            sum += rewards[i];
            squares += rewards[i] * rewards[i];
        }
        double mean = sum / k;
        double square = squares - sum * mean;
        boolean unit =
                Math.abs(Math.sqrt(square / k) - 1) <= SPREAD || Math.abs(Math.sqrt(square / (k - 1)) - 1) <= SPREAD;
        return Math.abs(mean) <= MEAN && unit;
    }
}
