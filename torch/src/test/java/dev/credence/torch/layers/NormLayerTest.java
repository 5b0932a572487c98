package dev.credence.torch.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.torch.tensors.Native;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Root-mean-square normalisation, x / √(mean x² + ε) times a scale, against its formula. */
class NormLayerTest {
    private static final double EPSILON = 1e-6;

    @Test
    void isItsFormulaForAnyNumberOfRows() {
        for (int d : new int[] {1, 2, 7, 896}) {
            for (int rows : new int[] {0, 1, 8, 18, 19, 300}) {
                double[] x = new SplittableRandom(rows)
                        .doubles((long) rows * d, -3, 3)
                        .toArray();
                double[] scale = new SplittableRandom(d).doubles(d, -1, 2).toArray();
                double[] found = apply(x, scale, ScalarType.Float, false);
                for (int row = 0; row < rows; row++) {
                    double mean = EPSILON;
                    for (int i = 0; i < d; i++) {
                        mean += x[row * d + i] * x[row * d + i] / d;
                    }
                    for (int i = 0; i < d; i++) {
                        double right = x[row * d + i] / Math.sqrt(mean) * scale[i];
                        assertThat(found[row * d + i]).isCloseTo(right, within(1e-6 * (1 + Math.abs(right))));
                    }
                }
            }
        }
    }

    /** By rows of its own and by libtorch's operations, which are left what is in double precision or not dense. */
    @Test
    void isLibtorchs() {
        double[] x = new SplittableRandom(1).doubles(40 * 64, -3, 3).toArray();
        double[] scale = new SplittableRandom(2).doubles(64, -1, 2).toArray();
        double[] wide = apply(x, scale, ScalarType.Double, false);
        double[] own = apply(x, scale, ScalarType.Float, false);
        double[] apart = apply(x, scale, ScalarType.Float, true);
        for (int i = 0; i < wide.length; i++) {
            assertThat(own[i]).isCloseTo(wide[i], within(2e-6));
            assertThat(apart[i]).isCloseTo(wide[i], within(2e-6));
        }
    }

    @Test
    void aRowDoesNotDependOnThoseBesideIt() {
        double[] x = new SplittableRandom(3).doubles(50 * 896, -3, 3).toArray();
        double[] scale = new SplittableRandom(4).doubles(896, -1, 2).toArray();
        double[] all = apply(x, scale, ScalarType.Float, false);
        double[] last = apply(Arrays.copyOfRange(x, 49 * 896, 50 * 896), scale, ScalarType.Float, false);
        assertThat(last).containsExactly(Arrays.copyOfRange(all, 49 * 896, 50 * 896));
    }

    /** Nothing that is not a number becomes one. */
    @Test
    void whatIsNotANumberStaysSo() {
        assertThat(apply(new double[] {1, Double.NaN, 2}, new double[] {1, 1, 1}, ScalarType.Float, false))
                .containsOnly(Double.NaN);
    }

    private static double[] apply(double[] x, double[] scale, ScalarType type, boolean apart) {
        int d = scale.length;
        return Native.infer(() -> {
            Tensor rows = Native.doubles(x, x.length / d, d).to(type);
            if (apart) {
                Tensor wider = Native.empty(type, x.length / d, d + 3L);
                rows = wider.narrow(1, 0, d).copy_(rows);
            }
            TensorOptional scales = new TensorOptional(Native.doubles(scale, d).to(type));
            return Native.toDoubles(new NormLayer(scales, null, d, EPSILON).apply(rows));
        });
    }
}
