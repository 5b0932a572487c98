package dev.credence.torch.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.probability.LogMath;
import dev.credence.torch.Backend;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products by 16-bit weights against the same in double precision, with the bound of a sum in single precision. */
class NarrowProductsTest {
    private static final double UNIT = Math.scalb(1.0, -24); // half of single precision's spacing at 1

    private final Workers workers = Backend.shared().workers();
    private final SplittableRandom random = new SplittableRandom(5);

    @ParameterizedTest
    @CsvSource({
        "1,1,1",
        "0,5,3",
        "1,896,37",
        "3,17,1",
        "8,300,3001",
        "2,300,7000",
        "5,8192,33",
        "33,64,130",
        "1,300000,2",
    })
    void isTheProductOfTheNumbersStored(int n, int in, int out) {
        for (ScalarType type : List.of(ScalarType.BFloat16, ScalarType.Half)) {
            for (boolean byColumn : List.of(true, false)) {
                for (boolean rounds : List.of(true, false)) {
                    checkProduct(n, in, out, type, byColumn, rounds);
                }
            }
        }
    }

    private void checkProduct(int n, int in, int out, ScalarType type, boolean byColumn, boolean rounds) {
        double[] bits = Native.infer(() -> {
            Tensor x = numbers(n, in);
            Tensor columns =
                    byColumn ? numbers(out, in).to(type).t() : numbers(in, out).to(type);
            NarrowProducts products = new NarrowProducts(workers, rounds);
            double[] here = Native.toDoubles(products.of(x, columns));
            Tensor sum = numbers(n, out);
            double[] before = Native.toDoubles(sum);
            products.addTo(sum, x, columns);
            double[] added = Native.toDoubles(sum);
            double[] rows = Native.toDoubles(rounds ? x.to(ScalarType.BFloat16) : x);
            double[] weights = Native.toDoubles(columns);
            double worst = 0;
            for (int row = 0; row < n; row++) {
                for (int column = 0; column < out; column++) {
                    double exact = 0;
                    double absolute = 0;
                    for (int i = 0; i < in; i++) {
                        double term = rows[row * in + i] * weights[i * out + column];
                        exact += term;
                        absolute += Math.abs(term);
                    }
                    int at = row * out + column;
                    double bound = (in + 1) * UNIT * absolute + Double.MIN_NORMAL;
                    worst = Math.max(worst, Math.abs(here[at] - exact) / bound);
                    double total = before[at] + exact;
                    double room = bound + (in + 2) * UNIT * (Math.abs(before[at]) + absolute);
                    worst = Math.max(worst, Math.abs(added[at] - total) / room);
                }
            }
            return new double[] {worst, here.length};
        });
        assertThat(bits[1]).isEqualTo(n * out);
        assertThat(bits[0]).isLessThanOrEqualTo(1);
    }

    /** Roundings of the rows are seen: were they not made, figures would be those of the numbers as they are. */
    @Test
    void roundsTheRowsWhereItIsAsked() {
        double[] difference = Native.infer(() -> {
            Tensor x = numbers(4, 64);
            Tensor columns = numbers(32, 64).to(ScalarType.BFloat16).t();
            Tensor exact = new NarrowProducts(workers, false).of(x, columns);
            return Native.toDoubles(new NarrowProducts(workers, true)
                    .of(x, columns)
                    .sub(exact)
                    .abs()
                    .amax());
        });
        assertThat(difference[0]).isBetween(1e-4, 1e-1);
    }

    /** Bits do not depend on whether threads share a product: 24 blocks here, by all threads and by one worker alone. */
    @Test
    void threadsChangeNoBit() {
        int in = 300;
        int out = 20_000;
        double[] all = numbers(in * (out + 7));
        Supplier<double[]> product = () -> Native.infer(() -> {
            Tensor numbers = Native.doubles(all, all.length).to(ScalarType.Float);
            Tensor x = numbers.narrow(0, 0, 7L * in).view(7, in);
            Tensor columns = numbers.narrow(0, 7L * in, (long) out * in)
                    .view(out, in)
                    .to(ScalarType.BFloat16)
                    .t();
            return Native.toDoubles(new NarrowProducts(workers, false).of(x, columns));
        });
        assertThat(product.get())
                .containsExactly(workers.map(1, one -> product.get()).get(0));
    }

    /** Log-softmax by blocks of 864 columns, targets in the first, an inner and the last one, never above 0. */
    @Test
    void logSoftmaxByBlocksIsThatOfTheWhole() {
        int n = 6;
        int in = 300;
        int out = 2500;
        int[] target = {0, 863, 864, 2000, 2499, 17};
        double[][] found = Native.infer(() -> {
            Tensor x = numbers(n, in);
            Tensor columns = numbers(out, in).to(ScalarType.BFloat16).t();
            double[] here = new NarrowProducts(workers, false).logProbs(x, columns, target);
            double[] logits = Native.toDoubles(columns.t()
                    .to(ScalarType.Double)
                    .matmul(x.to(ScalarType.Double).t())
                    .t());
            double[] exact = new double[n];
            for (int row = 0; row < n; row++) {
                double[] own = Arrays.copyOfRange(logits, row * out, (row + 1) * out);
                exact[row] = own[target[row]] - LogMath.logSumExp(own);
            }
            return new double[][] {here, exact};
        });
        for (int row = 0; row < n; row++) {
            assertThat(found[0][row]).isLessThanOrEqualTo(0);
            assertThat(found[0][row]).isCloseTo(found[1][row], within(1e-4));
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
