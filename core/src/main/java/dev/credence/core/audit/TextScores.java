package dev.credence.core.audit;

import java.io.Serializable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The distinct texts of one prompt, with what their records say of each: a text is a token sequence, so that equal
 * hashes with different token counts are two texts. Arrays are (texts) unless said.
 */
final class TextScores {
    /** How far apart two log-probabilities of one text may be, nats a token. */
    private static final double SAME_A_TOKEN = 1e-3;

    private final int texts;
    private final int[] tokens; // 1 where unknown
    private final int[][] records; // (prior and policy, texts) of that source
    private final int[][] units; // (prior and policy, texts) that hold the text, of that source
    private final Score[] scores = new Score[2]; // under prior and policy

    /** The log-probabilities of every text under one model. */
    private static final class Score {
        final int[] count;
        final double[] mean;
        final double[] square; // Σ (x − mean)²
        final double[] least;
        final double[] most;

        Score(int texts) {
            count = new int[texts];
            mean = new double[texts];
            square = new double[texts];
            least = new double[texts];
            most = new double[texts];
            Arrays.fill(least, Double.POSITIVE_INFINITY);
            Arrays.fill(most, Double.NEGATIVE_INFINITY);
        }

        void add(int text, double logProbability) {
            least[text] = Math.min(least[text], logProbability);
            most[text] = Math.max(most[text], logProbability);
            if (logProbability > Double.NEGATIVE_INFINITY) {
                double off = logProbability - mean[text];
                mean[text] += off / ++count[text];
                square[text] += off * (logProbability - mean[text]);
            }
        }
    }

    private final Score ratios; // of ℓ
    private final Score rewards;
    private final Recurrence[] recurrences = new Recurrence[2]; // under prior and policy
    private final double[][] redrawn = new double[2][]; // the same, by share
    private final Redrawn.Order[] orders = new Redrawn.Order[2];
    private final WrittenAgain[] again = new WrittenAgain[2];

    private TextScores(Atoms atoms, int[] textOf, int texts) {
        this.texts = texts;
        this.tokens = new int[texts];
        this.records = new int[2][texts];
        this.units = new int[2][texts];
        scores[0] = new Score(texts);
        scores[1] = new Score(texts);
        ratios = new Score(texts);
        rewards = new Score(texts);
        int[] last = new int[texts]; // the unit that held the text last, counted from one
        int[] unit = {0};
        byte[] stratum = new byte[textOf.length];
        atoms.forEachBlock(block -> {
            System.arraycopy(block.stratum, 0, stratum, block.start, block.count);
            for (int i = 0; i < block.count; i++) {
                unit[0] += atoms.startsUnit(block.start + i) ? 1 : 0;
                int text = textOf[block.start + i];
                tokens[text] = Math.max(1, (int) block.tokens[i]);
                add(block, i, text);
                rewards.add(text, block.reward[i]);
                int source = block.stratum[i];
                if (source <= RolloutLog.POLICY) {
                    records[source][text]++;
                    units[source][text] += last[text] == unit[0] ? 0 : 1;
                    last[text] = unit[0];
                }
            }
        });
        for (int source = 0; source < recurrences.length; source++) {
            recurrences[source] = Recurrence.of(atoms, textOf, stratum, this, source);
            redrawn[source] = Redrawn.growth(atoms, textOf, stratum, this, source);
            orders[source] = Redrawn.Order.of(atoms, textOf, stratum, source);
            again[source] = WrittenAgain.of(textOf, stratum, source, texts);
        }
    }

    private void add(AtomBlock block, int i, int text) {
        scores[0].add(text, block.logPrior[i]);
        scores[1].add(text, block.logPolicy[i]);
        if (block.isSupported(i)) {
            ratios.add(text, block.logPolicy[i] - block.logPrior[i]);
        }
    }

    /** The texts of a prompt, or null where none are known. */
    static @Nullable TextScores of(Atoms atoms) {
        long[] hashes = atoms.texts();
        if (hashes == null) {
            return null;
        }
        atoms.forEachBlock(block -> {
            for (int i = 0; i < block.count; i++) {
                hashes[block.start + i] += ((long) block.tokens[i]) * 0x9E3779B97F4A7C15L;
            }
        });
        int[] textOf = new int[hashes.length];
        int texts = number(hashes, textOf);
        return new TextScores(atoms, textOf, texts);
    }

    /** Numbers equal hashes alike, in the order in which they come; returns how many there are. */
    private static int number(long[] hashes, int[] textOf) {
        int slots = Integer.highestOneBit(Math.max(1, hashes.length)) << 2;
        int[] first = new int[slots]; // one more than the position of the slot's hash; 0 where free
        int texts = 0;
        for (int i = 0; i < hashes.length; i++) {
            long mixed = hashes[i] * 0x9E3779B97F4A7C15L;
            int slot = (int) ((mixed ^ (mixed >>> 32)) & (slots - 1));
            while (first[slot] > 0 && hashes[first[slot] - 1] != hashes[i]) {
                slot = (slot + 1) & (slots - 1);
            }
            if (first[slot] == 0) {
                first[slot] = i + 1;
                textOf[i] = texts++;
            } else {
                textOf[i] = textOf[first[slot] - 1];
            }
        }
        return texts;
    }

    /** How many distinct texts there are. */
    int size() {
        return texts;
    }

    /** log of the sum of the texts' probabilities under one model, the least that each text's records give it. */
    double logTotal(int model) {
        double[] least = scores[model].least;
        double largest = Arrays.stream(least).max().orElse(Double.NEGATIVE_INFINITY);
        if (largest == Double.NEGATIVE_INFINITY) {
            return largest;
        }
        double sum = 0;
        for (double each : least) {
            sum += Math.exp(each - largest);
        }
        return largest + Math.log(sum);
    }

    /** How far two records of a text are apart under the worse of the two models, nats a token. */
    double apart(int text) {
        return Math.max(apart(scores[0], text), apart(scores[1], text));
    }

    private double apart(Score score, int text) {
        double low = score.least[text];
        double high = score.most[text];
        return low == high ? 0 : (high - low) / tokens[text];
    }

    /** Whether a text was scored more than once. */
    boolean isRepeated(int text) {
        return ratios.count[text] > 1 || scores[0].count[text] > 1;
    }

    /** The least and the largest reward that a text's records have. */
    Intervals.Limits rewards(int text) {
        return new Intervals.Limits(rewards.least[text], rewards.most[text]);
    }

    /** Whether two records of a text contradict each other. */
    boolean isContradicted(int text) {
        return apart(text) > SAME_A_TOKEN;
    }

    /**
     * Sums over the texts that were scored more than once, of squares about each text's mean.
     *
     * @param prior Σ of log π0's
     * @param policy Σ of log π's
     * @param ratio Σ of ℓ's
     * @param freedom degrees of freedom: records of such texts less the texts
     * @serial exclude
     */
    record Noise(double prior, double policy, double ratio, double freedom) implements Serializable {
        static final Noise NONE = new Noise(0, 0, 0, 0);

        Noise plus(Noise other) {
            return new Noise(prior + other.prior, policy + other.policy, ratio + other.ratio, freedom + other.freedom);
        }
    }

    /** How much the scores of one text scatter. */
    Noise noise() {
        double prior = 0;
        double policy = 0;
        double ratio = 0;
        double freedom = 0;
        for (int text = 0; text < texts; text++) {
            if (ratios.count[text] > 1) {
                prior += scores[0].square[text];
                policy += scores[1].square[text];
                ratio += ratios.square[text];
                freedom += ratios.count[text] - 1;
            }
        }
        return new Noise(prior, policy, ratio, freedom);
    }

    /**
     * The variance of rewards between records of one text, whose reward should be one, and between all records.
     *
     * @param within of one text; 0 where all are alike, NaN where none recurs
     * @param all between all records
     * @serial exclude
     */
    record RewardSpread(double within, double all) implements Serializable {}

    RewardSpread rewardSpread() {
        double within = 0;
        double freedom = 0;
        double mean = 0;
        double records = 0;
        for (int text = 0; text < texts; text++) {
            within += rewards.square[text];
            freedom += Math.max(0, rewards.count[text] - 1);
            mean += rewards.count[text] * rewards.mean[text];
            records += rewards.count[text];
        }
        mean /= records;
        double all = within;
        for (int text = 0; text < texts; text++) {
            all += rewards.count[text] * (rewards.mean[text] - mean) * (rewards.mean[text] - mean);
        }
        return new RewardSpread(within / freedom, all / (records - 1));
    }

    /** In what order a source's records are. */
    Redrawn.Order order(int source) {
        return orders[source];
    }

    /** Logs of likelihood ratios of draws of a source that were drawn before, by share. */
    double[] redrawn(int source) {
        return redrawn[source];
    }

    /** Whether a source's records are one sequence written several times. */
    WrittenAgain writtenAgain(int source) {
        return again[source];
    }

    /** How often a source's records show texts that were known before. */
    Recurrence recurrence(int source) {
        return recurrences[source];
    }

    /** How many records of a source hold a text. */
    int records(int source, int text) {
        return records[source][text];
    }

    /** How many units of a source hold a text. */
    int units(int source, int text) {
        return units[source][text];
    }

    /** The text's log-probability under a model, the mean of what its records say. */
    double logProbability(int model, int text) {
        return scores[model].count[text] == 0 ? Double.NEGATIVE_INFINITY : scores[model].mean[text];
    }
}
