package dev.credence.core.audit;

/** 95 % intervals from an estimate and its standard error, symmetric on a figure's own scale. */
final class Intervals {
    /** The normal quantile of a 95 % interval. */
    static final double Z = 1.959963984540054;

    private static final double REACH =
            Math.pow(4.0 / 3, 3) - 1; // where the half-width is the estimate, on the cube root

    private Intervals() {}

    /**
     * The two ends of an interval.
     *
     * @param lower NaN where unknown
     * @param upper NaN where unknown
     */
    record Limits(double lower, double upper) {
        /** Of no value yet: {@link #with} takes in the first. */
        static final Limits NOTHING = new Limits(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

        double width() {
            return upper - lower;
        }

        /** The least that holds a value too. */
        Limits with(double value) {
            return new Limits(Math.min(lower, value), Math.max(upper, value));
        }

        /**
         * Ends that hold their estimate: where records are few the ends are those of the bias-corrected estimate, and the
         * estimate itself may lie beyond one.
         */
        Limits holding(double estimate) {
            return Double.isNaN(estimate) ? this : with(estimate);
        }
    }

    /**
     * The first-order interval of a figure.
     *
     * @param scale on which it is symmetric
     * @param half t·standard error, in the figure's unit
     * @return the ends; NaN where an argument is
     */
    static Limits of(Figure.Scale scale, double estimate, double half) {
        if (half == 0) {
            return new Limits(estimate, estimate);
        }
        return switch (scale) {
            case PLAIN -> new Limits(estimate - half, estimate + half);
            case SQUARE_ROOT -> squareRoot(estimate, half);
            case SHARE -> share(estimate, half);
            case CUBE_ROOT -> cubeRoot(estimate, half);
            case LOG -> log(estimate, half);
            case LOGIT -> logit(estimate, half);
        };
    }

    private static Limits squareRoot(double estimate, double half) {
        if (!(estimate > 0)) {
            return new Limits(0, half);
        }
        double root = Math.sqrt(estimate);
        double halfRoot = half / (2 * root);
        double low = Math.max(0, root - halfRoot);
        return new Limits(low * low, (root + halfRoot) * (root + halfRoot));
    }

    private static Limits share(double estimate, double half) {
        if (!(estimate > 0 && estimate < 1)) {
            return new Limits(Math.max(0, estimate - half), Math.min(1, estimate + half));
        }
        double root = Math.sqrt(estimate);
        double centre = ShareScale.to(estimate, 1 - estimate);
        double reach = half / (2 * root * (1 - estimate));
        return new Limits(ShareScale.from(centre - reach), ShareScale.from(centre + reach));
    }

    private static Limits cubeRoot(double estimate, double half) {
        if (!(estimate > 0)) {
            return new Limits(0, half);
        }
        double root = Math.cbrt(estimate);
        double halfRoot = half / (3 * root * root);
        return new Limits(cube(root - halfRoot), Math.min(cube(root + halfRoot), reach(estimate, half)));
    }

    /**
     * How far up an interval goes at most: an error that is larger than its estimate says that the estimate does not shrink
     * with its error, and a scale on which it would makes too much of it. Both meet where the two are equal.
     */
    private static double reach(double estimate, double half) {
        return half <= estimate ? Double.POSITIVE_INFINITY : estimate + REACH * half;
    }

    private static double cube(double x) {
        return x <= 0 ? 0 : x * x * x;
    }

    private static Limits log(double estimate, double half) {
        if (!(estimate > 0)) {
            return new Limits(0, half);
        }
        double factor = Math.exp(half / estimate);
        return new Limits(estimate / factor, estimate * factor);
    }

    private static Limits logit(double estimate, double half) {
        if (!(estimate > 0 && estimate < 1)) {
            return new Limits(Math.max(0, estimate - half), Math.min(1, estimate + half));
        }
        double logit = Math.log(estimate) - Math.log1p(-estimate);
        double halfLogit = half / (estimate * (1 - estimate));
        return new Limits(sigmoid(logit - halfLogit), sigmoid(logit + halfLogit));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
