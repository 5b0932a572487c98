package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Gate.Status;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers where the records could mislead, and answers where the records suffice though a gate would say no. */
class BraveAndSafeTest {
    private static StepAudit audit(MadeLogs.World world, int n, long seed, @Nullable Double beta) {
        return Audit.of(Logs.of(rows("q", world, n, new SplittableRandom(seed))), Logs.options(beta));
    }

    private static List<Logs.Row> rows(String prompt, MadeLogs.World world, int n, RandomGenerator random) {
        List<Logs.Row> rows = new ArrayList<>();
        for (int source = 0; source < 2; source++) {
            double[] cumulative = MadeLogs.cumulative(source == 0 ? world.logPrior() : world.logPolicy());
            for (int k = 0; k < n; k++) {
                int i = MadeLogs.find(cumulative, random.nextDouble());
                rows.add(new Logs.Row(
                        prompt, source, world.reward()[i], world.logPrior()[i], world.logPolicy()[i], -1, false, i));
            }
        }
        return rows;
    }

    /** A world of so many texts whose rewards are 0 or 1 by turns; the policy is a tilt with a departure. */
    private static MadeLogs.World world(int texts, double copies, double noise, long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        double[] prior = new double[texts];
        double[] tilt = new double[texts];
        double[] reward = new double[texts];
        for (int i = 0; i < texts; i++) {
            prior[i] = random.nextGaussian() / 2;
            reward[i] = i % 2;
            tilt[i] = copies * reward[i] + noise * random.nextGaussian();
        }
        return MadeLogs.World.of(prior, tilt, reward);
    }

    private static Gate gate(StepAudit audit, String id) {
        return audit.gates().stream().filter(g -> g.id().equals(id)).findFirst().orElseThrow();
    }

    @Test
    void aMoveThatHasNothingToDoWithTheRewardIsNoConditional() {
        int said = 0;
        for (int seed = 0; seed < 40; seed++) {
            StepAudit audit = audit(world(40, 0, 0.5, seed), 200, seed, 0.05);
            Finding fraction = audit.findings().get("bayes_fraction");
            assertThat(fraction.lower()).as("seed " + seed).isLessThan(0.3);
            said += audit.verdict().label() == Verdict.Label.NOT ? 1 : 0;
        }
        assertThat(said).isGreaterThan(30);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.02, 0.1, 0.3, 1, 3})
    void theIntervalOfTheFractionCoversFromZeroToOne(double copies) {
        for (double noise : new double[] {0.05, 0.5}) {
            MadeLogs.World world = world(30, copies, noise, 7);
            double truth = exactFraction(world);
            int covered = 0;
            int asked = 0;
            for (int seed = 0; seed < 120; seed++) {
                Finding found = audit(world, 200, seed, null).findings().get("bayes_fraction");
                assertThat(found.lower()).isBetween(0.0, found.estimate());
                assertThat(found.upper()).isBetween(found.estimate(), 1.0);
                if (found.stands()) {
                    asked++;
                    covered += found.lower() <= truth && truth <= found.upper() ? 1 : 0;
                }
            }
            assertThat(covered)
                    .as("copies %s, noise %s, truth %s", copies, noise, truth)
                    .isGreaterThanOrEqualTo((int) (0.88 * asked)); // 95 % less three standard errors of 120 logs
        }
    }

    private static double exactFraction(MadeLogs.World world) {
        int n = world.reward().length;
        int[] tokens = new int[n];
        Arrays.fill(tokens, 1);
        return Audit.of(
                        List.of(new ExactPrompt(
                                "q", 1, world.logPrior(), world.logPolicy(), new double[][] {world.reward()}, tokens)),
                        List.of("reward"),
                        Logs.options(null))
                .findings()
                .get("bayes_fraction")
                .estimate();
    }

    @Test
    void aTiltTheWrongWayIsOpposite() {
        StepAudit audit = audit(world(40, -2, 0, 3), 1000, 3, 0.5);
        assertThat(audit.verdict().label()).isEqualTo(Verdict.Label.OPPOSITE);
        assertThat(audit.verdicts().get("asked").label()).isEqualTo(Verdict.Label.NOT);
        assertThat(audit.verdict().advice()).anyMatch(a -> a.startsWith("The policy has less of the reward"));
    }

    @Test
    void rareTargetsOfTrueConditionalsAccuseNobody() {
        for (int seed = 0; seed < 40; seed++) {
            double good = Math.exp(Math.log(0.0005) + seed / 40.0 * Math.log(100));
            double odds = Math.log(999) + Math.log(1 - good) - Math.log(good); // the policy writes 99.9 % good texts
            MadeLogs.World world = MadeLogs.World.of(
                    new double[] {Math.log(1 - good), Math.log(good)}, new double[] {0, odds}, new double[] {0, 1});
            Gate gate = gate(audit(world, 200, seed, 0.1), "normalisation");
            assertThat(gate.status()).as("seed %s: %s", seed, gate.reason()).isEqualTo(Status.PASS);
            assertThat(gate.figure()).isFinite();
        }
    }

    /** Where no draw of the prior is good and none of the policy bad, neither source shows a spread of its own. */
    @Test
    void recordsThatAreAllAlikeKnowNoDivergenceExactly() {
        double good = 0.002;
        double odds = Math.log(999) + Math.log(1 - good) - Math.log(good);
        double truth = 0.999 * Math.log(0.999 / good) + 0.001 * Math.log(0.001 / (1 - good));
        MadeLogs.World world = MadeLogs.World.of(
                new double[] {Math.log(1 - good), Math.log(good)}, new double[] {0, odds}, new double[] {0, 1});
        int mixture = 0;
        int plain = 0;
        for (int seed = 0; seed < 60; seed++) {
            StepAudit audit = audit(world, 200, seed, null);
            mixture += covers(audit.findings().get("kl.policy_prior"), truth) ? 1 : 0;
            plain += covers(audit.findings().get("kl.policy_prior.sampled"), truth) ? 1 : 0;
            assertThat(gate(audit, "two_estimates").status()).isEqualTo(Status.PASS);
        }
        assertThat(mixture).isGreaterThanOrEqualTo(54);
        assertThat(plain).isGreaterThanOrEqualTo(57);
    }

    private static boolean covers(Finding finding, double truth) {
        return finding.lower() < finding.upper() && finding.lower() <= truth && truth <= finding.upper();
    }

    @Test
    void noIntervalClaimsMoreThanThreeInNAllow() {
        MadeLogs.World exact = world(40, 3, 0, 5);
        List<Logs.Row> rows = rows("q", exact, 200, new SplittableRandom(5));
        StepAudit audit = Audit.of(Logs.of(withoutTexts(rows)), Logs.options(1 / 3.0));
        Finding departure = audit.findings().get("kl.departure");
        double lambda = audit.findings().get("copies.moment_match").estimate();
        double logZ = audit.findings().get("log_z").estimate();
        double unseen = Math.log1p(3.0 / 200 * Math.exp(lambda - logZ));
        assertThat(departure.estimate()).isLessThan(1e-9);
        assertThat(departure.upper()).isCloseTo(unseen, within(1e-9));
        assertThat(audit.findings().get("log_z").upper()).isGreaterThanOrEqualTo(logZ + unseen - 1e-9);
        assertThat(audit.findings().get("kl.asked_policy").upper()).isGreaterThan(unseen);
        double kl = audit.findings().get("kl.policy_prior").estimate();
        assertThat(audit.findings().get("bayes_fraction").lower()).isCloseTo(1 - unseen / kl, within(1e-9));
        // nothing says that no text has a reward of 2; where the range is stated, nothing worse is left unseen
        AuditOptions bounded = Logs.options(1 / 3.0).within(new AuditOptions.Range(0, 1));
        List<Logs.Row> many = withoutTexts(rows("q", exact, 2000, new SplittableRandom(1)));
        assertThat(Audit.of(Logs.of(many), Logs.options(1 / 3.0)).verdict().advice())
                .isEmpty();
        List<Logs.Row> some = withoutTexts(rows("q", exact, 400, new SplittableRandom(1)));
        assertThat(Audit.of(Logs.of(some), Logs.options(1 / 3.0)).verdict().label())
                .isEqualTo(Verdict.Label.MOSTLY);
        assertThat(Audit.of(Logs.of(some), Logs.options(1 / 3.0))
                        .verdicts()
                        .get("asked")
                        .label())
                .isEqualTo(Verdict.Label.MOSTLY); // what no record shows is no less unseen where it was asked for
        assertThat(Audit.of(Logs.of(some), bounded).verdicts().get("asked").label())
                .isEqualTo(Verdict.Label.CONDITIONAL);
        assertThat(Audit.of(Logs.of(some), bounded).verdict().label()).isEqualTo(Verdict.Label.CONDITIONAL);
        // texts whose probabilities add up to one leave nothing unseen, however few the draws
        assertThat(Audit.of(Logs.of(rows("q", exact, 400, new SplittableRandom(1))), Logs.options(1 / 3.0))
                        .verdict()
                        .label())
                .isEqualTo(Verdict.Label.CONDITIONAL);
    }

    private static List<Logs.Row> withoutTexts(List<Logs.Row> rows) {
        return rows.stream()
                .map(row -> new Logs.Row(row.prompt(), row.source(), row.reward(), row.logPrior(), row.logPolicy()))
                .toList();
    }

    @Test
    void levelsAreNotJudgedByTheirTail() {
        // a tenth of a per mille of the prior has the reward; the policy writes nothing else
        MadeLogs.World world = MadeLogs.World.of(
                new double[] {Math.log(0.97), Math.log(0.03)}, new double[] {0, 7}, new double[] {0, 1});
        StepAudit audit = audit(world, 2000, 1, 0.1);
        assertThat(gate(audit, "khat").reason()).startsWith("levels");
        assertThat(gate(audit, "posterior_exists").status()).isEqualTo(Status.PASS);
        assertThat(audit.findings().get("log_z").stands()).isTrue();
        assertThat(audit.findings().get("unseen.asked").estimate()).isZero();
        assertThat(audit.findings().get("log_z").lower()).isLessThan(Math.log(0.97 + 0.03 * Math.exp(10)));
        assertThat(audit.findings().get("log_z").upper()).isGreaterThan(Math.log(0.97 + 0.03 * Math.exp(10)));
    }

    @Test
    void aLevelThatThePriorHardlyShowsIsUnseen() {
        MadeLogs.World world = MadeLogs.World.of(
                new double[] {Math.log(0.999), Math.log(0.001)}, new double[] {0, 7}, new double[] {0, 1});
        StepAudit audit = audit(world, 300, 4, 1 / 7.0);
        Gate gate = gate(audit, "unseen");
        assertThat(gate.figure()).isGreaterThan(2);
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertThat(audit.findings().get("log_z").stands()).isFalse();
    }

    @Test
    void oneWeakPromptIsNoVeto() {
        RandomGenerator random = new SplittableRandom(9);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 300; c++) {
            rows.addAll(rows("p" + c, world(60, 2, 0.4, c), 60, random));
        }
        rows.addAll(rows("weak", world(60, 2, 0.4, 99), 4, random));
        StepAudit audit = Audit.of(Logs.of(rows), Logs.options(0.5));
        Gate ess = gate(audit, "ess");
        assertThat(ess.figure()).isLessThan(10);
        assertThat(ess.reason()).contains("1 of 301 prompts: 'weak'");
        assertThat(ess.withdraws()).doesNotContain("bayes_fraction", "kl.departure", "log_z");
        assertThat(audit.findings().get("bayes_fraction").stands()).isTrue();
        assertThat(audit.prompts().get(300).findings().get("bayes_fraction").stands())
                .isFalse();
    }

    @Test
    void aPromptOfOneRecordASourceIsNamed() {
        RandomGenerator random = new SplittableRandom(9);
        List<Logs.Row> rows = new ArrayList<>(rows("many", world(60, 2, 0.4, 1), 100, random));
        rows.addAll(rows("new", world(60, 2, 0.4, 99), 1, random));
        Gate thin = gate(Audit.of(Logs.of(rows), Logs.options(0.5)), "thin_prompts");
        assertThat(thin.status()).isEqualTo(Status.FAIL);
        assertThat(thin.reason()).startsWith("prompt 'new' has a single record (or group) of one source");
        rows.addAll(rows("newer", world(60, 2, 0.4, 99), 1, random));
        assertThat(gate(Audit.of(Logs.of(rows), Logs.options(0.5)), "thin_prompts")
                        .reason())
                .startsWith("each of 2 prompts, such as 'new', has a single record");
        StepAudit without = Audit.of(Logs.of(rows), Logs.options(0.5).droppingThin(true));
        assertThat(without.findings().get("kl.policy_prior").stands()).isTrue();
    }

    @Test
    void thinPromptsAreLeftOutWhereThatIsAskedFor() {
        RandomGenerator random = new SplittableRandom(11);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
            rows.addAll(rows("p" + c, world(60, 2, 0.4, c), 150, random));
        }
        List<Logs.Row> others = List.copyOf(rows);
        rows.addAll(rows("weak", world(60, 2, 0.4, 99), 4, random));
        StepAudit all = Audit.of(Logs.of(rows), Logs.options(0.5));
        StepAudit dropped = Audit.of(Logs.of(rows), Logs.options(0.5).droppingThin(true));
        StepAudit without = Audit.of(Logs.of(others), Logs.options(0.5));
        assertThat(gate(all, "ess").status()).isEqualTo(Status.WARN);
        assertThat(gate(all, "ess").reason()).contains("1 of 5 prompts: 'weak'");
        Finding wide = all.findings().get("bayes_fraction"); // no veto: its error is in the interval
        Finding narrow = dropped.findings().get("bayes_fraction");
        assertThat(wide.stands()).isTrue();
        assertThat(wide.upper() - wide.lower()).isGreaterThan(2 * (narrow.upper() - narrow.lower()));
        assertThat(narrow.stands()).isTrue();
        assertThat(narrow.estimate())
                .isEqualTo(without.findings().get("bayes_fraction").estimate());
        assertThat(dropped.verdict().text()).contains("1 of 5 prompts are too thin and were left out ('weak')");
        assertThat(dropped.verdicts().get("asked").text())
                .contains("1 of 5 prompts are too thin and were left out ('weak')");
        assertThat(gate(dropped, "thin_prompts").status()).isEqualTo(Status.WARN);
        assertThat(gate(dropped, "thin_prompts").reason()).contains("left out ('weak')");
        dropped.findings().forEach((id, finding) -> {
            if (finding.stands() && !id.startsWith("diversity.")) {
                assertThat(finding.reason()).as(id).contains("of 4 of 5 prompts");
            }
        });
        assertThat(dropped.prompts()).hasSize(5);
        assertThat(dropped.prompts().get(4).weight()).isZero();
        assertThat(Audit.of(Logs.of(others), Logs.options(0.5).droppingThin(true))
                        .verdict()
                        .text())
                .isEqualTo(without.verdict().text());
    }

    @Test
    void twoRecordsThatAreAlikeDoNotSayThatTheirPromptHasNoSpread() {
        RandomGenerator random = new SplittableRandom(12);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
            rows.addAll(rows("p" + c, world(60, 2, 0.4, c), 150, random));
        }
        StepAudit without = Audit.of(Logs.of(rows), Logs.options(0.5));
        for (int source = 0; source < 2; source++) {
            for (int i = 0; i < 2; i++) {
                rows.add(new Logs.Row("weak", source, 0.5, -3, -3.1));
            }
        }
        StepAudit all = Audit.of(Logs.of(rows), Logs.options(0.5));
        Finding kl = all.findings().get("kl.policy_prior");
        Finding others = without.findings().get("kl.policy_prior");
        assertThat(kl.stands()).isTrue();
        // a fifth of the weight rests on two records; their own spread, nought, would make the interval narrower
        assertThat(kl.upper() - kl.lower()).isGreaterThan(2 * (others.upper() - others.lower()));
    }

    @Test
    void theDepartureHasALeastThatNeedsNoZ() {
        for (int seed = 0; seed < 30; seed++) {
            MadeLogs.World world = world(50, 2, 0.8, seed);
            StepAudit audit = audit(world, 400, seed, null);
            Finding least = audit.findings().get("kl.departure.least");
            double truth = exactLeast(world);
            assertThat(least.lower()).as("seed " + seed).isLessThanOrEqualTo(truth + 0.02);
            assertThat(least.upper()).as("seed " + seed).isGreaterThan(0.5 * truth);
        }
        // of a table it is the departure itself, where the policy gives every text something
        MadeLogs.World world = world(50, 2, 0.8, 1);
        assertThat(exactLeast(world)).isCloseTo(exactDeparture(world), within(1e-9));
    }

    private static double exactLeast(MadeLogs.World world) {
        return exact(world, "kl.departure.least");
    }

    private static double exactDeparture(MadeLogs.World world) {
        return exact(world, "kl.departure");
    }

    private static double exact(MadeLogs.World world, String id) {
        int n = world.reward().length;
        return Audit.of(
                        List.of(new ExactPrompt(
                                "q",
                                1,
                                world.logPrior(),
                                world.logPolicy(),
                                new double[][] {world.reward()},
                                IntStream.range(0, n).toArray())),
                        List.of("reward"),
                        Logs.options(null))
                .findings()
                .get(id)
                .estimate();
    }

    @Test
    void thePolicysRecordsAloneCanRuleAConditionalOut() {
        List<Logs.Row> rows = rows("q", world(60, 0.2, 0.8, 8), 500, new SplittableRandom(2)).stream()
                .filter(row -> row.source() == 1)
                .toList();
        StepAudit audit = Audit.of(Logs.of(rows), Logs.options(1.0));
        assertThat(audit.findings().get("bayes_fraction").stands()).isFalse();
        assertThat(audit.findings().get("kl.departure.least").stands()).isTrue();
        assertThat(audit.verdict().label()).isEqualTo(Verdict.Label.NOT);
        assertThat(audit.verdict().text()).contains("whatever Z is");
    }

    @Test
    void aTrueQuantilizerMeetsItsOwnAim() {
        int away = 0;
        for (int seed = 0; seed < 40; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            int n = 400;
            double[] prior = new double[n];
            double[] reward = new double[n];
            double[] tilt = new double[n];
            for (int i = 0; i < n; i++) {
                reward[i] = random.nextGaussian();
                tilt[i] = reward[i] > 1.0 ? 0 : Double.NEGATIVE_INFINITY;
            }
            MadeLogs.World world = MadeLogs.World.of(prior, tilt, reward);
            double q = (double) Arrays.stream(reward).filter(r -> r > 1.0).count() / n;
            AuditOptions options = new AuditOptions(
                    null,
                    "reward",
                    RewardType.SCORE,
                    List.of("reward"),
                    new Aim("the top", "none", RewardLikelihood.topQuantile(q), null, null, null),
                    1);
            Verdict aimed = Audit.of(Logs.of(rows("q", world, 300, random)), options)
                    .verdicts()
                    .get("aimed");
            assertThat(aimed.text()).doesNotContain("infinit").doesNotContain("∞");
            away += aimed.label() == Verdict.Label.NOT || aimed.label() == Verdict.Label.CANNOT_TELL ? 1 : 0;
        }
        assertThat(away).isLessThanOrEqualTo(1);
    }

    @Test
    void theErrorOfAnAimThatIsLearntIsInItsInterval() {
        // best-of-4 from a normal reward: the policy is exactly its own aim, and its KL to it is zero
        int n = 3000;
        RandomGenerator world = new SplittableRandom(1);
        double[] reward =
                IntStream.range(0, n).mapToDouble(i -> world.nextGaussian()).toArray();
        double[] flat = new double[n];
        double[] likelihood = RewardLikelihood.beats(4).logLikelihoods(reward, ones(n));
        MadeLogs.World made = MadeLogs.World.of(flat, likelihood, reward);
        int right = 0;
        int covered = 0;
        for (int seed = 0; seed < 40; seed++) {
            AuditOptions options = new AuditOptions(
                    null,
                    "reward",
                    RewardType.SCORE,
                    List.of("reward"),
                    new Aim("the best of 4", "none", RewardLikelihood.beats(4), null, null, null),
                    1);
            StepAudit audit = Audit.of(Logs.of(rows("q", made, 400, new SplittableRandom(seed))), options);
            Verdict.Label label = audit.verdicts().get("aimed").label();
            right += label == Verdict.Label.CONDITIONAL || label == Verdict.Label.MOSTLY ? 1 : 0;
            covered += audit.verdicts().get("aimed").text().contains("(95 %: 0 to") ? 1 : 0;
        }
        assertThat(right).isGreaterThanOrEqualTo(38);
        assertThat(covered).isGreaterThanOrEqualTo(38);
    }

    /** From a policy that is no best-of-4 the distance to it is no error of the threshold: nought is not in its interval. */
    @Test
    void theDistanceOfAnotherPolicyFromAnAimThatIsLearntIsAboveNought() {
        AuditOptions options = new AuditOptions(
                null,
                "reward",
                RewardType.SCORE,
                List.of("reward"),
                new Aim("the best of 4", "none", RewardLikelihood.beats(4), null, null, null),
                1);
        StepAudit audit = Audit.of(Logs.of(rows("q", world(60, .5, .7, 3), 400, new SplittableRandom(3))), options);
        assertThat(audit.verdicts().get("aimed").text()).doesNotContain("(95 %: 0 to");
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }
}
