package dev.credence.core.audit;

import java.io.Serializable;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Whether one source's records of a prompt are draws that were drawn before: a sampler with a cache, texts written again. In
 * an order by their places alone, the texts x before a record are known when it is drawn; of independent draws it has the
 * probability p(x), of a sampler that takes up one of those t records with probability ρ it has (1 − ρ) p(x) + ρ c(x)/t, c the
 * records of x among them. The product of the ratios has mean one at most over sound logs, whatever their size.
 *
 * <p>Texts of which many are expected are left out, and p is that among the others: rounding of their scores, or noise, would
 * count as often as they come. A log that is sorted tells nothing there: the order is another.
 *
 * <p>Texts that are written again one after the other show by the order of the log without any probabilities: of three
 * independent draws in a row of which two are alike, these are the outer ones in one case of three. Not asked of a log in an
 * order, by text or reward, as a whole or in parts.
 */
final class Redrawn {
    /** Shares of records that are taken up again. */
    private static final double[] SHARES = {.1, .3, .5};

    /** Shares of neighbours among the equal ones of three records in a row, where two are; of independent draws two thirds. */
    private static final double[] NEIGHBOURS = {.85, .98};

    private static final double DUE = 2.0 / 3;

    static final int TRIED = SHARES.length + NEIGHBOURS.length;

    /** A source whose records have hardly more runs of equal texts than texts is sorted by them. */
    private static final double LEAST_RUNS = 1.5;

    /** Of independent draws as many steps go up as down, give or take a few errors; of sorted ones, nearly all one way. */
    private static final double ONE_WAY = 0.2;

    private static final double ERRORS = 4;

    /** A text of which more are expected is left out. */
    private static final double OFTEN = 200;

    /** The least probability of all the others together. */
    private static final double LEAST = 0.02;

    /** Records of a prompt that are looked at, about. */
    private static final int MOST_RECORDS = 1 << 15;

    /** How far stated probabilities may be off, relative, beside twice the scatter of scores. */
    private static final double TOLERANCE = 0.01;

    private Redrawn() {}

    /**
     * The logs of the likelihood ratios, by the share that is taken up again; 0 where draws were thinned, or belong
     * together and so are not independent.
     *
     * @param atoms a prompt's records
     * @param textOf (records) which text each is
     * @param stratum (records) the source of each
     * @param scores of the texts
     * @param source whose records count
     */
    static double[] growth(Atoms atoms, int[] textOf, byte[] stratum, TextScores scores, int source) {
        double[] growth = new double[TRIED];
        if (atoms.hasUnits()) {
            return growth;
        }
        addNeighbours(textOf, stratum, source, growth);
        if (!atoms.keepsEveryDraw()) {
            return growth;
        }
        int[] texts = scattered(textOf, stratum, source, atoms.records(source));
        double[] probability = new double[scores.size()];
        double rest = 1;
        for (int text = 0; text < probability.length; text++) {
            if (scores.records(source, text) > 0) {
                double own = Math.exp(Math.min(0, scores.logProbability(source, text)));
                boolean isOften = texts.length * own > OFTEN;
                rest -= isOften ? own : 0;
                probability[text] = isOften ? 0 : own;
            }
        }
        return rest < LEAST ? growth : growth(texts, probability, rest / (1 + tolerance(scores)), growth);
    }

    private static double[] growth(int[] texts, double[] probability, double total, double[] growth) {
        LogProduct[] ratios = new LogProduct[SHARES.length];
        Arrays.setAll(ratios, k -> new LogProduct());
        int[] seen = new int[probability.length];
        int before = 0;
        for (int text : texts) {
            if (probability[text] == 0) {
                continue;
            }
            double again = before == 0 ? 1 : seen[text] * total / (before * probability[text]);
            for (int k = 0; k < SHARES.length; k++) {
                ratios[k].times(1 + SHARES[k] * (again - 1));
            }
            seen[text]++;
            before++;
        }
        for (int k = 0; k < SHARES.length; k++) {
            growth[k] += ratios[k].log();
        }
        return growth;
    }

    /**
     * Whether records are in an order that their texts or rewards decide, the whole of them or part by part: sorted texts stand
     * together, whoever drew them. Texts are numbered as they come, so that the second half of a prompt's records is asked of
     * those that the first half held. A prompt's few records have hardly a step, so those of all prompts count together.
     */
    static final class Order implements Serializable {
        private final Steps byReward = new Steps();
        private final Steps byText = new Steps();

        static Order of(Atoms atoms, int[] textOf, byte[] stratum, int source) {
            Order order = new Order();
            int half = atoms.records(source) / 2;
            int known = 0;
            int seen = 0;
            for (int i = 0; i < textOf.length; i++) {
                if (stratum[i] != source) {
                    continue;
                }
                order.byReward.to(atoms.reward(i));
                if (seen++ < half) {
                    known = Math.max(known, textOf[i]);
                } else if (textOf[i] <= known) {
                    order.byText.to(textOf[i]);
                }
            }
            return order;
        }

        void add(Order other) {
            byReward.add(other.byReward);
            byText.add(other.byText);
        }

        boolean isSorted() {
            return byReward.goOneWay() || byText.goOneWay();
        }
    }

    /** Steps up and down from number to number; those that stay count for nothing. */
    private static final class Steps implements Serializable {
        private double last = Double.NaN;
        private long up;
        private long down;

        void to(double next) {
            up += next > last ? 1 : 0;
            down += next < last ? 1 : 0;
            last = next;
        }

        void add(Steps other) {
            up += other.up;
            down += other.down;
        }

        boolean goOneWay() {
            double all = (double) up + down;
            double apart = Math.abs(up - down);
            return apart > ONE_WAY * all
                    && apart > ERRORS * Math.sqrt(all / 3); // n/3: the variance of independent signs
        }
    }

    /** The tests' growth over a source's prompts; of sorted records the neighbours say nothing. */
    static double[] withoutNeighbours(double[] growth) {
        double[] left = new double[TRIED];
        System.arraycopy(growth, 0, left, 0, SHARES.length);
        return left;
    }

    private static void addNeighbours(int[] textOf, byte[] stratum, int source, double[] growth) {
        BitSet texts = new BitSet();
        int runs = 0;
        int inner = 0;
        int outer = 0;
        int[] three = new int[3];
        int at = 0;
        int last = -1;
        for (int i = 0; i < textOf.length; i++) {
            if (stratum[i] != source) {
                continue;
            }
            texts.set(textOf[i]);
            runs += textOf[i] == last ? 0 : 1;
            last = textOf[i];
            three[at++] = last;
            if (at == 3) {
                at = 0;
                boolean first = three[0] == three[1];
                boolean second = three[1] == three[2];
                inner += first != second ? 1 : 0;
                outer += !first && !second && three[0] == three[2] ? 1 : 0;
            }
        }
        for (int k = 0; k < NEIGHBOURS.length && runs >= LEAST_RUNS * texts.cardinality(); k++) {
            growth[SHARES.length + k] =
                    inner * Math.log(NEIGHBOURS[k] / DUE) + outer * Math.log((1 - NEIGHBOURS[k]) / (1 - DUE));
        }
    }

    private static double tolerance(TextScores scores) {
        TextScores.Noise noise = scores.noise();
        double square = noise.freedom() > 0 ? Math.max(noise.prior(), noise.policy()) / noise.freedom() : 0;
        return TOLERANCE + 2 * Math.sqrt(square);
    }

    /** The texts of a source's records, or of so many of them, in an order by their places alone. */
    private static int[] scattered(int[] textOf, byte[] stratum, int source, int records) {
        double share = (double) MOST_RECORDS / records;
        long[] order = new long[records]; // the place's number that is as good as random, above the record's own
        int count = 0;
        for (int i = 0; i < textOf.length; i++) {
            long number = Recurrence.scattered(i) >>> 1;
            if (stratum[i] == source && (share >= 1 || number * 0x1p-63 < share)) {
                order[count++] = (number & ~(long) Integer.MAX_VALUE) | i;
            }
        }
        Arrays.sort(order, 0, count);
        int[] texts = new int[count];
        Arrays.setAll(texts, k -> textOf[(int) (order[k] & Integer.MAX_VALUE)]);
        return texts;
    }
}
