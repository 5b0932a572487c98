package dev.credence.core.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnPosteriorTest {
    private static final double[] LOG_PRIOR = TestWorlds.T1.logProbabilities();

    @ParameterizedTest
    @ValueSource(doubles = {-3, 0, 0.5, 1, 20, Double.POSITIVE_INFINITY})
    void isThePosteriorOfTheSameTable(double copies) {
        double[] rewards = TestWorlds.t1Rewards();
        Distribution table = TablePosterior.of(
                        TableModel.of(TestWorlds.T1),
                        (prompt, text) -> rewards[TestWorlds.T1.outcomes().indexOf(text)],
                        RewardLikelihood.tilt(copies))
                .model()
                .given("");
        ColumnPosterior columns = ColumnPosterior.of(LOG_PRIOR, rewards, RewardLikelihood.tilt(copies));

        for (int i = 0; i < rewards.length; i++) {
            assertThat(Math.exp(columns.logProbs()[i])).isEqualTo(table.probability(i), within(1e-12));
        }
        assertThat(Divergences.kl(columns.logProbs(), LOG_PRIOR))
                .isEqualTo(Divergences.kl(table, TestWorlds.T1), within(1e-12));
        assertThat(Divergences.kl(LOG_PRIOR, columns.logProbs()))
                .isEqualTo(Divergences.kl(TestWorlds.T1, table), within(1e-12));
    }

    @Test
    void evidenceThatNoTextFulfilsHasNone() {
        double[] none = new double[4];
        Arrays.fill(none, Double.NEGATIVE_INFINITY);
        assertThatThrownBy(() -> ColumnPosterior.of(LOG_PRIOR, none))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessage("log Z is -Infinity; it must be finite: the evidence excludes every text");
        for (double bad : List.of(Double.NaN, Double.POSITIVE_INFINITY).toArray(Double[]::new)) {
            assertThatThrownBy(() -> ColumnPosterior.of(LOG_PRIOR, new double[] {0, bad, 0, 0}))
                    .isInstanceOf(NoPosteriorException.class)
                    .hasMessageContaining("a log-likelihood is infinite or no number");
        }
    }

    @Test
    void columnsOfAnotherLengthAreRefused() {
        assertThatThrownBy(() -> Divergences.kl(LOG_PRIOR, new double[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("4 outcomes against 3; they are the same");
    }
}
