package dev.credence.core.audit;

/** 95 % intervals from an estimate and its standard error, symmetric on a figure's own scale. */
final class Intervals {
    /** The normal quantile of a 95 % interval. */
    static final double Z = 1.959963984540054;

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
            case CUBE_ROOT -> cubeRoot(estimate, half);
            case LOG -> log(estimate, half);
            case LOGIT -> logit(estimate, half);
        };
    }

    private static double[] cubeRoot(double estimate, double half) {
        if (!(estimate > 0)) {
            return new double[] {0, half};
        }
        double root = Math.cbrt(estimate);
        double halfRoot = half / (3 * root * root);
        return new double[] {cube(root - halfRoot), cube(root + halfRoot)};
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
