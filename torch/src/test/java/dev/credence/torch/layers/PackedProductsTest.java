package dev.credence.torch.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.credence.core.probability.LogMath;
import dev.credence.torch.Backend;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import dev.credence.torch.weights.Columns;
import dev.credence.torch.weights.PackedMatrix;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products by packed matrices against the same in double precision. */
class PackedProductsTest {
    private static final double UNIT = Math.scalb(1.0, -24); // half of single precision's spacing at 1

    @BeforeAll
    static void onTheProcessor() {
        Backend.shared();
        assumeThat(Native.isOnProcessor())
                .as("weights are packed on the processor alone")
                .isTrue();
    }

    private final Workers workers = Backend.shared().workers();
    private final SplittableRandom random = new SplittableRandom(5);

    /** Shapes of one part and of several, with a last part of other width; the bound is that of a sum in single precision. */
    @ParameterizedTest
    @CsvSource({
        "1,1,1",
        "0,5,3",
        "64,40,70",
        "65,40,70",
        "129,200,500",
        "1,896,37",
        "3,17,1",
        "8,300,3001",
        "2,300,7000",
        "33,64,130",
        "100,301,2000",
        "9,512,100",
        "9,513,100",
        "5,1700,70",
        "5,4864,64"
    })
    void isTheProductOfTheNumbersStored(int n, int in, int out) {
        for (Kind kind : Kind.values()) {
            for (boolean rounds : kind == Kind.SINGLE ? List.of(false) : List.of(true, false)) {
                checkProduct(n, rounds, false, () -> numbers(out, in).to(kind.type));
            }
        }
    }

    /** What is packed. */
    private enum Kind {
        SINGLE(ScalarType.Float),
        BFLOAT16(ScalarType.BFloat16),
        HALF(ScalarType.Half);

        private final ScalarType type;

        Kind(ScalarType type) {
            this.type = type;
        }
    }

    /**
     * Numbers of 16 bits are all there, however far apart: outputs 2^±100 times as large as others, zeros, and within a row some
     * that are far below the row's largest, which meets a zero.
     */
    @ParameterizedTest
    @CsvSource({"1,0", "1,30", "7,30", "7,45", "7,90"})
    void numbersFarApartAreAllThere(int n, int within) {
        for (Kind kind : List.of(Kind.BFLOAT16, Kind.HALF)) {
            int span = kind == Kind.HALF ? Math.min(within, 12) : within;
            checkProduct(n, false, true, () -> {
                double[] numbers = numbers(300 * 700);
                for (int row = 0; row < 700; row++) {
                    int around = kind == Kind.HALF ? 0 : row < 500 ? 0 : random.nextInt(-100 + within, 110 - within);
                    for (int i = row * 300; i < (row + 1) * 300; i++) {
                        int less = row % 50 == 0 && i % 300 > 0 ? span : 0;
                        numbers[i] = row == 3 ? 0 : Math.scalb(numbers[i], around - less);
                    }
                }
                numbers[0] = kind == Kind.HALF ? 65504 : numbers[0]; // the largest there is
                return Native.doubles(numbers, 700, 300).to(kind.type);
            });
        }
    }

    /** The smallest numbers there are, whole outputs of them, and beside others. */
    @ParameterizedTest
    @CsvSource({"BFLOAT16, -133, -126", "BFLOAT16, -133, -100", "HALF, -24, -14", "HALF, -24, 15"})
    void subnormalNumbersAreAllThere(Kind kind, int least, int most) {
        checkProduct(3, false, true, () -> {
            double[] numbers = new double[600 * 40];
            for (int i = 0; i < numbers.length; i++) {
                int row = i / 40;
                int exponent = row % 3 == 0 ? least : row % 3 == 1 ? most : random.nextInt(least, most + 1);
                numbers[i] = row == 7 ? 0 : (random.nextBoolean() ? 1 : -1) * Math.scalb(1.0, exponent);
            }
            return Native.doubles(numbers, 600, 40).to(kind.type);
        });
    }

    @Test
    void doublePrecisionIsNotPacked() {
        assertThatThrownBy(() ->
                        Native.infer(() -> PackedMatrix.of(numbers(3, 4).to(ScalarType.Double), false, workers)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Double");
    }

    /** Each row is summed by itself, in one order: the same bits whatever stands beside it, be it nothing. */
    @Test
    void aRowHasTheSameBitsInEveryBatch() {
        Native.infer(() -> {
            Tensor all = numbers(300, 1700);
            for (Kind kind : Kind.values()) {
                Tensor weights = numbers(1100, 1700).to(kind.type);
                for (boolean rounds : new boolean[] {false, true}) {
                    packed(weights, rounds, matrix -> {
                        double[] whole = Native.toDoubles(matrix.of(all, null));
                        for (int[] cut :
                                new int[][] {{0, 1}, {5, 3}, {13, 14}, {2, 33}, {69, 1}, {100, 64}, {40, 257}}) {
                            double[] own = Native.toDoubles(matrix.of(all.narrow(0, cut[0], cut[1]), null));
                            double[] among = Arrays.copyOfRange(whole, cut[0] * 1100, (cut[0] + cut[1]) * 1100);
                            assertThat(Arrays.equals(own, among)) // a hundred times as fast as containsExactly
                                    .as("%s, rounded: %s, %s rows from %s on", kind, rounds, cut[1], cut[0])
                                    .isTrue();
                        }
                    });
                }
            }
            return shape();
        });
    }

    private void checkProduct(int n, boolean rounds, boolean isBlind, Supplier<Tensor> make) {
        double[] worst = Native.infer(() -> {
            Tensor weights = make.get();
            int in = (int) weights.size(1);
            int out = (int) weights.size(0);
            Tensor x = numbers(n, in);
            Tensor bias = numbers(1, out).view(out);
            Tensor sum = numbers(n, out);
            if (isBlind) { // and no room is given by what is added to
                x.narrow(1, 0, 1).zero_();
                bias.zero_();
                sum.zero_();
            }
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
                    double terms = sizes[i] + Math.abs(shift[i % out]) + Math.abs(old[i]);
                    double room = (in + 8) * (UNIT * terms + Float.MIN_VALUE);
                    all[0] = Math.max(all[0], Math.abs(here[i] - products[i] - shift[i % out]) / room);
                    all[1] = Math.max(all[1], Math.abs(added[i] - products[i] - old[i]) / room);
                }
            });
            return all;
        });
        assertThat(worst[0]).isLessThanOrEqualTo(1);
        assertThat(worst[1]).isLessThanOrEqualTo(1);
    }

    /** Rows keep their 24 bits; rounded to 8 they are off by 2⁻⁹ of themselves at most, and are. */
    @Test
    void rowsAreExactAndRoundedOnesAreNot() {
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

    /** Weights that lie column by column, as GPT-2 stores them, are packed from where they are. */
    @Test
    void theOrderOfTheNumbersDoesNotMatter() {
        Native.infer(() -> {
            Tensor x = numbers(3, 300);
            for (Kind kind : Kind.values()) {
                Tensor weights = numbers(300, 700).to(kind.type).t();
                double[][] found = new double[2][];
                packed(weights, false, matrix -> found[0] = Native.toDoubles(matrix.of(x, null)));
                packed(weights.contiguous(), false, matrix -> found[1] = Native.toDoubles(matrix.of(x, null)));
                assertThat(found[0]).containsExactly(found[1]);
            }
            return shape();
        });
    }

    /** Bits do not depend on who multiplies: all threads, or one worker alone; nor on which rows are beside them. */
    @Test
    void threadsChangeNoBit() {
        int in = 300;
        int out = 7000;
        double[] all = numbers(in * (out + 9));
        for (Kind kind : Kind.values()) {
            Supplier<double[]> product = () -> Native.infer(() -> {
                Tensor numbers = Native.doubles(all, all.length).to(ScalarType.Float);
                Tensor x = numbers.narrow(0, 0, 9L * in).view(9, in);
                Tensor weights = numbers.narrow(0, 9L * in, (long) out * in)
                        .view(out, in)
                        .to(kind.type);
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
        for (Kind kind : Kind.values()) {
            checkLogSoftmax(kind, in, out, target);
        }
    }

    private void checkLogSoftmax(Kind kind, int in, int out, int[] target) {
        double[][] found = Native.infer(() -> {
            Tensor x = numbers(target.length, in);
            Tensor weights = numbers(out, in).to(kind.type);
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
                PackedMatrix matrix = PackedMatrix.of(numbers(shape[0], shape[1]), false, workers);
                Columns columns = matrix.columns();
                assertThat(columns.from(0)).isZero();
                assertThat(columns.from(columns.parts())).isEqualTo(shape[0]);
                for (int part = 0; part < columns.parts(); part++) {
                    assertThat(columns.from(part)).isLessThan(columns.from(part + 1));
                }
                matrix.release();
            }
            return shape();
        });
    }

    private static long[] shape() {
        return new long[0];
    }

    private void packed(Tensor weights, boolean rounds, Consumer<PackedProducts> use) {
        PackedMatrix matrix = PackedMatrix.of(weights, rounds, workers);
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
