package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.methods.BestOfN;
import dev.credence.methods.ConditionedModel;
import dev.credence.methods.Conditioner;
import dev.credence.methods.DrawnEvidence;
import dev.credence.methods.Quantilizer;
import dev.credence.methods.Rejection;
import dev.credence.methods.Resample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The classes that condition tables condition a transformer, by evidence on its texts, against the enumeration of all of them. */
class ConditionedCheckpointTest {
    private static final int DRAWS = 1200;
    private static final int HORIZON = 3;
    private static final int END = 0;

    @TempDir
    private Path folder;

    /** Letters e count for one nat each, and no text with an h begins with it. */
    private static Evidence asked() {
        Evidence letters = Evidence.reward(
                        (prompt, text) -> text.chars().filter(c -> c == 'e').count())
                .times(1)
                .bounded(0, HORIZON);
        return letters.and(Evidence.event("it does not begin with h", (prompt, text) -> !text.startsWith("h"))
                .bounded(Double.NEGATIVE_INFINITY, 0));
    }

    @Test
    void drawsOfATransformerAreThoseOfTheAim() throws IOException {
        try (OpenModel model =
                OpenModel.open(TinyCheckpoint.write(folder.resolve("prior"), 3).toString())) {
            int[] prompt = model.prompt("t", BeginToken.YES);
            TokenEvidence behind = asked().on(model.texts().tokens(HORIZON), "t");
            DrawnEvidence asked = DrawnEvidence.of(ids -> behind);
            List<Sample> all = all(model, prompt);
            double[] rewards = asked.logLikelihoods(prompt, all);
            double[] prior =
                    all.stream().mapToDouble(Sample::logProb).map(Math::exp).toArray();
            assertThat(Arrays.stream(prior).sum()).isBetween(1 - 1e-4, 1 + 1e-4);
            for (Conditioner.OnModels method :
                    List.of(Rejection.atKl(0.5), BestOfN.of(4), Resample.of(4).atKl(0.5), Quantilizer.of(0.4))) {
                ConditionedModel policy = method.condition(model.transformer(), asked, HORIZON);
                RewardLikelihood aimed = Objects.requireNonNull(policy.aim().ofReward());
                double[] expected = posterior(prior, aimed.logLikelihoods(rewards, prior));
                Map<String, Integer> count = new HashMap<>();
                for (ConditionedModel.Text text :
                        policy.sample(prompt, DRAWS, new SplittableRandom(7)).texts()) {
                    count.merge(name(text.sample()), 1, Integer::sum);
                }
                assertThat(chance(all, expected, count)).as("%s", method).isGreaterThan(1e-4);
                assertThat(chance(all, prior, count))
                        .as("%s against the prior", method)
                        .isLessThan(1e-9);
            }
        }
    }

    private static double[] posterior(double[] prior, double[] logLikelihoods) {
        double[] posterior = new double[prior.length];
        Arrays.setAll(posterior, i -> prior[i] * Math.exp(logLikelihoods[i]));
        double sum = Arrays.stream(posterior).sum();
        return Arrays.stream(posterior).map(p -> p / sum).toArray();
    }

    /** Every completion, ended or cut, one after the other. */
    private static List<Sample> all(OpenModel model, int[] prompt) {
        List<int[]> texts = new ArrayList<>();
        extend(new int[0], texts);
        double[][] logProbs = model.transformer()
                .logProbs(texts.stream()
                        .map(tokens -> new Continuation(prompt, tokens))
                        .toList());
        List<Sample> all = new ArrayList<>();
        for (int i = 0; i < logProbs.length; i++) {
            int[] tokens = texts.get(i);
            all.add(new Sample(tokens, logProbs[i], logProbs[i], tokens[tokens.length - 1] == END));
        }
        return all;
    }

    private static void extend(int[] prefix, List<int[]> texts) {
        for (int token = 0; token < 5; token++) {
            int[] longer = Arrays.copyOf(prefix, prefix.length + 1);
            longer[prefix.length] = token;
            if (token == END || longer.length == HORIZON) {
                texts.add(longer);
            } else {
                extend(longer, texts);
            }
        }
    }

    private static String name(Sample sample) {
        return Arrays.toString(sample.tokens());
    }

    /** P(χ² as large as this), rare texts in one cell. */
    private static double chance(List<Sample> all, double[] expected, Map<String, Integer> count) {
        double chiSquared = 0;
        int cells = 0;
        double rareMean = 0;
        int rareCount = 0;
        for (int i = 0; i < expected.length; i++) {
            double mean = DRAWS * expected[i];
            int seen = count.getOrDefault(name(all.get(i)), 0);
            if (mean < 8) {
                rareMean += mean;
                rareCount += seen;
            } else {
                chiSquared += (seen - mean) * (seen - mean) / mean;
                cells++;
            }
        }
        chiSquared += rareMean > 0 ? (rareCount - rareMean) * (rareCount - rareMean) / rareMean : 0;
        return 1 - new ChiSquaredDistribution(Math.max(1, cells)).cumulativeProbability(chiSquared);
    }
}
