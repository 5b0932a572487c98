package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.LogMath;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.ExactCompletions;
import dev.credence.lab.models.OpenModel;
import dev.credence.methods.training.TokenLimit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How far token-level penalties and discounts end from the posterior, on the letters of the cases, by enumeration. */
class TokenLimitOnLettersTest {
    private static final Path LETTERS = Path.of("..", "..", "shared", "cases", "letters", "prior");

    @ParameterizedTest
    @CsvSource({ // 5 tokens: .4540 and 2.4558 for the first two, in a minute
        "LOCAL_KL, 0.2, 1, 0.0987",
        "LOCAL_KL, 0.1, 1, 0.6557",
        "SOFT, 0.2, 1, 0",
        "SOFT, 0.2, 0.9, 0.0165",
        "SOFT, 0.5, 0.9, 0.0026"
    })
    void whatWorksTokenByTokenIsNoPosterior(TokenLimit.Rule rule, double beta, double gamma, double stated) {
        int horizon = 3;
        assumeTrue(Files.isDirectory(LETTERS), "skipped: the cases are not beside the repository");
        try (OpenModel model = OpenModel.open(LETTERS.toString())) {
            ExactCompletions enumeration = new ExactCompletions(
                            1,
                            List.of(RewardExpression.parse("0.5*count:[aeiou]")),
                            model.texts().tokenizer())
                    .keepingIds();
            double off = 0;
            for (String prompt : List.of("", "t", "s", "ha")) {
                ExactCompletions.Columns all = enumeration.of(
                        List.of(model.transformer()), prompt, model.prompt(prompt, BeginToken.YES), horizon);
                double[] logPrior = all.logProbs()[0];
                double[] reward = all.rewards()[0];
                double[] posterior = logPrior.clone();
                Arrays.setAll(posterior, i -> logPrior[i] + reward[i] / beta);
                double logZ = LogMath.logSumExp(posterior);
                Arrays.setAll(posterior, i -> posterior[i] - logZ);
                double[] limit = new TokenLimit(rule, beta, gamma).logProbs(all.ids(), logPrior, reward);
                off += Divergences.kl(limit, posterior) / 4;
            }
            assertThat(off).as("KL(limit‖posterior), nats").isCloseTo(stated, within(1e-4));
        }
    }
}
