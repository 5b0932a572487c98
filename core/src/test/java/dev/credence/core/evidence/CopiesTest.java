package dev.credence.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.figures.FigureFormat;
import org.junit.jupiter.api.Test;

class CopiesTest {
    @Test
    void wordsEveryReading() {
        assertThat(Copies.exactly(RewardType.LOG_PROBABILITY, 20).words())
                .isEqualTo("about 20 independent copies of the observation");
        assertThat(new Copies(RewardType.PROBABILITY, 18.12345, 20, 22.5).words())
                .isEqualTo("as if all of Poisson(20) independent raters approved (95 %: 18.1 to 22.5)");
        assertThat(Copies.exactly(RewardType.LOGIT, 4.5).words())
                .isEqualTo(
                        "about 4.5 successive rounds of Luce's choice from an unlimited pool (not 4.5 observations)");
        assertThat(Copies.exactly(RewardType.SCORE, 2).words())
                .startsWith("about 2 copies of the reward, each a factor of e^reward");
    }

    @Test
    void wordsTheEnds() {
        double infinity = Double.POSITIVE_INFINITY;
        assertThat(new Copies(RewardType.SCORE, 3, infinity, infinity).words())
                .isEqualTo("unlimitedly many copies: only the largest rewards are kept (95 %: 3 to infinity)");
        assertThat(Copies.exactly(RewardType.SCORE, -infinity).words()).startsWith("unlimitedly many copies against");
        assertThat(Copies.exactly(RewardType.LOGIT, 0).words()).startsWith("no copies");
        assertThat(Copies.exactly(RewardType.LOG_PROBABILITY, -2).words())
                .isEqualTo(
                        "about -2 independent copies of the observation (negative: the evidence is held against the texts)");
        assertThatThrownBy(() -> new Copies(RewardType.SCORE, 1, Double.NaN, 2))
                .hasMessageContaining("1.0 <= NaN <= 2.0");
        assertThatThrownBy(() -> new Copies(RewardType.SCORE, 3, 2, 4)).hasMessageContaining("3.0 <= 2.0 <= 4.0");
    }

    @Test
    void namesTheExactSampler() {
        assertThat(Copies.exactly(RewardType.LOG_PROBABILITY, 3).sampler()).startsWith("rejection");
        assertThat(Copies.exactly(RewardType.PROBABILITY, 3).sampler()).startsWith("Poisson raters");
        assertThat(Copies.exactly(RewardType.LOGIT, 3).sampler()).startsWith("Luce pools");
        assertThat(Copies.exactly(RewardType.SCORE, 3).sampler()).contains("r - r_max");
        assertThat(Copies.exactly(RewardType.SCORE, -3).sampler()).startsWith("none");
    }

    @Test
    void roundsFiguresToThreeDigits() {
        assertThat(FigureFormat.inWords(12345)).isEqualTo("12300");
        assertThat(FigureFormat.inWords(0)).isEqualTo("0");
        assertThat(FigureFormat.inWords(1e-9)).isEqualTo("1E-9");
        assertThat(FigureFormat.inWords(0.00123456)).isEqualTo("0.00123");
        assertThat(FigureFormat.inWords(Double.NaN)).isEqualTo("NaN");
        assertThat(FigureFormat.inWords(Double.NEGATIVE_INFINITY)).isEqualTo("-infinity");
    }
}
