package dev.credence.lab.experiments;

import dev.credence.core.model.Continuation;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.lab.runs.Listener;
import dev.credence.torch.Transformer;
import dev.credence.torch.training.TransformerPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Observations that are longer than a transformer's window: letters of a writer whose habits are hidden (exchangeable: Pólya's
 * urn), of whom the first are the observation, and the last are to be predicted. What a model makes of them is held against what
 * all letters before say by Bayes' rule, position by position, so that no draw of the letter itself adds noise.
 */
final class WindowTransformer {
    private static final int LAYERS = 2;
    private static final int WIDTH = 32;
    private static final int HEADS = 2;

    private final Writers writers;
    private final SmallTransformer.Training training;
    private final Tuning tuning;
    private final Listener listener;

    /**
     * Who writes, and how much.
     *
     * @param letters of the alphabet
     * @param alpha of the symmetric Dirichlet distribution of a writer's habits: the smaller, the more they differ
     * @param window positions of the model that cannot hold everything; the begin token takes one
     * @param observation letters
     * @param continuation letters behind them
     * @param documents of which the figures are means
     */
    record Writers(int letters, double alpha, int window, int observation, int continuation, int documents) {
        int length() {
            return observation + continuation;
        }

        /** (length) letters of one writer, from 1. */
        int[] draw(int length, SplittableRandom random) {
            int[] counts = new int[letters];
            int[] text = new int[length];
            for (int t = 0; t < length; t++) {
                double left = random.nextDouble() * (t + letters * alpha);
                int letter = 0;
                while (letter < letters - 1 && left >= counts[letter] + alpha) {
                    left -= counts[letter++] + alpha;
                }
                counts[letter]++;
                text[t] = letter + 1;
            }
            return text;
        }

        /** (letters) probabilities of the next one behind text[from … to). */
        double[] predicted(int[] text, int from, int to) {
            double[] next = new double[letters];
            Arrays.fill(next, alpha);
            for (int t = from; t < to; t++) {
                next[text[t] - 1]++;
            }
            double all = to - from + letters * alpha;
            for (int letter = 0; letter < letters; letter++) {
                next[letter] /= all;
            }
            return next;
        }
    }

    /**
     * How a model is fine-tuned on an observation.
     *
     * @param epochs steps, each on the whole observation in pieces of a window
     * @param rate of AdamW
     */
    record Tuning(int epochs, double rate) {}

    /**
     * Nats a letter of the continuation, a mean over documents.
     *
     * @param model of the transformer
     * @param bayes of Bayes' rule on the same letters; NaN where there is no such
     */
    record Loss(double model, double bayes) {}

    /**
     * The ways.
     *
     * @param full a model whose window holds everything
     * @param sliding the last letters that a window holds
     * @param chunked windows side by side: each begins with nothing
     * @param tuned chunked, by a model that was fine-tuned on the observation
     * @param tunedSliding the same model, sliding
     */
    record Losses(Loss full, Loss sliding, Loss chunked, Loss tuned, Loss tunedSliding) {
        List<Loss> all() {
            return List.of(full, sliding, chunked, tuned, tunedSliding);
        }
    }

    WindowTransformer(Writers writers, SmallTransformer.Training training, Tuning tuning, Listener listener) {
        this.writers = writers;
        this.training = training;
        this.tuning = tuning;
        this.listener = listener;
    }

    /** Trains both models, and predicts the same documents every way. */
    Losses losses(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long first = random.nextLong();
        long second = random.nextLong();
        List<int[]> documents = new ArrayList<>();
        for (int i = 0; i < writers.documents; i++) {
            documents.add(writers.draw(writers.length(), random));
        }
        Way all = (text, t) -> 0;
        Way slide = (text, t) -> Math.max(0, t - (writers.window - 1));
        Way chunk = (text, t) -> t - t % writers.window;
        try (SmallTransformer large = model(writers.length(), first);
                SmallTransformer small = model(writers.window, second)) {
            Loss full = loss(documents, all, large.model());
            Loss sliding = loss(documents, slide, small.model());
            Loss chunked = loss(documents, chunk, small.model());
            double[] tuned = new double[2];
            for (int[] text : documents) {
                try (TransformerPolicy own = tuned(small, text)) {
                    tuned[0] += loss(List.of(text), chunk, own.transformer()).model / documents.size();
                    tuned[1] += loss(List.of(text), slide, own.transformer()).model / documents.size();
                }
            }
            return new Losses(full, sliding, chunked, new Loss(tuned[0], full.bayes), new Loss(tuned[1], full.bayes));
        }
    }

    private SmallTransformer model(int context, long seed) {
        SmallTransformer.Size size = new SmallTransformer.Size(writers.letters + 1, context, LAYERS, WIDTH, HEADS);
        return SmallTransformer.trained(
                size, training, random -> behindBegin(writers.draw(context, random)), seed, listener);
    }

    private static Continuation behindBegin(int[] letters) {
        return new Continuation(new int[] {SmallTransformer.BEGIN}, letters);
    }

    private TransformerPolicy tuned(SmallTransformer model, int[] text) {
        List<Continuation> pieces = new ArrayList<>();
        for (int from = 0; from < writers.observation; from += writers.window) {
            int to = Math.min(writers.observation, from + writers.window);
            pieces.add(behindBegin(Arrays.copyOfRange(text, from, to)));
        }
        TransformerPolicy policy = model.copy(Optimiser.adamW(LearningRate.constant(tuning.rate)));
        for (int epoch = 0; epoch < tuning.epochs; epoch++) {
            SmallTransformer.learn(policy, pieces);
        }
        return policy;
    }

    /** Which letters are read to predict a position: from where on. */
    private interface Way {
        int from(int[] text, int position);
    }

    private Loss loss(List<int[]> documents, Way way, Transformer model) {
        List<int[]> prefixes = new ArrayList<>();
        for (int[] text : documents) {
            for (int t = writers.observation; t < writers.length(); t++) {
                int[] letters = Arrays.copyOfRange(text, way.from(text, t), t);
                int[] prefix = new int[letters.length + 1];
                System.arraycopy(letters, 0, prefix, 1, letters.length);
                prefixes.add(prefix);
            }
        }
        double[][] next = model.nextLogProbs(prefixes);
        double loss = 0;
        double bayes = 0;
        int row = 0;
        for (int[] text : documents) {
            for (int t = writers.observation; t < writers.length(); t++) {
                double[] truth = writers.predicted(text, 0, t);
                double[] read = writers.predicted(text, way.from(text, t), t);
                for (int letter = 0; letter < writers.letters; letter++) {
                    loss -= truth[letter] * next[row][letter + 1];
                    bayes -= truth[letter] * Math.log(read[letter]);
                }
                row++;
            }
        }
        return new Loss(loss / row, bayes / row);
    }
}
