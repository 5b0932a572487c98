package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.BeginToken;
import dev.credence.lab.Credence;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.methods.BestOfN;
import dev.credence.methods.Conditioner;
import dev.credence.methods.Luce;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.Prefix;
import dev.credence.methods.Quantilizer;
import dev.credence.methods.Rejection;
import dev.credence.methods.Resample;
import dev.credence.methods.Smc;
import dev.credence.methods.Tilt;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.torch.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings at their ends, on a transformer and one prompt. */
class ConditioningEdgesTest {
    private static final int HORIZON = 2;
    private static final String LETTERS = "count:[ea]";
    private static final String ALIKE = "0*count:[ea]";

    @TempDir
    private static Path folder = Path.of("");

    private static String prior = "";
    private static String prompts = "";

    @BeforeAll
    static void writeModel() throws IOException {
        prior = TinyCheckpoint.write(folder.resolve("prior"), 3).toString();
        prompts = Files.writeString(folder.resolve("prompt.jsonl"), "\"t\"\n").toString();
    }

    private static List<Answer> run(String reward, double beta, Conditioner... methods) throws IOException {
        return Credence.condition(plan(reward, beta), line -> {}, methods);
    }

    private static ConditioningPlan plan(String reward, double beta) {
        return plan(prior, reward, beta);
    }

    private static ConditioningPlan plan(String model, String reward, double beta) {
        return new ConditioningPlan(
                model,
                prompts,
                HORIZON,
                BeginToken.YES,
                new Asking(reward, null, beta, RewardType.SCORE),
                50,
                null,
                1,
                ConditioningPlan.Care.standard());
    }

    private static Answer train(String method, String reward, int samples) throws IOException {
        MethodOptions few = MethodOptions.none()
                .with("steps", "3")
                .with("samples", Integer.toString(samples))
                .with("beta", "0.5");
        TrainedConditioner trained = (TrainedConditioner) Methods.byName(method).with(few);
        return Credence.condition(folder.resolve(method + samples), plan(reward, 0.5), trained, line -> {});
    }

    private static double estimate(Answer answer, String id) {
        return Objects.requireNonNull(answer.findings().get(id), id).estimate();
    }

    private static double[] policy(Answer answer) {
        return Objects.requireNonNull(answer.policy()).given("t").probabilities();
    }

    /** One draw is the prior's, and so is the best of all there is. */
    @Test
    void aPoolOfOneIsThePrior() throws IOException {
        for (Answer answer : run(LETTERS, 1, BestOfN.of(1), Luce.of(1), Resample.of(1), Quantilizer.of(1))) {
            assertThat(estimate(answer, "kl.policy_prior")).as(answer.label()).isCloseTo(0, within(1e-12));
            assertThat(estimate(answer, "copies.moment_match"))
                    .as(answer.label())
                    .isCloseTo(0, within(1e-9));
        }
    }

    /** Of many copies the best texts are left, in the prior's ratios: log Z → r_max/β + log π0(best). */
    @Test
    void ofManyCopiesTheBestTextsAreLeft() throws IOException {
        Answer best = run(LETTERS, 1, Tilt.atKl(1e-6)).get(0);
        Answer asked = run(LETTERS, 1e-6, Rejection.atKl(1e-6)).get(0);
        assertThat(policy(asked)).containsExactly(policy(best), within(1e-15)); // logarithms here, products there
        double mass = estimate(asked, "kl.policy_prior"); // −log π0(best)
        assertThat(estimate(asked, "reward.policy")).isCloseTo(HORIZON, within(1e-12));
        assertThat(estimate(asked, "log_z")).isCloseTo(HORIZON / 1e-6 - mass, within(1e-6));
        assertThat(estimate(asked, "kl.policy_asked")).isCloseTo(0, within(1e-9));
    }

    /** At 10^15 copies the next double is an eighth of a nat away: figures of tables keep their digits, particles are refused. */
    @Test
    void copiesBeyondTheDigitsOfDoublesLeaveTheBestTextsOrAreRefused() throws IOException {
        Answer best = run(LETTERS, 0, Rejection.atKl(0)).get(0);
        for (Answer answer : run(LETTERS, 1e-15, Rejection.atKl(1e-15), Tilt.atKl(1e-15))) {
            assertThat(policy(answer)).containsExactly(policy(best), within(1e-12));
            assertThat(estimate(answer, "kl.policy_aimed")).isCloseTo(0, within(1e-9));
            assertThat(estimate(answer, "kl.aimed_policy")).isCloseTo(0, within(1e-9));
            assertThat(estimate(answer, "kl.policy_prior")).isCloseTo(estimate(best, "kl.policy_prior"), within(1e-9));
        }
        for (Smc particles : List.of(Smc.of(4), Smc.twisted(4))) {
            assertThatThrownBy(() -> run(LETTERS, 1e-15, particles.atKl(1e-15)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("beta is 1.0E-15; it must be larger")
                    .hasMessageContaining("rounded away");
        }
    }

    /** An interval that errors of the weights widen stays where its figure can be. */
    @Test
    void intervalsOfFewDrawsStayInTheirRange() throws IOException {
        ConditioningPlan few = plan(LETTERS, 0.5).drawing(400);
        Conditioner[] methods = {
            Prefix.of("e"),
            Rejection.atKl(0.5),
            BestOfN.of(2),
            Luce.of(2),
            Resample.of(2).atKl(0.5)
        };
        for (Answer answer : Credence.condition(few, line -> {}, methods)) {
            answer.findings().forEach((id, finding) -> {
                double least = id.startsWith("modes.") ? 1 : 0;
                boolean isShare = id.equals("bayes_fraction") || id.equals("recall");
                if (finding.stands() && (isShare || id.startsWith("kl.") || id.startsWith("modes."))) {
                    double rounded = id.contains("sampled") || id.contains("subsets") ? -1 : least - 1e-9;
                    assertThat(finding.lower())
                            .as("%s of %s", id, answer.label())
                            .isGreaterThanOrEqualTo(rounded);
                    assertThat(!isShare || finding.upper() <= 1 + 1e-9)
                            .as("%s of %s", id, answer.label())
                            .isTrue();
                }
            });
        }
    }

    @Test
    void ofNoCopiesThePriorIsLeft() throws IOException {
        for (Answer answer :
                run(LETTERS, 1e9, Rejection.atKl(1e9), Resample.of(4).atKl(1e9))) {
            assertThat(estimate(answer, "kl.policy_prior")).isCloseTo(0, within(1e-12));
            assertThat(estimate(answer, "log_z")).isCloseTo(0, within(1e-8));
        }
    }

    /**
     * Nothing tells texts apart. Without a penalty the policy does not move at all; with one its gradient is the rounding of
     * log-ratios, of which Adam makes steps as long as its rate, 0.001 a parameter, that the penalty takes back.
     */
    @ParameterizedTest
    @CsvSource({"rloo, 0.005", "grpo, 0.005", "dr-grpo, 1e-9"})
    void rewardsThatAreAllEqualTeachNothing(String name, double trembles) throws IOException {
        Answer trained = train(name, ALIKE, 8);
        assertThat(estimate(trained, "kl.policy_prior")).isCloseTo(0, within(trembles));
        if (name.equals("grpo")) { // where nothing deviates, nothing is divided by: the prior is its limit
            assertThat(estimate(trained, "kl.policy_limit")).isCloseTo(0, within(trembles));
        }
        assertThat(estimate(trained, "reward.policy")).isZero();
    }

    @Test
    void rewardsThatAreAllEqualSelectNothing() throws IOException {
        List<Answer> all = run(
                ALIKE,
                0.5,
                BestOfN.of(4),
                Luce.of(4),
                Quantilizer.of(0.3),
                Rejection.atKl(0.5),
                Smc.of(4).atKl(0.5));
        for (Answer answer : all) {
            assertThat(estimate(answer, "log_z")).as(answer.label()).isCloseTo(0, within(1e-6));
            Finding moved = Objects.requireNonNull(answer.findings().get("kl.policy_prior"));
            assertThat(moved.lower()).as(answer.label()).isLessThan(1e-6);
        }
    }

    /** A run of one particle is a draw of the prior: E log Ẑ = E r/β, below log Z. */
    @Test
    void oneParticleBoundsLogZ() throws IOException {
        double logZ = estimate(run(LETTERS, 0.5, Rejection.atKl(0.5)).get(0), "log_z");
        Finding bounds = Objects.requireNonNull(
                run(LETTERS, 0.5, Smc.of(1).atKl(0.5)).get(0).findings().get("log_z"));
        assertThat(logZ).isBetween(bounds.lower(), bounds.upper());
    }

    @Test
    void whatComparesAPromptsTextsNeedsTwo() {
        for (String name : List.of("rloo", "ppo", "grpo")) {
            assertThatThrownBy(() -> train(name, LETTERS, 1))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("samples")
                    .hasMessageContaining("1");
        }
    }

    /** A letter of probability 0 (e^−2000, or as small as floats go) is rewarded and never had: it is as if no reward spoke of it. */
    @ParameterizedTest
    @ValueSource(floats = {-2000, -1e30f})
    void textsOfProbabilityZeroStayAway(float logit) throws IOException {
        assumeThat(logit == -2000 || Backend.shared().choice().device().equals("cpu"))
                .as("an accelerator's norm of a state of 1e30 is no number, which is refused")
                .isTrue();
        String model = TinyCheckpoint.write(folder.resolve("without" + logit), 3, 2, logit)
                .toString();
        Conditioner[] methods = {
            Rejection.atKl(0.5),
            Tilt.atKl(0.5),
            BestOfN.of(4),
            Luce.of(4),
            Resample.of(4).atKl(0.5),
            Quantilizer.of(0.3),
            Smc.of(8).atKl(0.5),
            Smc.twisted(8).atKl(0.5)
        };
        List<Answer> both = Credence.condition(plan(model, LETTERS, 0.5), line -> {}, methods);
        List<Answer> one = Credence.condition(plan(model, "count:a", 0.5), line -> {}, methods);
        for (int k = 0; k < methods.length; k++) {
            for (String id : List.of("log_z", "kl.policy_prior", "reward.policy")) {
                assertThat(estimate(both.get(k), id))
                        .as("%s of %s", id, both.get(k).label())
                        .isFinite()
                        .isCloseTo(estimate(one.get(k), id), within(1e-9));
            }
        }
        for (String name : List.of("rloo", "grpo", "dpo", "ipo", "kto", "distil", "f-dpg", "ppo")) {
            MethodOptions few =
                    MethodOptions.none().with("steps", "3").with("samples", "8").with("beta", "0.5");
            TrainedConditioner trained =
                    (TrainedConditioner) Methods.byName(name).with(few);
            Answer answer =
                    Credence.condition(folder.resolve(name + logit), plan(model, LETTERS, 0.5), trained, line -> {});
            assertThat(estimate(answer, "kl.policy_prior")).as(name).isFinite().isNotNegative();
            assertThat(estimate(answer, "reward.policy")).as(name).isBetween(0.0, (double) HORIZON);
        }
    }
}
