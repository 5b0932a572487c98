package dev.credence.core.model;

/**
 * e^x of many numbers at once: as (e^(x/256))^256, the inner power by its series and the outer one by squaring eight times, without a
 * table or a branch, so that the compiler computes several numbers by one instruction. {@link Math#exp} is called number by number and
 * takes three times as long, which a draw from hundreds of tokens consists of. The same bits on every machine.
 */
final class Exponentials {
    private static final double LEAST = -700; // e^x is 0 from here on
    private static final double SHARE = 1.0 / 256;
    private static final double NOTHING = ofLeast();

    private Exponentials() {}

    /**
     * Puts e^x in the place of each x. Its relative error is below 10⁻¹³ down to −40 and grows to 10⁻⁶ at −200, where masses count for
     * nothing beside 1.
     *
     * @param x at most 0; −∞ and what is not a number included
     */
    static void replace(double[] x) {
        powers(x);
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.max(x[i] - NOTHING, 0);
        }
    }

    /** In loops of few operations each: what is longer the compiler leaves as it is. */
    private static void powers(double[] x) {
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.max(x[i], LEAST) * SHARE;
        }
        for (int i = 0; i < x.length; i++) {
            double r = x[i];
            x[i] = 1
                    + r
                            * (1
                                    + r
                                            * (1.0 / 2
                                                    + r
                                                            * (1.0 / 6
                                                                    + r
                                                                            * (1.0 / 24
                                                                                    + r
                                                                                            * (1.0 / 120
                                                                                                    + r
                                                                                                            * (1.0 / 720
                                                                                                                    + r
                                                                                                                            * (1.0
                                                                                                                                            / 5040
                                                                                                                                    + r
                                                                                                                                            * (1.0
                                                                                                                                                            / 40320
                                                                                                                                                    + r
                                                                                                                                                            * (1.0
                                                                                                                                                                            / 362880
                                                                                                                                                                    + r
                                                                                                                                                                            * (1.0
                                                                                                                                                                                    / 3628800))))))))));
        }
        square(x);
        square(x);
    }

    /** Four times. */
    private static void square(double[] x) {
        for (int i = 0; i < x.length; i++) {
            double p = x[i];
            p *= p;
            p *= p;
            p *= p;
            p *= p;
            x[i] = p;
        }
    }

    private static double ofLeast() {
        double[] least = {LEAST};
        powers(least);
        return least[0];
    }
}
