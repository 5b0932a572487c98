package dev.credence.methods;

import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * Solves A x = b by conjugate gradients scaled by A's diagonal (Hestenes and Stiefel 1952), for an A that is symmetric and not
 * negative; directions that A takes to 0 are left out of x.
 */
public final class ConjugateGradients {
    private static final double FLAT = 1e-13;

    private ConjugateGradients() {}

    /**
     * Solves it.
     *
     * @param product v to A v; (n) to (n)
     * @param diagonal (n) of A; where it is 0, so is x
     * @param b (n)
     * @param steps at most
     * @param tolerance share of the squared scaled residual at which it ends
     * @return (n) x
     */
    public static double[] solve(
            UnaryOperator<double[]> product, double[] diagonal, double[] b, int steps, double tolerance) {
        double[] x = new double[b.length];
        double[] residual = b.clone();
        double[] z = scaled(residual, diagonal);
        double[] direction = z.clone();
        double size = dot(residual, z);
        double enough = tolerance * size;
        for (int k = 0; k < steps && size > enough; k++) {
            double[] image = product.apply(direction);
            double bend = dot(direction, image);
            if (!(bend > FLAT * weighed(direction, diagonal))) {
                break; // a direction that A takes to nothing: what is left of b there is rounding
            }
            double length = size / bend;
            for (int i = 0; i < x.length; i++) {
                x[i] += length * direction[i];
                residual[i] -= length * image[i];
            }
            z = scaled(residual, diagonal);
            double next = dot(residual, z);
            double ratio = next / size;
            for (int i = 0; i < x.length; i++) {
                direction[i] = z[i] + ratio * direction[i];
            }
            size = next;
        }
        return x;
    }

    private static double[] scaled(double[] residual, double[] diagonal) {
        double[] z = new double[residual.length];
        Arrays.setAll(z, i -> diagonal[i] > 0 ? residual[i] / diagonal[i] : 0);
        return z;
    }

    private static double weighed(double[] v, double[] diagonal) {
        double sum = 0;
        for (int i = 0; i < v.length; i++) {
            sum += diagonal[i] * v[i] * v[i];
        }
        return sum;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
