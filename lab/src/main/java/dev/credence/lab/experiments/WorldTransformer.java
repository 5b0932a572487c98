package dev.credence.lab.experiments;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.training.PolicyGradient;
import dev.credence.methods.training.Training;
import dev.credence.methods.training.TrainingSettings;
import dev.credence.methods.training.TrainingTask;
import dev.credence.torch.Transformer;
import dev.credence.torch.training.TransformerPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A small transformer that learnt the texts of a table, character by character. All of these are scored, so that what it and every
 * policy tuned from it writes is known exactly; what is left to chance are weights and draws. It is for texts that are too long or too
 * many for all strings to be listed, which {@link EnumeratedTransformer} does word by word: its strings that are no text have a
 * mass alone here.
 */
final class WorldTransformer implements AutoCloseable {
    private static final int LAYERS = 2;
    private static final int WIDTH = 32;
    private static final int HEADS = 2;
    private static final int MOST_TEXTS = 4096;
    private static final int MOST_TOKENS = 256;

    private final TableModel texts;
    private final Map<Integer, Integer> tokens = new HashMap<>(); // character to id
    private final SmallTransformer trained;

    /**
     * How a policy is tuned by RLOO.
     *
     * @param steps of AdamW, whose rate falls to 0 along a cosine
     * @param samples texts a prompt and step
     * @param rate of the first step
     */
    record Tuning(int steps, int samples, double rate) {}

    /**
     * Log-probabilities that a model gives the table's texts.
     *
     * @param logs prompt by prompt, (texts) nats, in the table's order
     */
    record Scored(List<double[]> logs) {
        /** Prompt by prompt (texts), of what is a text of the table. */
        List<double[]> known() {
            return logs.stream()
                    .map(log -> {
                        double inside = LogMath.logSumExp(log);
                        return Arrays.stream(log).map(x -> x - inside).toArray();
                    })
                    .toList();
        }

        /** Mass of what is no text of the table, the mean over prompts by their weights. */
        double unknown(TableModel texts) {
            double sum = 0;
            for (int c = 0; c < logs.size(); c++) {
                sum += texts.weight(texts.prompts().get(c)) * Math.max(0, -Math.expm1(LogMath.logSumExp(logs.get(c))));
            }
            return sum;
        }
    }

    private WorldTransformer(TableModel texts, SmallTransformer.Training training, long seed, Listener listener) {
        this.texts = texts;
        int longest = 0;
        for (String prompt : texts.prompts()) {
            note(prompt);
            for (String text : texts.given(prompt).outcomes()) {
                note(text);
                longest = Math.max(longest, (prompt + text).codePointCount(0, prompt.length() + text.length()) + 3);
            }
        }
        SmallTransformer.Size size = new SmallTransformer.Size(separator() + 1, longest, LAYERS, WIDTH, HEADS);
        this.trained = SmallTransformer.trained(size, training, this::draw, seed, listener);
    }

    /**
     * Trains one.
     *
     * @param texts of the world, by prompt
     * @param training how
     * @param seed of weights and draws
     * @param listener may stop it
     * @return the trained one; the caller closes it
     */
    static WorldTransformer trained(
            TableModel texts, SmallTransformer.Training training, long seed, Listener listener) {
        return new WorldTransformer(texts, training, seed, listener);
    }

    /** Refuses a world whose texts are too many or too long to be scored. */
    static void check(TableModel texts, String world) {
        long count = 0;
        long longest = 0;
        for (String prompt : texts.prompts()) {
            Distribution of = texts.given(prompt);
            count += of.size();
            for (String text : of.outcomes()) {
                longest = Math.max(longest, (long) prompt.length() + text.length());
            }
        }
        if (!(count <= MOST_TEXTS && longest <= MOST_TOKENS)) {
            throw InputException.ofSetting(
                    "world",
                    world,
                    "a transformer is scored on at most " + MOST_TEXTS + " texts of at most " + MOST_TOKENS
                            + " characters each; this world has " + count + " of up to " + longest);
        }
    }

    private void note(String text) {
        text.codePoints().forEach(each -> tokens.putIfAbsent(each, tokens.size() + 1));
    }

    private int separator() {
        return tokens.size() + 1;
    }

    private int[] given(String prompt) {
        return IntStream.concat(
                        IntStream.of(SmallTransformer.BEGIN), IntStream.concat(ids(prompt), IntStream.of(separator())))
                .toArray();
    }

    private IntStream ids(String text) {
        return text.codePoints().map(each -> tokens.getOrDefault(each, separator()));
    }

    private int[] whole(String text) {
        return IntStream.concat(ids(text), IntStream.of(SmallTransformer.BEGIN)).toArray();
    }

    private Continuation draw(SplittableRandom random) {
        String prompt = SmallTransformer.prompt(texts, random);
        Distribution of = texts.given(prompt);
        return new Continuation(given(prompt), whole(of.outcome(of.sample(random))));
    }

    /** {@return what it gives the table's texts} */
    Scored scored() {
        return scored(trained.model());
    }

    private Scored scored(Transformer model) {
        List<double[]> all = new ArrayList<>();
        for (String prompt : texts.prompts()) {
            int[] before = given(prompt);
            List<Continuation> documents = texts.given(prompt).outcomes().stream()
                    .map(text -> new Continuation(before, whole(text)))
                    .toList();
            all.add(SmallTransformer.logProbs(model, documents));
        }
        return new Scored(all);
    }

    /**
     * Tunes a copy by RLOO with the KL penalty from it.
     *
     * @param rewards prompt by prompt (texts); what is no text of the table has its prompt's smallest
     * @param lambda copies, finite and other than 0: β = 1/|λ|, of the reward or, below 0, of its negative
     * @param tuning how
     * @param seed of the draws
     * @param listener may stop it
     * @return what the tuned policy gives the table's texts
     */
    Scored tuned(List<double[]> rewards, double lambda, Tuning tuning, long seed, Listener listener) {
        LearningRate falling = LearningRate.cosine(tuning.rate, 0, tuning.steps, 0);
        TrainingSettings settings =
                new TrainingSettings(tuning.steps, tuning.samples, Optimiser.adamW(falling), false, seed);
        List<double[]> signed = rewards.stream()
                .map(row -> Arrays.stream(row).map(r -> Math.signum(lambda) * r).toArray())
                .toList();
        try (TransformerPolicy policy = trained.copy(settings.optimiser())) {
            Training training = PolicyGradient.rloo().atKl(1 / Math.abs(lambda)).begin(policy, task(signed), settings);
            SmallTransformer.tune(training, tuning.steps, seed, listener);
            return scored(policy.transformer());
        }
    }

    private TrainingTask task(List<double[]> rewards) {
        List<String> names = texts.prompts();
        List<TrainingTask.Prompt> prompts = names.stream()
                .map(name -> new TrainingTask.Prompt(name, given(name), texts.weight(name)))
                .toList();
        List<Map<List<Integer>, Double>> known = new ArrayList<>();
        double[] least = new double[names.size()];
        int longest = 1;
        for (int c = 0; c < names.size(); c++) {
            Distribution of = texts.given(names.get(c));
            Map<List<Integer>, Double> byTokens = new HashMap<>();
            for (int i = 0; i < of.size(); i++) {
                int[] text = whole(of.outcome(i));
                longest = Math.max(longest, text.length);
                byTokens.put(list(text), rewards.get(c)[i]);
            }
            known.add(byTokens);
            least[c] = Arrays.stream(rewards.get(c)).min().orElse(0);
        }
        return new TrainingTask(
                prompts,
                (prompt, samples) -> {
                    int c = names.indexOf(prompt.text());
                    return samples.stream()
                            .mapToDouble(sample -> reward(sample, known.get(c), least[c]))
                            .toArray();
                },
                longest,
                null);
    }

    private static double reward(Sample sample, Map<List<Integer>, Double> known, double least) {
        return sample.finished() ? known.getOrDefault(list(sample.tokens()), least) : least;
    }

    private static List<Integer> list(int[] tokens) {
        return Arrays.stream(tokens).boxed().toList();
    }

    @Override
    public void close() {
        trained.close();
    }
}
