package dev.credence.bench.coverage;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.KnownTexts;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.probability.LogMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Texts of a few letters that are all there are, with what a prompt makes of them.
 *
 * @param letters of the alphabet
 * @param longest text
 * @param logPrior (texts) log π0, nats
 * @param rewards (texts) log-likelihoods of one copy of the evidence, nats
 */
@SuppressWarnings("ArrayRecordComponent")
record KnownWorld(int letters, int longest, double[] logPrior, double[] rewards) {
    static KnownWorld draw(RandomGenerator random, int letters, int longest) {
        int size = 0;
        for (int length = 0, of = 1; length <= longest; length++, of *= letters) {
            size += of;
        }
        double[] weights = new double[size];
        double[] rewards = new double[size];
        for (int i = 0; i < size; i++) {
            weights[i] = random.nextGaussian();
            rewards[i] = random.nextGaussian();
        }
        double total = LogMath.logSumExp(weights);
        return new KnownWorld(
                letters, longest, Arrays.stream(weights).map(w -> w - total).toArray(), rewards);
    }

    /** A text's place: shorter ones first, then by their letters. */
    int place(int[] tokens, int length) {
        int place = 0;
        for (int i = 0, of = 1; i < length; i++, of *= letters) {
            place += of;
        }
        int own = 0;
        for (int i = 0; i < length; i++) {
            own = own * letters + tokens[i] - 1;
        }
        return place + own;
    }

    /** Token 0 begins and ends a text; letters are the others. */
    KnownTexts model() {
        List<int[]> texts = new ArrayList<>();
        for (int length = 0, of = 1; length <= longest; length++, of *= letters) {
            for (int code = 0; code < of; code++) {
                int[] text = new int[length + 2];
                for (int i = length, rest = code; i >= 1; i--, rest /= letters) {
                    text[i] = 1 + rest % letters;
                }
                texts.add(text);
            }
        }
        return KnownTexts.of(new Vocabulary(letters + 1, Set.of(0)), texts, logPrior);
    }

    /** Bounded by the largest reward. */
    TokenEvidence evidence() {
        double most = Arrays.stream(rewards).max().orElseThrow();
        return new TokenEvidence() {
            @Override
            public double logLikelihood(int[] tokens, int length, boolean finished) {
                return length > longest
                        ? 0
                        : rewards[place(tokens, length)]; // no text is longer; an enumeration asks all the same
            }

            @Override
            public LogBounds bounds(int[] tokens, int length) {
                return new LogBounds(Double.NEGATIVE_INFINITY, most);
            }
        };
    }

    /** log Z(λ), nats. */
    double logPartition(double copies) {
        return LogMath.logSumExp(joint(copies));
    }

    double[] joint(double copies) {
        double[] joint = new double[rewards.length];
        Arrays.setAll(joint, i -> logPrior[i] + copies * rewards[i]);
        return joint;
    }

    /** The mean reward of the posterior of so many copies. */
    double posteriorMean(double copies) {
        double[] joint = joint(copies);
        double total = LogMath.logSumExp(joint);
        double mean = 0;
        for (int i = 0; i < joint.length; i++) {
            mean += Math.exp(joint[i] - total) * rewards[i];
        }
        return mean;
    }
}
