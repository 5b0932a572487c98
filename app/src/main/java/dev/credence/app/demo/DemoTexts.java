package dev.credence.app.demo;

import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.hub.BeginToken;
import dev.credence.hub.HubModel;
import dev.credence.lab.models.EmbeddedModel;
import dev.credence.methods.PoolSampler;
import dev.credence.methods.RejectionSampler;
import dev.credence.methods.Sampler;
import dev.credence.torch.Backend;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The small language model that ships with Credence, conditioned on warm words in ways that need no training: asked for in
 * the prompt, best-of-n, and exactly, by rejection.
 *
 * @param ways each with its texts
 */
record DemoTexts(List<Way> ways) {
    static final String PROMPT = "ROMEO:\n";
    static final String WARM_PROMPT = "ROMEO:\nO sweet love, my dear,\n";
    static final double BETA = 0.25;
    static final int POOL = 8;

    private static final int TEXTS = 40; // of each way, for its mean reward
    private static final int HORIZON = 24;
    private static final int BATCH = 256; // drawn together
    private static final long MOST_TRIALS = 100_000;
    private static final Pattern WORD = Pattern.compile("[a-z']+", Pattern.CASE_INSENSITIVE);
    private static final List<String> WARM = List.of(
            "love", "sweet", "good", "dear", "gentle", "joy", "fair", "kind", "noble", "grace", "happy", "friend",
            "peace", "heaven");

    /**
     * One way to condition.
     *
     * @param name of the way
     * @param texts what it drew
     * @param reward their mean reward
     */
    record Way(String name, List<String> texts, double reward) {}

    static DemoTexts draw(long seed) throws IOException {
        try (EmbeddedModel files = EmbeddedModel.unpack();
                HubModel model = HubModel.open(files.folder(), Backend.shared())) {
            return new DemoTexts(ways(model, new SplittableRandom(seed)));
        }
    }

    private static List<Way> ways(HubModel model, RandomGenerator random) {
        Sampler<String> prior = new Draws(model, PROMPT, new ArrayDeque<>());
        Sampler<String> asked = new Draws(model, WARM_PROMPT, new ArrayDeque<>());
        RejectionSampler<String> exact = RejectionSampler.accepting(
                prior, (text, coin) -> coin.nextDouble() < Math.exp((warmth(text) - 1) / BETA), MOST_TRIALS);
        List<Way> ways = new ArrayList<>();
        ways.add(way("prior", prior, random));
        ways.add(way("prompt", asked, random));
        ways.add(way("best of " + POOL, PoolSampler.bestOf(prior, POOL, DemoTexts::warmth), random));
        ways.add(way("exact posterior", exact, random));
        return ways;
    }

    private static Way way(String name, Sampler<String> sampler, RandomGenerator random) {
        List<String> texts = new ArrayList<>();
        double sum = 0;
        for (int i = 0; i < TEXTS; i++) {
            String text = sampler.sample(random);
            texts.add(text);
            sum += warmth(text);
        }
        return new Way(name, texts, sum / TEXTS);
    }

    /** Half the number of warm words, at most 1: what the policy of the demo's log was rewarded for. */
    static double warmth(String text) {
        int warm = 0;
        Matcher word = WORD.matcher(text);
        while (word.find()) {
            warm += WARM.contains(word.group().toLowerCase(java.util.Locale.ROOT)) ? 1 : 0;
        }
        return Math.min(1, 0.5 * warm);
    }

    /** {@return the ways as facts for programs} */
    List<Object> json() {
        List<Object> json = new ArrayList<>();
        for (Way way : ways) {
            Map<String, @Nullable Object> facts = new LinkedHashMap<>();
            facts.put("way", way.name());
            facts.put("mean_reward", way.reward());
            facts.put("texts", way.texts());
            json.add(facts);
        }
        return json;
    }

    /** Draws of one prompt, made many at a time and handed out one by one. */
    private record Draws(HubModel model, String prompt, Deque<String> drawn) implements Sampler<String> {
        @Override
        public String sample(RandomGenerator random) {
            if (drawn.isEmpty()) {
                int[] ids = model.tokenizer().prompt(prompt, BeginToken.YES);
                for (Sample sample : model.transformer().sample(ids, BATCH, Sampling.upTo(HORIZON), random)) {
                    drawn.add(model.text(sample));
                }
            }
            return drawn.remove();
        }
    }
}
