package dev.credence.lab.rollouts;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The texts that one model gives of one prompt: a sequence that the seed fixes, however many are wanted and wherever a draw
 * was broken off. They are drawn in chunks, each with a seed of its own, so that a chunk can be drawn without those before it.
 */
final class TextStream {
    private static final int FIRST = 64;
    private static final int MOST = 256; // what is lost at most when a draw is broken off

    private final String prompt;
    private final int[] ids;
    private final byte source;
    private final long seed;
    private int drawn;

    TextStream(String prompt, int[] ids, byte source, long seed) {
        this.prompt = prompt;
        this.ids = ids;
        this.source = source;
        this.seed = seed;
    }

    /** Takes note of a text that was drawn before. */
    void skip() {
        drawn++;
    }

    /** How many texts are drawn. */
    int drawn() {
        return drawn;
    }

    /** Draws until there are so many, and gives away what is new, a chunk at a time. */
    void drawTo(int wanted, Drawing drawing, DrawSpool into) throws IOException {
        while (drawn < wanted) {
            int start = start(drawn);
            int count = Math.min(wanted, start(drawn) + length(drawn)) - start;
            List<Rollout> texts = drawing.draw(prompt, ids, source, count, random(start));
            into.add(texts.subList(drawn - start, count));
            drawn = start + count;
        }
    }

    /** Chunks end where rounds do: at 64, 128, 256, and then every 256 texts. */
    private static int start(int text) {
        return text < FIRST ? 0 : text < MOST ? Integer.highestOneBit(text) : text / MOST * MOST;
    }

    private static int length(int text) {
        return text < FIRST ? FIRST : text < MOST ? Integer.highestOneBit(text) : MOST;
    }

    /** The chunk's own number of the stream's. */
    private SplittableRandom random(int start) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int at = 0; at < start; at += length(at)) {
            random.nextLong();
        }
        return random;
    }
}
