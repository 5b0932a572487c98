package dev.credence.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SavedStateTest {
    private static byte[] bytes(SavedState state) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        state.write(out);
        return out.toByteArray();
    }

    @Test
    void givesBackEveryBitAndReadsNoByteBeyond() throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        for (int trial = 0; trial < 50; trial++) {
            double[] numbers = random.ints(random.nextInt(6))
                    .mapToDouble(i -> Double.longBitsToDouble(random.nextLong()))
                    .toArray();
            long[] wholes = random.longs(random.nextInt(6)).toArray();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            SavedState.of("it")
                    .numbers("x", numbers)
                    .wholes("n", wholes)
                    .numbers("one", -0.0)
                    .write(out);
            out.write(77);
            ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());
            SavedState read = SavedState.read(in, "it");
            assertThat(in.read()).isEqualTo(77);
            assertThat(read.wholes("n")).isEqualTo(wholes);
            assertThat(1 / read.number("one")).isEqualTo(Double.NEGATIVE_INFINITY);
            double[] again = read.numbers("x", numbers.length);
            for (int i = 0; i < numbers.length; i++) {
                assertThat(Double.doubleToRawLongBits(again[i])).isEqualTo(Double.doubleToRawLongBits(numbers[i]));
            }
        }
    }

    @Test
    void namesWhatIsMissingOrOther() throws IOException {
        SavedState state = SavedState.of("run").wholes("steps", 3).numbers("figures", 1, 2);
        assertThatThrownBy(() -> state.whole("thin"))
                .isInstanceOf(IOException.class)
                .hasMessage("the saved state of 'run' has no field 'thin': it is of another version, or of other"
                        + " settings");
        assertThatThrownBy(() -> state.number("figures"))
                .hasMessageStartingWith(
                        "field 'figures' of the saved state of 'run' holds 2 numbers where one belongs");
        assertThatThrownBy(() -> state.numbers("figures", 3)).hasMessageContaining("holds 2 numbers where 3 belong");
        assertThatThrownBy(() -> state.numbers("steps")).hasMessageContaining("'steps'", "holds whole numbers only");
        assertThatThrownBy(() -> state.wholes("figures")).hasMessageContaining("'figures'", "holds no whole numbers");
        assertThatThrownBy(() -> SavedState.read(new ByteArrayInputStream(bytes(state)), "other"))
                .isInstanceOf(IOException.class)
                .hasMessage("the saved state is of 'run'; 'other' goes on with its own only");
        assertThatThrownBy(() -> state.wholes("steps", 4))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the state of 'run' has two fields 'steps'");
    }

    /** The states before this form began with a holder, or with bare numbers. */
    @Test
    void saysThatAStateIsOfAnotherVersion() throws IOException {
        ByteArrayOutputStream old = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(old);
        data.writeUTF("run");
        data.writeInt(4);
        assertThatThrownBy(() -> SavedState.read(new ByteArrayInputStream(old.toByteArray()), "run"))
                .isInstanceOf(IOException.class)
                .hasMessage("the saved state of 'run' begins with 'run' where 'credence.state/1' belongs: it is of"
                        + " another version");
        SplittableRandom random = new SplittableRandom(1);
        byte[] whole = bytes(SavedState.of("run").wholes("steps", 3).numbers("figures", 1, 2));
        for (int trial = 0; trial < 200; trial++) {
            byte[] noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            byte[] cut = java.util.Arrays.copyOf(whole, random.nextInt(whole.length));
            for (byte[] bad : new byte[][] {noise, cut}) {
                assertThatThrownBy(() -> SavedState.read(new ByteArrayInputStream(bad), "run"))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("the saved state of 'run'");
            }
        }
    }
}
