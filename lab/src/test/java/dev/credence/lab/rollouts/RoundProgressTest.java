package dev.credence.lab.rollouts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RoundProgressTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void theTimeLeftIsThatOfTheRestAtThePaceSoFar() {
        AtomicLong clock = new AtomicLong(7 * SECOND);
        List<String> lines = new ArrayList<>();
        RoundProgress round = new RoundProgress(100_000, clock::get, lines::add);
        clock.addAndGet(29 * SECOND);
        round.drawn(500);
        assertThat(lines).as("not after every chunk").isEmpty();
        clock.addAndGet(11 * SECOND);
        round.drawn(500);
        clock.addAndGet(5 * SECOND);
        round.drawn(500);
        clock.addAndGet(355 * SECOND);
        round.drawn(48_500);
        clock.addAndGet(100 * SECOND);
        round.drawn(40_000);
        clock.addAndGet(100 * SECOND);
        round.drawn(10_000);
        assertThat(lines)
                .containsExactly(
                        "1,000 of 100,000 texts of this round after 40 s, about 66 min left",
                        "50,000 of 100,000 texts of this round after 7 min, about 7 min left",
                        "90,000 of 100,000 texts of this round after 8 min, about 56 s left");
    }
}
