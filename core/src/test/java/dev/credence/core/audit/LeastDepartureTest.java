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
import org.junit.jupiter.params.provider.ValueSource;

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

    /** One log in forty has such a record, whose e^{−ℓ} makes up for all the logs that have none. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneRecordOfAFamilyThatThePolicyDroppedDoesNotCarryIt(boolean levels) {
        double[] prior = {.6, .399, .001};
        double[] policy = {.45, .54994, .00006};
        double[] reward = {0, 1, 6};
        double truth = departure(prior, policy, reward);
        SplittableRandom random = new SplittableRandom(1);
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < 800; i++) {
            boolean ofPolicy = i % 2 == 0;
            double[] from = ofPolicy ? policy : prior;
            int x = i == 0 ? 2 : random.nextDouble() < from[0] ? 0 : 1;
            double near = levels ? 0 : 1e-6 * random.nextDouble(); // no two alike
            rows.add(new Logs.Row(
                    "q",
                    ofPolicy ? RolloutLog.POLICY : RolloutLog.PRIOR,
                    reward[x] + near,
                    Math.log(prior[x]),
                    Math.log(policy[x]),
                    -1,
                    false,
                    -1));
        }
        Finding least = Objects.requireNonNull(
                Audit.of(Logs.of(rows), Logs.options(1.0)).findings().get(LeastDeparture.ID));

        assertThat(truth).isBetween(.01, .05);
        assertThat(least.estimate()).isGreaterThan(2 * truth);
        assertThat(least.lower()).isLessThan(truth);
    }

    /** However unlike the records of a level are: its ends alone hold them to the level's mean. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void itIsTheLeastOfEveryRecordInFull(boolean both) {
        double[] logPolicy = {-4, -2, -1.5, -3, -2.5, -1.2};
        double[] logPrior = {-1, -2.2, -3, -5, -2, -2.1};
        List<Logs.Row> rows = new ArrayList<>();
        for (int source = both ? RolloutLog.PRIOR : RolloutLog.POLICY; source <= RolloutLog.POLICY; source++) {
            for (int i = 0; i < 6; i++) {
                rows.add(new Logs.Row("q", source, i % 2, logPrior[i], logPolicy[i], -1, false, -1));
            }
        }
        double least = Double.POSITIVE_INFINITY;
        for (double lambda = -5; lambda < 5; lambda += 1e-4) {
            double mean = 0;
            double inverse = 0;
            for (int i = 0; i < 6; i++) {
                double f = logPolicy[i] - logPrior[i] - lambda * (i % 2);
                mean += f / 6;
                inverse += Math.exp(-f) / 6;
            }
            least = Math.min(least, mean + Math.log(inverse));
        }

        Finding found = Objects.requireNonNull(
                Audit.of(Logs.of(rows), Logs.options(1.0)).findings().get(LeastDeparture.ID));

        assertThat(found.estimate()).isCloseTo(least, within(1e-7));
        assertThat(found.lower()).isLessThan(found.estimate());
        assertThat(found.upper()).isGreaterThan(found.estimate());
    }

    /** The least KL(π‖π*_λ), by a walk through λ. */
    private static double departure(double[] prior, double[] policy, double[] reward) {
        double least = Double.POSITIVE_INFINITY;
        for (double lambda = -3; lambda < 3; lambda += 1e-3) {
            double z = 0;
            double mean = 0;
            for (int i = 0; i < prior.length; i++) {
                z += prior[i] * Math.exp(lambda * reward[i]);
                mean += policy[i] * (Math.log(policy[i] / prior[i]) - lambda * reward[i]);
            }
            least = Math.min(least, mean + Math.log(z));
        }
        return least;
    }
}
