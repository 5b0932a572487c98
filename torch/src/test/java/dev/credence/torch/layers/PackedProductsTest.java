package dev.credence.torch.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.probability.LogMath;
import dev.credence.torch.Backend;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import dev.credence.torch.weights.PackedMatrix;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products by packed matrices against the same in double precision. */
class PackedProductsTest {
    private static final double UNIT = Math.scalb(1.0, -24); // half of single precision's spacing at 1

    private final Workers workers = Backend.shared().workers();
    private final SplittableRandom random = new SplittableRandom(5);

    /** Shapes of one part and of several, with a last part of other width; the bound is that of a sum in single precision. */
    @ParameterizedTest
    @CsvSource({"1,1,1", "0,5,3", "1,896,37", "3,17,1", "8,300,3001", "2,300,7000", "33,64,130", "100,301,2000"})
    void isTheProductOfTheNumbersStored(int n, int in, int out) {
        for (ScalarType type : List.of(ScalarType.BFloat16, ScalarType.Float)) {
            for (boolean rounds : type == ScalarType.Float ? List.of(false) : List.of(true, false)) {
                checkProduct(n, in, out, type, rounds);
            }
        }
    }

    private void checkProduct(int n, int in, int out, ScalarType type, boolean rounds) {
        double[] worst = Native.infer(() -> {
            Tensor x = numbers(n, in);
            Tensor weights = numbers(out, in).to(type);
            Tensor bias = numbers(1, out).view(out);
            Tensor sum = numbers(n, out);
            Tensor rows = (rounds ? x.to(ScalarType.BFloat16) : x).to(ScalarType.Double);
            Tensor exact = rows.matmul(weights.to(ScalarType.Double).t());
            Tensor absolute =
                    rows.abs().matmul(weights.to(ScalarType.Double).t().abs());
            Tensor before = sum.to(ScalarType.Double);
            double[] all = new double[2];
            packed(weights, rounds, matrix -> {
                Tensor plain = matrix.of(x, bias).to(ScalarType.Double);
                matrix.addTo(sum, x);
                double[] products = Native.toDoubles(exact);
                double[] sizes = Native.toDoubles(absolute);
                double[] shift = Native.toDoubles(bias);
                double[] old = Native.toDoubles(before);
                double[] here = Native.toDoubles(plain);
                double[] added = Native.toDoubles(sum);
                for (int i = 0; i < here.length; i++) {
                    double room = (in + 8) * UNIT * (sizes[i] + Math.abs(shift[i % out]) + Math.abs(old[i]));
                    all[0] = Math.max(all[0], Math.abs(here[i] - products[i] - shift[i % out]) / room);
                    all[1] = Math.max(all[1], Math.abs(added[i] - products[i] - old[i]) / room);
                }
            });
            return all;
        });
        assertThat(worst[0]).isLessThanOrEqualTo(1);
        assertThat(worst[1]).isLessThanOrEqualTo(1);
    }

    /** Rows of 24 bits are there whole in three parts; rounded to one part they are off by 2⁻⁹ of themselves at most, and are. */
    @Test
    void rowsCutInThreeAreExactAndRoundedOnesAreNot() {
        double[] errors = Native.infer(() -> {
            Tensor x = numbers(16, 600);
            Tensor weights = numbers(300, 600).to(ScalarType.BFloat16);
            Tensor exact =
                    x.to(ScalarType.Double).matmul(weights.to(ScalarType.Double).t());
            double[] found = new double[2];
            for (int i = 0; i < found.length; i++) {
                int own = i;
                packed(weights, i == 1, matrix -> {
                    Tensor off = matrix.of(x, null).to(ScalarType.Double).sub(exact);
                    found[own] = Math.sqrt(off.mul(off).sum().item_double()
                            / exact.mul(exact).sum().item_double());
                });
            }
            return found;
        });
        assertThat(errors[0]).isLessThan(5e-7);
        assertThat(errors[1]).isBetween(5e-4, 3e-3);
    }

    /** Bits do not depend on who multiplies: all threads, or one worker alone; nor on which rows are beside them. */
    @Test
    void threadsChangeNoBit() {
        int in = 300;
        int out = 7000;
        double[] all = numbers(in * (out + 9));
        for (ScalarType type : List.of(ScalarType.BFloat16, ScalarType.Float)) {
            Supplier<double[]> product = () -> Native.infer(() -> {
                Tensor numbers = Native.doubles(all, all.length).to(ScalarType.Float);
                Tensor x = numbers.narrow(0, 0, 9L * in).view(9, in);
                Tensor weights = numbers.narrow(0, 9L * in, (long) out * in)
                        .view(out, in)
                        .to(type);
                double[][] found = new double[1][];
                packed(weights, false, matrix -> found[0] = Native.toDoubles(matrix.of(x, null)));
                return found[0];
            });
            assertThat(product.get())
                    .containsExactly(workers.map(1, one -> product.get()).get(0));
        }
    }

    /** Log-softmax by parts, targets in the first, an inner and the last one, never above 0. */
    @Test
    void logSoftmaxByPartsIsThatOfTheWhole() {
        int in = 300;
        int out = 2500;
        int[] target = {0, 863, 864, 2000, 2499, 17};
        double[][] found = Native.infer(() -> {
            Tensor x = numbers(target.length, in);
            Tensor weights = numbers(out, in).to(ScalarType.BFloat16);
            double[][] both = new double[2][];
            packed(weights, false, matrix -> both[0] = matrix.logProbs(x, target));
            both[1] = Native.toDoubles(
                    x.to(ScalarType.Double).matmul(weights.to(ScalarType.Double).t()));
            return both;
        });
        for (int row = 0; row < target.length; row++) {
            double[] own = Arrays.copyOfRange(found[1], row * out, (row + 1) * out);
            assertThat(found[0][row]).isLessThanOrEqualTo(0);
            assertThat(found[0][row]).isCloseTo(own[target[row]] - LogMath.logSumExp(own), within(1e-4));
        }
    }

    /** Parts hold all columns once, whatever the shape, none of them empty. */
    @Test
    void partsCutTheColumns() {
        Native.infer(() -> {
            for (int[] shape : new int[][] {{1, 1}, {64, 4096}, {65, 4096}, {3001, 300}, {7000, 300}, {130, 5000}}) {
                PackedMatrix matrix = PackedMatrix.of(numbers(shape[0], shape[1]), workers);
                assertThat(matrix.from(0)).isZero();
                assertThat(matrix.from(matrix.parts())).isEqualTo(shape[0]);
                for (int part = 0; part < matrix.parts(); part++) {
                    assertThat(matrix.from(part)).isLessThan(matrix.from(part + 1));
                }
                matrix.release();
            }
            return shape();
        });
    }

    private static long[] shape() {
        return new long[0];
    }

    private void packed(Tensor weights, boolean rounds, java.util.function.Consumer<PackedProducts> use) {
        PackedMatrix matrix = PackedMatrix.of(weights, workers);
        try {
            use.accept(new PackedProducts(matrix, rounds, workers));
        } finally {
            matrix.release();
        }
    }

    private double[] numbers(int count) {
        return random.doubles(count, -1, 1).toArray();
    }

    private Tensor numbers(int rows, int columns) {
        return rows == 0
                ? Native.empty(ScalarType.Float, rows, columns)
                : Native.doubles(numbers(rows * columns), rows, columns).to(ScalarType.Float);
    }
}
