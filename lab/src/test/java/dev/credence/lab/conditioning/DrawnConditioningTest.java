package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.BeginToken;
import dev.credence.lab.Credence;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.methods.BestOfN;
import dev.credence.methods.Conditioner;
import dev.credence.methods.Luce;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Poisson;
import dev.credence.methods.Prefix;
import dev.credence.methods.Quantilizer;
import dev.credence.methods.Rejection;
import dev.credence.methods.Resample;
import dev.credence.methods.training.PolicyGradient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Methods that draw from a transformer, audited by their draws, against the table of all its texts. */
class DrawnConditioningTest {
    private static final List<String> FIGURES =
            List.of("kl.policy_prior", "kl.policy_asked", "log_z", "reward.policy", "reward.prior", "kl.explained");

    @TempDir
    private static Path folder = Path.of("");

    private static String prior = "";
    private static String prompts = "";

    @BeforeAll
    static void writeModel() throws IOException {
        prior = TinyCheckpoint.write(folder.resolve("prior"), 3).toString();
        prompts = Files.writeString(folder.resolve("prompts.jsonl"), "\"t\"\n\"h\"\n")
                .toString();
    }

    private static ConditioningPlan plan(Asking asking) {
        return new ConditioningPlan(
                prior, prompts, 3, BeginToken.YES, asking, 300, null, 1, ConditioningPlan.Care.standard());
    }

    private static Asking reward(double beta) {
        return new Asking("0.5*count:[ea]", null, beta, RewardType.SCORE);
    }

    private static Asking evidence(String evidence) {
        return new Asking(null, evidence, 1, RewardType.SCORE);
    }

    private static List<Answer> run(ConditioningPlan plan, Conditioner... methods) throws IOException {
        return Credence.condition(plan, line -> {}, methods);
    }

    private static Finding finding(Answer answer, String id) {
        return Objects.requireNonNull(answer.findings().get(id), id);
    }

    /** An interval of 95 %, twice as wide: 42 of them hold together. */
    private static void assertHolds(Answer drawn, Answer exact, String id) {
        Finding estimated = finding(drawn, id);
        double truth = finding(exact, id).estimate();
        assertThat(estimated.grade()).as(id).isEqualTo(Grade.ESTIMATED);
        double below = 2 * (estimated.estimate() - estimated.lower()) + 1e-9;
        double above = 2 * (estimated.upper() - estimated.estimate()) + 1e-9;
        assertThat(truth)
                .as("%s of %s", id, drawn.label())
                .isBetween(estimated.estimate() - below, estimated.estimate() + above);
    }

    @Test
    void auditsOfDrawsHoldTheFiguresOfTheTable() throws IOException {
        Conditioner[] methods = {
            Rejection.atKl(0.5), BestOfN.of(4), Luce.of(4), Resample.of(6).atKl(0.5), Quantilizer.of(0.8)
        };
        ConditioningPlan plan = plan(reward(0.5));
        List<Answer> exact = run(plan, methods);
        List<Answer> drawn = run(plan.drawing(150_000), methods);
        for (int i = 0; i < methods.length - 1; i++) { // a quantilizer by draws is that of a pool
            for (String id : FIGURES) {
                assertHolds(drawn.get(i), exact.get(i), id);
            }
            assertThat(drawn.get(i).asked()).isEqualTo(exact.get(i).asked());
            assertThat(drawn.get(i).aimed()).isEqualTo(exact.get(i).aimed());
            assertThat(drawn.get(i).policy()).isNull();
        }
        Answer quantilizer = drawn.get(4);
        assertThat(finding(quantilizer, "kl.policy_prior").estimate())
                .isCloseTo(finding(exact.get(4), "kl.policy_prior").estimate(), within(0.15));
        Answer best = drawn.get(1);
        assertHolds(best, rename(exact.get(1)), "kl.policy_prior.subsets");
        assertThat(finding(best, "kl.policy_prior.bound").estimate())
                .isCloseTo(Math.log(4) - 0.75, within(1e-12))
                .isGreaterThan(finding(best, "kl.policy_prior.subsets").upper());
        assertThat(best.cost().drawsPerText().orElseThrow()).isEqualTo(4);
        assertThat(best.cost().modelCalls().orElseThrow()).isGreaterThanOrEqualTo(2 * 300 * 5);
        assertThat(finding(best, "acceptance").estimate()).isEqualTo(0.25);
    }

    private static Answer rename(Answer exact) {
        Map<String, Finding> findings = new HashMap<>(exact.findings());
        findings.put("kl.policy_prior.subsets", finding(exact, "kl.policy_prior"));
        return new Answer(
                exact.label(),
                exact.asked(),
                exact.method(),
                exact.settings(),
                exact.aim(),
                exact.policy(),
                exact.cost(),
                exact.audit(),
                findings);
    }

    @Test
    void evidenceThatExcludesIsDrawnAndAuditedAmongWhatItAdmits() throws IOException {
        ConditioningPlan plan = plan(evidence("contains:e and 0.5*count:[ea]"));
        Answer exact = run(plan, Rejection.atKl(1)).get(0);
        Answer drawn = run(plan.drawing(150_000), Rejection.atKl(1)).get(0);
        for (String id : List.of("kl.policy_prior", "log_z", "kl.explained", "reward.policy")) {
            assertHolds(drawn, exact, id);
        }
        assertThat(finding(drawn, "mass.excluded").estimate()).isZero();
        assertThat(drawn.audit().verdict().text()).contains("keeps to texts that the evidence admits");
        Answer best = run(plan.drawing(150_000), BestOfN.of(2)).get(0);
        assertThat(finding(best, "mass.excluded").estimate()).isPositive();
        assertThat(best.audit().verdict().label()).isEqualTo(Verdict.Label.NOT);
        assertThat(finding(best, "kl.policy_asked").estimate()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(finding(best, "kl.asked_policy").reason()).contains("draws texts that the evidence excludes");
    }

    @Test
    void whatDependsOnAllTextsIsForTables() throws IOException {
        ConditioningPlan plan = plan(evidence("beats:4 of count:e"));
        assertThat(finding(run(plan, BestOfN.of(4)).get(0), "kl.policy_prior").grade())
                .isEqualTo(Grade.EXACT);
        assertThatThrownBy(() -> run(plan.drawing(100), BestOfN.of(4)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("it depends on the rewards of all texts");
    }

    @Test
    void ratersAndBeginningsDrawToo() throws IOException {
        ConditioningPlan raters = plan(new Asking("min(1,0.4*count:[ea])", null, 0.5, RewardType.PROBABILITY));
        Answer exact = run(raters, Poisson.atKl(0.5)).get(0);
        Answer drawn = run(raters.drawing(150_000), Poisson.atKl(0.5)).get(0);
        assertHolds(drawn, exact, "kl.policy_prior");
        assertHolds(drawn, exact, "reward.policy");
        Answer begun = run(plan(reward(0.5)).drawing(5000), Prefix.of("e")).get(0);
        Answer table = run(plan(reward(0.5)), Prefix.of("e")).get(0);
        assertHolds(begun, table, "kl.policy_prior");
        assertHolds(begun, table, "reward.policy");
        assertThat(begun.aimed()).isEqualTo("the text begins with the tokens of 'e'");
        assertThat(begun.cost().drawsPerText().orElseThrow()).isEqualTo(1);
    }

    @Test
    void aSpentBudgetIsSaid() throws IOException {
        List<String> lines = new ArrayList<>();
        Answer some = Credence.condition(plan(reward(0.5)).drawing(400), lines::add, BestOfN.of(4))
                .get(0);
        assertThat(lines)
                .anyMatch(line -> line.contains("the budget is spent: 50 of 300 texts of prompt 't' after 200"));
        assertThat(finding(some, "kl.policy_prior").grade()).isEqualTo(Grade.ESTIMATED);
        assertThatThrownBy(() -> run(plan(reward(0.5)).drawing(6), BestOfN.of(4)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "draws is 6; the budget is spent: best-of-n had 0 texts of prompt 't' after 3 draws");
    }

    @Test
    void theSavedDrawsAuditAsTheRunDid() throws IOException {
        Path log = folder.resolve("saved").resolve("rollouts.jsonl");
        ConditioningPlan plan = plan(reward(0.5)).drawing(100_000);
        try (ModelConditioning conditioning = new ModelConditioning(plan.question(Prompts.read(prompts)), line -> {})) {
            Answer got = conditioning.untrained(BestOfN.of(3), MethodOptions.none(), log);
            double again = Objects.requireNonNull(
                            Credence.audit(AuditRequest.standard().atBeta(0.5), log.toString())
                                    .last()
                                    .findings()
                                    .get("kl.policy_prior"))
                    .estimate();
            assertThat(again).isCloseTo(finding(got, "kl.policy_prior").estimate(), within(1e-9));
        }
    }

    @Test
    void trainingRefusesWhatItCannotLearnFrom() {
        assertThatThrownBy(() -> Credence.condition(
                        folder.resolve("refused"),
                        plan(evidence("contains:e")),
                        PolicyGradient.rloo().atKl(1),
                        line -> {}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("evidence is contains:e; it excludes texts, and rloo learns from");
        assertThat(folder.resolve("refused")).doesNotExist();
    }

    @Test
    void aPlanAndAMethodAgreeOnTheCoefficient() {
        assertThatThrownBy(() -> Credence.condition(
                        folder.resolve("contradiction"),
                        plan(reward(0.5)),
                        PolicyGradient.rloo().atKl(0.1),
                        line -> {}))
                .isInstanceOf(InputException.class)
                .hasMessage("beta is 0.1; it is the coefficient of rloo, and the plan asks at 0.5: give both the same");
        assertThat(folder.resolve("contradiction")).doesNotExist();
    }

    /** Joint evidence that is finite trains as a reward does. */
    @Test
    void finiteEvidenceTrains() throws IOException {
        Answer got = Credence.condition(
                folder.resolve("trained"),
                plan(evidence("count:e and -0.5*count:a")),
                PolicyGradient.rloo().atKl(1).samples(32).steps(40).learningRate(0.02),
                line -> {});
        assertThat(got.asked()).contains("count:e", "count:a");
        assertThat(finding(got, "kl.policy_asked").estimate())
                .isLessThan(finding(got, "kl.asked_prior").estimate());
        assertThat(finding(got, "kl.policy_asked").grade()).isEqualTo(Grade.EXACT);
    }

    /** A model's tokens are known, to evidence as to rewards: the same training, to the last bit, of both. */
    @Test
    void lengthIsEvidenceAsItIsAReward() throws IOException {
        PolicyGradient rloo = PolicyGradient.rloo().atKl(1).samples(8).steps(3);
        Asking length = new Asking("0.5*length", null, 1, RewardType.SCORE);
        Answer reward = Credence.condition(folder.resolve("length-reward"), plan(length), rloo, line -> {});
        Answer evidence =
                Credence.condition(folder.resolve("length-evidence"), plan(evidence("0.5*length")), rloo, line -> {});
        for (String id : List.of("kl.policy_prior", "kl.policy_asked", "log_z")) {
            assertThat(finding(evidence, id)).as(id).isEqualTo(finding(reward, id));
        }
        assertThat(finding(evidence, "kl.policy_prior").estimate()).isGreaterThan(0);
        Answer joint = run(plan(evidence("level:2 of length and count:e")), Rejection.atKl(1))
                .get(0);
        for (String text : Objects.requireNonNull(joint.policy()).given("t").outcomes()) {
            if (joint.policy().given("t").probability(text) > 0) {
                assertThat(text).hasSize(1); // and its end
            }
        }
    }
}
