package dev.credence.core.diagnostics;

/**
 * How many draws of the policy tell two candidate conditionals apart. N draws favour the nearer one by N times the
 * difference of the departures on average, but single runs scatter widely about that average, so a plan takes three times
 * what the average needs for odds of twenty to one.
 */
public final class SamplesToSeparate {
    private static final double LOG_ODDS = Math.log(20);
    private static final double SAFETY = 3;

    private SamplesToSeparate() {}

    /**
     * Draws after which the mean evidence is twenty to one.
     *
     * @param departure KL(π‖candidate) in nats
     * @param best KL(π‖best candidate) in nats, at most {@code departure}
     * @return ⌈ln 20 / difference⌉, infinite where there is no difference
     * @throws IllegalArgumentException if one is NaN, or the best is not the smaller
     */
    public static double onAverage(double departure, double best) {
        return ceiling(LOG_ODDS, departure, best);
    }

    /**
     * Draws to plan for.
     *
     * @param departure KL(π‖candidate) in nats
     * @param best KL(π‖best candidate) in nats, at most {@code departure}
     * @return ⌈3 ln 20 / difference⌉, infinite where there is no difference
     * @throws IllegalArgumentException if one is NaN, or the best is not the smaller
     */
    public static double planned(double departure, double best) {
        return ceiling(SAFETY * LOG_ODDS, departure, best);
    }

    private static double ceiling(double nats, double departure, double best) {
        if (!(best <= departure)) {
            throw new IllegalArgumentException("departure is " + departure + " and best " + best
                    + "; the best candidate's departure is the smallest");
        }
        return departure == best ? Double.POSITIVE_INFINITY : Math.ceil(nats / (departure - best));
    }
}
