package dev.credence.core.audit;

import java.util.List;
import java.util.concurrent.Phaser;

/** What several threads, which stand for processes that share nothing else, tell each other, a round after the other. */
public final class ThreadRounds {
    private final Phaser phaser;
    private final byte[][] said;

    public ThreadRounds(int processes) {
        phaser = new Phaser(processes);
        said = new byte[processes][];
    }

    public Exchange of(int place) {
        return new Exchange() {
            @Override
            public int place() {
                return place;
            }

            @Override
            public List<byte[]> tell(byte[] own) {
                said[place] = own;
                phaser.arriveAndAwaitAdvance();
                List<byte[]> all = List.of(said);
                phaser.arriveAndAwaitAdvance();
                return all;
            }
        };
    }
}
