package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.TestWorlds;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.Sample;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.NamedReward;
import dev.credence.hub.BeginToken;
import dev.credence.lab.Credence;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.methods.ConditionedModel;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.ParticleRun;
import dev.credence.methods.Rejection;
import dev.credence.methods.Smc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequential Monte Carlo on a checkpoint, against the table of all its texts. */
class ParticleConditioningTest {
    private static final Path LETTERS = Path.of("..", "..", "shared", "cases", "letters");

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

    private static ConditioningPlan plan(Asking asking, int samples) {
        return new ConditioningPlan(
                prior, prompts, 3, BeginToken.YES, asking, samples, null, 1, ConditioningPlan.Care.standard());
    }

    private static Asking reward(double beta) {
        return new Asking("0.5*count:[ea]", null, beta, RewardType.SCORE);
    }

    private static List<Answer> run(ConditioningPlan plan, Conditioner... methods) throws IOException {
        return Credence.condition(plan, line -> {}, methods);
    }

    private static Finding finding(Answer answer, String id) {
        return Objects.requireNonNull(answer.findings().get(id), id);
    }

    private static double estimate(Answer answer, String id) {
        return finding(answer, id).estimate();
    }

    /** β = 0.25: four copies of half the letters. */
    @Test
    void boundsHoldWhatEnumerationFinds() throws IOException {
        ConditioningPlan plan = plan(reward(0.25), 300);
        Answer exact = run(plan, Rejection.atKl(0.25)).get(0);
        double logZ = estimate(exact, "log_z");
        double width = Double.POSITIVE_INFINITY;
        for (int k : new int[] {2, 8, 32}) {
            Answer got = run(plan, Smc.of(k).atKl(0.25)).get(0);
            Finding bounds = finding(got, "log_z");
            assertThat(logZ).as("%d particles", k).isBetween(bounds.lower(), bounds.upper());
            assertThat(bounds.estimate()).isCloseTo(logZ, within(0.1));
            assertThat(bounds.upper() - bounds.lower()).isLessThan(width * 0.75);
            width = bounds.upper() - bounds.lower();
            assertThat(estimate(got, "ess")).isBetween(1.0, (double) k);
            double departure = finding(got, "kl.policy_aimed.bound").upper();
            assertThat(finding(got, "kl.policy_asked").upper()).isEqualTo(departure);
            assertThat(finding(got, "kl.policy_asked").lower()).isZero();
            Finding moved = finding(got, "kl.policy_prior");
            assertThat(estimate(exact, "kl.policy_prior"))
                    .isBetween(moved.lower() - departure, moved.upper() + departure);
            assertThat(got.cost().drawsPerText().orElseThrow()).isEqualTo(k);
            assertThat(got.cost().modelCalls().orElseThrow()).isEqualTo(2L * 300 * (2 * k + 1));
            assertThat(got.aimed()).isEqualTo("4 copies of the reward (beta 0.25)");
            assertThat(got.policy()).isNull();
            assertThat(finding(got, "copies.moment_match").reason()).contains("no log-probability under the policy");
        }
        assertThat(width).isLessThan(0.2);
    }

    @Test
    void exactTwistsAreThePosterior() throws IOException {
        ConditioningPlan plan = plan(reward(0.25), 100);
        Answer exact = run(plan, Rejection.atKl(0.25)).get(0);
        Answer got = run(plan, Smc.twisted(4).atKl(0.25)).get(0);
        assertThat(finding(got, "log_z").grade()).isEqualTo(Grade.EXACT);
        assertThat(estimate(got, "log_z")).isCloseTo(estimate(exact, "log_z"), within(1e-5));
        for (String id : List.of("kl.policy_asked", "kl.asked_policy", "kl.departure", "kl.policy_aimed.bound")) {
            assertThat(finding(got, id).upper()).as(id).isZero();
        }
        assertThat(finding(got, "bayes_fraction").lower()).isEqualTo(1);
        assertThat(estimate(got, "ess")).isCloseTo(4, within(1e-4));
        assertThat(got.audit().verdict().label()).isEqualTo(Verdict.Label.CONDITIONAL);
        Finding moved = finding(got, "kl.policy_prior");
        assertThat(estimate(exact, "kl.policy_prior"))
                .isBetween(2 * moved.lower() - moved.estimate(), 2 * moved.upper() - moved.estimate());
    }

    /** Learned twists need fewer particles; what a method aims at is not what was asked where the plan says otherwise. */
    @Test
    void learnedTwistsAndOtherCoefficients() throws IOException {
        ConditioningPlan plan = plan(reward(0.25), 200);
        double plain = estimate(run(plan, Smc.of(4).atKl(0.25)).get(0), "kl.policy_aimed.bound");
        Answer learned = run(plan, Smc.twisted(4).learning(4000).atKl(0.25)).get(0);
        assertThat(estimate(learned, "kl.policy_aimed.bound")).isLessThan(plain / 5);
        assertThat(learned.cost().modelCalls().orElseThrow()).isEqualTo(2L * (200 * 9 + 4000));
        Answer other = run(plan, Smc.of(4)).get(0);
        assertThat(other.aimed()).isEqualTo("1 copy of the reward (beta 1)");
        assertThat(finding(other, "kl.policy_asked").grade()).isEqualTo(Grade.WITHDRAWN);
        assertThat(estimate(other, "kl.policy_aimed.bound")).isLessThan(0.3);
    }

    @Test
    void evidenceThatExcludesIsFollowed() throws IOException {
        Asking asking = new Asking(null, "contains:e and 0.5*count:[ea]", 1, RewardType.SCORE);
        Answer exact = run(plan(asking, 100), Rejection.atKl(1)).get(0);
        for (Smc how : List.of(
                Smc.of(32),
                Smc.twisted(8),
                Smc.twisted(16).expecting(Smc.Expected.NONE),
                Smc.twisted(8).learning(500))) {
            Answer got = run(plan(asking, 100), how).get(0);
            Finding bounds = finding(got, "log_z");
            assertThat(estimate(exact, "log_z")).as("%s", how).isBetween(bounds.lower() - 1e-5, bounds.upper() + 1e-5);
            if (how.proposal() == Smc.Proposal.TWISTED) {
                assertThat(finding(got, "reward.policy").lower()).isFinite();
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameFigures() throws IOException {
        ConditioningPlan plan = plan(reward(0.5), 40);
        Answer first = run(plan, Smc.of(8).atKl(0.5)).get(0);
        Answer second = run(plan, Smc.of(8).atKl(0.5)).get(0);
        assertThat(estimate(second, "log_z")).isEqualTo(estimate(first, "log_z"));
        assertThat(estimate(second, "reward.policy")).isEqualTo(estimate(first, "reward.policy"));
    }

    @Test
    void aSpentBudgetIsSaid() throws IOException {
        List<String> lines = new ArrayList<>();
        Answer some = Credence.condition(
                        plan(reward(0.5), 300).drawing(400),
                        lines::add,
                        Smc.of(8).atKl(0.5))
                .get(0);
        assertThat(lines).anyMatch(line -> line.contains("the budget is spent: 12 of 300 runs of prompt 't'"));
        assertThat(finding(some, "log_z").grade()).isEqualTo(Grade.ESTIMATED);
        assertThatThrownBy(
                        () -> run(plan(reward(0.5), 300).drawing(50), Smc.of(8).atKl(0.5)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "draws is 50; the budget is spent: smc needs two runs of 8 particles for each prompt and bound");
    }

    /** What is saved: the prior's draws, and particles as draws of the tilt, those of a run in a group. */
    @Test
    void particlesGoIntoALog() throws IOException {
        Path log = folder.resolve("saved").resolve("rollouts.jsonl");
        ConditioningPlan plan = plan(reward(0.5), 60);
        try (ModelConditioning conditioning = new ModelConditioning(plan.question(Prompts.read(prompts)), line -> {})) {
            conditioning.untrained(Smc.of(16).atKl(0.5), MethodOptions.none(), log);
        }
        TreeMap<String, Integer> sources = new TreeMap<>();
        double reward = 0;
        for (String line : Files.readAllLines(log)) {
            JsonNode record = new ObjectMapper().readTree(line);
            sources.merge(record.get("source").asText(), 1, Integer::sum);
            assertThat(record.has("logp_policy")).isFalse();
            boolean isTilt = record.get("source").asText().equals("tilt");
            assertThat(record.has("lambda")).isEqualTo(isTilt);
            assertThat(record.has("group")).isEqualTo(isTilt);
            if (isTilt) {
                assertThat(record.get("lambda").asDouble()).isEqualTo(2);
                assertThat(record.get("group").asText()).matches("run \\d+");
                reward += record.get("reward").get("0.5*count:[ea]").asDouble() / 120;
            }
        }
        assertThat(sources).containsEntry("prior", 120).containsEntry("tilt", 120);
        double asked = estimate(run(plan, Rejection.atKl(0.5)).get(0), "reward.policy");
        assertThat(reward).isCloseTo(asked, within(4 * 0.5 / Math.sqrt(120)));
    }

    /** Of two runs the one with the larger estimate gives more draws; those of weight 0 give none. */
    @Test
    void pooledDrawsFollowAllWeights() {
        int[][] chosen = ParticleConditioning.pooled(
                List.of(
                        runOf(Math.log(3), 0, 0),
                        runOf(0, 0, Double.NEGATIVE_INFINITY),
                        runOf(Double.NEGATIVE_INFINITY, 0)),
                400,
                0.5);
        int[][] count = new int[3][2];
        for (int[] one : chosen) {
            count[one[0]][one[1]]++;
        }
        assertThat(count[0]).containsExactly(150, 150);
        assertThat(count[1]).containsExactly(100, 0);
        assertThat(count[2]).containsExactly(0, 0);
    }

    private static ParticleRun runOf(double logZ, double... weights) {
        List<ConditionedModel.Text> texts = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            double[] none = {-1};
            texts.add(new ConditionedModel.Text(new Sample(new int[] {i}, none, none, true), i));
        }
        return new ParticleRun(texts, weights, logZ, 0, 1);
    }

    /** Without exact draws there is a lower bound alone, and the reason. */
    @Test
    void anUpperBoundNeedsExactDraws() {
        List<ParticleRun> runs = List.of(runOf(0.1, 0, 0), runOf(0.2, 0, 0), runOf(0.3, 0, 0));
        ParticleFindings.OfPrompt one =
                new ParticleFindings.OfPrompt(1, runs, List.of(), "too many texts", LogBounds.UNBOUNDED);
        var findings = new ParticleFindings(List.of(one), 1).byId();
        Finding logZ = Objects.requireNonNull(findings.get("log_z"));
        assertThat(logZ.lower()).isLessThan(0.2);
        assertThat(logZ.upper()).isNaN();
        assertThat(logZ.reason())
                .isEqualTo("no upper bound of log Z, as there are no exact draws of the posterior: too many texts");
        Finding bound = Objects.requireNonNull(findings.get("kl.policy_aimed.bound"));
        assertThat(bound.grade()).isEqualTo(Grade.WITHDRAWN);
        assertThat(bound.reason()).contains("too many texts");
        ParticleFindings.OfPrompt both = new ParticleFindings.OfPrompt(1, runs, runs, "", LogBounds.UNBOUNDED);
        Finding held = Objects.requireNonNull(
                new ParticleFindings(List.of(both), 1).byId().get("log_z"));
        double half = 4.302652729911275 * 0.1 / Math.sqrt(3); // Student's t with two degrees of freedom
        assertThat(held.lower()).isCloseTo(0.2 - half, within(1e-9));
        assertThat(held.upper()).isCloseTo(0.2 + half, within(1e-9));
        ParticleFindings.OfPrompt dead = new ParticleFindings.OfPrompt(
                1,
                List.of(runOf(0, 0), runOf(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY)),
                runs,
                "",
                new LogBounds(0, 0));
        var some = new ParticleFindings(List.of(dead), 1).byId();
        assertThat(Objects.requireNonNull(some.get("log_z")).lower()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Objects.requireNonNull(some.get("kl.policy_aimed.bound")).reason())
                .isEqualTo("some runs have no particle with the evidence");
    }

    /** T6: expectations of the log-mean-weight of four draws; and with more combinations than are enumerated, by runs. */
    @Test
    void aTableHasItsExpectations() {
        NamedReward reward = new NamedReward("r", TestWorlds.reward(TestWorlds.t1Rewards()));
        TableModel t1 = TableModel.of(TestWorlds.T1);
        Answer four = Credence.condition(t1, reward, 1, Smc.of(4)).get(0);
        assertThat(finding(four, "log_z").lower()).isCloseTo(1.36351517, within(1e-8));
        assertThat(finding(four, "log_z").upper()).isCloseTo(1.71834392, within(1e-8));
        assertThat(estimate(four, "log_z")).isCloseTo(1.54795593, within(1e-8));
        assertThat(finding(four, "resamplings").upper()).isZero();
        Answer many = Credence.condition(t1, reward, 1, Smc.of(1000)).get(0);
        Finding bounds = finding(many, "log_z");
        assertThat(bounds.grade()).isEqualTo(Grade.ESTIMATED);
        assertThat(bounds.upper() - bounds.lower()).isBetween(1e-4, 0.02);
        // 1/E_π*[π*/π0] of T1 is .41031377
        assertThat(estimate(many, "ess")).isCloseTo(410.31377, within(5.0));
        Answer exact = Credence.condition(t1, reward, 1, Smc.twisted(4)).get(0);
        assertThat(finding(exact, "log_z").grade()).isEqualTo(Grade.EXACT);
        assertThat(estimate(exact, "ess")).isEqualTo(4);
    }

    /** The case's exact log Z, by another library in double precision; bounds hold it and close. */
    @Test
    void theLettersAreHeld() throws IOException {
        assumeTrue(Files.exists(LETTERS), "the shared cases are not there");
        JsonNode expected = new ObjectMapper()
                .readTree(LETTERS.resolve("rloo-beta0.5.json").toFile())
                .get("prompts");
        String ha = Files.writeString(folder.resolve("ha.jsonl"), "\"ha\"\n").toString();
        ConditioningPlan plan = new ConditioningPlan(
                LETTERS.resolve("prior").toString(),
                ha,
                5, // letters, as the case is cut
                BeginToken.YES,
                new Asking("0.5*count:[aeiou]", null, 0.5, RewardType.SCORE),
                150,
                null,
                1,
                ConditioningPlan.Care.standard());
        double truth = expected.get("ha").get("log_z").asDouble();
        List<Answer> got = run(plan, Smc.of(2).atKl(0.5), Smc.of(32).atKl(0.5));
        double width = Double.POSITIVE_INFINITY;
        for (Answer answer : got) {
            Finding bounds = finding(answer, "log_z");
            assertThat(truth).isBetween(bounds.lower(), bounds.upper());
            assertThat(bounds.upper() - bounds.lower()).isLessThan(width / 2);
            width = bounds.upper() - bounds.lower();
        }
    }
}
