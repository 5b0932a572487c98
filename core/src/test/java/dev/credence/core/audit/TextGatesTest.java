package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Gate.Status;
import dev.credence.core.audit.MadeLogs.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gates of logs whose records are known by their texts. */
class TextGatesTest {
    private static final Set<String> IDS = Set.of("kl.policy_prior", "diversity.distinct");

    /** Six short texts, all of which a log holds, or thousands that hardly repeat. */
    private static World world(int texts, double spread) {
        SplittableRandom random = new SplittableRandom(1);
        return World.of(
                random.doubles(texts).map(x -> spread * x).toArray(),
                random.doubles(texts).toArray(),
                random.doubles(texts).toArray());
    }

    private static List<Logs.Row> rows(int texts, int n) {
        World world = world(texts, 1);
        return MadeLogs.draw("q", world, world, new int[] {n, n}, new SplittableRandom(2));
    }

    private static Logs.Row scored(Logs.Row r, double prior, double policy) {
        return new Logs.Row(r.prompt(), r.source(), r.reward(), prior, policy, r.group(), false, r.text());
    }

    private static List<Logs.Row> changed(List<Logs.Row> rows, UnaryOperator<Logs.Row> change) {
        return rows.stream().map(change).toList();
    }

    /** The log with token counts that depend on the text alone. */
    private static PromptPool pool(List<Logs.Row> rows, int tokens) {
        RolloutLog log = Logs.of(rows);
        RolloutLog.Columns c = log.columns();
        int[] counts = new int[log.size()];
        java.util.Arrays.fill(counts, tokens);
        return MadeLogs.pool(new RolloutLog(
                log.rewardNames(),
                log.sources(),
                log.prompts(),
                new RolloutLog.Columns(c.rewards(), c.logPrior(), c.logPolicy(), c.source(), null, counts, c.group())
                        .withText(c.text())));
    }

    private static Gate total(List<Logs.Row> rows) {
        return TextGates.of(pool(rows, 10), IDS).get(0);
    }

    private static Gate same(List<Logs.Row> rows) {
        return TextGates.of(pool(rows, 10), IDS).get(1);
    }

    @Test
    void thereAreNoneWhereTextsAreNotKnown() {
        List<Logs.Row> rows = List.of(new Logs.Row("q", 0, 0, -1, -1), new Logs.Row("q", 1, 0, -1, -1));
        assertThat(TextGates.of(MadeLogs.pool(Logs.of(rows)), IDS)).isEmpty();
        assertThat(ScoringNoise.of(MadeLogs.pool(Logs.of(rows)))).isEqualTo(new ScoringNoise(0, 0, 0, 0));
    }

    @Test
    void probabilitiesOfAllTextsAddUpToOneAndPass() {
        Gate gate = total(rows(6, 500));
        assertThat(gate.id()).isEqualTo("total_probability");
        assertThat(gate.status()).isEqualTo(Status.PASS);
        assertThat(gate.figure()).isCloseTo(1, within(1e-12));
        assertThat(gate.withdraws()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1.0005, PASS", "1.002, WARN", "1.04, WARN", "1.06, FAIL", "20, FAIL"})
    void probabilitiesBeyondOneFireByHowMuch(double times, Status status) {
        for (int model = 0; model < 2; model++) {
            double prior = model == 0 ? Math.log(times) : 0;
            double policy = model == 1 ? Math.log(times) : 0;
            Gate gate = total(changed(rows(6, 500), r -> scored(r, r.logPrior() + prior, r.logPolicy() + policy)));
            assertThat(gate.status()).isEqualTo(status);
            assertThat(gate.figure()).isCloseTo(times, within(1e-9));
            assertThat(gate.withdraws()).isEqualTo(status == Status.FAIL ? List.of("kl.policy_prior") : List.of());
            if (status != Status.PASS) {
                assertThat(gate.reason())
                        .startsWith(
                                (model == 0 ? "the prior's" : "the policy's") + " probabilities of 6 distinct texts");
            }
        }
    }

    @Test
    void meansForSumsAddUpToFarMoreThanOne() {
        List<Logs.Row> means =
                changed(rows(5000, 500), r -> scored(r, r.logPrior() / 10, r.logPolicy() / 10)); // ten tokens a text
        assertThat(total(means).status()).isEqualTo(Status.FAIL);
        assertThat(total(means).figure()).isGreaterThan(100);
        assertThat(total(means).reason()).contains("means a token for sums");
        assertThat(total(rows(5000, 500)).status()).isEqualTo(Status.PASS);
    }

    @Test
    void oneTextWithTwoScoresFires() {
        List<Logs.Row> rows = new ArrayList<>(rows(6, 50));
        assertThat(same(rows).status()).isEqualTo(Status.PASS);
        Logs.Row r = rows.get(3);
        rows.set(3, scored(r, r.logPrior(), r.logPolicy() - .0099)); // ten tokens: less than 1e-3 a token
        assertThat(same(rows).status()).isEqualTo(Status.PASS);
        rows.set(3, scored(r, r.logPrior(), r.logPolicy() - .011));
        Gate slight = same(rows);
        assertThat(slight.status()).isEqualTo(Status.WARN);
        assertThat(slight.figure()).isEqualTo(1);
        assertThat(slight.reason()).startsWith("1 of 6 texts that were scored more than once");
        assertThat(slight.withdraws()).isEmpty();
        rows.set(3, scored(r, r.logPrior() - 3, r.logPolicy()));
        assertThat(same(rows).status()).isEqualTo(Status.FAIL);
        assertThat(same(rows).withdraws()).containsExactly("kl.policy_prior");
        rows.set(3, scored(r, r.logPrior(), Double.NEGATIVE_INFINITY));
        assertThat(same(rows).status()).isEqualTo(Status.FAIL);
    }

    @Test
    void equalTextsOfOtherTokensAreTwoTexts() {
        List<Logs.Row> rows = new ArrayList<>(rows(6, 50));
        Logs.Row r = rows.get(3);
        rows.set(3, scored(r, r.logPrior() - 3, r.logPolicy() - 3));
        assertThat(same(rows).status()).isEqualTo(Status.FAIL);
        RolloutLog log = Logs.of(rows);
        int[] tokens = new int[rows.size()];
        java.util.Arrays.fill(tokens, 10);
        tokens[3] = 11;
        RolloutLog.Columns c = log.columns();
        PromptPool pool = MadeLogs.pool(new RolloutLog(
                log.rewardNames(),
                log.sources(),
                log.prompts(),
                new RolloutLog.Columns(c.rewards(), c.logPrior(), c.logPolicy(), c.source(), null, tokens, null)
                        .withText(c.text())));
        assertThat(TextGates.of(pool, IDS).get(1).status()).isEqualTo(Status.PASS);
    }

    @Test
    void noiseOfTwoEnginesIsMeasuredAndIsNoFaultWhileItIsSmall() {
        SplittableRandom random = new SplittableRandom(8);
        List<Logs.Row> noisy = changed(
                rows(6, 500),
                r -> scored(
                        r, r.logPrior() + .02 * random.nextGaussian(), r.logPolicy() + .05 * random.nextGaussian()));
        ScoringNoise noise = ScoringNoise.of(pool(noisy, 10));
        assertThat(noise.prior()).isCloseTo(.02, within(.002));
        assertThat(noise.policy()).isCloseTo(.05, within(.004));
        assertThat(noise.ratio()).isCloseTo(Math.hypot(.02, .05), within(.004));
        assertThat(noise.freedom()).isEqualTo(1000 - 6);
        assertThat(same(noisy).status()).isEqualTo(Status.WARN);
        assertThat(total(noisy).status()).isEqualTo(Status.PASS); // the least score of each text
        assertThat(TwoEstimates.of(pool(noisy, 10), IDS).status()).isEqualTo(Status.PASS);
        List<Logs.Row> louder =
                changed(rows(6, 500), r -> scored(r, r.logPrior(), r.logPolicy() + .3 * random.nextGaussian()));
        assertThat(same(louder).status()).isEqualTo(Status.FAIL);
    }

    @Test
    void aLogWrittenTwiceFires() {
        for (int texts : new int[] {2, 6, 40, 100_000}) {
            List<Logs.Row> once = rows(texts, 300);
            List<Logs.Row> twice = Stream.concat(once.stream(), once.stream()).toList();
            assertThat(same(once).status()).isEqualTo(Status.PASS);
            assertThat(same(twice).status()).isEqualTo(Status.FAIL);
            assertThat(same(twice).reason()).contains("a log that was written twice?");
            assertThat(same(twice).withdraws()).containsExactly("kl.policy_prior");
        }
    }

    /** Few texts recur in any log, and as often as not each an even number of times: it is their order that tells. */
    @ParameterizedTest
    @CsvSource({"2, 2", "2, 3", "6, 2", "6, 5"})
    void fewTextsInTheSameOrderAreALogWrittenSeveralTimes(int texts, int times) {
        List<Logs.Row> log = new ArrayList<>();
        for (int c = 0; c < 2; c++) {
            String prompt = "p" + c;
            List<Logs.Row> once = changed(
                    rows(texts, 61),
                    r -> new Logs.Row(
                            prompt, r.source(), r.reward(), r.logPrior(), r.logPolicy(), r.group(), false, r.text()));
            for (int k = 0; k < times; k++) {
                log.addAll(once);
            }
        }
        assertThat(same(log).status()).isEqualTo(Status.FAIL);
        assertThat(same(log).reason()).contains("again in the same order: a log that was written twice?");
        log.remove(0); // without a record of either source it is no such log
        log.remove(log.size() - 1);
        assertThat(same(log).reason()).doesNotContain("order: a log that was");
    }

    /** A sampler that takes turns, and one that has but one answer, write nothing twice. */
    @ParameterizedTest
    @CsvSource({"1", "2", "4"})
    void shortRoundsAreNoLogWrittenTwice(int texts) {
        World world = world(texts, 0);
        List<Logs.Row> log = new ArrayList<>();
        for (int source = 0; source < 2; source++) {
            for (int i = 0; i < 200; i++) {
                int x = i % texts;
                log.add(new Logs.Row(
                        "q", source, world.reward()[x], world.logPrior()[x], world.logPolicy()[x], -1, false, x + 1));
            }
        }
        assertThat(same(log).reason()).doesNotContain("in the same order");
    }

    @Test
    void linesWrittenTwiceFireByHowMany() {
        List<Logs.Row> once = rows(100_000, 1000);
        List<Logs.Row> few =
                Stream.concat(once.stream(), once.stream().limit(40)).toList();
        assertThat(same(few).status()).isEqualTo(Status.WARN);
        assertThat(same(few).reason()).startsWith("51 ").contains("records repeat texts so rare that");
        List<Logs.Row> many =
                Stream.concat(once.stream(), once.stream().limit(300)).toList();
        assertThat(same(many).status()).isEqualTo(Status.FAIL);
    }

    @Test
    void recurrencesWithinAGroupAreThatGroups() {
        List<Logs.Row> once = rows(100_000, 200); // as a particle filter that resampled: four copies of each, one group
        List<Logs.Row> resampled = IntStream.range(0, 4 * once.size())
                .mapToObj(i -> {
                    Logs.Row r = once.get(i / 4);
                    return new Logs.Row(
                            "q", r.source(), r.reward(), r.logPrior(), r.logPolicy(), i / 8, false, r.text());
                })
                .toList();
        Gate gate = same(resampled);
        assertThat(gate.reason()).doesNotContain("so rare");
    }

    @Test
    void drawsOfALowerTemperatureRecur() {
        World world = world(100_000, 3);
        List<Logs.Row> rows = MadeLogs.draw(
                "q", world, world.sampledAt(.05, 100_000), new int[] {1000, 1000}, new SplittableRandom(4));
        assertThat(same(rows).status()).isEqualTo(Status.FAIL);
        List<Logs.Row> right = MadeLogs.draw("q", world, world, new int[] {1000, 1000}, new SplittableRandom(4));
        assertThat(same(right).status()).isEqualTo(Status.PASS);
    }

    @Test
    void namesTheTextThatHasTwoRewards() {
        List<Logs.Row> rows = rows(6, 50);
        Logs.Row odd = rows.get(7);
        List<Logs.Row> noisy = new ArrayList<>(rows);
        noisy.set(
                7,
                new Logs.Row(
                        "q", odd.source(), odd.reward() + .01, odd.logPrior(), odd.logPolicy(), -1, false, odd.text()));
        Gate gate = same(noisy);
        assertThat(gate.status()).isEqualTo(Status.WARN);
        assertThat(gate.figure()).isEqualTo(1);
        assertThat(gate.withdraws()).isEmpty();
        assertThat(gate.reason())
                .startsWith("1 of 6 texts that recur have more than one reward (in prompt 'q' the one with logp_prior "
                        + odd.logPrior() + " has the rewards ");
        assertThat(same(rows).status()).isEqualTo(Status.PASS);
    }
}
