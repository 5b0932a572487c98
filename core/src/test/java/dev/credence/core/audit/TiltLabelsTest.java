package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.MadeLogs.World;
import dev.credence.core.evidence.RewardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Draws of tilts that are what they say, and draws that are not. */
class TiltLabelsTest {
    private static final Set<String> IDS = Set.of("kl.policy_prior", "ess.prior");

    /** How the draws of tilts come about. */
    private enum Draws {
        /** One by one. */
        SINGLE,
        /** Sixteen of a run, the first of which is drawn over and over. */
        COPIES
    }

    /**
     * A log of prompts with tilts.
     *
     * @param lambdas that are stated
     * @param drawn which λ they are drawn at
     * @param by the reward they are drawn by, of the audited one
     * @param draws how they come about; what is of one run is named
     */
    private static RolloutLog log(
            List<World> worlds,
            int[] counts,
            double[] lambdas,
            double[] drawn,
            UnaryOperator<double[]> by,
            Draws draws,
            RandomGenerator random) {
        List<Logs.Row> rows = new ArrayList<>();
        int group = 0;
        for (int c = 0; c < worlds.size(); c++) {
            World world = worlds.get(c);
            double[] reward = by.apply(world.reward());
            rows.addAll(MadeLogs.draw("p" + c, world, world, counts, random));
            for (int k = 0; k < lambdas.length; k++) {
                double lambda = drawn[k];
                double[] tilted = IntStream.range(0, reward.length)
                        .mapToDouble(i -> world.logPrior()[i] + lambda * reward[i])
                        .toArray();
                double[] cumulative = MadeLogs.cumulative(MadeLogs.normalised(tilted));
                int unit = draws == Draws.SINGLE ? 1 : 16;
                for (int i = 0; i < counts[2]; i += unit) {
                    int[] run = run(unit, cumulative, random);
                    for (int x : run) {
                        rows.add(new Logs.Row(
                                "p" + c,
                                2 + k,
                                world.reward()[x],
                                world.logPrior()[x],
                                world.logPolicy()[x],
                                unit > 1 ? group : -1,
                                false,
                                x));
                    }
                    group++;
                }
            }
        }
        List<String> names = new ArrayList<>(List.of("prior", "policy"));
        double[] tilts = new double[2 + lambdas.length];
        Arrays.fill(tilts, Double.NaN);
        for (int k = 0; k < lambdas.length; k++) {
            names.add("tilt " + k);
            tilts[2 + k] = lambdas[k];
        }
        RolloutLog plain = Logs.of(rows, names, null);
        return new RolloutLog(plain.rewardNames(), names, plain.prompts(), plain.columns(), tilts);
    }

    /** A run's draws; two in three are its first one again. */
    private static int[] run(int unit, double[] cumulative, RandomGenerator random) {
        int[] run = new int[unit];
        run[0] = MadeLogs.find(cumulative, random.nextDouble());
        for (int j = 1; j < unit; j++) {
            run[j] = random.nextInt(3) > 0 ? run[0] : MadeLogs.find(cumulative, random.nextDouble());
        }
        return run;
    }

    private static World world(RandomGenerator random, boolean levels, int texts) {
        double[] prior = new double[texts];
        double[] tilt = new double[texts];
        double[] reward = new double[texts];
        double noise = random.nextDouble();
        for (int i = 0; i < texts; i++) {
            prior[i] = 1.5 * random.nextGaussian();
            double u = random.nextDouble();
            reward[i] = levels ? (u < .6 ? 0 : u < .9 ? .5 : 1) : random.nextGaussian() / 2;
            tilt[i] = 3 * reward[i] + noise * random.nextGaussian();
        }
        return World.of(prior, tilt, reward);
    }

    private static RolloutLog random(SplittableRandom random, Draws draws, double factor, UnaryOperator<double[]> by) {
        int prompts = random.nextBoolean() ? 1 : 1 + random.nextInt(8);
        boolean levels = random.nextBoolean();
        List<World> worlds = IntStream.range(0, prompts)
                .mapToObj(c -> world(random, levels, 20 + random.nextInt(2_000)))
                .toList();
        double[] lambdas = IntStream.range(0, 1 + random.nextInt(3))
                .mapToDouble(k -> .5 + 2 * k + 2 * random.nextDouble())
                .toArray();
        int n = 100 + random.nextInt(400);
        return log(
                worlds,
                new int[] {n, n, draws == Draws.SINGLE ? n : 320 + random.nextInt(400)},
                lambdas,
                Arrays.stream(lambdas).map(l -> factor * l).toArray(),
                by,
                draws,
                random);
    }

    private static Gate gate(RolloutLog log) {
        PromptPool pool = MadeLogs.pool(log);
        return Normalisation.gates(pool, Sources.of(pool), IDS).get(0);
    }

    private static RolloutLog random(long seed, Draws draws, double factor) {
        return random(new SplittableRandom(seed), draws, factor, r -> r);
    }

    @ParameterizedTest
    @EnumSource(
            value = Draws.class,
            names = {"SINGLE", "COPIES"})
    void soundLogsPass(Draws draws) {
        int logs = Integer.getInteger("credence.logs", 100); // of 2,000 none
        int doubtful = 0;
        for (int seed = 0; seed < logs; seed++) {
            Gate gate = gate(random(17_919 + seed, draws, 1));
            assertThat(gate.status()).as(gate.reason()).isNotEqualTo(Gate.Status.FAIL);
            doubtful += gate.reason().contains("one in 200") ? 1 : 0;
            assertThat(gate.reason().contains("come in runs of about 16"))
                    .as("draws of few particles are warned of, others not")
                    .isEqualTo(draws == Draws.COPIES);
        }
        assertThat(doubtful).isLessThanOrEqualTo(1 + logs / 100);
    }

    /** The λ that is stated is off by a factor, among a few hundred records a source. */
    @ParameterizedTest
    @CsvSource({"SINGLE, 1.5, 20", "SINGLE, .5, 20", "SINGLE, -1, 27", "COPIES, -1, 20"})
    void drawsAtAnotherLambdaFail(Draws draws, double factor, int least) {
        int fired = 0;
        for (int seed = 0; seed < 30; seed++) {
            Gate gate = gate(random(7_919 + seed, draws, factor));
            fired += gate.status() == Gate.Status.FAIL ? 1 : 0;
            assertThat(gate.status() == Gate.Status.FAIL ? gate.withdraws() : List.of("kl.policy_prior"))
                    .containsExactly("kl.policy_prior");
        }
        assertThat(fired).isGreaterThanOrEqualTo(least);
    }

    /** Drawn by another reward: noise on it, its square, or one that has nothing to do with it. */
    @ParameterizedTest
    @CsvSource({"noisy, 12", "squared, 15", "other, 28"})
    void drawsByAnotherRewardFail(String how, int least) {
        UnaryOperator<double[]> by = reward -> {
            RandomGenerator random = new SplittableRandom(1);
            return Arrays.stream(reward)
                    .map(r -> switch (how) {
                        case "noisy" -> r + .5 * random.nextGaussian();
                        case "squared" -> r * r;
                        default -> random.nextGaussian() / 2;
                    })
                    .toArray();
        };
        int fired = 0;
        for (int seed = 0; seed < 30; seed++) {
            fired += gate(random(new SplittableRandom(7_919 + seed), Draws.SINGLE, 1, by))
                                    .status()
                            == Gate.Status.FAIL
                    ? 1
                    : 0;
        }
        assertThat(fired).isGreaterThanOrEqualTo(least);
    }

    /** A tenth shows where records are many, and is said in figures, with what to do. */
    @Test
    void saysInFiguresWhatIsOff() {
        SplittableRandom random = new SplittableRandom(3);
        World world = world(random, false, 500);
        int[] counts = {4_000, 4_000, 4_000};
        double[] stated = {4};
        RolloutLog right = log(List.of(world), counts, stated, stated, r -> r, Draws.SINGLE, new SplittableRandom(4));
        RolloutLog off =
                log(List.of(world), counts, stated, new double[] {4.4}, r -> r, Draws.SINGLE, new SplittableRandom(4));
        assertThat(gate(right).status()).isEqualTo(Gate.Status.PASS);
        assertThat(gate(off).reason())
                .matches(
                        ".*draws of the tilt at lambda 4 have a mean reward of -?[0-9.]+ where -?[0-9.]+ is due by their"
                                + " weights \\([0-9.]+ standard errors, 4 allowed\\): .*");
        StepAudit audit = Audit.of(off, Logs.options(.25));
        assertThat(audit.findings().get("log_z").stands()).isFalse();
        assertThat(audit.verdict().advice()).anyMatch(line -> line.startsWith("Give each draw of a tilt the lambda"));
        assertThat(Audit.of(right, Logs.options(.25)).verdict().advice())
                .noneMatch(line -> line.startsWith("Give each draw of a tilt the lambda"));
    }

    /** Prior draws alone beside tilts: labels tell of these too. */
    @Test
    void needsNoDrawOfThePolicy() {
        SplittableRandom random = new SplittableRandom(3);
        World world = world(random, true, 500);
        double[] stated = {2};
        RolloutLog off = log(
                List.of(world),
                new int[] {1_000, 0, 1_000},
                stated,
                new double[] {4},
                r -> r,
                Draws.SINGLE,
                new SplittableRandom(4));
        assertThat(gate(off).status()).isEqualTo(Gate.Status.FAIL);
    }

    /** Rivals are ranked with the draws of tilts taken for what they are: draws by the audited reward. */
    @Test
    void rivalsTakeTiltsForThoseOfTheAuditedReward() {
        int covered = 0;
        for (int seed = 0; seed < 10; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            World world = world(random, true, 300);
            double[] rival = Arrays.stream(world.reward())
                    .map(r -> r + .3 * random.nextGaussian())
                    .toArray();
            double[] stated = {2, 4};
            RolloutLog one =
                    log(List.of(world), new int[] {500, 500, 500}, stated, stated, r -> r, Draws.SINGLE, random);
            int[] texts =
                    Arrays.stream(one.columns().text()).mapToInt(x -> (int) x).toArray();
            double[] ofRival = Arrays.stream(texts).mapToDouble(x -> rival[x]).toArray();
            RolloutLog both = Logs.withReward(one, "rival", ofRival);
            AuditOptions options =
                    new AuditOptions(null, "reward", RewardType.SCORE, List.of("reward", "rival"), null, 1);
            int[] tokens = new int[rival.length];
            Arrays.fill(tokens, 1);
            StepAudit truth = Audit.of(
                    List.of(new ExactPrompt(
                            "p0",
                            1,
                            world.logPrior(),
                            world.logPolicy(),
                            new double[][] {world.reward(), rival},
                            tokens)),
                    List.of("reward", "rival"),
                    options);
            Candidate found = rival(Audit.of(both, options));
            assertThat(found.gates()).isEmpty();
            covered += Math.abs(found.departure() / rival(truth).departure() - 1) < .15 ? 1 : 0;
        }
        assertThat(covered).isGreaterThanOrEqualTo(9);
    }

    private static Candidate rival(StepAudit audit) {
        return audit.candidates().stream()
                .filter(candidate -> candidate.name().equals("rival"))
                .findFirst()
                .orElseThrow();
    }
}
