package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.Gate.Status;
import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every gate in a log where it must fire and in one where it must not. */
class GatesTest {
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final double[] REWARD = {0, 1, 2, 3};

    private static Distribution prior() {
        return Distribution.ofLogWeights(NAMES, new double[] {Math.log(4), Math.log(3), Math.log(2), 0});
    }

    private static Distribution tilted(double lambda, double noise) {
        return Distribution.ofLogWeights(
                NAMES,
                IntStream.range(0, 4)
                        .mapToDouble(i -> prior().logProbability(i) + lambda * REWARD[i] + (i % 2 == 0 ? noise : 0))
                        .toArray());
    }

    private static List<Logs.Row> rows(int n, double lambda, double noise) {
        return Logs.draw("q", prior(), tilted(lambda, noise), REWARD, new int[] {n, n}, new SplittableRandom(n));
    }

    private static StepAudit audit(List<Logs.Row> rows, @Nullable Double beta) {
        return Audit.of(Logs.of(rows), Logs.options(beta));
    }

    private static Gate gate(StepAudit audit, String id) {
        return audit.gates().stream().filter(g -> g.id().equals(id)).findFirst().orElseThrow();
    }

    private static void assertWithdrawn(StepAudit audit, Gate gate, String... ids) {
        assertThat(gate.withdraws()).contains(ids);
        for (String id : ids) {
            Finding finding = audit.findings().get(id);
            assertThat(finding.stands()).as(id).isFalse();
            assertThat(finding.reason()).as(id).contains("gate " + gate.id());
            assertThat(finding.grade()).isEqualTo(Grade.WITHDRAWN);
        }
    }

    @Test
    void aPlainLogPassesEveryGate() {
        StepAudit audit = audit(rows(2000, 0.8, 0.3), 1.0);
        for (Gate gate : audit.gates()) {
            assertThat(gate.status()).as(gate.id() + ": " + gate.reason()).isEqualTo(Status.PASS);
            assertThat(gate.withdraws()).isEmpty();
        }
        assertThat(audit.gates())
                .extracting(Gate::id)
                .containsExactly(
                        "support",
                        "ess",
                        "khat",
                        "unseen",
                        "blind_spot",
                        "normalisation",
                        "two_estimates",
                        "thin_prompts",
                        "groups",
                        "no_update",
                        "posterior_exists",
                        "finished");
        assertThat(audit.findings().values())
                .filteredOn(f -> !f.stands())
                .extracting(Finding::id)
                .containsExactly("nuisance.reward_squared"); // four outcomes: collinear with the others
    }

    @Test
    void supportFiresOnAPolicyThatGivesPriorRecordsNothing() {
        List<Logs.Row> rows = new ArrayList<>(rows(200, 0.8, 0.3));
        rows.add(new Logs.Row("q", 0, 0, Math.log(.4), Double.NEGATIVE_INFINITY));
        StepAudit audit = audit(rows, 1.0);
        Gate gate = gate(audit, "support");
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertThat(gate.figure()).isPositive();
        assertWithdrawn(
                audit,
                gate,
                "kl.prior_policy",
                "kl.asked_policy",
                "copies.prior_slope",
                "copies.policy_slope",
                "copies.mixture_slope",
                "copies.self_consistent",
                "nuisance.log_prior",
                "nuisance.length");
        assertThat(audit.findings().get("kl.prior_policy").estimate()).isInfinite();
        assertThat(audit.findings().get("bayes_fraction").stands()).isTrue();
    }

    @Test
    void essWarnsBelowThirtyAndFailsBelowTen() {
        StepAudit few = audit(rows(14, 0.3, 0.1), 5.0);
        assertThat(gate(few, "ess").status()).isEqualTo(Status.WARN);
        assertThat(gate(few, "ess").figure()).isBetween(10.0, 30.0);
        assertThat(gate(few, "ess").withdraws()).isEmpty();
        StepAudit fewer = audit(rows(3, 0.3, 0.1), 5.0);
        assertThat(gate(fewer, "ess").status()).isEqualTo(Status.FAIL);
        assertWithdrawn(fewer, gate(fewer, "ess"), "bayes_fraction", "copies.moment_match", "log_z", "recall");
        assertThat(gate(audit(rows(400, 0.3, 0.1), 5.0), "ess").status()).isEqualTo(Status.PASS);
    }

    @Test
    void essOfTheAskedPosteriorWithdrawsOnlyWhatWasAsked() {
        StepAudit audit = audit(rareReward(300, 0.01), 0.1);
        Gate gate = gate(audit, "ess");
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertWithdrawn(audit, gate, "log_z", "kl.asked_prior", "kl.policy_asked", "gap.objective");
        assertThat(gate.withdraws()).doesNotContain("bayes_fraction", "copies.moment_match");
    }

    /** A reward that one text in a hundred has, and a policy that hardly moved. */
    private static List<Logs.Row> rareReward(int n, double rate) {
        Distribution prior =
                Distribution.ofLogWeights(List.of("a", "b"), new double[] {Math.log(1 - rate), Math.log(rate)});
        Distribution policy = Distribution.ofLogWeights(
                List.of("a", "b"), new double[] {Math.log(1 - 1.2 * rate), Math.log(1.2 * rate)});
        return Logs.draw("q", prior, policy, new double[] {0, 1}, new int[] {n, n}, new SplittableRandom(4));
    }

    @Test
    void khatFiresOnAHeavyTail() {
        StepAudit audit = audit(exponentialReward(2000, 0.8), 1 / 0.8);
        Gate gate = gate(audit, "khat");
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertThat(gate.figure()).isGreaterThan(0.7);
        assertWithdrawn(audit, gate, "log_z", "reward.asked", "kl.asked_prior");
        assertThat(gate(audit, "posterior_exists").status()).isEqualTo(Status.PASS);
        assertThat(gate(audit(exponentialReward(2000, 0.3), 1 / 0.3), "khat").status())
                .isEqualTo(Status.PASS);
    }

    @Test
    void posteriorExistsFiresWhereThePartitionFunctionDiverges() {
        StepAudit audit = audit(exponentialReward(4000, 1.6), 1 / 1.6);
        Gate gate = gate(audit, "posterior_exists");
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertThat(gate.figure()).isGreaterThanOrEqualTo(1);
        assertWithdrawn(audit, gate, "log_z", "recall", "entropy.asked");
    }

    /** Exp(1) rewards under the prior and a policy that is the prior but for a trifle: weights e^{λr} have k = λ. */
    private static List<Logs.Row> exponentialReward(int n, double lambda) {
        RandomGenerator random = new SplittableRandom(Math.round(100 * lambda));
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < 2 * n; i++) {
            double reward = random.nextExponential();
            rows.add(new Logs.Row(
                    "q", i % 2, reward, -20 - reward, -20 - reward + (random.nextBoolean() ? 0.01 : -0.01)));
        }
        return rows;
    }

    @Test
    void blindSpotFiresOnPolicyRecordsAlone() {
        List<Logs.Row> rows = rows(300, 0.8, 0.3).stream()
                .filter(r -> r.source() == RolloutLog.POLICY)
                .toList();
        StepAudit audit = audit(rows, 1.0);
        Gate gate = gate(audit, "blind_spot");
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertThat(gate.reason()).contains("records of the policy alone");
        List<String> kept = List.of(
                "reward.policy",
                "entropy.policy",
                "modes.policy",
                "kl.policy_prior",
                "kl.policy_prior.sampled",
                "kl.departure.least",
                "copies.policy_slope");
        assertThat(audit.findings().values())
                .allSatisfy(f -> assertThat(f.stands()).as(f.id()).isEqualTo(kept.contains(f.id())));
        assertThat(audit.findings().get("kl.policy_prior").estimate())
                .isEqualTo(audit.findings().get("kl.policy_prior.sampled").estimate());
        assertThat(audit.verdict().label()).isEqualTo(Verdict.Label.CANNOT_TELL);
    }

    @Test
    void blindSpotWarnsOfADroppedMode() {
        Distribution policy = Distribution.ofLogWeights(NAMES, new double[] {-3, -2, -9, 0}); // gives c almost nothing
        List<Logs.Row> rows = Logs.draw("q", prior(), policy, REWARD, new int[] {800, 800}, new SplittableRandom(8));
        Gate gate = gate(audit(rows, 1.0), "blind_spot");
        assertThat(gate.status()).isEqualTo(Status.WARN);
        assertThat(gate.figure()).isGreaterThan(0.01);
    }

    @Test
    void aLogOfThePriorAloneKeepsWhatNeedsNoPolicy() {
        List<Logs.Row> rows = rows(300, 0.8, 0.3).stream()
                .filter(r -> r.source() == RolloutLog.PRIOR)
                .toList();
        StepAudit audit = audit(rows, 1.0);
        for (String id : List.of(
                "reward.prior",
                "entropy.prior",
                "modes.prior",
                "ess.prior",
                "copies.prior_slope",
                "log_z",
                "kl.asked_prior",
                "reward.asked",
                "entropy.asked",
                "modes.asked")) {
            assertThat(audit.findings().get(id).stands()).as(id).isTrue();
        }
        for (String id : List.of("kl.policy_prior", "kl.departure", "bayes_fraction", "recall", "kl.asked_policy")) {
            assertThat(audit.findings().get(id).reason()).as(id).contains("records drawn from the policy");
        }
    }

    @Test
    void normalisationFiresOnLogProbabilitiesOfAnotherSampler() {
        List<Logs.Row> rows = rows(500, 0.8, 0.3).stream() // scored at a temperature that was not sampled at
                .map(r -> new Logs.Row(r.prompt(), r.source(), r.reward(), r.logPrior(), 1.6 * r.logPolicy()))
                .toList();
        StepAudit audit = audit(rows, 1.0);
        Gate gate = gate(audit, "normalisation");
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertThat(gate.figure()).isGreaterThan(4);
        assertWithdrawn(audit, gate, "kl.policy_prior", "bayes_fraction", "reward.prior");
        assertThat(audit.findings().get("kl.policy_prior.sampled").stands()).isTrue();
    }

    @Test
    void thinPromptsFiresOnFewRecordsInManyPromptsAndOnASingleOne() {
        List<Logs.Row> rows = new ArrayList<>();
        RandomGenerator random = new SplittableRandom(2);
        for (int c = 0; c < 30; c++) {
            rows.addAll(Logs.draw("q" + c, prior(), tilted(0.8, 0.6), REWARD, new int[] {12, 12}, random));
        }
        Gate gate = gate(audit(rows, 1.0), "thin_prompts");
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertThat(gate.figure()).isGreaterThan(0.4);
        assertThat(gate.withdraws()).contains("recall", "kl.prior_policy").doesNotContain("kl.departure");
        List<Logs.Row> longer = new ArrayList<>();
        for (int c = 0; c < 10; c++) {
            longer.addAll(Logs.draw("q" + c, prior(), tilted(0.8, 0.6), REWARD, new int[] {40, 40}, random));
        }
        Gate warned = gate(audit(longer, 1.0), "thin_prompts");
        assertThat(warned.figure()).isBetween(0.25, 0.4);
        assertThat(warned.status()).isEqualTo(Status.WARN);
        assertThat(warned.withdraws()).isEmpty();

        rows.addAll(Logs.draw("alone", prior(), tilted(0.8, 0.6), REWARD, new int[] {1, 1}, random));
        StepAudit single = audit(rows, 1.0);
        assertThat(gate(single, "thin_prompts").status()).isEqualTo(Status.FAIL);
        assertThat(single.findings().get("kl.policy_prior").stands()).isFalse();
    }

    @Test
    void noUpdateFiresOnAPolicyThatIsThePrior() {
        StepAudit audit = audit(rows(300, 0, 0), 1.0);
        Gate gate = gate(audit, "no_update");
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertWithdrawn(audit, gate, "bayes_fraction");
        assertThat(audit.findings().get("kl.policy_prior").estimate()).isLessThan(1e-9);
        assertThat(audit.findings().get("kl.policy_prior").stands()).isTrue();
    }

    /** All records are of a text that the policy writes a thousandth less than the prior: the rest is in one that neither shows. */
    @Test
    void noUpdateFiresWhereAllThatMovedIsUnseen() {
        Distribution prior =
                Distribution.ofLogWeights(List.of("seen", "unseen"), new double[] {Math.log1p(-1e-6), Math.log(1e-6)});
        Distribution policy =
                Distribution.ofLogWeights(List.of("seen", "unseen"), new double[] {Math.log(.999), Math.log(.001)});
        List<Logs.Row> rows =
                Logs.draw("p", prior, policy, new double[] {0, 1}, new int[] {40, 40}, new SplittableRandom(2));
        StepAudit audit = audit(rows, 1.0);
        Gate gate = gate(audit, "no_update");
        assertThat(gate.status()).isEqualTo(Status.FAIL);
        assertThat(gate.figure()).isBetween(.9e-3, 1.1e-3);
        assertWithdrawn(audit, gate, "kl.policy_prior", "kl.prior_policy", "kl.explained", "bayes_fraction");
    }

    @Test
    void finishedWarnsOfCutTexts() {
        RolloutLog log = Logs.of(rows(300, 0.8, 0.3));
        RolloutLog.Prompt p = log.prompts().get(0);
        RolloutLog cut = new RolloutLog(
                log.rewardNames(),
                log.sources(),
                List.of(new RolloutLog.Prompt(
                        p.text(), 1, p.from(), p.to(), false, 60, List.of("one two", "three"), List.of("two", "two"))),
                log.columns());
        StepAudit audit = Audit.of(cut, Logs.options(1.0));
        assertThat(gate(audit, "finished").status()).isEqualTo(Status.WARN);
        assertThat(gate(audit, "finished").reason()).startsWith("60 of 600 texts");
        assertThat(audit.findings().get("diversity.distinct_1.policy").estimate())
                .isEqualTo(0.5);
        assertThat(audit.findings().get("diversity.vendi.prior").estimate()).isGreaterThan(1.5);
    }

    @Test
    void heldOutPromptsAreScoredByTheTrainedConditional() {
        RandomGenerator random = new SplittableRandom(6);
        List<Logs.Row> rows = new ArrayList<>(rows(1500, 0.8, 0));
        for (Logs.Row row : Logs.draw("held", prior(), tilted(0.1, 0.7), REWARD, new int[] {1500, 1500}, random)) {
            rows.add(new Logs.Row("held", row.source(), row.reward(), row.logPrior(), row.logPolicy(), -1, true));
        }
        StepAudit audit = audit(rows, 1.25);
        assertThat(audit.findings().get("bayes_fraction").estimate()).isGreaterThan(0.999);
        assertThat(audit.prompts()).hasSize(1);
        Finding departure = audit.findings().get("kl.departure.heldout");
        double exact = 0; // KL of the held-out policy to π*_0.8
        for (int i = 0; i < 4; i++) {
            exact += tilted(0.1, 0.7).probability(i)
                    * (tilted(0.1, 0.7).logProbability(i) - tilted(0.8, 0).logProbability(i));
        }
        assertThat(departure.lower()).isLessThan(exact);
        assertThat(departure.upper()).isGreaterThan(exact);
        assertThat(audit.findings().get("bayes_fraction.heldout").estimate()).isNegative();
        assertThat(audit.verdict().text()).contains("On held-out prompts");
    }

    @Test
    void recordsOfAnotherSourceEnterAsImportanceRecords() {
        Distribution between = tilted(0.4, 0.1);
        List<Logs.Row> rows = new ArrayList<>(rows(401, 0.8, 0.3));
        RandomGenerator random = new SplittableRandom(1007);
        double[] logSource = new double[rows.size() + 400];
        for (int k = 0; k < 400; k++) {
            int x = between.sample(random);
            logSource[rows.size()] = between.logProbability(x);
            rows.add(new Logs.Row(
                    "q",
                    2,
                    REWARD[x],
                    prior().logProbability(x),
                    tilted(0.8, 0.3).logProbability(x)));
        }
        StepAudit with =
                Audit.of(Logs.of(rows, List.of("prior", "policy", "checkpoint-50"), logSource), Logs.options(1.0));
        StepAudit exact = Audit.of(
                dev.credence.core.probability.TableModel.of(prior()),
                dev.credence.core.probability.TableModel.of(tilted(0.8, 0.3)),
                java.util.Map.of("reward", (prompt, text) -> REWARD[NAMES.indexOf(text)]),
                Logs.options(1.0));
        for (String id : List.of("kl.policy_prior", "log_z", "copies.moment_match", "bayes_fraction")) {
            Finding finding = with.findings().get(id);
            assertThat(exact.findings().get(id).estimate()).as(id).isBetween(finding.lower(), finding.upper());
        }
    }
}
