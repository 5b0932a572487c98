package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;

/**
 * Effective copies λ of a policy, with an interval, and what they mean: the one place that words them (docs/theory.md#what-copies-mean).
 *
 * @param type what the reward is
 * @param lower lower end of the interval; equal to the estimate where exact
 * @param estimate λ, any sign; infinite where the policy keeps only extreme rewards
 * @param upper upper end
 */
public record Copies(RewardType type, double lower, double estimate, double upper) {
    /**
     * Checks the order.
     *
     * @param type as above
     * @param lower as above
     * @param estimate as above
     * @param upper as above
     * @throws IllegalArgumentException unless lower ≤ estimate ≤ upper
     */
    public Copies {
        if (!(lower <= estimate && estimate <= upper)) {
            throw new IllegalArgumentException("copies are " + lower + " <= " + estimate + " <= " + upper
                    + "; they must be numbers in this order");
        }
    }

    /**
     * Copies known exactly.
     *
     * @param type what the reward is
     * @param lambda λ
     * @return without an interval
     */
    public static Copies exactly(RewardType type, double lambda) {
        return new Copies(type, lambda, lambda, lambda);
    }

    /** {@return what the copies mean, one sentence without its full stop} */
    public String words() {
        if (estimate == Double.POSITIVE_INFINITY) {
            return "unlimitedly many copies: only the largest rewards are kept" + interval();
        }
        if (estimate == Double.NEGATIVE_INFINITY) {
            return "unlimitedly many copies against: only the smallest rewards are kept" + interval();
        }
        if (estimate == 0) {
            return "no copies: the reward is not what the prior was conditioned on" + interval();
        }
        String against = estimate < 0 ? " (negative: the evidence is held against the texts)" : "";
        return positive(FigureFormat.inWords(estimate), interval()) + against;
    }

    /** {@return how texts of exactly this conditional can be drawn, where a sampler exists; else why none does} */
    public String sampler() {
        if (!(estimate >= 0 && estimate < Double.POSITIVE_INFINITY)) {
            return "none: copies must be finite and not negative";
        }
        return switch (type) {
            case LOG_PROBABILITY ->
                "rejection: accept a prior draw when n simulated observations all agree (whole n), or with probability p^n";
            case PROBABILITY ->
                "Poisson raters: draw K ~ Poisson(lambda), accept a prior draw when K yes/no judgements say yes";
            case LOGIT ->
                "Luce pools: choose from a large pool of prior draws with odds e^r, a round a copy (whole n, in the"
                        + " limit of large pools)";
            case SCORE -> "rejection with probability e^(lambda (r - r_max)), where the largest reward is known";
        };
    }

    /** The interval stands behind what is counted, ahead of what that is. */
    private String positive(String n, String interval) {
        return switch (type) {
            case LOG_PROBABILITY ->
                "about " + counted(n, "independent copy", "independent copies") + interval + " of the observation";
            case PROBABILITY -> "as if all of Poisson(" + n + ") independent raters approved" + interval;
            case LOGIT ->
                "about " + counted(n, "successive round", "successive rounds") + interval
                        + " of Luce's choice from an unlimited pool (not " + counted(n, "observation", "observations")
                        + ")";
            case SCORE ->
                "about " + counted(n, "copy", "copies") + interval
                        + " of the reward, each a factor of e^reward for a text (between rewards compare copies times their"
                        + " standard deviation)";
        };
    }

    private static String counted(String n, String one, String many) {
        return n + " " + (n.equals("1") ? one : many);
    }

    private String interval() {
        int digits = FigureFormat.digitsApart(lower, upper);
        return FigureFormat.isOne(lower, upper)
                ? ""
                : " (95 %: " + FigureFormat.inWords(lower, digits) + " to " + FigureFormat.inWords(upper, digits) + ")";
    }
}
