package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The explained KL is at most what another way to the policy's mean reward costs")
class MostExplainedTest {
    private static final List<String> NAMES = List.of("none", "half", "whole");
    private static final double[] LEVELS = {0, .5, 1};

    /** One record that reaches the mean bounds its probability as a Poisson count of one does. */
    @Test
    void ofOneRecordItIsThatOfACount() {
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            rows.add(row(RolloutLog.PRIOR, i == 0 ? 1 : 0));
            rows.add(row(RolloutLog.POLICY, 1));
        }
        double least = -Math.log(1 - .025); // P(a count of at least 1) = .025
        assertThat(MostExplained.of(MadeLogs.pool(Logs.of(rows)))).isCloseTo(Math.log(200 / least), within(1e-9));
    }

    @Test
    void whereNoRecordReachesTheMeanThereIsNone() {
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            rows.add(row(RolloutLog.PRIOR, 0));
            rows.add(row(RolloutLog.POLICY, 1));
        }
        assertThat(MostExplained.of(MadeLogs.pool(Logs.of(rows)))).isInfinite();
    }

    /** Of 97.5 % at least, for rewards that few records of the prior show, of whichever sign. */
    @ParameterizedTest
    @CsvSource({"1, 300, 1", "1, 1000, -1", "8, 300, 1", "8, 1000, 1", "40, 60, -1"})
    void theTruthIsRarelyAbove(int prompts, int records, int sign) {
        int logs = 200;
        int missed = 0;
        double room = 0;
        for (int seed = 0; seed < logs; seed++) {
            SplittableRandom random = new SplittableRandom(1000L * prompts + seed);
            List<Logs.Row> rows = new ArrayList<>();
            List<TiltedFamily> priors = new ArrayList<>();
            double mean = 0;
            double[] reward = {0, sign * .5, sign};
            for (int c = 0; c < prompts; c++) {
                double[] log = {0, Math.log(.2 * random.nextDouble()), Math.log(3.0 / records) + 2 * random.nextDouble()
                };
                Distribution prior = Distribution.ofLogWeights(NAMES, log);
                double copies = 2 + 6 * random.nextDouble();
                double[] tilted = log.clone();
                for (int j = 0; j < log.length; j++) {
                    tilted[j] += copies * LEVELS[j] + .3 * random.nextGaussian();
                }
                Distribution policy = Distribution.ofLogWeights(NAMES, tilted);
                for (int j = 0; j < log.length; j++) {
                    mean += policy.probability(NAMES.get(j)) * reward[j] / prompts;
                }
                priors.add(TiltedFamily.of(prior, reward));
                rows.addAll(Logs.draw("p" + c, prior, policy, reward, new int[] {records, records}, random));
            }
            double truth = explained(priors, mean);
            double most = MostExplained.of(MadeLogs.pool(Logs.of(rows)));
            missed += most < truth ? 1 : 0;
            room += Double.isInfinite(most) ? 0 : (most - truth) / logs;
        }
        assertThat(missed).isLessThanOrEqualTo(logs / 25);
        assertThat(room).isBetween(0.0, 1.5);
    }

    /** Rewards that nearly all differ are grouped: not far above the truth, where −log P0(r ≥ R) is 2 to 3 times as much, and rarely below. */
    @ParameterizedTest
    @CsvSource({"1, 400, 1", "1, 400, -1", "8, 150, 1", "24, 60, 1"})
    void rewardsWithoutLevelsAreGrouped(int prompts, int records, int sign) {
        int logs = 200;
        int missed = 0;
        double most = 0;
        for (int seed = 0; seed < logs; seed++) {
            SplittableRandom random = new SplittableRandom(77L * prompts + seed);
            List<Logs.Row> rows = new ArrayList<>();
            double copies = 1.2;
            for (int c = 0; c < prompts; c++) {
                for (int source = 0; source < 2; source++) {
                    for (int i = 0; i < records; i++) {
                        double reward = random.nextGaussian() + source * copies;
                        rows.add(new Logs.Row(
                                "p" + c,
                                source,
                                sign * reward,
                                -1,
                                -1 + copies * reward - copies * copies / 2,
                                -1,
                                false));
                    }
                }
            }
            double own = MostExplained.of(MadeLogs.pool(Logs.of(rows)));
            missed += own < copies * copies / 2 ? 1 : 0;
            most += own / logs;
        }
        assertThat(missed).isLessThanOrEqualTo(logs / 25);
        assertThat(most).isLessThan(records < 100 ? 1.9 : 1.35); // the truth is .72, and that of the prior's best 2.2
    }

    /** A prompt whose prior draws are all worse than the policy's mean costs no more than the policy itself. */
    @Test
    void aPromptBeyondAllDrawsCostsWhatThePolicyDoes() {
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 10; c++) {
            for (int i = 0; i < 200; i++) {
                boolean isGood = c > 0 && i % 20 == 0;
                rows.add(new Logs.Row("p" + c, RolloutLog.PRIOR, isGood ? 1 : 0, -3, -3.5, -1, false));
                double moved = c == 0 ? 5 + .5 * (i % 2) : 1;
                rows.add(new Logs.Row(
                        "p" + c, RolloutLog.POLICY, c == 0 || i % 2 == 0 ? 1 : 0, -9, -9 + moved, -1, false));
            }
        }
        double own = MostExplained.of(MadeLogs.pool(Logs.of(rows)));
        double others = .9 * (.5 * Math.log(.5 / .05) + .5 * Math.log(.5 / .95)); // at the counted shares
        assertThat(own).isBetween(.1 * 5.25 + others, .1 * 5.5 + others + .4);
    }

    /** Where all rewards that the prior's few records show are above the policy's mean, the prior itself may have that mean. */
    @Test
    void recordsOfThePriorThatAreAllAboveTheMeanBoundItToo() {
        List<Logs.Row> rows = new ArrayList<>();
        double good = Math.log(.6);
        double bad = Math.log(.4);
        for (int i = 0; i < 60; i++) {
            if (i < 8) {
                rows.add(new Logs.Row("q", RolloutLog.PRIOR, 1, good, Math.log(.8), -1, false, 0));
            }
            boolean isGood = i % 5 > 0;
            rows.add(new Logs.Row(
                    "q",
                    RolloutLog.POLICY,
                    isGood ? 1 : 0,
                    isGood ? good : bad,
                    Math.log(isGood ? .8 : .2),
                    -1,
                    false,
                    isGood ? 0 : 1));
        }
        assertThat(MostExplained.of(MadeLogs.pool(Logs.of(rows)))).isBetween(.01, 1.0); // the truth is .092
    }

    /** A group is one draw, be it the largest: of a level that a single large one shows, one draw is known. */
    @ParameterizedTest
    @CsvSource({"10, .01", "50, .01", "50, .03"})
    void groupsOfDifferentSizesAreOneDrawEach(int large, double good) {
        int missed = 0;
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Logs.Row> rows = new ArrayList<>();
            for (int group = 0; group < 400; group++) {
                int source = group % 2;
                boolean isGood = random.nextDouble() < (source == RolloutLog.PRIOR ? good : .5);
                for (int k = random.nextInt(10) == 0 ? large : 1; k > 0; k--) {
                    rows.add(new Logs.Row(
                            "q",
                            source,
                            isGood ? 1 : 0,
                            Math.log(isGood ? good : 1 - good),
                            Math.log(.5),
                            group,
                            false,
                            isGood ? 1 : 0));
                }
            }
            double truth = .5 * Math.log(.5 / good) + .5 * Math.log(.5 / (1 - good));
            missed += MostExplained.of(MadeLogs.pool(Logs.of(rows))) < truth ? 1 : 0;
        }
        assertThat(missed).isLessThanOrEqualTo(8);
    }

    /** Of few records of the policy none may be of the best level, which the prior hardly writes: their spread does not show that. */
    @ParameterizedTest
    @CsvSource({"5, .1, true", "5, .2, true", "10, .2, true", "5, .4, false"})
    void fewRecordsOfThePolicyLeaveItsMeanOpen(int records, double good, boolean levels) {
        double[] reward = IntStream.range(0, 1500)
                .mapToDouble(i -> .5 * (i % 3) + (levels || i % 3 == 2 ? 0 : .02 * i / 1500))
                .toArray();
        double[] prior = {.6, .396, .004};
        double[] policy = {.02, .98 - good, good};
        double mean = 0;
        double[] log = new double[reward.length];
        for (int i = 0; i < reward.length; i++) {
            log[i] = Math.log(prior[i % 3] / 500);
            mean += policy[i % 3] / 500 * reward[i];
        }
        double truth = explained(List.of(TiltedFamily.ofLog(log, reward)), mean);
        int missed = 0;
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Logs.Row> rows = new ArrayList<>();
            for (int i = 0; i < 700 + records; i++) {
                int source = i < 700 ? RolloutLog.PRIOR : RolloutLog.POLICY;
                double u = random.nextDouble();
                double[] law = source == RolloutLog.PRIOR ? prior : policy;
                int text = 3 * random.nextInt(500) + (u < law[0] ? 0 : u < law[0] + law[1] ? 1 : 2);
                rows.add(new Logs.Row(
                        "q", source, reward[text], log[text], Math.log(policy[text % 3] / 500), -1, false, text));
            }
            missed += MostExplained.of(MadeLogs.pool(Logs.of(rows))) < truth ? 1 : 0;
        }
        assertThat(missed).isLessThanOrEqualTo(10);
    }

    /** The KL of the members whose mean reward over prompts is the given one, all at one λ. */
    static double explained(List<TiltedFamily> priors, double mean) {
        double low = -100;
        double high = 100;
        for (int k = 0; k < 100; k++) {
            double middle = .5 * (low + high);
            double reached = priors.stream()
                    .mapToDouble(p -> p.at(middle).mean())
                    .average()
                    .orElseThrow();
            low = reached < mean ? middle : low;
            high = reached < mean ? high : middle;
        }
        double lambda = low;
        return priors.stream()
                .mapToDouble(p -> p.at(lambda).klToPrior())
                .average()
                .orElseThrow();
    }

    private static Logs.Row row(int source, double reward) {
        return new Logs.Row("q", source, reward, -1, -1, -1, false, -1);
    }
}
