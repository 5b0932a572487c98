package dev.credence.core.diagnostics;

import java.util.Arrays;

/**
 * The eigenvalues of a symmetric matrix without its eigenvectors, which are most of the work of a full decomposition:
 * Householder's reduction to tridiagonal form (Golub and Van Loan, "Matrix Computations", §8.3), then the root-free QL
 * iteration of Pal, Walker and Kahan (Parlett, "The Symmetric Eigenvalue Problem", §8.15). Hipparchus, whose
 * decomposition always has the vectors, is the tests' oracle.
 *
 * <p>The whole square is kept and not a triangle of it: so every inner loop goes along rows and none is a sum, which
 * the compiler would not turn into vector instructions.
 */
final class SymmetricEigenvalues {
    private static final double ROUNDING = 1e-16;
    private static final int ITERATIONS_A_VALUE = 50; // two or three are usual

    private final double[][] a; // (n, n), overwritten
    private final double[] diagonal; // (n)
    private final double[] squares; // (n) of the entries behind the diagonal; the last is 0

    private SymmetricEigenvalues(double[][] a) {
        this.a = a;
        this.diagonal = new double[a.length];
        this.squares = new double[a.length];
    }

    /**
     * The eigenvalues, each within rounding of the largest one.
     *
     * @param a (n, n) a finite symmetric matrix, n ≥ 1, which is overwritten
     * @return (n) in no order
     */
    static double[] of(double[][] a) {
        SymmetricEigenvalues eigenvalues = new SymmetricEigenvalues(a);
        eigenvalues.reduce();
        eigenvalues.iterate();
        return eigenvalues.diagonal;
    }

    /**
     * From the last row up, reflects what is left of the entry beside the diagonal into that entry: I − vvᵀ/half from both
     * sides, which takes vqᵀ + qvᵀ from the rows before. The same sweep over these multiplies them with the next v.
     */
    private void reduce() {
        double[] product = new double[a.length]; // the rows that are left, times v
        double[] next = new double[a.length];
        int last = a.length - 1;
        diagonal[last] = a[last][last];
        double half = reflector(last);
        for (int j = 0; j < last; j++) {
            add(a[j], a[last][j], product, last);
        }
        for (int i = last; i > 0; i--) {
            double[] v = a[i];
            double[] q = product;
            turn(v, half, q, i);
            update(a[i - 1], v, v[i - 1], q, q[i - 1], i);
            diagonal[i - 1] = a[i - 1][i - 1];
            half = reflector(i - 1);
            sweep(v, q, next, i - 1);
            product = next;
            next = q;
        }
    }

    /** Makes row i the vector v that reflects it, notes the entry that is left of it, and returns half of |v|². */
    private double reflector(int i) {
        if (i == 0) {
            return 0;
        }
        double[] v = a[i];
        double sum = 0;
        for (int k = 0; k < i; k++) {
            sum += v[k] * v[k];
        }
        double norm = Math.copySign(Math.sqrt(sum), v[i - 1]);
        squares[i - 1] = sum;
        double half = sum + norm * v[i - 1];
        v[i - 1] += half > 0 ? norm : 0;
        return half;
    }

    /** From p = Av to q = p/half − v (pᵀv)/(2 half²); nothing where there is nothing to reflect. */
    private static void turn(double[] v, double half, double[] p, int size) {
        double share = half > 0 ? 1 / half : 0;
        double inner = 0;
        for (int k = 0; k < size; k++) {
            inner += p[k] * v[k];
        }
        double along = 0.5 * inner * share * share;
        for (int k = 0; k < size; k++) {
            p[k] = p[k] * share - along * v[k];
        }
    }

    /** Updates the leading (size, size) block and multiplies it with the vector in row {@code size}. */
    private void sweep(double[] v, double[] q, double[] into, int size) {
        double[] w = a[size];
        Arrays.fill(into, 0, size, 0);
        for (int j = 0; j < size; j++) {
            sweep(a[j], v, v[j], q, q[j], w[j], into, size);
        }
    }

    /** Both in one pass, so that a row is loaded once. */
    private static void sweep(
            double[] row, double[] v, double ownV, double[] q, double ownQ, double factor, double[] into, int size) {
        for (int k = 0; k < size; k++) {
            double updated = row[k] - (ownV * q[k] + ownQ * v[k]);
            row[k] = updated;
            into[k] += updated * factor;
        }
    }

    private static void update(double[] row, double[] v, double ownV, double[] q, double ownQ, int size) {
        for (int k = 0; k < size; k++) {
            row[k] -= ownV * q[k] + ownQ * v[k];
        }
    }

    private static void add(double[] row, double factor, double[] into, int size) {
        for (int k = 0; k < size; k++) {
            into[k] += row[k] * factor;
        }
    }

    /** Splits off eigenvalues at the upper end while entries behind the diagonal vanish. */
    private void iterate() {
        double largest = 0;
        for (int i = 0; i < diagonal.length; i++) {
            largest = Math.max(largest, Math.max(Math.abs(diagonal[i]), Math.sqrt(squares[i])));
        }
        double negligible = ROUNDING * largest * (ROUNDING * largest);
        int left = ITERATIONS_A_VALUE * diagonal.length;
        for (int first = 0; first < diagonal.length - 1; ) {
            if (squares[first] <= negligible) {
                first++;
                continue;
            }
            int last = first + 1;
            while (last < diagonal.length - 1 && squares[last] > negligible) {
                last++;
            }
            if (left-- == 0) {
                throw new IllegalStateException(
                        "the eigenvalues of a matrix of " + diagonal.length + " rows did not settle");
            }
            step(first, last);
        }
    }

    /** One QL step on the block from {@code first} to {@code last}, on the squares of the entries beside the diagonal. */
    private void step(int first, int last) {
        double corner = Math.sqrt(squares[first]);
        double gap = (diagonal[first + 1] - diagonal[first]) / (2 * corner);
        double shift = diagonal[first] - corner / (gap + Math.copySign(Math.hypot(gap, 1), gap));
        double sine = 0; // squared, as the cosine is
        double cosineBefore = 1;
        double gamma = diagonal[last] - shift;
        double p = gamma * gamma;
        for (int i = last - 1; i >= first; i--) {
            double square = squares[i];
            double r = p + square;
            if (i < last - 1) {
                squares[i + 1] = sine * r;
            }
            double cosine = p / r;
            double gammaBefore = gamma;
            double entry = diagonal[i];
            sine = square / r;
            gamma = cosine * (entry - shift) - sine * gammaBefore;
            diagonal[i + 1] = gammaBefore + (entry - gamma);
            p = cosine > 0 ? gamma * gamma * (r / p) : cosineBefore * square;
            cosineBefore = cosine;
        }
        squares[first] = sine * p;
        diagonal[first] = shift + gamma;
    }
}
