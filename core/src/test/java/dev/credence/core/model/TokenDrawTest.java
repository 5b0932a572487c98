package dev.credence.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Probabilities ½, ¼, ⅛, ⅛ of tokens 0 to 3, behind one number of padding. */
class TokenDrawTest {
    private static final double[] LOGITS = {99, Math.log(8) + 3, Math.log(4) + 3, Math.log(2) + 3, Math.log(2) + 3};

    @ParameterizedTest
    @ValueSource(doubles = {1, 1e3})
    void invertsTheDistributionFunction(double scale) {
        TokenDraw draw = new TokenDraw(Sampling.upTo(1), 4);
        double[] shifted = LOGITS.clone();
        for (int i = 0; i < shifted.length; i++) {
            shifted[i] += scale;
        }
        double[] at = {0, 0.49, 0.51, 0.74, 0.76, 0.87, 0.88, 0.9999};
        int[] expected = {0, 0, 1, 1, 2, 2, 3, 3};
        for (int i = 0; i < at.length; i++) {
            assertThat(draw.draw(shifted, 1, at[i])).as("u = %s", at[i]).isEqualTo(expected[i]);
            assertThat(draw.isDecided()).isTrue();
            assertThat(draw.logProb())
                    .isCloseTo(Math.log(new double[] {.5, .25, .125, .125}[expected[i]]), within(1e-12));
            assertThat(draw.sampledLogProb()).isEqualTo(draw.logProb());
        }
    }

    @Test
    void saysWhenRoundingCouldHaveGivenAnotherToken() {
        TokenDraw draw = new TokenDraw(Sampling.upTo(1), 4);
        draw.draw(LOGITS, 1, 0.5 - 1e-6);
        assertThat(draw.isDecided()).isFalse();
        draw.draw(LOGITS, 1, 0.5 + 1e-6);
        assertThat(draw.isDecided()).isFalse();
        draw.draw(LOGITS, 1, 0.5 + 1e-3);
        assertThat(draw.isDecided()).isTrue();
        TokenDraw two = new TokenDraw(Sampling.upTo(1).withTopK(3), 4);
        two.draw(LOGITS, 1, 0.1); // the third and the fourth are equal: which one is kept hangs on rounding
        assertThat(two.isDecided()).isFalse();
    }

    @Test
    void temperatureComesBeforeTruncation() {
        TokenDraw draw = new TokenDraw(Sampling.upTo(1).withTemperature(0.5).withTopK(2), 4);
        assertThat(draw.draw(LOGITS, 1, 0.79)).isZero(); // 4 : 1 at half the temperature
        assertThat(draw.sampledLogProb()).isCloseTo(Math.log(0.8), within(1e-12));
        assertThat(draw.logProb()).isCloseTo(Math.log(0.5), within(1e-12));
        assertThat(draw.draw(LOGITS, 1, 0.81)).isEqualTo(1);
        assertThat(draw.sampledLogProb()).isCloseTo(Math.log(0.2), within(1e-12));
    }

    @Test
    void topPKeepsTheFewestThatReachItAndMinPTheShare() {
        TokenDraw nucleus = new TokenDraw(Sampling.upTo(1).withTopP(0.7), 4);
        assertThat(nucleus.draw(LOGITS, 1, 0.999)).isEqualTo(1);
        assertThat(nucleus.sampledLogProb()).isCloseTo(Math.log(1.0 / 3), within(1e-12));
        TokenDraw share = new TokenDraw(Sampling.upTo(1).withMinP(0.4), 4);
        assertThat(share.draw(LOGITS, 1, 0.999)).isEqualTo(1);
        TokenDraw all = new TokenDraw(Sampling.upTo(1).withMinP(0.2), 4);
        assertThat(all.draw(LOGITS, 1, 0.999)).isEqualTo(3);
        TokenDraw greedy = new TokenDraw(Sampling.upTo(1).withTopK(1), 4);
        assertThat(greedy.draw(LOGITS, 1, 0.999)).isZero();
        assertThat(greedy.sampledLogProb()).isZero();
    }

    @Test
    void uniformNumbersAreAFunctionOfSeedSampleAndPosition() {
        double sum = 0;
        double square = 0;
        double neighbours = 0;
        double before = 0.5;
        int n = 200 * 50;
        for (int sample = 0; sample < 200; sample++) {
            for (int position = 0; position < 50; position++) {
                double u = TokenDraw.uniform(42, sample, position);
                assertThat(u).isEqualTo(TokenDraw.uniform(42, sample, position)).isBetween(0.0, 1.0);
                sum += u;
                square += (u - 0.5) * (u - 0.5);
                neighbours += (u - 0.5) * (before - 0.5);
                before = u;
            }
        }
        assertThat(sum / n).isCloseTo(0.5, within(0.012));
        assertThat(square / n).isCloseTo(1.0 / 12, within(0.003));
        assertThat(neighbours / n).isCloseTo(0, within(0.0035));
        assertThat(TokenDraw.uniform(43, 0, 0)).isNotEqualTo(TokenDraw.uniform(42, 0, 0));
    }

    @Test
    void refusesBadSettingsAndUnusableLogits() {
        assertThatThrownBy(() -> Sampling.upTo(0)).hasMessage("maxNewTokens is 0; it must be at least 1");
        assertThatThrownBy(() -> Sampling.upTo(1).withTemperature(0))
                .hasMessage("temperature is 0.0; it must be finite and > 0");
        assertThatThrownBy(() -> Sampling.upTo(1).withTemperature(Double.NaN))
                .hasMessage("temperature is NaN; it must be finite and > 0");
        assertThatThrownBy(() -> Sampling.upTo(1).withTopK(0)).hasMessage("topK is 0; it must be at least 1");
        assertThatThrownBy(() -> Sampling.upTo(1).withTopP(1.5)).hasMessage("topP is 1.5; it must be in (0, 1]");
        assertThatThrownBy(() -> Sampling.upTo(1).withMinP(-1)).hasMessage("minP is -1.0; it must be in [0, 1]");
        TokenDraw draw = new TokenDraw(Sampling.upTo(1), 2);
        assertThatThrownBy(() -> draw.draw(new double[] {1, Double.NaN}, 0, 0.5))
                .hasMessage("the largest logit is NaN; the model's weights are not usable");
    }
}
