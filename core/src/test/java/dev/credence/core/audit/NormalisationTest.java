package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.Gate.Status;
import dev.credence.core.audit.MadeLogs.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The gate {@code normalisation}: whether the log-probabilities are those of the samplers. */
class NormalisationTest {
    private static final Set<String> IDS = Set.of("kl.policy_prior", "ess.prior");

    private static Gate gate(List<Logs.Row> rows) {
        PromptPool pool = MadeLogs.pool(Logs.of(rows));
        return Normalisation.gates(pool, Sources.of(pool), IDS).get(0);
    }

    /** Texts of a log-normal prior, tilted and with noise: a small table, whose texts recur. */
    static World table(int texts, RandomGenerator random) {
        return World.of(
                IntStream.range(0, texts)
                        .mapToDouble(i -> 1.5 * random.nextGaussian())
                        .toArray(),
                IntStream.range(0, texts)
                        .mapToDouble(i -> (i % 3) + .5 * random.nextGaussian())
                        .toArray(),
                IntStream.range(0, texts).mapToDouble(i -> i % 3).toArray());
    }

    /** The same rows as if their texts could not be told apart from others'. */
    private static List<Logs.Row> withoutTexts(List<Logs.Row> rows) {
        return rows.stream()
                .map(r -> new Logs.Row(r.prompt(), r.source(), r.reward(), r.logPrior(), r.logPolicy()))
                .toList();
    }

    @Test
    void firesOnNoSoundLogOfAnyKind() {
        int[] likely = new int[2]; // logs whose ratio is above ten, in which a sound one of ten may be
        for (int seed = 0; seed < 1_500; seed++) {
            PromptPool pool = MadeLogs.pool(Logs.of(MadeLogs.sound(new SplittableRandom(700_000 + seed))));
            Gate gate = Normalisation.gates(pool, Sources.BOTH, IDS).get(0);
            assertThat(gate.status()).as(gate.reason()).isEqualTo(Status.PASS);
            likely[0] += StatedShares.of(pool).growth() > Math.log(10) ? 1 : 0;
            likely[1] += SourceOdds.of(pool).growth() > Math.log(10) ? 1 : 0;
        }
        assertThat(likely[0]).isBetween(1, 30); // of 20,000 such logs 72 and 46; above a hundred 3 and 2
        assertThat(likely[1]).isBetween(1, 30);
    }

    /** The policy is sampled at another temperature, or from its likeliest texts alone; its prior as well. */
    @ParameterizedTest
    @CsvSource({
        "30, .7, 1, 500, lower temperature",
        "30, 1.3, 1, 1000, higher temperature",
        "30, 1, .25, 500, top k or p",
        "200, .7, 1, 500, lower temperature",
        "200, 1, .25, 500, top k or p",
        "2000, .85, 1, 1000, lower temperature"
    })
    void namesWhatRecordsOfOtherSamplersShow(int texts, double temperature, double top, int n, String words) {
        int fired = 0;
        int named = 0;
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            World world = table(texts, random);
            World sampler = world.sampledAt(temperature, (int) Math.ceil(top * texts));
            Gate gate = gate(MadeLogs.draw("q", world, sampler, new int[] {n, n}, random));
            fired += gate.status() == Status.FAIL ? 1 : 0;
            named += gate.reason().contains(words) ? 1 : 0;
            assertThat(gate.status() == Status.FAIL ? gate.withdraws() : List.of("kl.policy_prior"))
                    .containsExactly("kl.policy_prior");
        }
        assertThat(fired).isGreaterThanOrEqualTo(14);
        assertThat(named).isGreaterThanOrEqualTo(14);
    }

    @Test
    void saysInFiguresHowOftenTextsRecur() {
        SplittableRandom random = new SplittableRandom(4);
        World world = table(30, random);
        List<Logs.Row> rows = MadeLogs.draw("q", world, world.sampledAt(.6, 30), new int[] {0, 600}, random);
        assertThat(gate(rows).reason())
                .matches(
                        "texts that recur are not as frequent as their probabilities say: those that stand for [0-9.]+ %"
                                + " of the policy by their probabilities are [0-9.]+ % of its records, and their mean log-probability"
                                + " under the policy is -[0-9.]+ in its records where -[0-9.]+ is due \\(drawn at a lower.*");
        assertThat(Normalisation.gates(MadeLogs.pool(Logs.of(withoutTexts(rows))), Sources.POLICY_ONLY, IDS))
                .isEmpty();
    }

    /** Texts that do not recur: labels and log-probabilities are all there is. */
    @Test
    void needsNoTextThatRecursToNameATruncation() {
        int fired = 0;
        int sound = 0;
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            World world = table(2_000, random);
            World cut = new World(world.logPrior(), MadeLogs.sampler(world.logPolicy(), 1, 200), world.reward());
            Gate gate = gate(withoutTexts(MadeLogs.draw("q", world, cut, new int[] {400, 400}, random)));
            fired += gate.reason().contains("the policy hardly hold texts that it finds unlikely") ? 1 : 0;
            sound += gate(withoutTexts(MadeLogs.draw("q", world, world, new int[] {400, 400}, random)))
                                    .status()
                            == Status.PASS
                    ? 1
                    : 0;
        }
        assertThat(fired).isGreaterThanOrEqualTo(18);
        assertThat(sound).isEqualTo(20);
    }

    /** A log of one prompt whose prior's draws were kept by their reward, as often as {@code truly} says. */
    private static PromptPool thinned(SplittableRandom random, double[] written, double[] truly) {
        World world = table(50 + random.nextInt(500), random);
        int draws = 5_000;
        List<Logs.Row> rows = new ArrayList<>();
        for (Logs.Row row : MadeLogs.draw("q", world, world, new int[] {draws, 400}, random)) {
            if (row.source() != RolloutLog.PRIOR || random.nextDouble() < truly[(int) row.reward()]) {
                rows.add(row);
            }
        }
        RolloutLog all = Logs.of(rows);
        double[] reward = all.columns().rewards()[0];
        double[] kept = Arrays.stream(reward).map(r -> written[(int) r]).toArray();
        double[] everyOne = new double[kept.length];
        Arrays.fill(everyOne, 1);
        RolloutLog.Columns columns = all.columns().withKept(new RolloutLog.Kept(kept, everyOne));
        RolloutLog.Prompt p = all.prompts().get(0);
        RolloutLog.Draws counts = new RolloutLog.Draws(draws, 400);
        RolloutLog.Prompt prompt =
                new RolloutLog.Prompt(p.text(), p.weight(), p.from(), p.to(), false, 0, List.of(), List.of(), counts);
        return MadeLogs.pool(new RolloutLog(all.rewardNames(), all.sources(), List.of(prompt), columns));
    }

    /** Of three levels of reward: how often their draws are written to be kept, and are; sound where the two are the same. */
    @ParameterizedTest
    @CsvSource({
        ".05, .2, 1, .05, .2, 1, false",
        ".3, .3, .3, .3, .3, .3, false",
        ".05, .2, 1, .05, .2, .5, true",
        ".05, .2, 1, .2, .2, 1, true",
        ".04, .2, 1, .2, .45, 1, true"
    })
    void holdsWhatWasKeptAgainstTheLabels(
            double w0, double w1, double w2, double t0, double t1, double t2, boolean isOff) {
        int fired = 0;
        int named = 0;
        for (int seed = 0; seed < 40; seed++) {
            PromptPool pool = thinned(new SplittableRandom(seed), new double[] {w0, w1, w2}, new double[] {t0, t1, t2});
            Gate gate = Normalisation.gates(pool, Sources.BOTH, IDS).get(0);
            fired += gate.status() == Status.FAIL ? 1 : 0;
            named += gate.reason().contains("stated probabilities of being kept") ? 1 : 0;
        }
        assertThat(fired).isBetween(isOff ? 30 : 0, isOff ? 40 : 0);
        assertThat(named).isBetween(isOff ? 20 : 0, isOff ? 40 : 0); // others fail by a mean before that is asked
    }

    /** A log that is sorted by its texts is as sound as before it was sorted. */
    @Test
    void holdsWhereRecordsAreSortedByText() {
        for (int seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            World world = table(3 + random.nextInt(300), random);
            List<Logs.Row> rows = new ArrayList<>(MadeLogs.draw("q", world, world, new int[] {300, 300}, random));
            rows.sort(Comparator.comparingLong(Logs.Row::text));
            assertThat(gate(rows).status()).isEqualTo(Status.PASS);
        }
    }

    /** A side that gives a text less than the rounding of one leaves the other's probability exactly one. */
    @ParameterizedTest
    @ValueSource(doubles = {20, 50, 200, 700})
    void holdsWhereOneSideWritesWhatTheOtherNeverDoes(double copies) {
        double[] reward = {0, 1, 2, 3};
        double[] prior = {Math.log(.4), Math.log(.3), Math.log(.2), Math.log(.1)};
        double[] tilt = Arrays.stream(reward).map(r -> copies * r).toArray();
        World world = World.of(prior, tilt, reward);
        for (int seed = 0; seed < 20; seed++) {
            List<Logs.Row> rows =
                    MadeLogs.draw("q", world, world, new int[] {200, 200}, new SplittableRandom(900 + seed));
            assertThat(gate(rows).reason()).isEqualTo("the recorded log-probabilities are those of the samplers");
            double[] policyAsPrior = world.logPolicy();
            double[] priorAsPolicy = world.logPrior();
            World swapped = new World(policyAsPrior, priorAsPolicy, reward);
            rows = MadeLogs.draw("q", swapped, swapped, new int[] {200, 200}, new SplittableRandom(900 + seed));
            assertThat(gate(rows).status()).isEqualTo(Status.PASS);
        }
    }

    /** Draws that were kept by their reward: labels have the odds of what was kept. */
    @Test
    void holdsWhereDrawsWereThinned() {
        int fired = 0;
        for (int seed = 0; seed < 400; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            World world = table(3 + random.nextInt(100), random);
            double[] keptOf = {.05 + .2 * random.nextDouble(), .5 + .5 * random.nextDouble(), 1};
            List<Logs.Row> rows = MadeLogs.draw("q", world, world, new int[] {2_000, 500}, random).stream()
                    .filter(r -> r.source() == 1 || random.nextDouble() < keptOf[(int) r.reward()])
                    .toList();
            PromptPool pool = MadeLogs.pool(thinned(Logs.of(rows), keptOf));
            fired += Normalisation.gates(pool, Sources.BOTH, IDS).get(0).status() == Status.FAIL ? 1 : 0;
        }
        assertThat(fired).isZero();
    }

    private static RolloutLog thinned(RolloutLog log, double[] keptOf) {
        double[] reward = log.columns().rewards()[0];
        double[] prior = Arrays.stream(reward).map(r -> keptOf[(int) r]).toArray();
        double[] policy = new double[prior.length];
        Arrays.fill(policy, 1);
        RolloutLog.Prompt p = log.prompts().get(0);
        RolloutLog.Prompt drawn = new RolloutLog.Prompt(
                p.text(), 1, 0, p.to(), false, 0, List.of(), List.of(), new RolloutLog.Draws(2_000, 500));
        return new RolloutLog(
                log.rewardNames(),
                log.sources(),
                List.of(drawn),
                log.columns().withKept(new RolloutLog.Kept(prior, policy)));
    }

    /** Each group is k copies of one draw, which is as dependent as a group can be. */
    @ParameterizedTest
    @ValueSource(ints = {2, 8})
    void holdsUnitsTogether(int k) {
        int fired = 0;
        for (int seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            World world = table(3 + random.nextInt(200), random);
            List<Logs.Row> rows = new ArrayList<>();
            List<Logs.Row> once = MadeLogs.draw("q", world, world, new int[] {60, 60}, random);
            for (int i = 0; i < once.size(); i++) {
                Logs.Row r = once.get(i);
                for (int copy = 0; copy < k; copy++) {
                    rows.add(
                            new Logs.Row("q", r.source(), r.reward(), r.logPrior(), r.logPolicy(), i, false, r.text()));
                }
            }
            fired += gate(rows).status() == Status.FAIL ? 1 : 0;
        }
        assertThat(fired).isZero();
    }
}
