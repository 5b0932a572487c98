package dev.credence.core.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumableRandomTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 42, Long.MIN_VALUE, 0x9E3779B97F4A7C15L})
    void givesTheSequenceOfASplittableRandom(long seed) {
        RandomGenerator own = new ResumableRandom(seed);
        RandomGenerator theirs = new SplittableRandom(seed);
        for (int i = 0; i < 1000; i++) {
            assertThat(draw(own, i)).as("draw %d", i).isEqualTo(draw(theirs, i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 100})
    void goesOnWhereItWasSaved(int before) throws IOException {
        ResumableRandom whole = new ResumableRandom(5);
        for (int i = 0; i < before; i++) {
            draw(whole, i);
        }
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        whole.save(saved);
        ResumableRandom other = new ResumableRandom(6);
        other.restore(new ByteArrayInputStream(saved.toByteArray()));
        for (int i = 0; i < 100; i++) {
            assertThat(draw(other, i)).isEqualTo(draw(whole, i));
        }
    }

    private static Number draw(RandomGenerator random, int kind) {
        return switch (kind % 6) {
            case 0 -> random.nextLong();
            case 1 -> random.nextInt();
            case 2 -> random.nextDouble();
            case 3 -> random.nextInt(1000 + kind);
            case 4 -> random.nextGaussian();
            default -> random.nextBoolean() ? 1 : 0;
        };
    }
}
