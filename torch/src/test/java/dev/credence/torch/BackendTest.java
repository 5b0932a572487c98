package dev.credence.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the back end says of itself, and how its threads work. */
class BackendTest {
    @Test
    void saysWhatItUses() {
        BackendChoice choice = Backend.shared().choice();
        assertThat(choice.threads()).isPositive();
        assertThat(choice.describe()).contains(choice.threads() + " threads").containsAnyOf("MKL on", "OpenBLAS on");
        assertThat(Backend.withThreads(3).choice().threads()).isEqualTo(3);
        assertThatThrownBy(() -> Backend.withThreads(0)).hasMessage("threads is 0; it must be at least 1");
    }

    @Test
    void devicesAreNamed() {
        assertThat(Backend.shared().choice().device()).matches("cpu|cuda:[0-9]+");
        for (String name : List.of("gpu", "cuda:", "cuda:-1", "CPU", "")) {
            assertThatThrownBy(() -> BackendChoice.ask(name))
                    .isInstanceOf(InputException.class)
                    .hasMessage("device is " + name + "; one of auto, cpu, cuda and cuda:N");
        }
        assertThat(BackendChoice.number("cuda:11")).isEqualTo(11);
    }

    @Test
    void processesOfAMachineComputeAlikeAndTakeOneAcceleratorAfterTheOther() {
        String before = System.getProperty("credence.seat");
        System.setProperty("credence.tested", "a b");
        System.setProperty("credence.seat", "5");
        try {
            assertThat(BackendChoice.options(2))
                    .contains("-Dcredence.tested=a b", "-Dcredence.seat=2")
                    .doesNotContain("-Dcredence.seat=5")
                    .allMatch(option -> option.startsWith("-Dcredence."));
            assertThat(BackendChoice.ofSeat(8)).isEqualTo(5);
            assertThat(BackendChoice.ofSeat(2)).isEqualTo(1);
            assertThat(BackendChoice.ofSeat(1)).isZero();
            System.clearProperty("credence.seat");
            assertThat(BackendChoice.ofSeat(8)).isZero();
        } finally {
            System.clearProperty("credence.tested");
            if (before != null) {
                System.setProperty("credence.seat", before);
            }
        }
    }

    @Test
    void piecesComeBackInOrderAndTheFirstFailureIsThrown() {
        Workers workers = Backend.withThreads(2).workers();
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            expected.add(i * i);
        }
        assertThat(workers.map(100, i -> i * i)).isEqualTo(expected);
        AtomicInteger done = new AtomicInteger();
        assertThatThrownBy(() -> workers.map(10, i -> {
                    if (i >= 3) {
                        throw new IllegalArgumentException("piece " + i);
                    }
                    return done.incrementAndGet();
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("piece 3");
        assertThat(done).hasValue(3);
    }

    @Test
    void nativeMessagesAreOneLine() {
        assertThatThrownBy(() -> Native.infer(() -> org.bytedeco.pytorch.global.torch.mm(
                        org.bytedeco.pytorch.global.torch.randn(2, 3), org.bytedeco.pytorch.global.torch.randn(4, 5))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("libtorch: mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)")
                .hasMessageNotContaining("\n");
    }
}
