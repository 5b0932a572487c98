package dev.credence.core.audit;

import dev.credence.core.probability.LogMath;
import java.util.List;

/**
 * Whether texts that recur do so as often as their probabilities say: a likelihood ratio of samplers that would draw them
 * more or less often, or in proportion to another power of their probabilities (a temperature, a truncation, another base),
 * against the stated one. Its mean over sound logs is one at most, so that it exceeds 1/δ in a share δ of them at most
 * (Ville), whatever the numbers of records and prompts.
 *
 * <p>Over prompts the logarithms add up at one and the same alternative; the alternatives are mixed, not maximised.
 *
 * @param source whose records the ratio speaks of
 * @param growth log of the mixed likelihood ratio
 * @param stated the share of records that known texts should be, mean over stages and prompts by records
 * @param seen the share that they are
 * @param meanStated the known texts' mean log-probability that should be, nats
 * @param meanSeen the one that is
 * @param isShareStated whether the shares can be compared: not where draws were thinned
 */
record StatedShares(
        int source,
        double growth,
        double stated,
        double seen,
        double meanStated,
        double meanSeen,
        boolean isShareStated) {
    /** How far stated probabilities may be off without a word, relative, beside the scatter of scores. */
    private static final double TOLERANCE = 0.01;

    /** Nats of a mean log-probability that are worth words. */
    private static final double NOTABLE = 0.05;

    /** How much larger the odds of a known text are tried, as logs. */
    private static final double[] SHIFTS = {-2, -1, -.5, -.25, -.1, 0, .1, .25, .5, 1, 2};

    /** Of the source that fits worse. */
    static StatedShares of(PromptPool pool) {
        StatedShares prior = of(pool, RolloutLog.PRIOR);
        StatedShares policy = of(pool, RolloutLog.POLICY);
        return prior.growth > policy.growth ? prior : policy;
    }

    private static StatedShares of(PromptPool pool, int source) {
        List<Recurrence> all = pool.textSummaries().stream()
                .map(texts -> texts.recurrence(source))
                .toList();
        double tolerance = TOLERANCE + 2 * ScoringNoise.of(pool).larger();
        return summary(source, all, growth(all, tolerance));
    }

    private static double growth(List<Recurrence> all, double tolerance) {
        double[] shares = new double[SHIFTS.length];
        double[] powers = new double[Recurrence.POWERS_TRIED];
        for (Recurrence each : all) {
            for (Recurrence.Stage stage : each.stages()) {
                for (int k = 0; k < shares.length && each.isShareStated(); k++) {
                    shares[k] += stage.growthOfShare(SHIFTS[k], tolerance);
                }
                for (int k = 0; k < powers.length; k++) {
                    powers[k] += stage.growthOfPower(k, tolerance);
                }
            }
        }
        return LogMath.logMeanExp(shares) + LogMath.logMeanExp(powers); // a share and a power multiply
    }

    private static StatedShares summary(int source, List<Recurrence> all, double growth) {
        double records = 0;
        double stated = 0;
        double known = 0;
        double meanStated = 0;
        double meanSeen = 0;
        boolean isShareStated = true;
        for (Recurrence each : all) {
            isShareStated &= each.isShareStated();
            for (Recurrence.Stage stage : each.stages()) {
                records += stage.records();
                stated += stage.records() * stage.texts().mass();
                known += stage.known();
                meanStated += stage.known() * stage.texts().mean();
                meanSeen += stage.logProbability();
            }
        }
        return new StatedShares(
                source, growth, stated / records, known / records, meanStated / known, meanSeen / known, isShareStated);
    }

    /** Whether the log cannot be: one source of two, so half of the level. */
    boolean isImpossible() {
        return SafeTest.isImpossible(growth, 2);
    }

    /** The growth as a number of standard errors of a normal mean that would be as far away. */
    double errors() {
        return SafeTest.errors(growth);
    }

    String reason() {
        String whose = source == RolloutLog.PRIOR ? "the prior" : "the policy";
        boolean isShared = isShareStated && Math.abs(stated - seen) > TOLERANCE;
        boolean isLikelier = isShared ? seen > stated : meanSeen > meanStated;
        StringBuilder reason = new StringBuilder("texts that recur are not as frequent as their probabilities say: ");
        if (isShared) {
            reason.append(Gates.text(
                    "those that stand for %s of %s by their probabilities are %s of its records",
                    share(stated), whose, share(seen)));
        }
        if (seen > 0 && (!isShared || Math.abs(meanSeen - meanStated) > NOTABLE)) {
            reason.append(isShared ? ", and their" : "their");
            reason.append(Gates.text(
                    " mean log-probability under %s is %s in its records where %s is due",
                    whose, Words.apart(meanSeen, meanStated), Words.apart(meanStated, meanSeen)));
        }
        return reason
                + (isLikelier
                        ? " (drawn at a lower temperature, from the top k or p, or scored by another model or in another base?)"
                        : " (drawn at a higher temperature, by a stale policy, or scored by another model or in another base?)");
    }

    private static String share(double of) {
        return of > 1 ? "more than all" : Words.number(100 * of) + " %";
    }
}
