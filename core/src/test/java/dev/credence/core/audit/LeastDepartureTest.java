package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("What rules a conditional out never rules out a true one")
class LeastDepartureTest {
    private static final List<String> NAMES = List.of("bad", "good");

    private static StepAudit audit(double priorGood, double policyGood, int prompts, long seed) {
        List<Logs.Row> rows = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (int c = 0; c < prompts; c++) {
            rows.addAll(Logs.draw(
                    "p" + c, binary(priorGood), binary(policyGood), new double[] {0, 1}, new int[] {200, 200}, random));
        }
        return Audit.of(Logs.of(rows), Logs.options(1.0));
    }

    private static Distribution binary(double good) {
        return Distribution.ofLogWeights(NAMES, new double[] {Math.log1p(-good), Math.log(good)});
    }

    /** Far from the least all weight is on one level, where the curvature is rounding: Newton's method must not stop there. */
    @ParameterizedTest
    @CsvSource({"5e-4, .9", "5e-4, .99", ".002, .911", ".002, .5", ".05, .999", ".2, .01", ".999, .002"})
    void ofATrueConditionalItIsNothing(double priorGood, double policyGood) {
        for (int prompts : new int[] {1, 8}) {
            StepAudit audit = audit(priorGood, policyGood, prompts, 5);
            Finding least = Objects.requireNonNull(audit.findings().get(LeastDeparture.ID));

            assertThat(least.estimate()).as("of %d prompts", prompts).isCloseTo(0, within(1e-9));
            assertThat(audit.verdict().label()).isNotEqualTo(Verdict.Label.NOT);
        }
    }

    @Test
    void aPolicyThatDidNotMoveIsNotSaidToBeNoConditional() {
        int labels = 0;
        for (int seed = 0; seed < 10; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<String> names = List.of("a", "b", "c", "d", "e");
            double[] prior = new double[5];
            double[] policy = new double[5];
            for (int i = 0; i < 5; i++) {
                prior[i] = random.nextGaussian();
                policy[i] = prior[i] + 1e-6 * random.nextGaussian();
            }
            List<Logs.Row> rows = Logs.draw(
                    "q",
                    Distribution.ofLogWeights(names, prior),
                    Distribution.ofLogWeights(names, policy),
                    new double[] {0, 1, 2, 3, 4},
                    new int[] {300, 300},
                    random);
            StepAudit audit = Audit.of(Logs.of(rows), Logs.options(1.0));
            labels += audit.verdict().label() == Verdict.Label.CANNOT_TELL ? 1 : 0;
        }
        assertThat(labels).isEqualTo(10);
    }
}
