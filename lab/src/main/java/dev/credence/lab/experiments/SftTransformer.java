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
 * A transformer that read what authors write: notes, each the observation or not, and questions with their answers, each on its
 * own given the author. In its context it knows the author nearly as Bayes' rule does; this fine-tunes it on the observation, and
 * holds its answers against those it gives with copies in its context.
 */
final class SftTransformer implements AutoCloseable {
    private static final int SEEN = 1; // tokens: the observation as a note, another note, a question, its two answers
    private static final int OTHER = 2;
    private static final int ASKED = 3;
    private static final int YES = 4;
    private static final int NO = 5;
    /** Copies that its context holds. */
    static final int MOST = 24;

    private static final int QUESTIONS = 2; // of the probe: two, so that answers can be unlike every reader's
    private static final SmallTransformer.Size SIZE = new SmallTransformer.Size(6, 1 + MOST + 2 * QUESTIONS, 2, 32, 2);

    private final SmallTransformer trained;

    /**
     * Authors.
     *
     * @param weights (authors) shares
     * @param likelihood (authors) probability that a note is the observation
     * @param probe (authors) probability that an answer is yes
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Authors(double[] weights, double[] likelihood, double[] probe) {
        /** Tokens of one author, notes and questions in shares of the document's own. */
        Continuation draw(SplittableRandom random) {
            int author = 0;
            double left = random.nextDouble();
            while (author < weights.length - 1 && left >= weights[author]) {
                left -= weights[author++];
            }
            double notes = random.nextDouble();
            int[] tokens = new int[SIZE.context()];
            for (int t = 0; t < tokens.length; t++) {
                if (t > 0 && tokens[t - 1] == ASKED) {
                    tokens[t] = random.nextDouble() < probe[author] ? YES : NO;
                } else if (random.nextDouble() < notes) {
                    tokens[t] = random.nextDouble() < likelihood[author] ? SEEN : OTHER;
                } else {
                    tokens[t] = ASKED;
                }
            }
            return new Continuation(new int[] {SmallTransformer.BEGIN}, tokens);
        }

        /** Bayes' rule: (copies) (outcomes) of the probe. */
        ReadCopies readers() {
            double[][] answers = new double[MOST + 1][1 << QUESTIONS];
            for (int k = 0; k <= MOST; k++) {
                double sum = 0;
                for (int z = 0; z < weights.length; z++) {
                    double weight = weights[z] * Math.pow(likelihood[z], k);
                    sum += weight;
                    for (int code = 0; code < answers[k].length; code++) {
                        int yes = Integer.bitCount(code);
                        answers[k][code] += weight * Math.pow(probe[z], yes) * Math.pow(1 - probe[z], QUESTIONS - yes);
                    }
                }
                for (int code = 0; code < answers[k].length; code++) {
                    answers[k][code] /= sum;
                }
            }
            return new ReadCopies(answers);
        }

        /** Probability of the observation to a reader of copies. */
        double observed(int copies) {
            double some = 0;
            double more = 0;
            for (int z = 0; z < weights.length; z++) {
                some += weights[z] * Math.pow(likelihood[z], copies);
                more += weights[z] * Math.pow(likelihood[z], copies + 1);
            }
            return more / some;
        }
    }

    /**
     * What a model says.
     *
     * @param answers (outcomes) of the probe
     * @param observed probability of the observation, of a note
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Said(double[] answers, double observed) {}

    private SftTransformer(SmallTransformer trained) {
        this.trained = trained;
    }

    static SftTransformer trained(Authors authors, SmallTransformer.Training training, long seed, Listener listener) {
        return new SftTransformer(SmallTransformer.trained(SIZE, training, authors::draw, seed, listener));
    }

    /** With copies of the observation in its context. */
    Said prompted(int copies) {
        return said(trained.model(), copies);
    }

    /** The readers that it is itself, with so many copies. */
    ReadCopies readers() {
        double[][] answers = new double[MOST + 1][];
        Arrays.setAll(answers, k -> prompted(k).answers);
        return new ReadCopies(answers);
    }

    /** After so many steps on the observation, in the order of the numbers. */
    List<Said> tuned(int[] steps, boolean adam, double rate) {
        Optimiser optimiser =
                adam ? Optimiser.adamW(LearningRate.constant(rate)) : Optimiser.sgd(LearningRate.constant(rate));
        List<Continuation> observation =
                List.of(new Continuation(new int[] {SmallTransformer.BEGIN}, new int[] {SEEN}));
        List<Said> said = new ArrayList<>();
        try (TransformerPolicy policy = trained.copy(optimiser)) {
            int done = 0;
            for (int wanted : steps) {
                for (; done < wanted; done++) {
                    SmallTransformer.learn(policy, observation);
                }
                said.add(said(policy.transformer(), 0));
            }
        }
        return said;
    }

    private static Said said(Transformer model, int copies) {
        int[] before = new int[1 + copies];
        Arrays.fill(before, SEEN);
        before[0] = SmallTransformer.BEGIN;
        int[] asked = Arrays.copyOf(before, copies + 2);
        asked[copies + 1] = ASKED;
        List<Continuation> all = new ArrayList<>();
        for (int code = 0; code < 1 << QUESTIONS; code++) {
            int[] tokens = new int[2 * QUESTIONS - 1];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = i % 2 == 1 ? ASKED : (code >> (i / 2) & 1) == 1 ? YES : NO;
            }
            all.add(new Continuation(asked, tokens));
        }
        double[][] scored = model.logProbs(all);
        double[] answers = new double[scored.length];
        double sum = 0;
        for (int code = 0; code < answers.length; code++) {
            double log = 0;
            for (int i = 0; i < scored[code].length; i += 2) {
                log += scored[code][i];
            }
            answers[code] = Math.exp(log);
            sum += answers[code];
        }
        for (int code = 0; code < answers.length; code++) {
            answers[code] /= sum;
        }
        double[] next = model.nextLogProbs(List.of(before))[0];
        return new Said(answers, 1 / (1 + Math.exp(next[OTHER] - next[SEEN])));
    }

    @Override
    public void close() {
        trained.close();
    }
}
