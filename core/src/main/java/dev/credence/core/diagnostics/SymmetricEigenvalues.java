package dev.credence.core.diagnostics;

/**
 * The eigenvalues of a symmetric matrix without its eigenvectors, which are most of the work of a full decomposition:
 * Householder's reduction to tridiagonal form, then the implicit QR iteration with Wilkinson's shift (Golub and Van
 * Loan, "Matrix Computations", §8.3). Hipparchus, whose decomposition always has the vectors, is the tests' oracle.
 */
final class SymmetricEigenvalues {
    private static final double ROUNDING = 1e-16;
    private static final int ITERATIONS_A_VALUE = 50; // two or three are usual

    private final double[][] a; // (n, at least row + 1), the lower triangle is used and overwritten
    private final double[] diagonal; // (n)
    private final double[] below; // (n − 1) the entries below the diagonal

    private SymmetricEigenvalues(double[][] a) {
        this.a = a;
        this.diagonal = new double[a.length];
        this.below = new double[a.length - 1];
    }

    /**
     * The eigenvalues, each within rounding of the largest one.
     *
     * @param a (n, at least row + 1) the lower triangle of a finite symmetric matrix, n ≥ 1, which is overwritten
     * @return (n) in no order
     */
    static double[] of(double[][] a) {
        SymmetricEigenvalues eigenvalues = new SymmetricEigenvalues(a);
        eigenvalues.reduce();
        eigenvalues.iterate();
        return eigenvalues.diagonal;
    }

    /** From the last row up, reflects what is left of the entry beside the diagonal into that entry. */
    private void reduce() {
        double[] product = new double[a.length];
        for (int i = a.length - 1; i > 0; i--) {
            double[] v = a[i]; // (i) the row becomes the reflection's vector
            diagonal[i] = v[i];
            double squares = 0;
            for (int k = 0; k < i; k++) {
                squares += v[k] * v[k];
            }
            double norm = Math.copySign(Math.sqrt(squares), v[i - 1]);
            below[i - 1] = -norm;
            double half = squares + norm * v[i - 1]; // half the squared length of the vector
            if (half > 0) {
                v[i - 1] += norm;
                reflect(v, half, product, i);
            }
        }
        diagonal[0] = a[0][0];
    }

    /** Applies I − vvᵀ/half from both sides to the leading (size, size) block. */
    private void reflect(double[] v, double half, double[] product, int size) {
        for (int j = 0; j < size; j++) {
            double[] row = a[j];
            double own = v[j];
            for (int k = 0; k < j; k++) {
                product[k] += row[k] * own;
            }
            product[j] = dot(row, v, j + 1);
        }
        double inner = 0;
        for (int j = 0; j < size; j++) {
            product[j] /= half;
            inner += product[j] * v[j];
        }
        double share = inner / (2 * half);
        for (int j = 0; j < size; j++) {
            product[j] -= share * v[j];
        }
        for (int j = 0; j < size; j++) {
            double[] row = a[j];
            double own = v[j];
            double ownProduct = product[j];
            for (int k = 0; k <= j; k++) {
                row[k] -= own * product[k] + ownProduct * v[k];
            }
        }
    }

    /** Σ xy over the first entries, in four sums side by side: a single one would wait for itself. */
    private static double dot(double[] x, double[] y, int size) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int k = 0;
        for (; k + 3 < size; k += 4) {
            s0 += x[k] * y[k];
            s1 += x[k + 1] * y[k + 1];
            s2 += x[k + 2] * y[k + 2];
            s3 += x[k + 3] * y[k + 3];
        }
        for (; k < size; k++) {
            s0 += x[k] * y[k];
        }
        return s0 + s1 + (s2 + s3);
    }

    /** Splits off eigenvalues at the lower end while entries below the diagonal vanish. */
    private void iterate() {
        double negligible = 0;
        for (double entry : diagonal) {
            negligible = Math.max(negligible, ROUNDING * Math.abs(entry));
        }
        for (double entry : below) {
            negligible = Math.max(negligible, ROUNDING * Math.abs(entry));
        }
        int left = ITERATIONS_A_VALUE * diagonal.length;
        for (int last = diagonal.length - 1; last > 0; ) {
            if (Math.abs(below[last - 1]) <= negligible) {
                last--;
                continue;
            }
            int first = last - 1;
            while (first > 0 && Math.abs(below[first - 1]) > negligible) {
                first--;
            }
            if (left-- == 0) {
                throw new IllegalStateException(
                        "the eigenvalues of a matrix of " + diagonal.length + " rows did not settle");
            }
            step(first, last);
        }
    }

    /** One QR step on the block from {@code first} to {@code last}, by rotations that chase the bulge downwards. */
    private void step(int first, int last) {
        double corner = below[last - 1];
        double gap = (diagonal[last - 1] - diagonal[last]) / 2;
        double shift = diagonal[last] - corner * corner / (gap + Math.copySign(Math.hypot(gap, corner), gap));
        double x = diagonal[first] - shift;
        double bulge = below[first];
        for (int k = first; k < last; k++) {
            double r = Math.sqrt(x * x + bulge * bulge);
            double c = r > 0 ? x / r : 1;
            double s = r > 0 ? bulge / r : 0;
            if (k > first) {
                below[k - 1] = r;
            }
            double upper = diagonal[k];
            double lower = diagonal[k + 1];
            double twice = 2 * c * s * below[k];
            diagonal[k] = c * c * upper + twice + s * s * lower;
            diagonal[k + 1] = s * s * upper - twice + c * c * lower;
            below[k] = (c * c - s * s) * below[k] + c * s * (lower - upper);
            x = below[k];
            if (k + 1 < last) {
                bulge = s * below[k + 1];
                below[k + 1] *= c;
            }
        }
    }
}
