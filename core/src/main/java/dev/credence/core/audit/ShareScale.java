package dev.credence.core.audit;

/**
 * The scale artanh √x of a share x in [0, 1]: near 0 it is a root, so that a share that is the square of a normal variable
 * has an interval there; near 1 it follows the logarithm of what is missing.
 */
final class ShareScale {
    private ShareScale() {}

    /**
     * A share on the scale.
     *
     * @param share x
     * @param rest 1 − x, with digits of its own
     * @return 0 to ∞
     */
    static double to(double share, double rest) {
        return Math.log1p(Math.sqrt(share)) - 0.5 * Math.log(rest);
    }

    /** The share of a value on the scale; 0 of a negative one. */
    static double from(double value) {
        double root = Math.tanh(Math.max(0, value));
        return root * root;
    }
}
