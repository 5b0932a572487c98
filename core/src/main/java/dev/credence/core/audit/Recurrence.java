package dev.credence.core.audit;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How often one source's records of a prompt show texts that were known before, beside what those texts' own probabilities
 * say. The records come in stages by a rule that their texts have no part in; the texts of the stages before are the known
 * ones of a stage, so that their stated mass is fixed when its records are drawn: of independent draws each is one of them
 * with that probability, and those are drawn in proportion to their own.
 *
 * <p>A record counts as one over the records of its unit: of records that depend on each other in whatever way, the
 * geometric mean of their likelihood ratios has mean one at most, as one record's has (Hölder).
 *
 * @param stages those that have known texts, in order
 * @param isShareStated whether each draw is a record, so that the known texts' mass is a share of the records
 * @serial exclude
 */
record Recurrence(List<Stage> stages, boolean isShareStated) implements Serializable {
    /** The first four end at a sixteenth, an eighth, a quarter and a half of the records. */
    private static final int STAGES = 5;

    /** How much steeper in log p than stated a sampler may be: 1/T − 1 of temperatures T. */
    private static final double[] POWERS = {1 / .5 - 1, 1 / .7 - 1, 1 / .85 - 1, 0, 1 / 1.15 - 1, 1 / 1.3 - 1, -.5};

    static final int POWERS_TRIED = POWERS.length;

    /**
     * What the records of a stage show of its known texts.
     *
     * @param records their number, a unit counting once
     * @param known how many of them are of known texts
     * @param logProbability Σ log p of those, nats
     * @param texts the known texts
     * @serial exclude
     */
    record Stage(double records, double known, double logProbability, Known texts) implements Serializable {
        /** How much likelier these records are where the odds of a known text are e^θ times as large; its log. */
        double growthOfShare(double theta, double tolerance) {
            double stated = Math.min(1, texts.mass * (theta > 0 ? 1 + tolerance : 1 - tolerance));
            return known * theta - records * Math.log1p(stated * Math.expm1(theta));
        }

        /** How much likelier the known ones are where they are drawn in proportion to p^(1 + power); its log. */
        double growthOfPower(int power, double tolerance) {
            double error = Math.abs(POWERS[power]) * tolerance * Math.sqrt(texts.variance);
            return POWERS[power] * logProbability - known * (texts.logMeanPowers[power] + error);
        }
    }

    /**
     * The texts that are known at a stage.
     *
     * @param mass Σ of their probabilities, thinned as draws are
     * @param mean of log p under them, nats
     * @param variance of log p under them, nats²
     * @param logMeanPowers (powers) log of the mean of p^power under them
     * @serial exclude
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Known(double mass, double mean, double variance, double[] logMeanPowers) implements Serializable {}

    /**
     * Of one source.
     *
     * @param atoms a prompt's records
     * @param textOf (records) which text each is
     * @param stratum (records) the source of each
     * @param scores of the texts
     * @param source whose records count
     */
    static Recurrence of(Atoms atoms, int[] textOf, byte[] stratum, TextScores scores, int source) {
        return new Counter(atoms, textOf, stratum, scores, source).recurrence();
    }

    /** A number that is as good as random, by a place alone (SplitMix64). */
    static long scattered(int place) {
        long mixed = (place + 1) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** Sorts one source's records into stages. */
    private static final class Counter {
        private final Atoms atoms;
        private final int[] textOf;
        private final byte[] stratum;
        private final TextScores scores;
        private final int source;
        private final byte[] first; // (texts) the stage that shows it; STAGES where none does, or it is too rare
        private final double[] mass; // (texts) its stated probability among draws that are kept
        private final double[] records = new double[STAGES]; // a unit's count as one in all
        private final double[] known = new double[STAGES]; // records of texts that an earlier stage shows
        private final double[] knownLog = new double[STAGES]; // Σ log p of those

        // What is summed over the texts that a stage shows; the powers are the last.
        private static final int MASS = 0;
        private static final int LOG = 1;
        private static final int LOG_SQUARE = 2;
        private static final int POWER = 3;

        Counter(Atoms atoms, int[] textOf, byte[] stratum, TextScores scores, int source) {
            this.atoms = atoms;
            this.textOf = textOf;
            this.stratum = stratum;
            this.scores = scores;
            this.source = source;
            this.first = new byte[scores.size()];
            this.mass = new double[scores.size()];
            Arrays.fill(first, (byte) STAGES);
        }

        Recurrence recurrence() {
            forEachUnit((stage, from, to) -> show(stage, from, to));
            for (int text = 0; text < first.length; text++) {
                if (atoms.draws(source) * mass[text] <= SameText.RARE) {
                    first[text] = STAGES;
                }
            }
            forEachUnit((stage, from, to) -> count(stage, from, to));
            return new Recurrence(stages(), atoms.keepsEveryDraw());
        }

        /** What is done with the records {@code from} to {@code to} of one unit. */
        private interface OfUnit {
            void accept(int stage, int from, int to);
        }

        private void forEachUnit(OfUnit each) {
            int unit = 0;
            int to;
            for (int from = 0; from < textOf.length; from = to, unit++) {
                to = from + 1;
                while (to < textOf.length && !atoms.startsUnit(to)) {
                    to++;
                }
                if (stratum[from] == source) {
                    each.accept(stage(unit), from, to);
                }
            }
        }

        /** By the unit's place alone, scattered, so that a log that is sorted by its texts tells nothing. */
        private static int stage(int unit) {
            return STAGES - 1 - Math.min(STAGES - 1, Long.numberOfLeadingZeros(scattered(unit)));
        }

        private void show(int stage, int from, int to) {
            for (int i = from; i < to; i++) {
                int text = textOf[i];
                if (first[text] == STAGES) {
                    mass[text] = atoms.kept(i) * Math.exp(scores.logProbability(source, text));
                }
                first[text] = (byte) Math.min(first[text], stage);
            }
        }

        private void count(int stage, int from, int to) {
            double weight = 1.0 / (to - from);
            for (int i = from; i < to; i++) {
                boolean isKnown = first[textOf[i]] < stage;
                records[stage] += weight;
                known[stage] += isKnown ? weight : 0;
                knownLog[stage] += isKnown ? weight * scores.logProbability(source, textOf[i]) : 0;
            }
        }

        private List<Stage> stages() {
            double[][] added = new double[STAGES][POWER + POWERS.length]; // by the stage that shows a text
            for (int text = 0; text < first.length; text++) {
                if (first[text] < STAGES) {
                    add(mass[text], scores.logProbability(source, text), added[first[text]]);
                }
            }
            List<Stage> stages = new ArrayList<>();
            for (int stage = 1; stage < STAGES; stage++) {
                for (int k = 0; k < added[stage].length; k++) {
                    added[stage][k] += added[stage - 1][k];
                }
                if (added[stage - 1][MASS] > 0) {
                    stages.add(new Stage(records[stage], known[stage], knownLog[stage], known(added[stage - 1])));
                }
            }
            return stages;
        }

        private static void add(double mass, double logProbability, double[] to) {
            to[MASS] += mass;
            to[LOG] += mass * logProbability;
            to[LOG_SQUARE] += mass * logProbability * logProbability;
            for (int k = 0; k < POWERS.length; k++) {
                to[POWER + k] += mass * Math.exp(POWERS[k] * logProbability);
            }
        }

        private static Known known(double[] sums) {
            double mean = sums[LOG] / sums[MASS];
            double[] powers = new double[POWERS.length];
            Arrays.setAll(powers, k -> Math.log(sums[POWER + k] / sums[MASS]));
            return new Known(sums[MASS], mean, Math.max(0, sums[LOG_SQUARE] / sums[MASS] - mean * mean), powers);
        }
    }
}
