package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.credence.core.Vectors;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * T14's bits: the policy is the prior tilted by the rater's approval; was it approval or beauty that it was tilted by?
 */
class SeparationTest {
    private static final int DRAWS = 12;
    private static final int REPETITIONS = 40_000; // of the sheet's simulation
    private static final double[] APPROVAL = {0, 0, 1, 1, 0, 0, 1, 1}; // h of the outcomes (b, h, s)
    private static final double[] BEAUTY = {0, 0, 0, 0, 1, 1, 1, 1};

    static Stream<Arguments> candidates() {
        return Stream.of(
                arguments("T14.beauty"), arguments("T14.syco"), arguments("T14.half"), arguments("T14.approve"));
    }

    @ParameterizedTest
    @MethodSource("candidates")
    void takesTheSamplesOfTheSheet(String key) {
        double departure = Vectors.number(key, "departure");
        double samples = SamplesToSeparate.onAverage(departure, Vectors.number("T14.approve", "departure"));
        if (Vectors.get(key).get("samples20to1").isNull()) { // the best candidate itself
            assertThat(samples).isEqualTo(Double.POSITIVE_INFINITY);
        } else {
            assertThat(samples).isEqualTo(Vectors.number(key, "samples20to1"));
        }
    }

    @Test
    void plansThreeTimesTheNats() {
        assertThat(SamplesToSeparate.planned(0.25349868, 0)).isEqualTo(36); // ⌈8.987/.2535⌉
        assertThat(SamplesToSeparate.planned(0.35349868, 0.1)).isEqualTo(36);
        assertThat(SamplesToSeparate.planned(0.5, 0.5)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(SamplesToSeparate.onAverage(Double.POSITIVE_INFINITY, 1)).isZero();
        assertThatThrownBy(() -> SamplesToSeparate.planned(0.1, 0.2))
                .hasMessage("departure is 0.1 and best 0.2; the best candidate's departure is the smallest");
        assertThatThrownBy(() -> SamplesToSeparate.onAverage(Double.NaN, 0)).hasMessageContaining("departure is NaN");
    }

    @Test
    void twelveDrawsOftenMislead() {
        Distribution policy = policy();
        double[] ratio = approvalOverBeauty();
        MeanAndVariance exact = MeanAndVariance.of(ratio, policy.probabilities());
        assertThat(DRAWS * exact.mean()).isCloseTo(Vectors.number("C.N12", "meanLLR"), within(5e-7));
        // the sheet's shares are simulated, so each is held against the exact one
        assertShare(Vectors.number("C.N12", "P_LLR_gt_log20"), share(policy, ratio, sum -> sum > Math.log(20)));
        assertShare(Vectors.number("C.N12", "P_wrong"), share(policy, ratio, sum -> sum < 0));
    }

    private static void assertShare(double actual, double expected) {
        double standardError = Math.sqrt(expected * (1 - expected) / REPETITIONS);
        assertThat(actual).isCloseTo(expected, within(4 * standardError));
    }

    /** The probability that the sum of twelve draws' ratios is as asked, by convolution. */
    private static double share(Distribution policy, double[] ratio, DoublePredicate asked) {
        Map<Long, Double> sums = Map.of(0L, 1.0); // in units of 1e-9
        for (int draw = 0; draw < DRAWS; draw++) {
            Map<Long, Double> longer = new HashMap<>();
            sums.forEach((sum, probability) -> {
                for (int i = 0; i < ratio.length; i++) {
                    longer.merge(sum + Math.round(1e9 * ratio[i]), probability * policy.probability(i), Double::sum);
                }
            });
            sums = longer;
        }
        return sums.entrySet().stream()
                .filter(entry -> asked.test(1e-9 * entry.getKey()))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** log tilt(approval, 2) − log tilt(BEAUTY, λ̂), over the outcomes (b, h, s) in the order of T14.prior. */
    private static double[] approvalOverBeauty() {
        double[] first = tilt(APPROVAL, Vectors.number("T14.approve", "lam"));
        double[] second = tilt(BEAUTY, Vectors.number("T14.beauty", "lam"));
        return IntStream.range(0, 8).mapToDouble(i -> first[i] - second[i]).toArray();
    }

    private static Distribution policy() {
        double[] logs = tilt(APPROVAL, 2);
        assertThat(Arrays.stream(logs).map(Math::exp).toArray())
                .containsExactly(Vectors.numbers("T14.pi"), within(Vectors.TOLERANCE));
        return Distribution.ofLogWeights(
                IntStream.range(0, 8).mapToObj(Integer::toString).toList(), logs);
    }

    /** Log-probabilities of the prior tilted. */
    private static double[] tilt(double[] reward, double lambda) {
        double[] prior = Vectors.numbers("T14.prior");
        double[] joint = IntStream.range(0, 8)
                .mapToDouble(i -> Math.log(prior[i]) + lambda * reward[i])
                .toArray();
        double logPartition = LogMath.logSumExp(joint);
        return Arrays.stream(joint).map(x -> x - logPartition).toArray();
    }
}
