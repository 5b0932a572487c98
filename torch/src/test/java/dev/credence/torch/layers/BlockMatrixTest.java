package dev.credence.torch.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.credence.torch.Backend;
import dev.credence.torch.RandomModels;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.tensors.Native;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Products by blocks against the same in double precision, with the bound of a sum in single precision. */
class BlockMatrixTest {
    private static final double UNIT = Math.scalb(1.0, -24); // half of single precision's spacing at 1

    private final SplittableRandom random = new SplittableRandom(7);

    @BeforeAll
    static void load() {
        Backend.shared();
        assumeThat(Native.isOnProcessor())
                .as("copies are made on the processor alone")
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1,1,1",
        "0,5,3",
        "3,17,1",
        "32,128,384",
        "31,128,512",
        "33,512,130", // a row of a second block, columns of a last one that is narrower
        "70,64,49",
        "2,1900,40", // blocks of one step
    })
    void isTheProduct(int n, int in, int out) {
        double worst = Native.infer(() -> {
            Tensor weight = numbers(out, in);
            assertThat(BlockMatrix.fits(weight)).isTrue();
            BlockMatrix matrix = BlockMatrix.of(weight);
            Tensor x = numbers(n, in);
            Tensor bias = numbers(1, out).view(out);
            Tensor before = numbers(n, 2L * out).narrow(1, 0, out); // rows apart
            Tensor sum = before.clone();
            Tensor apart = numbers(n, 2L * out).narrow(1, 0, out);
            apart.copy_(before);
            matrix.addTo(sum, x);
            matrix.addTo(apart, x);
            Tensor exact =
                    x.to(ScalarType.Double).mm(weight.to(ScalarType.Double).t());
            Tensor absolute = x.abs()
                    .to(ScalarType.Double)
                    .mm(weight.abs().to(ScalarType.Double).t());
            return Math.max(
                    Math.max(
                            off(matrix.of(x, null), exact, absolute, in),
                            off(
                                    matrix.of(x, bias),
                                    exact.add(bias.to(ScalarType.Double)),
                                    absolute.add(bias.abs().to(ScalarType.Double)),
                                    in)),
                    Math.max(
                            off(sum, exact.add(before.to(ScalarType.Double)), absolute.add(before.abs()), in),
                            off(apart, exact.add(before.to(ScalarType.Double)), absolute.add(before.abs()), in)));
        });
        assertThat(worst).isLessThanOrEqualTo(1);
    }

    /** The largest error as a share of its bound. */
    private static double off(Tensor found, Tensor exact, Tensor absolute, int in) {
        double[] numbers = Native.toDoubles(found);
        double[] right = Native.toDoubles(exact);
        double[] terms = Native.toDoubles(absolute);
        assertThat(numbers).hasSameSizeAs(right);
        double worst = 0;
        for (int i = 0; i < numbers.length; i++) {
            worst = Math.max(worst, Math.abs(numbers[i] - right[i]) / ((in + 3) * UNIT * terms[i] + Double.MIN_NORMAL));
        }
        return worst;
    }

    /** The copy holds the numbers as they were: a step of training changes the weights alone. */
    @Test
    void keepsNumbersOfItsOwn() {
        double[] difference = Native.infer(() -> {
            Tensor weight = numbers(48, 20);
            Tensor x = numbers(5, 20);
            BlockMatrix matrix = BlockMatrix.of(weight);
            Tensor before = matrix.of(x, null);
            weight.zero_();
            return Native.toDoubles(matrix.of(x, null).sub(before).abs().amax());
        });
        assertThat(difference[0]).isZero();
    }

    @Test
    void fitsSinglePrecisionAndRowsThatAreNotTooLong() {
        boolean[] fit = Native.infer(() -> new boolean[] {
            BlockMatrix.fits(numbers(3, 1953)),
            BlockMatrix.fits(numbers(3, 1954)),
            BlockMatrix.fits(numbers(3, 4).to(ScalarType.Double)),
            BlockMatrix.fits(numbers(3, 4).to(ScalarType.BFloat16))
        });
        assertThat(fit).containsExactly(true, false, false, false);
    }

    static Stream<Architecture> architectures() {
        return RandomModels.all();
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void aNetworkOfCopiesGivesTheSameLogits(Architecture architecture) {
        assumeThat(BlockMatrix.isPossible()).isTrue();
        try (Transformer model = RandomModels.of(architecture, 4, Precision.FLOAT32, 1)) {
            Network network = model.network();
            assertThat(network.forFewRows(3)).isNull(); // too few to pay
            double[] right = logits(network);
            try (Network copy = network.forFewRows(4)) {
                assertThat(copy).isNotNull();
                assertThat(logits(copy)).containsExactly(right, within(1e-5));
            }
            assertThat(logits(network)).containsExactly(right); // what they share is still there
        }
    }

    private static double[] logits(Network network) {
        return Native.infer(() -> Native.toDoubles(
                network.logits(network.hidden(new int[] {0, 3, 5, 2, 6, 1}, new WholeRows(network, 2, 3, null)))));
    }

    private Tensor numbers(long rows, long columns) {
        return rows == 0
                ? Native.empty(ScalarType.Float, rows, columns)
                : Native.doubles(random.doubles(rows * columns, -1, 1).toArray(), rows, columns)
                        .to(ScalarType.Float);
    }
}
