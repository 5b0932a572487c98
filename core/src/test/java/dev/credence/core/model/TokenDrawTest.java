package dev.credence.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Probabilities ½, ¼, ⅛, ⅛ of tokens 0 to 3, behind one number of padding. */
class TokenDrawTest {
    private static final double[] LOGITS = {99, Math.log(8) + 3, Math.log(4) + 3, Math.log(2) + 3, Math.log(2) + 3};

    @ParameterizedTest
    @ValueSource(doubles = {1, 1e3})
    void halvesTheVocabulary(double scale) {
        TokenDraw draw = new TokenDraw(Sampling.upTo(1), 4);
        double[] shifted = LOGITS.clone();
        for (int i = 0; i < shifted.length; i++) {
            shifted[i] += scale;
        }
        // {0, 1} against {2, 3} at ¾, then 0 against 1 at ⅔ and 2 against 3 at ½
        double[][] at = {{0, 0}, {0.74, 0.66}, {0.74, 0.67}, {0, 0.999}, {0.76, 0}, {0.999, 0.49}, {0.76, 0.51}};
        int[] expected = {0, 0, 1, 1, 2, 2, 3};
        for (int i = 0; i < at.length; i++) {
            assertThat(draw.draw(shifted, 1, scripted(at[i])))
                    .as("u = %s", Arrays.toString(at[i]))
                    .isEqualTo(expected[i]);
            assertThat(draw.isDecided()).isTrue();
            assertThat(draw.logProb())
                    .isCloseTo(Math.log(new double[] {.5, .25, .125, .125}[expected[i]]), within(1e-12));
            assertThat(draw.sampledLogProb()).isEqualTo(draw.logProb());
        }
    }

    @Test
    void drawsWithTheProbabilitiesOfALargeVocabularyToo() {
        int size = 1000;
        int n = 200_000;
        double[] logits = new double[size];
        double total = 0;
        for (int v = 0; v < size; v++) {
            logits[v] = 3 * Math.sin(v);
            total += Math.exp(logits[v]);
        }
        TokenDraw draw = new TokenDraw(Sampling.upTo(1), size);
        int[] counts = new int[size];
        int undecided = 0;
        for (int i = 0; i < n; i++) {
            counts[draw.draw(logits, 0, TokenDraw.uniforms(1, i, 0))]++;
            undecided += draw.isDecided() ? 0 : 1;
        }
        double statistic = 0;
        for (int v = 0; v < size; v++) {
            double expected = n * Math.exp(logits[v]) / total;
            statistic += (counts[v] - expected) * (counts[v] - expected) / expected;
        }
        // χ² with 999 degrees of freedom: mean 999, standard deviation 44.7; five of them
        assertThat(statistic).isBetween(775.0, 1223.0);
        // ten halvings, each undecided with probability 4e-4 p (1 - p) at most, which is 1e-4
        assertThat(undecided / (double) n).isBetween(1e-5, 1.3e-3);
    }

    @Test
    void saysWhenRoundingCouldHaveGivenAnotherToken() {
        TokenDraw draw = new TokenDraw(Sampling.upTo(1), 4);
        draw.draw(LOGITS, 1, scripted(0.1, 2.0 / 3 - 1e-6));
        assertThat(draw.isDecided()).isFalse();
        draw.draw(LOGITS, 1, scripted(0.75 + 1e-6, 0.1));
        assertThat(draw.isDecided()).isFalse();
        draw.draw(LOGITS, 1, scripted(0.75 - 1e-3, 0.1));
        assertThat(draw.isDecided()).isTrue();
        TokenDraw three = new TokenDraw(Sampling.upTo(1).withTopK(3), 4);
        three.draw(LOGITS, 1, scripted(0.1, 0.1)); // the third and the fourth are equal: one is kept, by rounding
        assertThat(three.isDecided()).isTrue(); // but this draw is of the first, whichever it is
        three.draw(LOGITS, 1, scripted(0.99, 0.1));
        assertThat(three.isDecided()).isFalse();
        three.draw(LOGITS, 1, scripted(6.0 / 7 + 1e-3, 0.1)); // 6 : 1, were it certain which one is left out
        assertThat(three.isDecided()).isFalse();
    }

    /** Whatever rounding within the error does to the logits: a draw that is called decided stays. */
    @ParameterizedTest
    @CsvSource({"1, 200, 1, 0", "0.5, 200, 1, 0", "1, 20, 1, 0", "1, 200, 0.9, 0", "1, 200, 1, 0.05", "2, 60, 0.8, 0.1"
    })
    void decidedDrawsDoNotMoveWithRounding(double temperature, int topK, double topP, double minP) {
        int size = 200;
        Sampling sampling = new Sampling(1, temperature, topK, topP, minP);
        TokenDraw draw = new TokenDraw(sampling, size);
        SplittableRandom random = new SplittableRandom(4);
        int decided = 0;
        for (int i = 0; i < 3000; i++) {
            double[] logits = new double[size];
            double[] moved = new double[size];
            for (int v = 0; v < size; v++) {
                logits[v] = 2 * random.nextDouble();
                moved[v] = logits[v] + (random.nextBoolean() ? 9e-5 : -9e-5);
            }
            int token = draw.draw(logits, 0, TokenDraw.uniforms(2, i, 0));
            if (draw.isDecided()) {
                decided++;
                assertThat(draw.draw(moved, 0, TokenDraw.uniforms(2, i, 0))).isEqualTo(token);
            }
        }
        assertThat(decided).isBetween(2700, 2999);
    }

    @Test
    void temperatureComesBeforeTruncation() {
        TokenDraw draw = new TokenDraw(Sampling.upTo(1).withTemperature(0.5).withTopK(2), 4);
        assertThat(draw.draw(LOGITS, 1, scripted(0.9, 0.79))).isZero(); // 4 : 1 at half the temperature
        assertThat(draw.sampledLogProb()).isCloseTo(Math.log(0.8), within(1e-12));
        assertThat(draw.logProb()).isCloseTo(Math.log(0.5), within(1e-12));
        assertThat(draw.draw(LOGITS, 1, scripted(0.9, 0.81))).isEqualTo(1);
        assertThat(draw.sampledLogProb()).isCloseTo(Math.log(0.2), within(1e-12));
    }

    @Test
    void topPKeepsTheFewestThatReachItAndMinPTheShare() {
        TokenDraw nucleus = new TokenDraw(Sampling.upTo(1).withTopP(0.7), 4);
        assertThat(nucleus.draw(LOGITS, 1, scripted(0.999, 0.999))).isEqualTo(1);
        assertThat(nucleus.sampledLogProb()).isCloseTo(Math.log(1.0 / 3), within(1e-12));
        TokenDraw share = new TokenDraw(Sampling.upTo(1).withMinP(0.4), 4);
        assertThat(share.draw(LOGITS, 1, scripted(0.999, 0.999))).isEqualTo(1);
        TokenDraw all = new TokenDraw(Sampling.upTo(1).withMinP(0.2), 4);
        assertThat(all.draw(LOGITS, 1, scripted(0.999, 0.999))).isEqualTo(3);
        TokenDraw greedy = new TokenDraw(Sampling.upTo(1).withTopK(1), 4);
        assertThat(greedy.draw(LOGITS, 1, scripted(0.999, 0.999))).isZero();
        assertThat(greedy.sampledLogProb()).isZero();
        TokenDraw both = new TokenDraw(Sampling.upTo(1).withTopK(3).withTopP(0.8), 4);
        assertThat(both.draw(LOGITS, 1, scripted(0.999, 0.999))).isEqualTo(1); // ½ and ¼ of ⅞ are 0.857
        assertThat(both.sampledLogProb()).isCloseTo(Math.log(1.0 / 3), within(1e-12));
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
                double u = TokenDraw.uniforms(42, sample, position).nextDouble();
                assertThat(u)
                        .isEqualTo(TokenDraw.uniforms(42, sample, position).nextDouble())
                        .isBetween(0.0, 1.0);
                sum += u;
                square += (u - 0.5) * (u - 0.5);
                neighbours += (u - 0.5) * (before - 0.5);
                before = u;
            }
        }
        assertThat(sum / n).isCloseTo(0.5, within(0.012));
        assertThat(square / n).isCloseTo(1.0 / 12, within(0.003));
        assertThat(neighbours / n).isCloseTo(0, within(0.0035));
        assertThat(TokenDraw.uniforms(43, 0, 0).nextDouble())
                .isNotEqualTo(TokenDraw.uniforms(42, 0, 0).nextDouble());
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
        assertThatThrownBy(() -> draw.draw(new double[] {1, Double.NaN}, 0, scripted(0.5)))
                .hasMessage("the largest logit is NaN; the model's weights are not usable");
    }

    /** Gives these uniform numbers, one after the other. */
    private static RandomGenerator scripted(double... numbers) {
        return new RandomGenerator() {
            private int at;

            @Override
            public long nextLong() {
                throw new UnsupportedOperationException("only nextDouble is scripted");
            }

            @Override
            public double nextDouble() {
                return numbers[at++];
            }
        };
    }
}
