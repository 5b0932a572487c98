package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.Gate.Status;
import dev.credence.core.audit.MadeLogs.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TwoEstimatesTest {
    private static final Set<String> IDS = Set.of("kl.policy_prior");

    private static World world() {
        return World.of(
                new double[] {0, -.2, -.4, -.9, -1.3, -1.3},
                new double[] {0, 0, 1.2, .6, 2.2, 0},
                new double[] {0, 0, 1, 1, 2, 0});
    }

    private static List<Logs.Row> rows(World scored, World sampler, int n, long seed) {
        return MadeLogs.draw("q", scored, sampler, new int[] {n, n}, new SplittableRandom(seed));
    }

    private static List<Logs.Row> changed(List<Logs.Row> rows, UnaryOperator<Logs.Row> change) {
        return rows.stream().map(change).toList();
    }

    private static Gate gate(List<Logs.Row> rows) {
        return TwoEstimates.of(MadeLogs.pool(Logs.of(rows)), IDS);
    }

    @ParameterizedTest
    @CsvSource({".7, 9", "1.6, 9", "1, 4"})
    void firesOnRecordsDrawnOtherwiseInTenOfTen(double temperature, int top) {
        for (int seed = 0; seed < 10; seed++) {
            Gate gate = gate(rows(world(), world().sampledAt(temperature, top), 2000, seed));
            assertThat(gate.status()).as("seed " + seed).isEqualTo(Status.FAIL);
            assertThat(gate.reason()).contains("temperature");
            assertThat(gate(rows(world(), world(), 2000, seed)).status()).isEqualTo(Status.PASS);
        }
    }

    @Test
    void firesOnNoSoundLogOfAnyKind() {
        double largest = 0;
        for (int seed = 0; seed < 600; seed++) {
            List<Logs.Row> rows = MadeLogs.sound(new SplittableRandom(60_000 + seed));
            PromptPool pool = MadeLogs.pool(Logs.of(rows));
            List<Gate> gates = new ArrayList<>(TextGates.of(pool, IDS));
            gates.add(TwoEstimates.of(pool, IDS));
            gates.addAll(GroupPattern.of(pool));
            largest = Math.max(largest, gates.get(2).figure());
            assertThat(gates).as("seed " + seed).hasSize(4).allMatch(g -> g.status() == Status.PASS);
        }
        assertThat(largest).isBetween(.4, .9); // of 12,000 such logs the largest was .77
    }

    /** Few records lean the mixture's estimate, and those of all prompts the same way: many prompts do not mend it. */
    @ParameterizedTest
    @ValueSource(ints = {3, 5, 8})
    void firesOnNoSoundLogOfManyThinPrompts(int n) {
        Gate sound = TwoEstimates.of(MadeLogs.pool(Logs.of(thin(n, 1))), IDS);
        assertThat(sound.status()).as(sound.reason()).isEqualTo(Status.PASS);
        assertThat(sound.figure()).isLessThan(.6);
        assertThat(TwoEstimates.of(MadeLogs.pool(Logs.of(thin(n, 1.5))), IDS).status())
                .isEqualTo(Status.FAIL);
    }

    /** Texts that never recur, whose log-ratio is normal; scored as a policy that moved so many times as far. */
    private static List<Logs.Row> thin(int n, double moved) {
        SplittableRandom random = new SplittableRandom(n);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 3000; c++) {
            for (int i = 0; i < 2 * n; i++) {
                boolean ofPolicy = i % 2 == 0;
                double ratio = .6 * random.nextGaussian() + (ofPolicy ? .18 : -.18); // E e^{ratio} = 1 under the prior
                double prior = -30 + random.nextGaussian();
                rows.add(new Logs.Row(
                        "p" + c,
                        ofPolicy ? RolloutLog.POLICY : RolloutLog.PRIOR,
                        random.nextGaussian(),
                        prior,
                        prior + moved * ratio,
                        -1,
                        false,
                        -1));
            }
        }
        return rows;
    }

    @Test
    void firesOnNoLogOfTwoTextsOfWhichOneIsRare() {
        SplittableRandom random = new SplittableRandom(9);
        for (int k = 0; k < 20_000; k++) {
            double p = Math.pow(10, -3 * random.nextDouble());
            double q = random.nextBoolean() ? Math.pow(10, -3 * random.nextDouble()) : random.nextDouble();
            World world = World.of(
                    new double[] {Math.log1p(-p), Math.log(p)},
                    new double[] {Math.log1p(-q) - Math.log1p(-p), Math.log(q / p)},
                    new double[] {0, 1});
            int n = 5 + random.nextInt(200);
            int[] counts = {n, 5 + random.nextInt(200)};
            Gate gate = gate(MadeLogs.draw("q", world, world, counts, random));
            assertThat(gate.status()).as(gate.reason()).isEqualTo(Status.PASS);
        }
    }

    @Test
    void holdsUnitsTogether() {
        World world = world();
        int fired = 0;
        for (int seed = 0; seed < 200; seed++) { // every record eight times, as one group
            List<Logs.Row> once = rows(world, world, 100, seed);
            List<Logs.Row> rows = new ArrayList<>();
            for (int i = 0; i < once.size(); i++) {
                Logs.Row r = once.get(i);
                for (int k = 0; k < 8; k++) {
                    rows.add(new Logs.Row("q", r.source(), r.reward(), r.logPrior(), r.logPolicy(), i, false));
                }
            }
            fired += gate(rows).status() == Status.FAIL ? 1 : 0;
        }
        assertThat(fired).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {120, 400})
    void namesSwappedLabels(int n) {
        List<Logs.Row> swapped = changed(
                rows(world(), world(), n, 3),
                r -> new Logs.Row("q", 1 - r.source(), r.reward(), r.logPrior(), r.logPolicy()));
        assertThat(gate(swapped).status()).isEqualTo(Status.FAIL);
        assertThat(gate(swapped).figure()).isInfinite();
        assertThat(gate(swapped).reason()).contains("labels or the columns of prior and policy are swapped");
        List<Logs.Row> columns = changed(
                rows(world(), world(), n, 3),
                r -> new Logs.Row("q", r.source(), r.reward(), r.logPolicy(), r.logPrior()));
        assertThat(gate(columns).reason()).contains("swapped");
    }

    @Test
    void namesAPolicyWhoseRecordsAreThePriors() {
        World world = world();
        World stale = World.of(world.logPrior(), new double[6], world.reward());
        Gate gate = gate(rows(world, stale, 400, 4));
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertThat(gate.reason())
                .contains("the policy's records are likelier under the prior")
                .contains("stale policy");
    }

    @Test
    void firesOnShuffledScores() {
        List<Logs.Row> rows = rows(world(), world(), 1000, 5);
        int[] order = IntStream.range(0, rows.size()).toArray();
        SplittableRandom random = new SplittableRandom(6);
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int other = order[i];
            order[i] = order[j];
            order[j] = other;
        }
        List<Logs.Row> shuffled = IntStream.range(0, order.length)
                .mapToObj(i -> new Logs.Row(
                        "q",
                        rows.get(i).source(),
                        rows.get(i).reward(),
                        rows.get(i).logPrior(),
                        rows.get(order[i]).logPolicy()))
                .toList();
        assertThat(gate(shuffled).status()).isEqualTo(Status.FAIL);
    }

    @Test
    void namesTheOnePromptThatIsWrongAndWithdrawsAllButWhatItDoesNotTouch() {
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 10; c++) {
            World sampler = c == 7 ? world().sampledAt(1, 3) : world();
            rows.addAll(MadeLogs.draw("p" + c, world(), sampler, new int[] {1000, 1000}, new SplittableRandom(c)));
        }
        StepAudit audit = Audit.of(Logs.of(rows), Logs.options(1.0));
        Gate gate = audit.gates().stream()
                .filter(g -> g.id().equals("two_estimates"))
                .findFirst()
                .orElseThrow();
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertThat(gate.reason()).startsWith("prompt 'p7': KL(pi||pi0) is ");
        Map<String, Finding> findings = audit.findings();
        assertThat(findings.get("kl.policy_prior").stands()).isFalse();
        assertThat(findings.get("bayes_fraction").stands()).isFalse();
        assertThat(gate.withdraws())
                .noneMatch(id -> id.startsWith("ess.") || id.startsWith("khat.") || id.endsWith(".sampled"));
        assertThat(audit.verdict().label()).isEqualTo(Verdict.Label.CANNOT_TELL);
        assertThat(audit.prompts().get(7).findings().get("kl.policy_prior").stands())
                .isFalse();
        assertThat(audit.prompts().get(6).findings().get("kl.policy_prior").stands())
                .isTrue();
    }

    /** By one side alone a short prompt's columns may be swapped without its mean log-ratio being far enough below zero. */
    @Test
    void findsTheOneShortPromptWhoseColumnsAreSwapped() {
        int found = 0;
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Logs.Row> rows = new ArrayList<>();
            for (int c = 0; c < 6; c++) {
                World own = lively(random);
                World swapped = new World(own.logPolicy(), own.logPrior(), own.reward());
                rows.addAll(MadeLogs.draw("p" + c, c == 4 ? swapped : own, own, new int[] {100, 100}, random));
            }
            StepAudit audit = Audit.of(Logs.of(rows), Logs.options(1.0));
            boolean named = audit.gates().stream()
                    .filter(g -> g.status() == Status.FAIL)
                    .anyMatch(g -> g.reason().contains("prompt 'p4'")
                            && g.reason().endsWith("the columns of prior and policy are swapped"));
            found += named ? 1 : 0;
            assertThat(named && audit.findings().get("bayes_fraction").stands()).isFalse();
        }
        assertThat(found).isGreaterThanOrEqualTo(34);
    }

    private static World lively(SplittableRandom random) {
        double[] logPrior = new double[300];
        double[] reward = new double[300];
        double[] tilt = new double[300];
        for (int i = 0; i < 300; i++) {
            logPrior[i] = 1.5 * random.nextGaussian();
            reward[i] = .5 * random.nextInt(4);
            tilt[i] = 1.1 * reward[i];
        }
        return World.of(logPrior, tilt, reward);
    }
}
