package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Population intervals against the derivatives of the figures by each prompt's weight. */
class PopulationTest {
    private static final double ASKED = 1.5;

    private static RolloutLog log(int prompts, boolean best) {
        RandomGenerator random = new SplittableRandom(31);
        List<String> names = List.of("a", "b", "c", "d", "e");
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < prompts; c++) {
            double[] prior = new double[5];
            double[] policy = new double[5];
            double[] reward = {0, .5, 1, 1.5, 2};
            for (int i = 0; i < 5; i++) {
                prior[i] = random.nextGaussian();
                policy[i] = best ? (i == 4 ? 0 : -60) : prior[i] + reward[i] + 0.5 * random.nextGaussian();
            }
            rows.addAll(Logs.draw(
                    "p" + c,
                    Distribution.ofLogWeights(names, prior),
                    Distribution.ofLogWeights(names, policy),
                    reward,
                    new int[] {30, 30},
                    random));
        }
        return Logs.of(rows);
    }

    private static Pool pool(RolloutLog log, int heavier, double factor, double asked) {
        List<Member> members = new ArrayList<>();
        for (int c = 0; c < log.prompts().size(); c++) {
            double weight = (1 + c % 3) * (c == heavier ? factor : 1);
            members.add(Member.of(new LogAtoms(log, log.prompts().get(c), weight, 0), asked));
        }
        return new Pool(members);
    }

    private static Map<String, Finding> population(Pool pool, double asked) {
        return Population.of(Evaluator.evaluate(pool, asked, Influence.Extent.VERDICTS));
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 11})
    void theyAreThoseOfPromptsAsUnits(int prompts) {
        RolloutLog log = log(prompts, false);
        Evaluation evaluation = Evaluator.evaluate(pool(log, -1, 1, ASKED), ASKED, Influence.Extent.VERDICTS);
        Map<String, Finding> found = Population.of(evaluation);
        assertThat(found).hasSize(Reweighting.COUNT);
        double step = 1e-4;
        double[] variance = new double[Reweighting.COUNT];
        for (int c = 0; c < prompts; c++) {
            Estimates more = Estimates.of(pool(log, c, 1 + step, ASKED), ASKED);
            Estimates less = Estimates.of(pool(log, c, 1 - step, ASKED), ASKED);
            for (int k = 0; k < variance.length; k++) {
                Figure figure = Reweighting.FIGURES[k];
                double derivative = (more.get(figure) - less.get(figure)) / (2 * step);
                variance[k] += derivative * derivative;
            }
        }
        for (int k = 0; k < variance.length; k++) {
            Figure figure = Reweighting.FIGURES[k];
            Finding plain = evaluation.get(figure);
            Finding finding = found.get(figure.id() + ".population");
            assertThat(finding).as(figure.id()).isNotNull();
            assertThat(finding.id()).isEqualTo(figure.id() + ".population");
            double half = StudentT.quantile(prompts - 1) * Math.sqrt(variance[k] * prompts / (prompts - 1.0));
            double[] ends = Intervals.of(figure.scale(), plain.estimate(), half);
            double width = ends[1] - ends[0];
            assertThat(finding.estimate()).isEqualTo(plain.estimate());
            assertThat(finding.lower()).as(figure.id()).isCloseTo(ends[0], within(1e-5 * width));
            assertThat(finding.upper()).as(figure.id()).isCloseTo(ends[1], within(1e-5 * width));
            assertThat(finding.interval()).isEqualTo("prompt t");
            assertThat(finding.question()).endsWith("(over prompts like these)");
            assertThat(finding.unit()).isEqualTo(figure.unit());
        }
    }

    @Test
    void sevenPromptsAreTooFew() {
        assertThat(population(pool(log(7, false), -1, 1, ASKED), ASKED)).isEmpty();
    }

    @Test
    void withoutBothSourcesThereAreNone() {
        RolloutLog both = log(9, false);
        List<Logs.Row> rows = new ArrayList<>();
        for (RolloutLog.Prompt prompt : both.prompts()) {
            for (int i = prompt.from(); i < prompt.to(); i++) {
                RolloutLog.Columns columns = both.columns();
                if (columns.source()[i] == RolloutLog.POLICY) {
                    rows.add(new Logs.Row(
                            prompt.text(), 1, columns.rewards()[0][i], columns.logPrior()[i], columns.logPolicy()[i]));
                }
            }
        }
        assertThat(population(pool(Logs.of(rows), -1, 1, ASKED), ASKED)).isEmpty();
    }

    @Test
    void atInfinitelyManyCopiesThereAreNone() {
        Pool pool = pool(log(9, true), -1, 1, ASKED);
        assertThat(MomentMatch.solve(pool)).isGreaterThan(20); // nearly nothing below the largest
        Pool argmax = pool(atMost(log(9, false)), -1, 1, ASKED);
        assertThat(MomentMatch.solve(argmax)).isInfinite();
        assertThat(population(argmax, ASKED)).isEmpty();
    }

    /** The same records with the policy's all at the largest reward, and nothing given to the others. */
    private static RolloutLog atMost(RolloutLog log) {
        List<Logs.Row> rows = new ArrayList<>();
        for (RolloutLog.Prompt prompt : log.prompts()) {
            for (int i = prompt.from(); i < prompt.to(); i++) {
                boolean policy = log.columns().source()[i] == RolloutLog.POLICY;
                double reward = policy ? 2 : log.columns().rewards()[0][i];
                rows.add(new Logs.Row(
                        prompt.text(), policy ? 1 : 0, reward, -1, reward == 2 ? -0.5 : Double.NEGATIVE_INFINITY));
            }
        }
        return Logs.of(rows);
    }

    @Test
    void withoutATargetItsFigureHasNoPopulation() {
        Map<String, Finding> found = population(pool(log(9, false), -1, 1, Double.NaN), Double.NaN);
        assertThat(found.get("log_z.population").stands()).isFalse();
        assertThat(found.get("kl.policy_prior.population").stands()).isTrue();
    }
}
