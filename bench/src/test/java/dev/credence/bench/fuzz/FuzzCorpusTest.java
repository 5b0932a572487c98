package dev.credence.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every input that is kept, through every reader, and seeded mutations of each; -Dcredence.fuzz=N for another number of
 * mutations of an input.
 */
class FuzzCorpusTest {
    private static final int MUTATIONS = Integer.getInteger("credence.fuzz", 10);
    private static final int MOST = 1 << 16; // bytes of an input that is mutated
    private static final String[] PIECES = {
        "null",
        "-1",
        "1e999",
        "1e-400",
        "9223372036854775808",
        "{",
        "[",
        "\"",
        ":",
        "\n",
        "\u0000",
        "NaN",
        "\ud800",
        "(a*)*",
        "\\",
        "*",
        "&a",
        "? ",
        ",,",
        "true",
        "[[[[[[[[",
        "\ufeff",
        "()"
    };

    @TempDir
    private Path folder;

    private static List<Path> corpus(FuzzTarget target) throws IOException, URISyntaxException {
        Path of = Path.of(Objects.requireNonNull(FuzzCorpusTest.class.getResource(target.corpus()))
                .toURI());
        try (Stream<Path> files = Files.list(of)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @EnumSource(FuzzTarget.class)
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a hang, not a pace
    void whateverIsReadIsAResultOrARefusalInWords(FuzzTarget target) throws IOException, URISyntaxException {
        List<Path> files = corpus(target);
        int sound = 0;
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            String refusal = tried(target, bytes, file.getFileName().toString());
            if (file.getFileName().toString().startsWith("sound")) {
                assertThat(refusal).as(file.getFileName().toString()).isNull();
                sound++;
            }
            SplittableRandom random = new SplittableRandom(Arrays.hashCode(bytes));
            for (int i = 0; i < MUTATIONS && bytes.length < MOST; i++) {
                byte[] mutated = mutated(bytes, random);
                tried(target, mutated, file.getFileName() + ", mutation " + i);
            }
        }
        if (target != FuzzTarget.ANSWERS) { // a server's answers depend on what it is asked: only refusals are kept
            assertThat(sound).as("inputs that are read").isPositive();
        }
    }

    private @Nullable String tried(FuzzTarget target, byte[] bytes, String what) throws IOException {
        try {
            return target.tryOn(bytes, folder);
        } catch (IOException | RuntimeException | Error e) {
            Path kept = Files.write(Files.createTempFile("credence-fuzz-" + target.corpus() + "-", ".found"), bytes);
            throw new AssertionError(target + ", " + what + ", kept in " + kept + ": " + e, e);
        }
    }

    /** Some bytes changed, doubled, left out, or put in: numbers, brackets and words that readers trip over. */
    private static byte[] mutated(byte[] bytes, SplittableRandom random) {
        byte[] now = bytes;
        for (int change = 1 + random.nextInt(4); change > 0; change--) {
            int from = random.nextInt(now.length + 1);
            int to = Math.min(now.length, from + random.nextInt(12));
            ByteArrayOutputStream next = new ByteArrayOutputStream();
            next.write(now, 0, from);
            switch (random.nextInt(4)) {
                case 0 -> next.write(random.nextInt(256));
                case 1 -> next.writeBytes(PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8));
                case 2 -> {
                    next.write(now, from, to - from);
                    next.write(now, from, to - from);
                }
                default -> {} // left out
            }
            next.write(now, to, now.length - to);
            now = next.toByteArray();
        }
        return now;
    }

    /** The property itself: what is no refusal is seen. */
    @Test
    void aFailureOfAnyOtherKindIsSeen() {
        List<Throwable> seen = new ArrayList<>();
        assertThatThrownBy(() -> FuzzTarget.RUN.tryOn(new byte[] {'{'}, folder.resolve("none")))
                .isInstanceOf(IOException.class)
                .satisfies(seen::add);
        assertThat(seen).hasSize(1);
    }
}
