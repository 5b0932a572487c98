package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** KL(π*‖π) of few records a prompt: records left out one by one, and what the interval then covers. */
class AskedJackknifeTest {
    private static final double ASKED = .2;

    /** A few hundred texts of normal rewards; the policy has .5 copies and a departure of a nat. */
    private static MadeLogs.World world(RandomGenerator random) {
        int texts = 300;
        double[] prior = new double[texts];
        double[] tilt = new double[texts];
        double[] reward = new double[texts];
        for (int i = 0; i < texts; i++) {
            prior[i] = 2 * random.nextGaussian();
            reward[i] = random.nextGaussian();
            tilt[i] = .5 * reward[i] + random.nextGaussian();
        }
        return MadeLogs.World.of(prior, tilt, reward);
    }

    private static PromptPool pool(RolloutLog log) {
        return new PromptPool(log.prompts().stream()
                .map(prompt -> PromptAtoms.of(new LogAtoms(log, prompt, prompt.weight(), 0), ASKED))
                .toList());
    }

    private static StandardErrors errors(PromptPool pool) {
        return StandardErrors.of(new Influence(Estimates.of(pool, ASKED), ASKED, Influence.Extent.FIGURES));
    }

    /** KL(π*‖π) of weighted records, by sums. */
    private static double divergence(List<Logs.Row> rows, double[] weight, int n) {
        double target = 0;
        double policy = 0;
        double ratio = 0;
        for (int i = 0; i < rows.size(); i++) {
            Logs.Row row = rows.get(i);
            double u = Math.exp(row.logPrior());
            double v = Math.exp(row.logPolicy());
            double q = n * (u + v);
            double w = weight[i] * u * Math.exp(ASKED * row.reward()) / q;
            target += w;
            policy += weight[i] * v / q;
            ratio += w * (row.logPrior() + ASKED * row.reward() - row.logPolicy());
        }
        return ratio / target - Math.log(target) + Math.log(policy);
    }

    @Test
    void isThatOfLeavingOutEachRecord() {
        int n = 6;
        List<Logs.Row> rows = new ArrayList<>();
        double bias = 0;
        double variance = 0;
        double room = 0;
        for (int c = 0; c < 2; c++) {
            RandomGenerator random = new SplittableRandom(c);
            MadeLogs.World world = world(random);
            List<Logs.Row> own = MadeLogs.draw("p" + c, world, world, new int[] {n, n}, random);
            double[] ones = new double[own.size()];
            Arrays.fill(ones, 1);
            double whole = divergence(own, ones, n);
            double ownBias = 0;
            for (int source = 0; source < 2; source++) {
                double sum = 0;
                double square = 0;
                for (int i = 0; i < own.size(); i++) {
                    if (own.get(i).source() == source) {
                        double[] without = ones.clone();
                        for (int j = 0; j < own.size(); j++) {
                            without[j] = own.get(j).source() != source ? 1 : j == i ? 0 : n / (n - 1.0);
                        }
                        double change = divergence(own, without, n) - whole;
                        sum += change;
                        square += change * change;
                    }
                }
                ownBias += (n - 1) * sum / n;
                variance += .25 * (n - 1) / n * (square - sum * sum / n);
            }
            bias += .5 * ownBias;
            room += .5 * Math.abs(ownBias) / Math.sqrt(n);
            rows.addAll(own);
        }
        PromptPool pool = pool(Logs.of(rows));
        AskedJackknife found = Objects.requireNonNull(AskedJackknife.of(pool, errors(pool)));
        assertThat(found.bias()).isCloseTo(bias, within(1e-10));
        assertThat(found.error()).isCloseTo(Math.sqrt(variance + room * room), within(1e-10));
        assertThat(found.freedom()).isGreaterThan(1);
    }

    /** 250 prompts of 8 records a source: each leans the mean, and none makes up for another. */
    @Test
    void coversWhereFewRecordsLeanEachPrompt() {
        int covered = 0;
        int first = 0;
        for (int seed = 0; seed < 20; seed++) {
            RandomGenerator random = new SplittableRandom(100 + seed);
            List<Logs.Row> rows = new ArrayList<>();
            double truth = 0;
            for (int c = 0; c < 250; c++) {
                MadeLogs.World world = world(random);
                truth += exact(world) / 250;
                rows.addAll(MadeLogs.draw("p" + c, world, world, new int[] {8, 8}, random));
            }
            StepAudit audit = Audit.of(Logs.of(rows), Logs.options(1 / ASKED));
            Finding found = audit.findings().get("kl.asked_policy");
            covered += found.lower() <= truth && truth <= found.upper() ? 1 : 0;
            PromptPool pool = pool(Logs.of(rows));
            double half = Intervals.Z * errors(pool).of(Figure.KL_ASKED_POLICY);
            first += Math.abs(found.estimate() - truth) <= half ? 1 : 0;
        }
        assertThat(covered).isGreaterThanOrEqualTo(17);
        assertThat(first).isLessThan(12); // what the first order alone covers
    }

    private static double exact(MadeLogs.World world) {
        double[] target = new double[world.reward().length];
        Arrays.setAll(target, i -> world.logPrior()[i] + ASKED * world.reward()[i]);
        double[] log = MadeLogs.normalised(target);
        double sum = 0;
        for (int i = 0; i < log.length; i++) {
            sum += Math.exp(log[i]) * (log[i] - world.logPolicy()[i]);
        }
        return sum;
    }
}
