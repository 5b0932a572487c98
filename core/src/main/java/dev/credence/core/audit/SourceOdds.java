package dev.credence.core.audit;

import dev.credence.core.probability.LogMath;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Whether the sources' labels go with the log-probabilities: of all records x those that the policy drew have the odds
 * N1 a1 π(x) / (N0 a0 π0(x)). Against it stand samplers that draw in proportion to another power of either probability (a
 * temperature), or hardly ever what it finds unlikely (top-k, top-p), and where draws were thinned those that were kept with
 * other probabilities than are written down. No text needs to recur.
 *
 * <p>For a sampler π e^g the likelihood ratio of all labels has mean one at most over sound logs: with η the probability
 * of the policy's label and D = 1 − η + η e^g, N0 E_π0[1/D] + N1 E_π[e^g/D] = N0 + N1, so that the product of N0 factors of
 * the one kind and N1 of the other has mean one at most (the arithmetic mean is the larger). It then exceeds 1/δ with a
 * probability of δ at most. Of units that depend on each other within, each counts once (Hölder).
 *
 * <p>Apart from these the two columns, or the two labels, may be swapped, in all prompts or in one: e^g is then (π0/π)². Scores
 * that scatter are allowed for, since noise that is larger than a small KL can turn a ratio's sign.
 *
 * @param growth log of the likelihood ratio, mixed over alternatives, prompts' logs added at one and the same alternative
 * @param alternative the likeliest
 * @param swapped log of the likelihood ratio of swapped sides, mixed over all prompts and each
 * @param prompt the one where they are likeliest to be swapped; −1 for all
 */
record SourceOdds(double growth, int alternative, double swapped, int prompt) {
    /** 1/T − 1 of the temperatures that are tried. */
    private static final double[] POWERS = {1, .5, .25, .12, -.12, -.25, -.4};

    /** Where truncations are tried, in deviations of log p from its mean. */
    private static final double[] CUTS = {-2.5, -2, -1.5, -1, -.5, 0, .5};

    /** What a truncated sampler leaves of the texts below, as a log. */
    private static final double LEFT = -4;

    /** Powers of the stated probabilities of being kept by which the true ones are off. */
    private static final double[] KEPT_POWERS = {-.5, -.25, .25, .5};

    /** Logs of the factors by which those of the texts that are kept most often are off, and most rarely. */
    private static final double[] KEPT_OFTEN = {Math.log(.5), Math.log(.8)};

    private static final double[] KEPT_RARELY = {Math.log(.5), Math.log(2)};

    /** What a text's log-ratio may scatter where no text recurs to show it, nats². */
    private static final double SCATTER = 2.5e-3;

    /** Probabilities of being kept are the same within this share. */
    private static final double SAME = .01;

    private static final int KEPT = POWERS.length + CUTS.length; // the first of them
    private static final int ONE_SIDE = KEPT + KEPT_POWERS.length + KEPT_OFTEN.length + KEPT_RARELY.length;
    private static final int ALTERNATIVES = 2 * ONE_SIDE;

    /** Records of a prompt that are looked at, about. */
    private static final int MOST_RECORDS = 1024;

    static SourceOdds of(PromptPool pool) {
        double[] all = new double[ALTERNATIVES];
        Arrays.fill(all, Double.NaN);
        double[] swapped = new double[pool.members().size()];
        double scatter = 0.5 * (SCATTER + ScoringNoise.of(pool).ratioVariance());
        pool.<double[]>each(c -> pool.members().get(c).sourceOdds(), (c, own) -> {
            swapped[c] = own[ALTERNATIVES]
                    - scatter
                            * Math.min(
                                    MOST_RECORDS, pool.members().get(c).atoms().size());
            for (int k = 0; k < all.length; k++) {
                all[k] = Double.isNaN(all[k]) ? own[k] : Double.isNaN(own[k]) ? all[k] : all[k] + own[k];
            }
        });
        int best = 0;
        for (int k = 0; k < all.length; k++) {
            best = all[k] > all[best] ? k : best;
        }
        double[] tried = Arrays.stream(all).filter(g -> !Double.isNaN(g)).toArray(); // those of thinned draws need some
        double everywhere = Arrays.stream(swapped).sum();
        double somewhere = LogMath.logMeanExp(swapped);
        int prompt = IntStream.range(0, swapped.length).reduce(0, (a, b) -> swapped[b] > swapped[a] ? b : a);
        boolean isOne = swapped.length > 1 && somewhere > everywhere;
        double either = LogMath.logMeanExp(new double[] {everywhere, somewhere});
        return new SourceOdds(LogMath.logMeanExp(tried), best, either, isOne ? prompt : -1);
    }

    /** One prompt's growth, by alternative; NaN of those about thinned draws where it has none; that of swapped sides last. */
    static double[] growth(Atoms atoms) {
        return new Records(atoms).growth();
    }

    /** Whether the log cannot be. */
    boolean isImpossible() {
        return SafeTest.isImpossible(growth, 1);
    }

    /** Whether prior and policy can only be swapped, in all prompts or in one. */
    boolean isSwapped() {
        return SafeTest.isImpossible(swapped, 1);
    }

    double swappedErrors() {
        return SafeTest.errors(swapped);
    }

    String swappedReason(PromptPool pool) {
        String where = prompt < 0
                ? ""
                : "in prompt " + Words.quoted(pool.members().get(prompt).atoms().prompt()) + " ";
        return where
                + Gates.text(
                        "which record is whose goes against its log-probabilities (%s standard errors, 4 allowed): the"
                                + " sources' labels or the columns of prior and policy are swapped",
                        Words.number(swappedErrors()));
    }

    /** The growth as a number of standard errors of a normal mean that would be as far away. */
    double errors() {
        return SafeTest.errors(growth);
    }

    String reason() {
        if (alternative % ONE_SIDE >= KEPT) {
            return Gates.text(
                    "which record is whose does not go with the stated probabilities of being kept (%s standard errors, 4"
                            + " allowed): by its reward a draw of the %s was kept more often, or more rarely, than kept says",
                    Words.number(errors()), alternative < ONE_SIDE ? "prior" : "policy");
        }
        boolean isCut = alternative % ONE_SIDE >= POWERS.length;
        boolean isSharp = !isCut && POWERS[alternative % ONE_SIDE] > 0;
        String how = isCut
                ? "hardly hold texts that it finds unlikely: top-k or top-p?"
                : isSharp
                        ? "favour texts that it finds likely: a temperature below 1, top-k or top-p?"
                        : "favour texts that it finds unlikely: a temperature above 1?";
        return Gates.text(
                "which record is whose does not go with its log-probabilities (%s standard errors, 4 allowed): the records"
                        + " of the %s %s",
                Words.number(errors()), alternative < ONE_SIDE ? "prior" : "policy", how);
    }

    /** The records of one prompt that are looked at, chosen by their places alone; arrays are (sides, records) unless said. */
    private static final class Records {
        private final double[][] logProbability;
        private final double[][] mass; // of the side's distribution, unnormalised
        private final double[][] label; // the probability that a record is the side's
        private final double[][] logKept; // that a draw of the side with this reward is kept
        private final boolean[] ofPolicy; // (records)
        private final int most;
        private final boolean isEstimated; // how many texts were drawn
        private int count;
        private int unit; // records of the one that is being read
        private int largestUnit;
        private double swapped; // log of the labels' likelihood ratio of swapped columns

        Records(Atoms atoms) {
            most = Math.min(atoms.size(), 2 * MOST_RECORDS);
            isEstimated = EstimatedDraws.applies(atoms);
            logProbability = new double[2][most];
            mass = new double[2][most];
            label = new double[2][most];
            logKept = new double[2][most];
            ofPolicy = new boolean[most];
            atoms.forEachBlock(block -> take(atoms, block));
        }

        private void take(Atoms atoms, AtomBlock block) {
            double share = (double) MOST_RECORDS / atoms.size();
            for (int i = 0; i < block.count; i++) {
                int position = block.start + i;
                unit = atoms.startsUnit(position) ? 1 : unit + 1;
                largestUnit = Math.max(unit, largestUnit);
                boolean isLookedAt = share >= 1 || (Recurrence.scattered(position) >>> 1) * 0x1p-63 < share;
                if (block.stratum[i] <= RolloutLog.POLICY && isLookedAt && count < most) {
                    logKept[0][count] = Math.log(atoms.priorKept(position));
                    logKept[1][count] = Math.log(atoms.policyKept(position));
                    double prior = atoms.draws(RolloutLog.PRIOR) * atoms.priorKept(position);
                    add(block, i, prior, atoms.draws(RolloutLog.POLICY) * atoms.policyKept(position));
                }
            }
        }

        private void add(AtomBlock block, int i, double prior, double policy) {
            double ratio = block.isSupported(i) ? block.logPolicy[i] - block.logPrior[i] : Double.NEGATIVE_INFINITY;
            double odds = Math.log(policy / prior) + ratio;
            logProbability[0][count] = block.logPrior[i];
            logProbability[1][count] = block.logPolicy[i];
            label[0][count] = 1 / (1 + Math.exp(odds));
            label[1][count] = 1 / (1 + Math.exp(-odds));
            mass[0][count] = label[0][count] / prior;
            mass[1][count] = label[1][count] / policy;
            ofPolicy[count] = block.stratum[i] == RolloutLog.POLICY;
            if (Math.abs(ratio) < Double.POSITIVE_INFINITY) {
                double sign = ofPolicy[count] ? 1 : -1;
                swapped += LogMath.logAddExp(0, -sign * odds) - LogMath.logAddExp(0, -sign * (odds - 2 * ratio));
            }
            count++;
        }

        double[] growth() {
            double[] growth = new double[ALTERNATIVES + 1];
            if (isEstimated) {
                for (int side = 0; side < 2; side++) {
                    Arrays.fill(growth, side * ONE_SIDE + KEPT, (side + 1) * ONE_SIDE, Double.NaN);
                }
                return growth; // the records themselves set the odds, and prove nothing against them
            }
            double[] tilt = new double[count];
            growth[ALTERNATIVES] = swapped / largestUnit;
            for (int side = 0; side < 2; side++) {
                Center center = center(side);
                keptOtherwise(side, tilt, growth);
                for (int k = 0; k < KEPT; k++) {
                    boolean isCut = k >= POWERS.length;
                    double at = isCut ? center.mean + CUTS[k - POWERS.length] * center.deviation : center.mean;
                    for (int i = 0; i < count; i++) {
                        double above = Math.max(logProbability[side][i] - at, -Double.MAX_VALUE);
                        tilt[i] = isCut ? (above < 0 ? LEFT : 0) : POWERS[k] * above;
                    }
                    growth[side * ONE_SIDE + k] = growth(side, tilt) / largestUnit;
                }
            }
            return growth;
        }

        /** Against it: the side's draws were kept a e^g often, of which no distribution's sum is asked. */
        private void keptOtherwise(int side, double[] tilt, double[] growth) {
            double most = Double.NEGATIVE_INFINITY;
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < count; i++) {
                most = Math.max(most, logKept[side][i]);
                least = Math.min(least, logKept[side][i]);
            }
            int at = side * ONE_SIDE + KEPT;
            if (!(least < 0)) {
                Arrays.fill(growth, at, (side + 1) * ONE_SIDE, Double.NaN);
                return;
            }
            for (double power : KEPT_POWERS) {
                for (int i = 0; i < count; i++) {
                    tilt[i] = power * (logKept[side][i] - most);
                }
                growth[at++] = labelGrowth(side, tilt, 0) / largestUnit;
            }
            at = keptOtherwise(side, KEPT_OFTEN, most, tilt, growth, at);
            keptOtherwise(side, KEPT_RARELY, least, tilt, growth, at);
        }

        /** The same where the draws at one probability of being kept are off by each factor; the next place in growth. */
        private int keptOtherwise(int side, double[] factors, double logAt, double[] tilt, double[] growth, int from) {
            int at = from;
            for (double factor : factors) {
                for (int i = 0; i < count; i++) {
                    boolean isThere = logKept[side][i] >= logAt - SAME && logKept[side][i] <= logAt + SAME;
                    tilt[i] = isThere ? factor : 0;
                }
                growth[at++] = labelGrowth(side, tilt, 0) / largestUnit;
            }
            return at;
        }

        /** Mean and deviation of log p under p. */
        private record Center(double mean, double deviation) {}

        private Center center(int side) {
            double total = 0;
            double sum = 0;
            double square = 0;
            for (int i = 0; i < count; i++) {
                double own = mass[side][i];
                double log = own > 0 ? logProbability[side][i] : 0;
                total += own;
                sum += own * log;
                square += own * log * log;
            }
            double mean = sum / total;
            return new Center(mean, Math.sqrt(Math.max(0, square / total - mean * mean)));
        }

        /** log of Π e^{g y}/(1 − η + η e^g), where the side's sampler is p e^g, normalised, and y its label. */
        private double growth(int side, double[] tilt) {
            double total = 0;
            double norm = 0;
            for (int i = 0; i < count; i++) {
                double own = mass[side][i];
                total += own;
                norm += own > 0 ? own * Math.exp(tilt[i]) : 0;
            }
            double logNorm = Math.log(norm / total);
            if (!(Math.abs(logNorm) < Double.POSITIVE_INFINITY)) {
                return 0; // no record has a mass to be tilted
            }
            return labelGrowth(side, tilt, logNorm);
        }

        private double labelGrowth(int side, double[] tilt, double logNorm) {
            LogProduct sums = new LogProduct();
            double growth = 0;
            double lastBy = 0;
            double lastFall = 1; // e^{−by}: of a cut or of one probability of being kept most are alike
            double[] own = label[side];
            double[] other = label[1 - side]; // it may be below the rounding of one
            boolean isPolicy = side == RolloutLog.POLICY;
            for (int i = 0; i < count; i++) {
                if (own[i] == 0) {
                    continue;
                }
                double by = tilt[i] - logNorm;
                boolean isUp = by > 0;
                double size = Math.abs(by);
                if (size != lastBy) {
                    lastBy = size;
                    lastFall = Math.exp(-size);
                }
                double falls = isUp ? other[i] : own[i];
                double stays = isUp ? own[i] : other[i];
                boolean isOwn = ofPolicy[i] == isPolicy;
                growth += isOwn == isUp ? 0 : -size;
                sums.times(stays + falls * lastFall);
            }
            return growth - sums.log();
        }
    }
}
