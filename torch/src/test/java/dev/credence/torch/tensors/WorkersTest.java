package dev.credence.torch.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Short pieces that threads share: each is done once, whoever calls and however long the others had nothing to do. */
@Timeout(60)
class WorkersTest {
    private final Workers workers = new Workers(3);

    @Test
    void eachSharedPieceIsDoneOnce() {
        for (int round = 0; round < 2_000; round++) {
            int n = round % 20;
            AtomicIntegerArray done = new AtomicIntegerArray(n);
            workers.share(n, done::incrementAndGet);
            for (int i = 0; i < n; i++) {
                assertThat(done.get(i)).isOne();
            }
            if (round % 100 == 0) {
                LockSupport.parkNanos(Duration.ofMillis(1).toNanos()); // so that they sleep
            }
        }
    }

    @Test
    void theCallerTakesPiecesAndSoDoOthers() throws InterruptedException {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        CountDownLatch both = new CountDownLatch(2);
        workers.share(2, piece -> {
            seen.add(Thread.currentThread());
            both.countDown();
            awaitUninterrupted(both); // two pieces at once are two threads
        });
        assertThat(seen).hasSize(2);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void piecesOfPiecesAndOfWorkersAreDoneByWhoeverHasThem() {
        AtomicInteger done = new AtomicInteger();
        workers.share(4, outer -> workers.share(5, inner -> done.incrementAndGet()));
        assertThat(done).hasValue(20);
        workers.map(4, outer -> {
            Thread own = Thread.currentThread();
            workers.share(
                    5,
                    inner -> assertThat(Thread.currentThread()).isSameAs(own).satisfies(t -> done.incrementAndGet()));
            return outer;
        });
        assertThat(done).hasValue(40);
    }

    @Test
    void severalCallersDoNotWaitForEachOther() {
        AtomicInteger done = new AtomicInteger();
        IntStream.range(0, 8).parallel().forEach(caller -> {
            for (int round = 0; round < 500; round++) {
                workers.share(6, piece -> done.incrementAndGet());
            }
        });
        assertThat(done).hasValue(8 * 500 * 6);
    }

    @Test
    void aFailureIsThrownToTheCallerAndNothingIsLeftBehind() {
        for (int round = 0; round < 200; round++) {
            assertThatThrownBy(() -> workers.share(50, piece -> {
                        if (piece == 7) {
                            throw new IllegalArgumentException("piece " + piece);
                        }
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("piece 7");
            AtomicInteger done = new AtomicInteger();
            workers.share(9, piece -> done.incrementAndGet());
            assertThat(done).hasValue(9);
        }
    }

    @Test
    void anInterruptedCallerEndsItsRoundAndKnowsOfIt() {
        AtomicInteger done = new AtomicInteger();
        Thread.currentThread().interrupt();
        workers.share(100, piece -> {
            done.incrementAndGet();
            LockSupport.parkNanos(10_000);
        });
        assertThat(Thread.interrupted()).isTrue();
        assertThat(done).hasValue(100);
    }
}
