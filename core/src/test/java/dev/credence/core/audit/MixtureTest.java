package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sources beside prior and policy. */
class MixtureTest {
    private static final double[] LAMBDA = {3, 7};

    /** A thousand texts of normal rewards; the policy a tilt by 5 with a departure. */
    private static MadeLogs.World world(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        int n = 1000;
        double[] prior = new double[n];
        double[] tilt = new double[n];
        double[] reward = new double[n];
        for (int i = 0; i < n; i++) {
            prior[i] = random.nextGaussian();
            reward[i] = random.nextGaussian() / 2;
            tilt[i] = 5 * reward[i] + 0.5 * random.nextGaussian();
        }
        return MadeLogs.World.of(prior, tilt, reward);
    }

    private static double[] tilted(MadeLogs.World world, double lambda) {
        double[] log = new double[world.reward().length];
        for (int i = 0; i < log.length; i++) {
            log[i] = world.logPrior()[i] + lambda * world.reward()[i];
        }
        return log;
    }

    private static double logZ(MadeLogs.World world, double lambda) {
        return Math.log(Arrays.stream(tilted(world, lambda)).map(Math::exp).sum());
    }

    /** Draws of prior, policy and, where asked for, of two tilts or a bridge that every record is scored under. */
    private static RolloutLog log(MadeLogs.World world, int[] counts, boolean bridge, RandomGenerator random) {
        double[] half = new double[world.reward().length];
        Arrays.setAll(half, i -> (world.logPrior()[i] + world.logPolicy()[i]) / 2);
        half = MadeLogs.normalised(half);
        List<double[]> samplers = List.of(
                world.logPrior(),
                world.logPolicy(),
                bridge ? half : tilted(world, LAMBDA[0]),
                tilted(world, LAMBDA[1]));
        List<Logs.Row> rows = new ArrayList<>();
        List<Double> source = new ArrayList<>();
        for (int s = 0; s < counts.length; s++) {
            double[] cumulative = MadeLogs.cumulative(samplers.get(s));
            for (int k = 0; k < counts[s]; k++) {
                int i = MadeLogs.find(cumulative, random.nextDouble());
                rows.add(new Logs.Row("q", s, world.reward()[i], world.logPrior()[i], world.logPolicy()[i]));
                source.add(bridge ? half[i] : Double.NaN);
            }
        }
        List<String> names = List.of("prior", "policy", "tilt 3", "tilt 7").subList(0, counts.length);
        RolloutLog plain = Logs.of(
                rows,
                names,
                bridge ? source.stream().mapToDouble(Double::doubleValue).toArray() : null);
        double[] tilts = new double[names.size()];
        Arrays.fill(tilts, Double.NaN);
        for (int s = 2; s < tilts.length && !bridge; s++) {
            tilts[s] = LAMBDA[s - 2];
        }
        return new RolloutLog(plain.rewardNames(), names, plain.prompts(), plain.columns(), tilts);
    }

    @Test
    void theSolvedZIsTheFixedPointOfItsDefinition() {
        MadeLogs.World world = world(1);
        int[] counts = {300, 200, 250, 150};
        RolloutLog log = log(world, counts, false, new SplittableRandom(2));
        double[] draws = Arrays.stream(counts).asDoubleStream().toArray();
        Mixture mixture = Mixture.of(log, log.prompts().get(0), log.columns().rewards()[0], draws);
        // naive: Z_k = Σ_i π0 e^{λ_k r} / Σ_s N_s π_s, again and again
        double[] z = {1, 1};
        for (int round = 0; round < 20_000; round++) {
            double[] next = new double[2];
            for (int i = 0; i < log.size(); i++) {
                double prior = Math.exp(log.columns().logPrior()[i]);
                double reward = log.columns().rewards()[0][i];
                double q =
                        counts[0] * prior + counts[1] * Math.exp(log.columns().logPolicy()[i]);
                for (int k = 0; k < 2; k++) {
                    q += counts[2 + k] * prior * Math.exp(LAMBDA[k] * reward) / z[k];
                }
                for (int k = 0; k < 2; k++) {
                    next[k] += prior * Math.exp(LAMBDA[k] * reward) / q;
                }
            }
            z = next;
        }
        for (int k = 0; k < 2; k++) {
            assertThat(mixture.logZ(k)).isCloseTo(Math.log(z[k]), within(1e-9));
            assertThat(mixture.logZ(k)).isCloseTo(logZ(world, LAMBDA[k]), within(0.4));
        }
    }

    @Test
    void drawsOfTiltsNarrowAndCover() {
        MadeLogs.World world = world(3);
        double truth = logZ(world, 7);
        int covered = 0;
        double with = 0;
        double without = 0;
        for (int seed = 0; seed < 100; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            AuditOptions options = Logs.options(1 / 7.0).within(new AuditOptions.Range(-2.5, 2.5));
            Finding tilts = Audit.of(log(world, new int[] {200, 200, 100, 100}, false, random), options)
                    .findings()
                    .get("log_z");
            Finding plain = Audit.of(log(world, new int[] {200, 200}, false, random), options)
                    .findings()
                    .get("log_z");
            covered += tilts.lower() <= truth && truth <= tilts.upper() ? 1 : 0;
            with += firstOrderWidth(tilts);
            without += firstOrderWidth(plain);
        }
        assertThat(covered).isGreaterThanOrEqualTo(88);
        assertThat(with).isLessThan(without);
    }

    /** Twice the lower half: the upper end may leave room for what no record shows. */
    private static double firstOrderWidth(Finding finding) {
        return 2 * (finding.estimate() - finding.lower());
    }

    @Test
    void theErrorOfLogZHasThatOfTheSolvedOnesInIt() {
        MadeLogs.World world = world(5);
        int logs = 150;
        double[] estimates = new double[logs];
        double half = 0;
        for (int seed = 0; seed < logs; seed++) {
            Finding found = Audit.of(
                            log(world, new int[] {150, 50, 300, 300}, false, new SplittableRandom(seed)),
                            Logs.options(1 / 7.0))
                    .findings()
                    .get("log_z");
            estimates[seed] = found.estimate();
            half += firstOrderWidth(found) / 2 / logs;
        }
        double mean = Arrays.stream(estimates).sum() / logs;
        double sd = Math.sqrt(
                Arrays.stream(estimates).map(x -> (x - mean) * (x - mean)).sum() / (logs - 1));
        assertThat(half / 1.96).isCloseTo(sd, within(0.2 * sd));
    }

    @Test
    void aBridgeThatEveryRecordIsScoredUnderHelps() {
        MadeLogs.World world = world(7);
        int[] counts = {200, 200, 1600};
        RolloutLog bridged = log(world, counts, true, new SplittableRandom(1));
        double with =
                Audit.of(bridged, Logs.options(0.2)).findings().get("ess.mm").estimate();
        RolloutLog two = log(world, new int[] {200, 200}, false, new SplittableRandom(1));
        double without =
                Audit.of(two, Logs.options(0.2)).findings().get("ess.mm").estimate();
        assertThat(with).isGreaterThan(2 * without);
        assertThat(Audit.of(bridged, Logs.options(0.2)).gates())
                .filteredOn(g -> g.id().equals("normalisation"))
                .singleElement()
                .satisfies(g -> assertThat(g.status()).isEqualTo(Gate.Status.PASS));
        assertThat(IntStream.range(0, bridged.size())
                        .filter(i -> Double.isNaN(bridged.columns().logSource()[i])))
                .isEmpty();
    }

    @Test
    void tiltsThatHangTogetherWithNothingAreAGate() {
        MadeLogs.World world = world(9);
        RolloutLog sound = log(world, new int[] {300, 300, 200, 200}, false, new SplittableRandom(4));
        assertThat(gate(sound).status()).isEqualTo(Gate.Status.PASS);
        // the policy is the prior, and the only tilt is far from both
        MadeLogs.World still = new MadeLogs.World(world.logPrior(), world.logPrior(), world.reward());
        RolloutLog far = log(still, new int[] {300, 300, 0, 300}, false, new SplittableRandom(4));
        RolloutLog further =
                new RolloutLog(far.rewardNames(), far.sources(), far.prompts(), far.columns(), new double[] {
                    Double.NaN, Double.NaN, Double.NaN, 40
                });
        assertThat(gate(further).figure()).isLessThan(gate(sound).figure());
    }

    private static Gate gate(RolloutLog log) {
        return Audit.of(log, Logs.options(1.0)).gates().stream()
                .filter(g -> g.id().equals("tilt_overlap"))
                .findFirst()
                .orElseThrow();
    }
}
