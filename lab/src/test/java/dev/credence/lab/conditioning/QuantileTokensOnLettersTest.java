package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.ExactCompletions;
import dev.credence.lab.models.OpenModel;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.Selection;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.TrainingSettings;
import dev.credence.torch.Transformer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The laws behind each quantile's tokens, on the letters of the cases, by enumeration, against those that are stated. */
class QuantileTokensOnLettersTest {
    private static final Path LETTERS = Path.of("..", "..", "shared", "cases", "letters", "prior");
    private static final RewardExpression VOWELS = RewardExpression.parse("0.5*count:[aeiou]");
    private static final int HORIZON = 3;
    private static final int QUANTILES = 3;
    private static final double PENALTY = 0.05;

    private static ExactCompletions.Columns all(OpenModel model, Transformer policy, int[] prompt) {
        return new ExactCompletions(1, List.of(VOWELS), model.texts().tokenizer())
                .of(List.of(policy), "t", prompt, HORIZON);
    }

    private static MethodOptions options(int rounds, int steps) {
        return MethodOptions.none()
                .with("quantiles", Integer.toString(QUANTILES))
                .with("penalty", Double.toString(PENALTY))
                .with("rounds", Integer.toString(rounds))
                .with("steps", Integer.toString(steps))
                .with("samples", "96")
                .with("lr", "0.002");
    }

    private static PolicyTraining.Tuned tuned(OpenModel model, MethodOptions options) {
        TrainedConditioner quark = (TrainedConditioner) Methods.byName("quark");
        PolicyTraining training = new PolicyTraining(model, Map.of("t", 1.0), BeginToken.YES, VOWELS, HORIZON);
        return training.run(quark, options, quark.settings(options, TrainingSettings.Place.MODEL), line -> {});
    }

    private static double kl(double[] law, double[] logs) {
        double sum = 0;
        for (int i = 0; i < law.length; i++) {
            sum += law[i] > 0 ? law[i] * (Math.log(law[i]) - logs[i]) : 0;
        }
        return sum;
    }

    private static double mean(double[] logs, double[] reward) {
        return IntStream.range(0, logs.length)
                .mapToDouble(i -> Math.exp(logs[i]) * reward[i])
                .sum();
    }

    /** One round: the laws are those of the prior's own thirds with the penalty's share of the prior. */
    @Test
    void eachQuantileHasItsLawBehindItsTokens() {
        assumeTrue(Files.isDirectory(LETTERS), "skipped: the cases are not beside the repository");
        try (OpenModel model = OpenModel.open(LETTERS.toString());
                PolicyTraining.Tuned tuned = tuned(model, options(1, 150))) {
            int[] bare = model.prompt("t", BeginToken.YES);
            ExactCompletions.Columns prior = all(model, model.transformer(), bare);
            double[] logPrior = prior.logProbs()[0];
            double[] reward = prior.rewards()[0];
            double[] mass =
                    Selection.normalised(Arrays.stream(logPrior).map(Math::exp).toArray());
            double before = Double.POSITIVE_INFINITY;
            for (int k = 0; k < QUANTILES; k++) {
                int[] told =
                        k == 0 ? bare : new int[] {bare[0], bare[1], 0, k}; // the end, and the lowest that are none
                double[] got = all(model, tuned.policy().transformer(), told).logProbs()[0];
                double[] untaught = all(model, model.transformer(), told).logProbs()[0];
                double[] law =
                        Selection.normalised(Selection.shareBetween((double) k / QUANTILES, (k + 1.0) / QUANTILES)
                                .select(reward, mass));
                Arrays.setAll(law, i -> (law[i] + PENALTY * mass[i]) / (1 + PENALTY));
                assertThat(kl(law, got)).as("quantile %d", k).isLessThan(0.1);
                assertThat(kl(law, logPrior))
                        .as("quantile %d, no token heard", k)
                        .isGreaterThan(0.19);
                assertThat(kl(law, untaught)).as("quantile %d, not taught", k).isGreaterThan(0.19);
                assertThat(mean(got, reward)).as("quantile %d", k).isLessThan(before);
                before = mean(got, reward);
            }
        }
    }

    /** Refresh rounds draw from the law of the best: what comes is nearer to the limit of as many rounds than to that of one. */
    @Test
    void roundsDrawFromTheBest() {
        assumeTrue(Files.isDirectory(LETTERS), "skipped: the cases are not beside the repository");
        try (OpenModel model = OpenModel.open(LETTERS.toString());
                PolicyTraining.Tuned tuned = tuned(model, options(3, 150))) {
            int[] bare = model.prompt("t", BeginToken.YES);
            ExactCompletions.Columns prior = all(model, model.transformer(), bare);
            double[] got = all(model, tuned.policy().transformer(), bare).logProbs()[0];
            List<String> names =
                    IntStream.range(0, got.length).mapToObj(Integer::toString).toList();
            TableModel table = TableModel.of(Distribution.ofLogWeights(names, prior.logProbs()[0]));
            RewardFunction reward = (prompt, text) -> prior.rewards()[0][Integer.parseInt(text)];
            double[] off = IntStream.of(1, 3)
                    .mapToObj(rounds ->
                            (TrainedConditioner) Methods.byName("quark").with(options(rounds, 1)))
                    .map(quark -> quark.aim().limit(table, reward).given("").probabilities())
                    .mapToDouble(law -> kl(law, got))
                    .toArray();
            assertThat(off[1]).isLessThan(0.3);
            assertThat(off[0]).isGreaterThan(2 * off[1]);
        }
    }
}
