package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.Gate.Status;
import dev.credence.core.audit.MadeLogs.World;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No figure gets past a gate that withdrew it, in whatever part of an audit it is; and what the gate of repeated texts sees. */
class PastGatesTest {
    private static final double COPIES = 2;

    private static World world(int texts, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] prior = random.doubles(texts).map(x -> 3 * x).toArray();
        double[] reward = random.doubles(texts).toArray();
        double[] tilt = IntStream.range(0, texts)
                .mapToDouble(i -> COPIES * reward[i] + .3 * random.nextDouble())
                .toArray();
        return World.of(prior, tilt, reward);
    }

    private static List<Logs.Row> rows(int texts, int records, long seed) {
        World world = world(texts, seed);
        return MadeLogs.draw("q", world, world, new int[] {records, records}, new SplittableRandom(seed));
    }

    private static StepAudit audit(List<Logs.Row> rows) {
        RolloutLog log = Logs.of(rows);
        RolloutLog.Columns c = log.columns();
        RolloutLog.Columns columns = new RolloutLog.Columns( // tokens would follow the reward, and with them the texts
                c.rewards(), c.logPrior(), c.logPolicy(), c.source(), null, null, c.group());
        return Audit.of(
                new RolloutLog(log.rewardNames(), log.sources(), log.prompts(), columns.withText(c.text())),
                AuditOptions.atBeta("reward", 1 / COPIES));
    }

    private static Gate gate(StepAudit audit, String id) {
        return audit.gates().stream().filter(g -> g.id().equals(id)).findFirst().orElseThrow();
    }

    private static Gate sameText(List<Logs.Row> rows) {
        return gate(audit(rows), "same_text");
    }

    private static Finding finding(Map<String, Finding> of, String id) {
        return Objects.requireNonNull(of.get(id), id);
    }

    /** Every draw of the policy once more behind itself. */
    private static List<Logs.Row> repeated(List<Logs.Row> rows) {
        return rows.stream()
                .flatMap(r -> Collections.nCopies(r.source() == RolloutLog.POLICY ? 2 : 1, r).stream())
                .toList();
    }

    /** A sampler that takes up what it drew before, in so many of its draws. */
    private static List<Logs.Row> cached(List<Logs.Row> rows, double share) {
        Random random = new Random(4);
        List<Logs.Row> out = new ArrayList<>();
        List<Logs.Row> drawn = new ArrayList<>();
        for (Logs.Row row : rows) {
            if (row.source() == RolloutLog.POLICY) {
                boolean again = !drawn.isEmpty() && random.nextDouble() < share;
                drawn.add(again ? drawn.get(random.nextInt(drawn.size())) : row);
                out.add(drawn.get(drawn.size() - 1));
            } else {
                out.add(row);
            }
        }
        return out;
    }

    @Test
    void drawsThatWereWrittenAgainShowInSmallTables() {
        for (long seed = 1; seed <= 5; seed++) {
            List<Logs.Row> once = rows(8, 200, seed);
            assertThat(sameText(once).status()).isEqualTo(Status.PASS);
            List<Logs.Row> odd = new ArrayList<>(repeated(once));
            odd.remove(odd.size() - 1); // not every text an even number of times
            Gate gate = sameText(odd);
            assertThat(gate.status()).isEqualTo(Status.FAIL);
            assertThat(gate.reason()).startsWith("the policy's texts recur more unevenly than independent draws do");
            assertThat(gate.withdraws()).contains("kl.policy_prior", "bayes_fraction", "log_z");
        }
    }

    @Test
    void aCacheShowsByHowUnevenlyTextsRecur() {
        List<Logs.Row> sound = rows(300, 600, 3);
        List<Logs.Row> shuffled = new ArrayList<>(cached(sound, .5));
        Collections.shuffle(shuffled, new Random(1));
        assertThat(sameText(sound).status()).isEqualTo(Status.PASS);
        assertThat(sameText(shuffled).status()).isEqualTo(Status.FAIL);
    }

    @Test
    void aLogThatIsSortedShowsNothing() {
        List<Logs.Row> byText = new ArrayList<>(rows(20, 400, 6));
        byText.sort(Comparator.comparingInt(Logs.Row::source).thenComparingLong(Logs.Row::text));
        assertThat(sameText(byText).status()).isEqualTo(Status.PASS);
        List<Logs.Row> byLevel = new ArrayList<>(rows(20, 400, 6));
        byLevel.sort(Comparator.comparingInt(Logs.Row::source).thenComparingDouble(r -> Math.floor(3 * r.reward())));
        assertThat(sameText(byLevel).status()).isEqualTo(Status.PASS);
    }

    /** Several workers, each of which sorts what it drew; and a sort by a reward that many texts share. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8})
    void aLogOfSortedPartsShowsNothing(int parts) {
        List<Logs.Row> byText = new ArrayList<>();
        List<Logs.Row> drawn = rows(40, 1_200, 6);
        for (int part = 0; part < parts; part++) {
            int own = part;
            IntStream.range(0, drawn.size())
                    .filter(i -> i % parts == own)
                    .mapToObj(drawn::get)
                    .sorted(Comparator.comparingLong(Logs.Row::text))
                    .forEach(byText::add);
        }
        List<Logs.Row> byReward = new ArrayList<>(rewarded(rows(400, 1_200, 6), r -> Math.max(0, r.reward() - .4)));
        byReward.sort(Comparator.comparingDouble(Logs.Row::reward));
        assertThat(sameText(byText).status()).isEqualTo(Status.PASS);
        assertThat(sameText(byReward).status()).isEqualTo(Status.PASS);
    }

    /** Best-of-n dumps, each group of a prompt ranked: hardly a step a prompt, but many prompts. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void rankedGroupsOfManyPromptsShowNothing(int groups) {
        List<Logs.Row> ranked = new ArrayList<>();
        for (int prompt = 0; prompt < 60; prompt++) {
            World world = world(5, prompt);
            for (int group = 0; group < groups; group++) {
                MadeLogs.draw("p" + prompt, world, world, new int[] {8, 8}, new SplittableRandom(prompt * 7L + group))
                        .stream()
                        .sorted(Comparator.comparingDouble(Logs.Row::reward))
                        .forEach(ranked::add);
            }
        }
        assertThat(sameText(ranked).status()).isEqualTo(Status.PASS);
    }

    /** A policy that answers nearly always alike gives each of its texts an even number of records, and no line twice. */
    @Test
    void oneAnswerOverAndOverIsNoLogWrittenTwice() {
        World sure = new World(
                new double[] {Math.log(.3), Math.log(.7)},
                new double[] {Math.log(.9999), Math.log(.0001)},
                new double[] {1, 0});
        for (long seed = 0; seed < 5; seed++) {
            List<Logs.Row> rows = new ArrayList<>();
            for (int prompt = 0; prompt < 40; prompt++) {
                rows.addAll(MadeLogs.draw(
                        "p" + prompt, sure, sure, new int[] {8, 8}, new SplittableRandom(40 * seed + prompt)));
            }
            assertThat(sameText(rows).reason()).doesNotContain("twice");
        }
    }

    /** Of a prompt whose texts all earn the same, all variance is noise; of the log's rewards it is nearly nothing. */
    @Test
    void slightNoiseInOnePromptIsNotTheLogs() {
        SplittableRandom random = new SplittableRandom(2);
        List<Logs.Row> rows = new ArrayList<>();
        for (int prompt = 0; prompt < 20; prompt++) {
            World world = world(6, prompt);
            boolean alike = prompt == 0;
            MadeLogs.draw("p" + prompt, world, world, new int[] {30, 30}, new SplittableRandom(prompt)).stream()
                    .map(r -> new Logs.Row(
                            r.prompt(),
                            r.source(),
                            (alike ? 1 : r.reward()) + .001 * random.nextGaussian(),
                            r.logPrior(),
                            r.logPolicy(),
                            -1,
                            false,
                            r.text()))
                    .forEach(rows::add);
        }
        assertThat(sameText(rows).status()).isEqualTo(Status.WARN);
    }

    @Test
    void drawsThatBelongTogetherAreNamedByTheirGroup() {
        List<Logs.Row> rows = new ArrayList<>();
        for (Logs.Row r : repeated(rows(8, 200, 2))) {
            rows.add(new Logs.Row(
                    "q", r.source(), r.reward(), r.logPrior(), r.logPolicy(), rows.size() / 2, false, r.text()));
        }
        assertThat(sameText(rows).reason()).doesNotContain("unevenly");
    }

    /** Of 3,000 sound logs none; the level is one of ten thousand. */
    @Test
    void soundLogsDoNotFire() {
        int fired = 0;
        for (long seed = 0; seed < 3_000; seed++) {
            int texts = 2 + (int) (seed % 60);
            List<Logs.Row> rows = rows(texts, 20 + (int) (seed % 7) * 20, seed);
            PromptPool pool = MadeLogs.pool(Logs.of(rows));
            fired += TextGates.of(pool, java.util.Set.of()).get(1).status() == Status.PASS ? 0 : 1;
        }
        assertThat(fired).isZero();
    }

    private static List<Logs.Row> rewarded(List<Logs.Row> rows, java.util.function.ToDoubleFunction<Logs.Row> reward) {
        return rows.stream()
                .map(r -> new Logs.Row(
                        "q", r.source(), reward.applyAsDouble(r), r.logPrior(), r.logPolicy(), -1, false, r.text()))
                .toList();
    }

    @Test
    void rewardsThatDependOnOtherRecordsWithdrawWhatNeedsThem() {
        List<Logs.Row> raw = rows(40, 300, 8);
        double[] baseline = {0};
        List<Logs.Row> running = rewarded(raw, r -> {
            double advantage = r.reward() - baseline[0];
            baseline[0] = .9 * baseline[0] + .1 * r.reward();
            return advantage;
        });
        List<Logs.Row> ofOneSource =
                rewarded(raw, r -> r.source() == RolloutLog.POLICY ? (r.reward() - .6) / .25 : r.reward());
        for (List<Logs.Row> rows : List.of(running, ofOneSource)) {
            StepAudit audit = audit(rows);
            assertThat(gate(audit, "same_text").status()).isEqualTo(Status.FAIL);
            assertThat(gate(audit, "same_text").reason()).contains("take raw ones", "of the rewards' variance");
            for (String id :
                    List.of("bayes_fraction", "kl.departure", "log_z", "copies.prior_slope", LeastDeparture.ID)) {
                assertThat(finding(audit.findings(), id).stands()).as(id).isFalse();
            }
            assertThat(finding(audit.findings(), "kl.policy_prior").stands()).isTrue();
            assertThat(audit.verdict().label()).isEqualTo(Verdict.Label.CANNOT_TELL);
        }
        SplittableRandom random = new SplittableRandom(1);
        StepAudit slight = audit(rewarded(raw, r -> r.reward() + .005 * random.nextGaussian()));
        assertThat(gate(slight, "same_text").status()).isEqualTo(Status.WARN);
        assertThat(finding(slight.findings(), "bayes_fraction").stands()).isTrue();
    }

    /** Forty prompts of forty records a source, most of which are too few to show that the labels are swapped. */
    private static List<Logs.Row> manyPrompts(boolean swapped) {
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 40; c++) {
            World any = world(12, c);
            double[] reward =
                    java.util.Arrays.stream(any.reward()).map(Math::rint).toArray();
            double[] tilt = java.util.Arrays.stream(reward).map(r -> r - .2).toArray();
            World world = World.of(any.logPrior(), tilt, reward);
            for (Logs.Row r : MadeLogs.draw("p" + c, world, world, new int[] {40, 40}, new SplittableRandom(c))) {
                rows.add(new Logs.Row(
                        r.prompt(),
                        swapped ? 1 - r.source() : r.source(),
                        r.reward(),
                        r.logPrior(),
                        r.logPolicy(),
                        -1,
                        false,
                        r.text()));
            }
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLogThatCannotBeHasNoPromptsEither(boolean swapped) {
        StepAudit audit = audit(manyPrompts(swapped));
        assertThat(gate(audit, "normalisation").status()).isEqualTo(swapped ? Status.FAIL : Status.PASS);
        StepAudit alone = audit(manyPrompts(swapped).subList(0, 80));
        assertThat(finding(alone.findings(), "kl.policy_prior").stands()).isTrue(); // too few to show it
        for (PromptAudit prompt : audit.prompts()) {
            Finding moved = finding(prompt.findings(), "kl.policy_prior");
            assertThat(moved.stands()).isEqualTo(!swapped);
        }
        Candidate only = audit.candidates().get(0);
        assertThat(Double.isNaN(only.departure())).isEqualTo(swapped);
        assertThat(Double.isNaN(only.copies())).isEqualTo(swapped);
        assertThat(Double.isNaN(only.bayesFraction())).isEqualTo(swapped);
        assertThat(Double.isNaN(only.samplesToSeparate())).isEqualTo(swapped);
    }

    @Test
    void aRivalWhoseDepartureDoesNotStandComesLast() {
        List<Candidate> ranked = Ranking.rank(List.of(
                new Candidate("withdrawn", 1, Double.NaN, .5, 0),
                new Candidate("far", 1, .2, .5, 0),
                new Candidate("near", 1, .1, .7, 0)));
        assertThat(ranked).extracting(Candidate::name).containsExactly("near", "far", "withdrawn");
        assertThat(ranked.get(0).samplesToSeparate()).isInfinite();
        assertThat(ranked.get(1).samplesToSeparate()).isEqualTo(90); // ⌈3 ln 20 / .1⌉
        assertThat(ranked.get(2).samplesToSeparate()).isNaN();
    }

    @Test
    void heldOutPromptsThatDidNotMoveHaveNoShare() {
        List<Logs.Row> rows = new ArrayList<>(rows(30, 200, 9));
        World still = World.of(new double[30], new double[30], world(30, 9).reward());
        for (Logs.Row r : MadeLogs.draw("still", still, still, new int[] {200, 200}, new SplittableRandom(3))) {
            rows.add(new Logs.Row("still", r.source(), r.reward(), r.logPrior(), r.logPolicy(), -1, true, r.text()));
        }
        Map<String, Finding> findings = audit(rows).findings();
        Finding fraction = finding(findings, "bayes_fraction.heldout");
        assertThat(fraction.stands()).isFalse();
        assertThat(fraction.reason()).contains("there is no move to divide");
        assertThat(finding(findings, "kl.departure.heldout").stands()).isTrue();
    }

    @Test
    void allPromptsAreNotKnownBetterThanThese() {
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 9; c++) {
            World any = world(30, c);
            double[] tilt =
                    java.util.Arrays.stream(any.reward()).map(r -> COPIES * r).toArray();
            World member = World.of(any.logPrior(), tilt, any.reward());
            rows.addAll(MadeLogs.draw("p" + c, member, member, new int[] {40, 40}, new SplittableRandom(c)));
        }
        Map<String, Finding> findings = audit(rows).findings();
        Finding fraction = finding(findings, "bayes_fraction");
        assertThat(fraction.lower()).isLessThan(.999); // room for texts that no record shows
        for (Figure figure : Reweighting.FIGURES) {
            Finding plain = finding(findings, figure.id());
            Finding all = finding(findings, figure.id() + ".population");
            assertThat(all.lower()).as(figure.id()).isLessThanOrEqualTo(plain.lower());
            assertThat(all.upper()).as(figure.id()).isGreaterThanOrEqualTo(plain.upper());
        }
    }

    /** Texts of a prompt: how many of the prior's and the policy's records, and the two probabilities. */
    private static List<Logs.Row> copies(
            String prompt, long text, double reward, int each, double prior, double policy) {
        return IntStream.range(0, 2 * each)
                .mapToObj(i -> new Logs.Row(prompt, i % 2, reward, Math.log(prior), Math.log(policy), -1, false, text))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(doubles = {.8, .999})
    void aPromptThatMovedWhatNoRecordShowsWidensTheMean(double policy) {
        double prior = .97;
        List<Logs.Row> rows = new ArrayList<>(copies("a", 1, 1, 2, prior, policy));
        rows.addAll(copies("b", 2, 1, 10, .5, .6));
        rows.addAll(copies("b", 3, 0, 10, .5, .4));
        Map<String, Finding> findings = audit(rows).findings();
        double moved = policy * Math.log(policy / prior) + (1 - policy) * Math.log((1 - policy) / (1 - prior));
        double other = .6 * Math.log(1.2) + .4 * Math.log(.8);
        for (String id : List.of("kl.policy_prior", "kl.policy_prior.sampled")) {
            Finding kl = finding(findings, id);
            assertThat((moved + other) / 2).as(id).isBetween(kl.lower(), kl.upper());
            assertThat(kl.estimate()).as(id).isBetween(kl.lower(), kl.upper());
        }
        assertThat(finding(findings, "kl.policy_prior").reason()).contains("one log-ratio");
        Finding fraction = finding(findings, "bayes_fraction");
        assertThat(fraction.lower())
                .isLessThanOrEqualTo(other / (moved + other))
                .isNotNegative();
        assertThat(fraction.upper()).isLessThanOrEqualTo(1);
    }

    @Test
    void theLogRatioOfOneTextIsNotItsDivergence() {
        StepAudit audit = audit(copies("a", 1, 1, 4, .9, .6));
        Finding sampled = finding(audit.findings(), "kl.policy_prior.sampled");
        double least = .6 * Math.log(.6 / .9) + .4 * Math.log(.4 / .1);
        assertThat(sampled.estimate()).isEqualTo(Math.log(.6 / .9));
        assertThat(sampled.upper()).isCloseTo(least, org.assertj.core.api.Assertions.within(1e-12));
    }
}
