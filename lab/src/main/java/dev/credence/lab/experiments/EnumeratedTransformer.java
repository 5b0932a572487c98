package dev.credence.lab.experiments;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.model.Continuation;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.Optimiser;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.training.TrainingTask;
import dev.credence.torch.Transformer;
import dev.credence.torch.training.TransformerPolicy;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A small transformer that has learnt a world's texts word by word, prompts before them, and is the prior of all that is tuned from it.
 * Every string of its tokens up to the longest text is enumerated, those included that are no text of the world, so that it and whatever
 * is tuned from it are tables, exactly. Texts of many words are {@link WorldTransformer}'s, which lists the world's own alone.
 */
final class EnumeratedTransformer implements AutoCloseable {
    private static final int LAYERS = 2;
    private static final int WIDTH = 32;
    private static final int HEADS = 2;
    private static final int MOST = 4096; // strings

    private final TableModel world;
    private final Texts texts;
    private final SmallTransformer model;
    private final TableModel prior;

    /**
     * How a world's texts are tokens, and all strings of these.
     *
     * @param ids word to token
     * @param places of words that are not the same in all texts; empty for all places of each text
     * @param horizon tokens of the longest text, without its end
     * @param strings token ids, the end included where they end before the horizon
     * @param names of the strings: the text, or its words in brackets
     * @param index of a string, its end left out
     * @param context positions that a prompt and a text take
     */
    private record Texts(
            Map<String, Integer> ids,
            List<Integer> places,
            int horizon,
            List<int[]> strings,
            List<String> names,
            Map<IntBuffer, Integer> index,
            int context) {
        static Texts of(String key, String name, TableModel world) {
            Set<String> all = new LinkedHashSet<>();
            for (String prompt : world.prompts()) {
                Distribution given = world.given(prompt);
                IntStream.range(0, given.size())
                        .filter(i -> given.probability(i) > 0)
                        .mapToObj(given::outcome)
                        .forEach(all::add);
            }
            List<Integer> places = places(all);
            Map<String, Integer> ids = new LinkedHashMap<>();
            int longestPrompt = 0;
            for (String prompt : world.prompts()) {
                List<String> words = words(prompt);
                words.forEach(word -> ids.putIfAbsent(word, ids.size() + 1));
                longestPrompt = Math.max(longestPrompt, words.size());
            }
            int horizon = 1;
            for (String text : all) {
                List<String> words = words(text, places);
                words.forEach(word -> ids.putIfAbsent(word, ids.size() + 1));
                horizon = Math.max(horizon, words.size());
            }
            if (!(Math.pow(ids.size() + 1.0, horizon) <= MOST)) {
                throw InputException.ofSetting(
                        key,
                        name,
                        "of its " + (ids.size() + 1) + " words at most " + MOST + " strings of " + horizon
                                + " words must be possible, so that a transformer's texts can be enumerated");
            }
            Texts texts = new Texts(
                    ids,
                    places,
                    horizon,
                    new ArrayList<>(),
                    new ArrayList<>(),
                    new HashMap<>(),
                    longestPrompt + 1 + horizon);
            texts.enumerate(new ArrayList<>());
            all.forEach(text -> texts.names.set(texts.index(texts.tokens(text)), text));
            return texts;
        }

        private static List<String> words(String text) {
            return Arrays.stream(text.split("\\s+", -1))
                    .filter(word -> !word.isEmpty())
                    .toList();
        }

        private static List<String> words(String text, List<Integer> places) {
            List<String> words = words(text);
            return places.isEmpty() ? words : places.stream().map(words::get).toList();
        }

        /** Places at which texts of equally many words differ; none where their lengths differ too. */
        private static List<Integer> places(Set<String> all) {
            List<List<String>> texts = all.stream().map(Texts::words).toList();
            int length = texts.get(0).size();
            if (texts.stream().anyMatch(text -> text.size() != length)) {
                return List.of();
            }
            return IntStream.range(0, length)
                    .filter(place -> texts.stream()
                                    .map(text -> text.get(place))
                                    .distinct()
                                    .count()
                            > 1)
                    .boxed()
                    .toList();
        }

        private void enumerate(List<Integer> before) {
            boolean ends = before.size() < horizon;
            int[] own = before.stream().mapToInt(Integer::intValue).toArray();
            int[] string = ends ? Arrays.copyOf(own, own.length + 1) : own; // token 0 ends it
            index.put(IntBuffer.wrap(own), strings.size());
            strings.add(string);
            List<String> words = new ArrayList<>(ids.keySet());
            names.add("["
                    + String.join(
                            " ", before.stream().map(id -> words.get(id - 1)).toList()) + "]");
            for (int id = 1; ends && id <= ids.size(); id++) {
                List<Integer> longer = new ArrayList<>(before);
                longer.add(id);
                enumerate(longer);
            }
        }

        private int[] tokens(String text) {
            return words(text, places).stream()
                    .mapToInt(word -> ids.getOrDefault(word, 0))
                    .toArray();
        }

        int[] prompt(String prompt) {
            return IntStream.concat(
                            IntStream.of(SmallTransformer.BEGIN),
                            words(prompt).stream().mapToInt(word -> ids.getOrDefault(word, 0)))
                    .toArray();
        }

        /** Which string tokens are; an end behind them is left out. */
        int index(int[] tokens) {
            int last = tokens.length - 1;
            boolean ended = last >= 0 && tokens[last] == SmallTransformer.BEGIN;
            Integer found = index.get(IntBuffer.wrap(ended ? Arrays.copyOf(tokens, last) : tokens));
            if (found == null) {
                throw new IllegalArgumentException("there is no such string: " + Arrays.toString(tokens));
            }
            return found;
        }
    }

    private EnumeratedTransformer(TableModel world, Texts texts, SmallTransformer model) {
        this.world = world;
        this.texts = texts;
        this.model = model;
        this.prior = table(model.model());
    }

    /** Demands that a world's texts are few enough words to enumerate all strings of them, before anything is trained. */
    static void requireFew(String key, String name, TableModel world) {
        Texts.of(key, name, world);
    }

    /**
     * Trains one on draws of a world.
     *
     * @param key the setting that named the world
     * @param name of the world
     * @param world its prompts and texts
     * @param training how
     * @param seed of weights and draws
     * @param listener may stop it
     * @return the model; the caller closes it
     */
    static EnumeratedTransformer trained(
            String key,
            String name,
            TableModel world,
            SmallTransformer.Training training,
            long seed,
            Listener listener) {
        Texts texts = Texts.of(key, name, world);
        SmallTransformer.Size size =
                new SmallTransformer.Size(texts.ids.size() + 1, texts.context, LAYERS, WIDTH, HEADS);
        SmallTransformer model = SmallTransformer.trained(size, training, draw(world, texts), seed, listener);
        try {
            return new EnumeratedTransformer(world, texts, model);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static Function<SplittableRandom, Continuation> draw(TableModel world, Texts texts) {
        return random -> {
            String prompt = SmallTransformer.prompt(world, random);
            Distribution given = world.given(prompt);
            String text = given.outcome(given.sample(random));
            return new Continuation(texts.prompt(prompt), texts.strings.get(texts.index(texts.tokens(text))));
        };
    }

    /** {@return what it writes before any tuning: every string behind every prompt of the world} */
    TableModel prior() {
        return prior;
    }

    /** What a model on the same tokens writes. */
    TableModel table(Transformer tuned) {
        Map<String, Distribution> all = new LinkedHashMap<>();
        Map<String, Double> weights = new LinkedHashMap<>();
        for (String prompt : world.prompts()) {
            double[] logs = SmallTransformer.logProbs(tuned, strings(prompt));
            all.put(prompt, Distribution.ofLogWeights(texts.names, logs));
            weights.put(prompt, world.weight(prompt));
        }
        return TableModel.of(all, weights);
    }

    /** Every string behind a prompt, in the order of the tables. */
    List<Continuation> strings(String prompt) {
        int[] before = texts.prompt(prompt);
        return texts.strings.stream()
                .map(string -> new Continuation(before, string))
                .toList();
    }

    /** KL(world‖model) of its texts behind a prompt, mean over prompts: what training has left to learn, nats. */
    double distance() {
        return mean(prompt -> Divergences.kl(onStrings(prompt), prior.given(prompt)));
    }

    private Distribution onStrings(String prompt) {
        Distribution given = world.given(prompt);
        double[] logs = texts.names.stream()
                .mapToDouble(name ->
                        given.indexOf(name) < 0 ? Double.NEGATIVE_INFINITY : given.logProbability(given.indexOf(name)))
                .toArray();
        return Distribution.ofLogWeights(texts.names, logs);
    }

    /** Mass of strings that are no text of the world behind their prompt, mean over prompts. */
    double outside(TableModel policy) {
        return mean(prompt -> {
            Distribution given = policy.given(prompt);
            return IntStream.range(0, given.size())
                    .filter(i -> !isText(prompt, given.outcome(i)))
                    .mapToDouble(given::probability)
                    .sum();
        });
    }

    private double mean(ToDoubleFunction<String> figure) {
        return world.prompts().stream()
                .mapToDouble(prompt -> world.weight(prompt) * figure.applyAsDouble(prompt))
                .sum();
    }

    private boolean isText(String prompt, String name) {
        Distribution given = world.given(prompt);
        int i = given.indexOf(name);
        return i >= 0 && given.probability(i) > 0;
    }

    /** A reward of the world's texts, of all strings: what is no text has the least of its prompt's rewards. */
    RewardFunction reward(RewardFunction ofTexts) {
        Map<String, Map<String, Double>> rewards = new HashMap<>();
        for (String prompt : world.prompts()) {
            Map<String, Double> own = new HashMap<>();
            texts.names.stream()
                    .filter(name -> isText(prompt, name))
                    .forEach(name -> own.put(name, ofTexts.reward(prompt, name)));
            double least = own.values().stream().mapToDouble(r -> r).min().orElse(0);
            texts.names.forEach(name -> own.putIfAbsent(name, least));
            rewards.put(prompt, own);
        }
        return (prompt, text) -> {
            Double reward = rewards.getOrDefault(prompt, Map.of()).get(text);
            if (reward == null) {
                throw new IllegalArgumentException("no reward of '" + text + "' behind '" + prompt + "'");
            }
            return reward;
        };
    }

    /**
     * What a policy is trained on.
     *
     * @param prompts some of the world's
     * @param reward of all strings
     * @return the task, its completions listed
     */
    TrainingTask task(List<String> prompts, RewardFunction reward) {
        return new TrainingTask(
                prompts.stream()
                        .map(prompt -> new TrainingTask.Prompt(prompt, texts.prompt(prompt), world.weight(prompt)))
                        .toList(),
                (prompt, completions) -> completions.stream()
                        .mapToDouble(
                                sample -> reward.reward(prompt.text(), texts.names.get(texts.index(sample.tokens()))))
                        .toArray(),
                texts.horizon,
                prompt -> texts.strings);
    }

    /** A policy that begins as the model; it is closed before this one. */
    TransformerPolicy begin(Optimiser optimiser) {
        return model.copy(optimiser);
    }

    @Override
    public void close() {
        model.close();
    }
}
