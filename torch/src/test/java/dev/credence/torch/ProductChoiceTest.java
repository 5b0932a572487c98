package dev.credence.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.layers.ProductSpeed;
import dev.credence.torch.weights.Weights;
import dev.credence.torch.weights.Weights.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProductChoiceTest {
    @TempDir
    Path folder;

    @Test
    void whatIsFasterIsPacked() {
        ProductChoice choice = new ProductChoice(true, 1.2, 3.8, 0.9, 1);
        Weights.Packer rounded = choice.packer(Arithmetic.BFLOAT16, Backend.shared());
        Weights.Packer stored = choice.packer(Arithmetic.AS_STORED, Backend.shared());
        assertThat(rounded.single()).isEqualTo(Form.MKL);
        assertThat(rounded.narrow()).isEqualTo(Form.MKL);
        assertThat(stored.single()).isEqualTo(Form.MKL);
        assertThat(stored.narrow()).as("three parts of a row").isEqualTo(Form.AS_IT_IS);
        assertThat(choice.describe()).isEqualTo("packed: fp32 (1.2 x), bf16 (3.8 x); as stored: bf16 in fp32 (1.0 x)");
    }

    /** Of two ways to pack the faster one is taken, for each arithmetic by itself. */
    @Test
    void theFasterWayToPackIsTaken() {
        ProductChoice choice = new ProductChoice(true, 1, 3.8, 1.3, 1.9);
        assertThat(choice.packer(Arithmetic.BFLOAT16, Backend.shared()).narrow())
                .isEqualTo(Form.MKL);
        assertThat(choice.packer(Arithmetic.AS_STORED, Backend.shared()).narrow())
                .isEqualTo(Form.HALF);
        assertThat(choice.packer(Arithmetic.AS_STORED, Backend.shared()).single())
                .isEqualTo(Form.AS_IT_IS);
        assertThat(choice.describe())
                .isEqualTo("packed: bf16 (3.8 x), bf16 in fp32 (as fp16, 1.9 x); as stored: fp32 (1.0 x)");
    }

    @Test
    void nothingIsPackedWithoutMklOrWhereItIsWrong() {
        ProductChoice none = new ProductChoice(false, 2, 2, 2, 2);
        assertThat(none.packer(Arithmetic.BFLOAT16, Backend.shared()).narrow()).isEqualTo(Form.AS_IT_IS);
        assertThat(none.describe()).isEqualTo("not packed (neither MKL nor FBGEMM is used)");
        assertThat(ProductSpeed.gain(new double[][] {{1, 0.5}, {1, Double.POSITIVE_INFINITY}}))
                .isZero();
        assertThat(new ProductChoice(true, 0, 2, 2, 0)
                        .packer(Arithmetic.AS_STORED, Backend.shared())
                        .single())
                .isEqualTo(Form.AS_IT_IS);
    }

    @Test
    void whatIsAskedForIsPackedUnmeasured() {
        ProductChoice mkl = new ProductChoice(true, Double.NaN, Double.NaN, Double.NaN, 0);
        assertThat(mkl.packer(Arithmetic.AS_STORED, Backend.shared()).narrow()).isEqualTo(Form.MKL);
        assertThat(mkl.describe()).isEqualTo("packed: fp32, bf16, bf16 in fp32");
        ProductChoice half = new ProductChoice(true, 0, 0, 0, Double.NaN);
        assertThat(half.packer(Arithmetic.BFLOAT16, Backend.shared()).narrow()).isEqualTo(Form.HALF);
        assertThat(half.describe()).isEqualTo("packed: bf16 (as fp16), bf16 in fp32 (as fp16); as stored: fp32");
    }

    @Test
    void aGainIsTheGeometricMean() {
        assertThat(ProductSpeed.gain(new double[][] {{4, 1}, {1, 1}, {2, 1}})).isCloseTo(2, within(1e-12));
    }

    /** What one machine measured another one does not take for its own. */
    @Test
    void measurementsAreKeptForTheirMachine() throws IOException {
        Path path = folder.resolve("deep/measured.properties");
        MachineFile file = new MachineFile(path);
        assertThat(file.read()).isNull();
        Properties measured = new Properties();
        measured.setProperty("single", "1.5");
        file.write(measured);
        Properties kept = file.read();
        assertThat(kept).isNotNull().containsEntry("single", "1.5");
        Files.writeString(path, "single=1.5\nmachine=another\n");
        assertThat(file.read()).isNull();
        Files.writeString(path, "single=\\u12");
        assertThat(file.read()).isNull();
    }
}
