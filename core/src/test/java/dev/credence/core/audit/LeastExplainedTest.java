package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

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

@DisplayName("The explained KL is at least what the prior's counts of levels leave")
class LeastExplainedTest {
    private static final List<String> NAMES = List.of("none", "half", "whole");
    private static final double[] LEVELS = {0, .5, 1};

    private static List<Logs.Row> rows(int good, int records) {
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            rows.add(new Logs.Row("q", RolloutLog.PRIOR, i < good ? 1 : 0, -1, -1));
            rows.add(new Logs.Row("q", RolloutLog.POLICY, 1, -1, -1));
        }
        return rows;
    }

    /** No draw of 2,000 shows what the policy always writes: its share is at most −ln(.025)/2000. */
    @Test
    void ofALevelThatNoDrawShowsItIsThatOfACountOfNone() {
        double most = Math.log(2000 / -Math.log(.025));
        double own = LeastExplained.of(MadeLogs.pool(Logs.of(rows(0, 2000))));
        assertThat(own).isBetween(most - .1, most); // the mean has an error of a record
        assertThat(LeastExplained.of(MadeLogs.pool(Logs.of(rows(20, 2000))))).isBetween(3.8, Math.log(100));
    }

    /** What is known of a larger reward takes from it: a family of it may lie in the draws that are not there. */
    @Test
    void aRangeThatReachesFurtherLeavesLess() {
        RolloutLog log = Logs.of(rows(20, 2000));
        PromptPool plain = MadeLogs.pool(log);
        assertThat(LeastExplained.of(plain)).isGreaterThan(3.8);
        List<Logs.Row> further = new ArrayList<>(rows(20, 2000));
        further.add(new Logs.Row("q", RolloutLog.POLICY, 4, -1, -1));
        assertThat(LeastExplained.of(MadeLogs.pool(Logs.of(further)))).isBetween(.5, 3.0);
    }

    /**
     * A level far below the others that the policy alone shows has no share of what bounds Z: rounding of it, taken for a share, once
     * left no room at all, or no end.
     */
    @ParameterizedTest
    @CsvSource({"-1:0 0:97 1:2, 500, 2.34", "-1:0 0:190 1:3, 2000, 2.89", "0:0 8:80 9:18 10:2, 2000, 2.4"})
    void aLevelBelowThatThePolicyAloneShowsLeavesRoom(String prior, int policy, double most) {
        List<Logs.Row> rows = new ArrayList<>();
        double least = Double.NaN;
        double best = Double.NaN;
        for (String level : prior.split(" ", -1)) {
            String[] count = level.split(":", -1);
            best = Double.parseDouble(count[0]);
            least = Double.isNaN(least) ? best : least;
            for (int i = 0; i < Integer.parseInt(count[1]); i++) {
                rows.add(new Logs.Row("q", RolloutLog.PRIOR, best, -1, -1));
            }
        }
        for (int i = 0; i < policy; i++) {
            rows.add(new Logs.Row("q", RolloutLog.POLICY, i == 0 ? least : best, -1, -1));
        }
        assertThat(LeastExplained.of(MadeLogs.pool(Logs.of(rows)))).isBetween(.5 * most, most + .01);
    }

    /** Where the gates leave no Bayes fraction, the counts still say that part of the move is conditioning. */
    @Test
    void theVerdictSaysIt() {
        int narrowing = 40;
        double good = .001;
        double copies = Math.log(.9 / good * (1 - good) / .1);
        SplittableRandom random = new SplittableRandom(3);
        List<Logs.Row> rows = new ArrayList<>();
        for (int source = 0; source < 2; source++) {
            for (int i = 0; i < 1500; i++) {
                boolean isGood = random.nextDouble() < (source == 0 ? good : .9);
                boolean isOften =
                        source == 1 && random.nextDouble() < .98; // among the good texts that the policy narrows to
                int text = isGood ? random.nextInt(isOften ? 400 / narrowing : 400) : 400 + random.nextInt(400);
                double prior = Math.log((isGood ? good : 1 - good) / 400);
                double often = text < 400 / narrowing ? .98 * narrowing : 0;
                double policy = isGood
                        ? prior + Math.log(.9 / good) + Math.log(.02 + often)
                        : prior + Math.log(.1 / (1 - good));
                rows.add(new Logs.Row("q", source, isGood ? 1 : 0, prior, policy, -1, false, text));
            }
        }
        StepAudit audit = Audit.of(Logs.of(rows), Logs.options(1 / copies));
        assertThat(audit.findings().get("bayes_fraction").stands()).isFalse();
        assertThat(audit.verdict().label()).as(audit.verdict().text()).isEqualTo(Verdict.Label.PARTLY);
        assertThat(audit.verdict().text())
                .startsWith("The policy is at least partly the prior conditioned on reward: at least ")
                .contains("by the prior's draws of each level of the reward");
    }

    @Test
    void ofAPolicyThatDidNotMoveNothingIsClaimed() {
        SplittableRandom random = new SplittableRandom(4);
        for (int seed = 0; seed < 50; seed++) {
            List<Logs.Row> rows = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                rows.add(new Logs.Row("q", i % 2, random.nextInt(3), -1, -1));
            }
            assertThat(LeastExplained.of(MadeLogs.pool(Logs.of(rows)))).isBetween(0.0, .06);
        }
    }

    /** Of 97.5 % at least: rewards that few or no records of the prior show, of either sign, in one prompt or in many. */
    @ParameterizedTest
    @CsvSource({"1, 100, 1", "1, 300, -1", "1, 1000, 1", "8, 300, 1", "8, 60, -1", "40, 40, 1"})
    void theTruthIsRarelyBelow(int prompts, int records, int sign) {
        int logs = 200;
        int missed = 0;
        double share = 0;
        for (int seed = 0; seed < logs; seed++) {
            SplittableRandom random = new SplittableRandom(1000L * prompts + records + seed);
            List<Logs.Row> rows = new ArrayList<>();
            List<TiltedFamily> priors = new ArrayList<>();
            double mean = 0;
            double[] reward = {0, sign * .5, sign};
            double copies = 3 + 6 * random.nextDouble();
            for (int c = 0; c < prompts; c++) {
                double[] log = {0, Math.log(.2 * random.nextDouble()), Math.log(.3 / records) + 3 * random.nextDouble()
                };
                double[] tilted = log.clone();
                for (int j = 0; j < log.length; j++) {
                    tilted[j] += copies * LEVELS[j] + .5 * random.nextGaussian();
                }
                Distribution prior = Distribution.ofLogWeights(NAMES, log);
                Distribution policy = Distribution.ofLogWeights(NAMES, tilted);
                mean += IntStream.range(0, 3)
                                .mapToDouble(j -> policy.probability(NAMES.get(j)) * reward[j])
                                .sum()
                        / prompts;
                priors.add(TiltedFamily.of(prior, reward));
                rows.addAll(Logs.draw("p" + c, prior, policy, reward, new int[] {records, records}, random));
            }
            double truth = MostExplainedTest.explained(priors, mean);
            double least = LeastExplained.of(MadeLogs.pool(Logs.of(rows)));
            missed += least > truth ? 1 : 0;
            share += least / truth / logs;
        }
        assertThat(missed).isLessThanOrEqualTo(logs / 40);
        assertThat(share).isBetween(.2, 1.0);
    }
}
