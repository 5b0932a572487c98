package dev.credence.core.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.random.RandomGenerator;

/**
 * A source of randomness whose place in its sequence is saved: SplitMix64 (Steele, Lea and Flood 2014). Of a seed it gives
 * what {@link java.util.SplittableRandom} gives, whose place cannot be read.
 */
public final class ResumableRandom implements RandomGenerator, Resumable {
    private static final String HOLDER = "random";
    private static final long GOLDEN = 0x9E3779B97F4A7C15L; // 2^64 over the golden ratio, made odd

    private long state;

    /**
     * A sequence from its beginning.
     *
     * @param seed of the sequence
     */
    public ResumableRandom(long seed) {
        this.state = seed;
    }

    @Override
    public long nextLong() {
        state += GOLDEN;
        long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L; // Stafford's variant 13
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    @Override
    public int nextInt() {
        state += GOLDEN;
        long z = (state ^ (state >>> 33)) * 0x62A9D9ED799705F5L; // Stafford's variant 4
        return (int) (((z ^ (z >>> 28)) * 0xCB24D0A5C88C35B3L) >>> 32);
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SavedState.of(HOLDER).wholes("state", state).write(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        state = SavedState.read(in, HOLDER).whole("state");
    }
}
