package dev.credence.torch.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.torch.Backend;
import dev.credence.torch.tensors.Native;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the formula with the library's hyperbolic tangent, and differences of it. */
class GeluTanhTest {
    private static final double[] X =
            IntStream.rangeClosed(-1200, 1200).mapToDouble(i -> i / 100.0).toArray();

    @BeforeAll
    static void load() {
        Backend.shared();
    }

    private static double gelu(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    private static Tensor tensor(double[] x, String type) {
        return Native.doubles(x, x.length).to(ScalarType.valueOf(type));
    }

    @ParameterizedTest
    @CsvSource({"Double, 1e-14", "Float, 1e-6"})
    void isTheFormula(String type, double error) {
        Native.infer(() -> {
            Tensor x = tensor(X, type);
            double[] found = Native.toDoubles(GeluTanh.of(x));
            double[] gated = Native.toDoubles(GeluTanh.gate(x).mul_(x));
            for (int i = 0; i < X.length; i++) {
                assertThat(found[i]).as("%s", X[i]).isCloseTo(gelu(X[i]), within(error));
                assertThat(gated[i]).as("%s", X[i]).isCloseTo(gelu(X[i]), within(error));
            }
            assertThat(Native.toDoubles(x)).as("its input stays").isEqualTo(Native.toDoubles(tensor(X, type)));
            return found;
        });
    }

    @ParameterizedTest
    @CsvSource({"Double, 1e-8", "Float, 3e-6"})
    void differencesAreItsDerivative(String type, double error) {
        Native.infer(() -> {
            Tensor x = tensor(X, type);
            double[] gradient = new double[X.length];
            Arrays.setAll(gradient, i -> 1 + 0.5 * Math.sin(i));
            Tensor gate = GeluTanh.gate(x);
            double[] found = Native.toDoubles(GeluTanh.backward(x, gate, gate.mul(x), tensor(gradient, type)));
            double h = 1e-5;
            for (int i = 0; i < X.length; i++) {
                double slope = (gelu(X[i] + h) - gelu(X[i] - h)) / (2 * h);
                assertThat(found[i]).as("%s", X[i]).isCloseTo(gradient[i] * slope, within(error));
            }
            return found;
        });
    }

    /** Cubes of these are beyond single precision. */
    @Test
    void farAwayItIsNothingOrItsInput() {
        Native.infer(() -> {
            double[] far = new double[64];
            Arrays.setAll(far, i -> (i % 2 == 0 ? 1 : -1) * Math.scalb(1.0, i + 5));
            double[] found = Native.toDoubles(GeluTanh.of(tensor(far, "Float")));
            for (int i = 0; i < far.length; i++) {
                assertThat(found[i]).as("%s", far[i]).isEqualTo(i % 2 == 0 ? far[i] : -0.0);
            }
            return found;
        });
    }

    @Test
    void whatIsNotANumberStaysNone() {
        double[] none = new double[40]; // some by registers, some one by one
        Arrays.fill(none, Double.NaN);
        assertThat(Native.<double[]>infer(() -> Native.toDoubles(GeluTanh.of(tensor(none, "Float")))))
                .containsOnly(Double.NaN);
    }
}
