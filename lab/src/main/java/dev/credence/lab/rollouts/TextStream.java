package dev.credence.lab.rollouts;

import dev.credence.core.model.TokenDraw;
import dev.credence.data.rewards.RewardExpression;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The texts that one model gives of one prompt: a sequence that the seed fixes, however many are wanted and wherever a draw
 * was broken off. They are drawn in chunks, each with a seed of its own, so that a chunk can be drawn without those before it.
 * Whether a text is kept depends on its reward and on a number of its own, which the seed fixes too.
 */
final class TextStream {
    private static final int FIRST = 64;
    private static final int MOST = 256; // what is lost at most when a draw is broken off whose every text is scored
    private static final int TOGETHER = 8; // chunks of texts few of which are scored
    private static final long KEEPING = -1; // a position that no token has

    private final Drawing.Source from;
    private final long seed;
    private int drawn;

    TextStream(Drawing.Source from, long seed) {
        this.from = from;
        this.seed = seed;
    }

    /**
     * How a target is reached.
     *
     * @param drawing draws and scores
     * @param reward decides what is kept
     * @param name of the reward
     * @param into takes what is kept
     */
    record Means(Drawing drawing, RewardExpression reward, String name, DrawSpool into) {}

    /** Takes note that so many texts were drawn before. */
    void skipTo(int count) {
        drawn = Math.max(drawn, count);
    }

    /** How many texts are drawn, those that were not kept included. */
    int drawn() {
        return drawn;
    }

    /** Draws until there are so many, and gives away what is kept of the new ones, some chunks at a time. */
    void drawTo(int wanted, KeepRule rule, Means means, RoundProgress done) throws IOException {
        int together = rule.keepsAll() ? 1 : TOGETHER;
        while (drawn < wanted) {
            int start = start(drawn);
            int end = start + length(start);
            for (int more = 1; more < together && start >= MOST && end < wanted; more++) {
                end += length(end);
            }
            end = Math.min(wanted, end);
            List<Rollout> texts = sample(start, end, means.drawing).subList(drawn - start, end - start);
            List<Rollout> kept = rule.keepsAll() ? texts : kept(texts, rule, means);
            means.into.add(new Chunk(from.prompt(), from.source(), drawn, end, means.drawing.score(from, kept)));
            done.drawn(end - drawn);
            drawn = end;
        }
    }

    private List<Rollout> sample(int start, int end, Drawing drawing) {
        SplittableRandom random = random(start);
        int whole = start < MOST ? 0 : (end - start) / MOST;
        List<Rollout> texts = new ArrayList<>();
        if (whole > 0) {
            texts.addAll(drawing.sample(from, whole, MOST, random));
        }
        if (texts.size() < end - start) {
            texts.addAll(drawing.sample(from, 1, end - start - texts.size(), random));
        }
        return texts;
    }

    private List<Rollout> kept(List<Rollout> texts, KeepRule rule, Means means) {
        double[] rewards = DrawnRewards.evaluate(means.name, means.reward, texts);
        List<Rollout> kept = new ArrayList<>();
        for (int i = 0; i < rewards.length; i++) {
            double chance = TokenDraw.uniforms(seed, drawn + (long) i, KEEPING).nextDouble();
            if (chance < rule.of(rewards[i])) {
                kept.add(texts.get(i).keptFor(rewards[i]));
            }
        }
        return kept;
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
