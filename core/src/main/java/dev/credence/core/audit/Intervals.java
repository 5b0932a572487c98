package dev.credence.core.audit;

/** 95 % intervals from an estimate and its standard error, symmetric on a figure's own scale. */
final class Intervals {
    /** The normal quantile of a 95 % interval. */
    static final double Z = 1.959963984540054;

    private static final double REACH =
            Math.pow(4.0 / 3, 3) - 1; // where the half-width is the estimate, on the cube root

    private Intervals() {}

    /**
     * The first-order interval of a figure.
     *
     * @param scale on which it is symmetric
     * @param half t·standard error, in the figure's unit
     * @return lower and upper end; NaN where an argument is
     */
    static double[] of(Figure.Scale scale, double estimate, double half) {
        if (half == 0) {
            return new double[] {estimate, estimate};
        }
        return switch (scale) {
            case PLAIN -> new double[] {estimate - half, estimate + half};
            case SQUARE_ROOT -> squareRoot(estimate, half);
            case SHARE -> share(estimate, half);
            case CUBE_ROOT -> cubeRoot(estimate, half);
            case LOG -> log(estimate, half);
            case LOGIT -> logit(estimate, half);
        };
    }

    private static double[] squareRoot(double estimate, double half) {
        if (!(estimate > 0)) {
            return new double[] {0, half};
        }
        double root = Math.sqrt(estimate);
        double halfRoot = half / (2 * root);
        double low = Math.max(0, root - halfRoot);
        return new double[] {low * low, (root + halfRoot) * (root + halfRoot)};
    }

    private static double[] share(double estimate, double half) {
        if (!(estimate > 0 && estimate < 1)) {
            return new double[] {Math.max(0, estimate - half), Math.min(1, estimate + half)};
        }
        double root = Math.sqrt(estimate);
        double centre = ShareScale.to(estimate, 1 - estimate);
        double reach = half / (2 * root * (1 - estimate));
        return new double[] {ShareScale.from(centre - reach), ShareScale.from(centre + reach)};
    }

    /**
     * Ends that hold their estimate: where records are few the ends are those of the bias-corrected estimate, and the
     * estimate itself may lie beyond one.
     *
     * @param ends lower and upper end; NaN stays NaN
     */
    static double[] holding(double[] ends, double estimate) {
        return Double.isNaN(estimate) ? ends : new double[] {Math.min(ends[0], estimate), Math.max(ends[1], estimate)};
    }

    private static double[] cubeRoot(double estimate, double half) {
        if (!(estimate > 0)) {
            return new double[] {0, half};
        }
        double root = Math.cbrt(estimate);
        double halfRoot = half / (3 * root * root);
        return new double[] {cube(root - halfRoot), Math.min(cube(root + halfRoot), reach(estimate, half))};
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

    private static double[] log(double estimate, double half) {
        if (!(estimate > 0)) {
            return new double[] {0, half};
        }
        double factor = Math.exp(half / estimate);
        return new double[] {estimate / factor, estimate * factor};
    }

    private static double[] logit(double estimate, double half) {
        if (!(estimate > 0 && estimate < 1)) {
            return new double[] {Math.max(0, estimate - half), Math.min(1, estimate + half)};
        }
        double logit = Math.log(estimate) - Math.log1p(-estimate);
        double halfLogit = half / (estimate * (1 - estimate));
        return new double[] {sigmoid(logit - halfLogit), sigmoid(logit + halfLogit)};
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
