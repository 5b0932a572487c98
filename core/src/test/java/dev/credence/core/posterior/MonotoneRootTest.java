package dev.credence.core.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.probability.Distribution;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MonotoneRootTest {
    /** Counts how often the function is asked. */
    private static final class Counted implements MonotoneRoot.Increasing {
        private final DoubleUnaryOperator value;
        private final DoubleUnaryOperator slope;
        private int calls;

        Counted(DoubleUnaryOperator value, DoubleUnaryOperator slope) {
            this.value = value;
            this.slope = slope;
        }

        @Override
        public double[] at(double x) {
            calls++;
            return new double[] {value.applyAsDouble(x), slope.applyAsDouble(x)};
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 0, 5", "2, 1.4, 1.5", "1e-30, 0, 1", "1e30, 0, 1e18", "3, 0, 1e9"})
    void squareRoots(double square, double low, double high) {
        Counted f = new Counted(x -> x * x - square, x -> 2 * x);
        double root = MonotoneRoot.between(f, low, high);
        assertThat(root).isCloseTo(Math.sqrt(square), within(2 * Math.ulp(Math.sqrt(square))));
        assertThat(f.calls).isLessThan(200);
    }

    @Test
    void withoutASlopeTheBracketIsHalved() {
        for (double slope : new double[] {0, -1, Double.NaN}) {
            Counted f = new Counted(x -> Math.cbrt(x - 1.25), x -> slope);
            assertThat(MonotoneRoot.between(f, -3, 8)).isCloseTo(1.25, within(1e-15));
        }
    }

    /** A step with a long flat stretch: Newton's own steps would creep, the fourth ones do not. */
    @Test
    void aFlatStretchDoesNotHoldItUp() {
        Counted f = new Counted(x -> Math.expm1(40 * (x - 1)), x -> 40 * Math.exp(40 * (x - 1)));
        assertThat(MonotoneRoot.between(f, 0, 1000)).isCloseTo(1, within(1e-14));
        assertThat(f.calls).isLessThan(120);
    }

    @Test
    void newtonTakesFewSteps() {
        Counted f = new Counted(x -> x * x * x - 8, x -> 3 * x * x);
        assertThat(MonotoneRoot.between(f, 0, 5)).isEqualTo(2);
        assertThat(f.calls).isLessThan(20); // halving alone takes fifty
    }

    @ParameterizedTest
    @CsvSource({"0.3, 1", "1, 1", "700, 1", "1e-5, 3"})
    void rootsRightOfZeroAreFoundByDoubling(double root, double first) {
        Counted f = new Counted(x -> x - root, x -> 1);
        assertThat(MonotoneRoot.rightOfZero(f, first)).isCloseTo(root, within(2 * Math.ulp(root)));
    }

    @Test
    void aFunctionThatStaysNegativeHasItsRootAtInfinity() {
        assertThat(MonotoneRoot.rightOfZero(new Counted(x -> -1 / (1 + x), x -> 0), 1))
                .isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void aMeanRewardIsTheTiltThatMeetsIt() {
        double[] prior = {.4, .3, .2, .1};
        MeanReward evidence = new MeanReward(2);
        double[] logLikelihood = evidence.logLikelihoods(TestWorlds.t1Rewards(), prior);
        double z = 0;
        double mean = 0;
        for (int i = 0; i < 4; i++) {
            double w = prior[i] * Math.exp(logLikelihood[i]);
            z += w;
            mean += w * i;
        }
        assertThat(mean / z).isCloseTo(2, within(1e-12));
        assertThat(logLikelihood[3] - logLikelihood[2]).isCloseTo(logLikelihood[1] - logLikelihood[0], within(1e-12));
        assertThat(evidence.describe()).isEqualTo("the mean reward is 2.0");
    }

    /** ℓ = T(r − μ)/β − 1 for every text, and a distribution. */
    @Test
    void aMeanOverTokensHasItsOwnMultiplicityEach() {
        double[] reward = TestWorlds.t1Rewards();
        double[] tokens = {3, 1, 7, 2};
        for (double beta : new double[] {.05, 1, 40}) {
            RegularisedOptima.Multiplied optimum =
                    RegularisedOptima.meanOverTokens(TestWorlds.T1, reward, tokens, beta);
            for (int i = 0; i < 4; i++) {
                double ratio = optimum.policy().logProbability(i) - TestWorlds.T1.logProbability(i);
                assertThat(ratio)
                        .isCloseTo(
                                tokens[i] * (reward[i] - optimum.multiplier()) / beta - 1,
                                within(1e-11 * Math.max(1, 1 / beta)));
            }
        }
        assertThatThrownBy(() -> RegularisedOptima.meanOverTokens(TestWorlds.T1, reward, tokens, 0))
                .hasMessage("beta is 0.0; it must be positive and finite");
        assertThatThrownBy(() -> RegularisedOptima.meanOverTokens(TestWorlds.T1, reward, new double[4], 1))
                .hasMessage("token count is 0.0; it must be positive and finite");
    }

    /** π = βπ0/(Λ − r), with ties at the largest reward and a text that the prior cannot produce. */
    @Test
    void thePenaltyInTheLossLeavesARationalPolicy() {
        Distribution prior = TestWorlds.distribution(.3, .2, .5, 0);
        double[] reward = {0, 2, 2, 9};
        for (double beta : new double[] {.01, 1, 30}) {
            RegularisedOptima.Multiplied optimum = RegularisedOptima.k3InLoss(prior, reward, beta);
            for (int i = 0; i < 3; i++) {
                double expected = beta * prior.probability(i) / (optimum.multiplier() - reward[i]);
                assertThat(optimum.policy().probability(i)).isCloseTo(expected, within(1e-9 * expected));
            }
            assertThat(optimum.policy().probability(3)).isZero();
        }
    }
}
