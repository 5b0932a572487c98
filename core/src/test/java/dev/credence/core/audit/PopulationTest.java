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

    private static PromptPool pool(RolloutLog log, int heavier, double factor, double asked) {
        List<PromptAtoms> members = new ArrayList<>();
        for (int c = 0; c < log.prompts().size(); c++) {
            double weight = (1 + c % 3) * (c == heavier ? factor : 1);
            members.add(PromptAtoms.of(new LogAtoms(log, log.prompts().get(c), weight, 0), asked));
        }
        return new PromptPool(members);
    }

    private static Map<String, Finding> population(PromptPool pool, double asked) {
        return Population.of(Evaluator.evaluate(pool, asked, Influence.Extent.VERDICTS));
    }

    private static final double STEP = 1e-4;

    @ParameterizedTest
    @ValueSource(ints = {8, 11})
    void theyAreThoseOfPromptsLeftOut(int prompts) {
        RolloutLog log = log(prompts, false);
        Evaluation evaluation = Evaluator.evaluate(pool(log, -1, 1, ASKED), ASKED, Influence.Extent.VERDICTS);
        Map<String, Finding> found = Population.of(evaluation);
        assertThat(found).hasSize(Reweighting.COUNT);
        for (int k = 0; k < Reweighting.COUNT; k++) {
            Figure figure = Reweighting.FIGURES[k];
            Finding plain = evaluation.get(figure);
            Finding finding = found.get(figure.id() + ".population");
            assertThat(finding).as(figure.id()).isNotNull();
            assertThat(finding.id()).isEqualTo(figure.id() + ".population");
            Intervals.Limits ends = naive(log, k).with(plain.lower()).with(plain.upper());
            double width = ends.width();
            assertThat(finding.estimate()).isEqualTo(plain.estimate());
            assertThat(finding.lower()).as(figure.id()).isCloseTo(ends.lower(), within(0.02 * width));
            assertThat(finding.upper()).as(figure.id()).isCloseTo(ends.upper(), within(0.02 * width));
            assertThat(finding.interval())
                    .isEqualTo("prompt jackknife; a kind of prompts of which these " + prompts + " have none may be "
                            + (300 + prompts - 1) / prompts + " % of all");
            assertThat(finding.question()).endsWith("(over prompts like these)");
            assertThat(finding.unit()).isEqualTo(figure.unit());
        }
    }

    /** The interval of a figure with every pool fitted anew. */
    private static Intervals.Limits naive(RolloutLog log, int figure) {
        int prompts = log.prompts().size();
        double base = scaled(log, figure, ones(prompts));
        double[] without = new double[prompts];
        double[] influence = new double[prompts];
        for (int c = 0; c < prompts; c++) {
            double[] weights = ones(prompts);
            weights[c] = 0;
            without[c] = scaled(log, figure, weights) - base;
            weights[c] = 1 + STEP;
            double more = scaled(log, figure, weights);
            weights[c] = 1 - STEP;
            influence[c] = (more - scaled(log, figure, weights)) / (2 * STEP);
        }
        double skew = Math.max(-1, Math.min(1, skew(log, figure, influence, base)));
        Intervals.Limits own = ends(base, without, skew);
        int farthest = 0;
        for (int c = 0; c < prompts; c++) {
            farthest = Math.abs(influence[c]) > Math.abs(influence[farthest]) ? c : farthest;
        }
        double[] twice = ones(prompts); // the sample with its farthest prompt drawn twice
        twice[farthest] = 2;
        double doubled = scaled(log, figure, twice);
        double[] less = new double[prompts + 1];
        for (int c = 0; c < prompts; c++) {
            double[] weights = twice.clone();
            weights[c]--;
            less[c] = scaled(log, figure, weights) - doubled;
        }
        less[prompts] = less[farthest];
        Intervals.Limits wider = ends(doubled, less, skew);
        double lower = doubled > base ? own.lower() : Math.min(own.lower(), wider.lower());
        double upper = doubled > base ? Math.max(own.upper(), wider.upper()) : own.upper();
        double root = base + (upper - base) * (1 + 4.5 / prompts);
        Intervals.Limits ends = switch (Reweighting.FIGURES[figure]) {
            case KL_POLICY_PRIOR -> new Intervals.Limits(Math.max(0, lower * lower * lower), root * root * root);
            case KL_DEPARTURE ->
                new Intervals.Limits(Math.exp(lower), Math.exp(base + (upper - base) * (1 + 3.5 / prompts)));
            case BAYES_FRACTION -> Reweighting.unscaled(figure, base - (base - lower) * (1 + 3.5 / prompts), upper);
            default -> Reweighting.unscaled(figure, lower, upper);
        };
        return ends.holding(Reweighting.unscaled(figure, base, base).lower());
    }

    private static Intervals.Limits ends(double base, double[] without, double skew) {
        int units = without.length;
        double mean = java.util.Arrays.stream(without).average().orElseThrow();
        double second = 0;
        double fourth = 0;
        for (double each : without) {
            second += Math.pow(each - mean, 2);
            fourth += Math.pow(each - mean, 4);
        }
        double error = Math.sqrt(second * (units - 1) / units);
        double t = StudentT.quantile(2 / StudentT.spreadOfVariance(units, second, fourth));
        double centre = base - (units - 1) * mean;
        return new Intervals.Limits(centre - error * (t - Math.min(0, skew)), centre + error * (t + Math.max(0, skew)));
    }

    private static double skew(RolloutLog log, int figure, double[] influence, double base) {
        double squares = 0;
        double cubes = 0;
        for (double f : influence) {
            squares += f * f;
            cubes += f * f * f;
        }
        double sigma = Math.sqrt(squares);
        double[] up = ones(influence.length);
        double[] down = ones(influence.length);
        double step = 0.01;
        for (int c = 0; c < influence.length; c++) {
            up[c] += step * influence[c] / sigma;
            down[c] -= step * influence[c] / sigma;
        }
        double a = cubes / (6 * squares * sigma);
        double bend = scaled(log, figure, up) + scaled(log, figure, down) - 2 * base;
        double curvature = bend / (2 * step * step * sigma);
        return a + curvature + (2 * a + curvature) * Intervals.Z * Intervals.Z;
    }

    /** A figure on the scale of its interval. */
    private static double scaled(RolloutLog log, int figure, double[] weights) {
        List<PromptAtoms> members = new ArrayList<>();
        for (int c = 0; c < weights.length; c++) {
            if (weights[c] > 0) {
                double weight = (1 + c % 3) * weights[c];
                members.add(PromptAtoms.of(new LogAtoms(log, log.prompts().get(c), weight, 0), ASKED));
            }
        }
        return new Reweighting(Estimates.of(new PromptPool(members), ASKED)).baseline(figure);
    }

    private static double[] ones(int size) {
        double[] ones = new double[size];
        java.util.Arrays.fill(ones, 1);
        return ones;
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
        PromptPool pool = pool(log(9, true), -1, 1, ASKED);
        assertThat(MomentMatch.solve(pool)).isGreaterThan(20); // nearly nothing below the largest
        PromptPool argmax = pool(atMost(log(9, false)), -1, 1, ASKED);
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
