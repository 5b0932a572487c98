package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SymmetricEigenvaluesTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 20, 61})
    void agreesWithHipparchus(int n) {
        for (int seed = 0; seed < 20; seed++) {
            double[][] matrix = gram(n, 1 + seed % (n + 2), seed); // of full rank and of less
            double[] expected = new EigenDecompositionSymmetric(MatrixUtils.createRealMatrix(matrix)).getEigenvalues();
            Arrays.sort(expected);
            double[] actual = SymmetricEigenvalues.of(matrix);
            Arrays.sort(actual);
            assertThat(actual).containsExactly(expected, within(1e-12 * Math.max(1, expected[n - 1])));
        }
    }

    @Test
    void keepsADiagonalAndFindsNegativeOnes() {
        double[][] diagonal = new double[5][5];
        for (int i = 0; i < 5; i++) {
            diagonal[i][i] = i - 2;
        }
        assertThat(SymmetricEigenvalues.of(diagonal)).containsExactlyInAnyOrder(-2, -1, 0, 1, 2);
        assertThat(SymmetricEigenvalues.of(new double[][] {{0, 3}, {3, 0}}))
                .usingComparatorWithPrecision(1e-12)
                .containsExactlyInAnyOrder(-3, 3);
        assertThat(SymmetricEigenvalues.of(new double[3][3])).containsOnly(0);
    }

    /** Inner products of n random vectors, the second half of them repeating the first. */
    private static double[][] gram(int n, int dimensions, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] vectors = new double[n][];
        for (int i = 0; i < n; i++) {
            vectors[i] = seed % 3 == 0 && i >= n / 2 && n > 1
                    ? vectors[i - n / 2].clone()
                    : random.doubles(dimensions, -1, 1).toArray();
        }
        double[][] gram = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int d = 0; d < dimensions; d++) {
                    gram[i][j] += vectors[i][d] * vectors[j][d];
                }
            }
        }
        return gram;
    }
}
