package dev.credence.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.layers.ProductSpeed;
import dev.credence.torch.weights.Weights;
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
        ProductChoice choice = new ProductChoice(true, 1.2, 0.9, 3.8);
        Weights.Packer rounded = choice.packer(Arithmetic.BFLOAT16, Backend.shared());
        Weights.Packer stored = choice.packer(Arithmetic.AS_STORED, Backend.shared());
        assertThat(rounded.single()).isTrue();
        assertThat(rounded.narrow()).isTrue();
        assertThat(rounded.rounds()).isTrue();
        assertThat(stored.single()).isTrue();
        assertThat(stored.narrow()).isFalse();
        assertThat(stored.rounds()).isFalse();
        assertThat(choice.describe()).isEqualTo("packed: fp32 (1.2 x), bf16 (3.8 x); as stored: bf16 in fp32 (0.9 x)");
        assertThat(choice.packed()).isEqualTo("packed where they are fp32, bf16");
    }

    @Test
    void nothingIsPackedWithoutOneDnnOrWhereItIsWrong() {
        ProductChoice none = new ProductChoice(false, 2, 2, 2);
        assertThat(none.packer(Arithmetic.BFLOAT16, Backend.shared()).narrow()).isFalse();
        assertThat(none.describe()).isEqualTo("not packed (oneDNN is not used)");
        assertThat(none.packed()).isEqualTo("as stored");
        assertThat(ProductSpeed.gain(new double[][] {{1, 0.5}, {1, Double.POSITIVE_INFINITY}}))
                .isZero();
        assertThat(new ProductChoice(true, 0, 2, 2)
                        .packer(Arithmetic.AS_STORED, Backend.shared())
                        .single())
                .isFalse();
    }

    @Test
    void whatIsAskedForIsPackedUnmeasured() {
        ProductChoice all = new ProductChoice(true, Double.NaN, Double.NaN, Double.NaN);
        assertThat(all.packer(Arithmetic.AS_STORED, Backend.shared()).narrow()).isTrue();
        assertThat(all.describe()).isEqualTo("packed: fp32, bf16 in fp32, bf16");
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
