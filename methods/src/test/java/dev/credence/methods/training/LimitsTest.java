package dev.credence.methods.training;

import static dev.credence.core.Vectors.assertSixDigits;
import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.Vectors;
import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Conditioned;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.TrainingEnd;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods run to their limits, against what they state. */
class LimitsTest {
    private static final TableModel T1 = TableModel.of(TestWorlds.T1);
    private static final RewardFunction REWARD = TestWorlds.reward(TestWorlds.t1Rewards());
    private static final MethodOptions NONE = MethodOptions.none();
    private static final MethodOptions POPULATION = NONE.with("population", "true");

    static Stream<Arguments> settings() {
        return Stream.of(
                        "rloo",
                        "rloo beta=0.5",
                        "rloo beta=2",
                        "rloo beta=0.05",
                        "rloo kl=loss:k2",
                        "rloo kl=loss:k3-ratio",
                        "rloo kl=loss:k3",
                        "rloo kl=loss:k1",
                        "rloo kl=none",
                        "rloo kl=mean-token",
                        "rloo entropy=0.3",
                        "rloo adaptive-kl=0.4",
                        "dr-grpo kl=loss:k2 adaptive-kl=0.4",
                        "grpo kl=reward:k1 beta=0.1",
                        "rloo gamma=0.5",
                        "rloo beta=1000000",
                        "grpo beta=1000000",
                        "grpo kl=loss:k2 beta=1000000",
                        "rloo beta=0.000000001",
                        "rloo beta=2 reset-reference=1000 steps=2000",
                        "rloo kl=loss:k2 beta=4 reset-reference=1000 steps=2500",
                        "rloo kl=loss:k3 beta=2 reset-reference=1000 steps=2000",
                        "rloo entropy=0.3 reset-reference=1000 steps=2000",
                        "reinforce",
                        "reinforce baseline=none",
                        "reinforce baseline=group beta=0.5",
                        "ppo",
                        "ppo beta=0.2 epochs=8",
                        "ppo kl=none",
                        "ppo beta=2 epochs=2 reset-reference=2000 steps=4000",
                        "reinforce kl=mean-token beta=2 reset-reference=1000 steps=2000",
                        "ppo baseline=value",
                        "grpo",
                        "grpo beta=0.5",
                        "grpo beta=0.04",
                        "grpo ratio=sequence",
                        "grpo kl=loss:k2 beta=2",
                        "grpo beta=2 reset-reference=1000 steps=2000",
                        "dr-grpo kl=reward:k1 reset-reference=1000 steps=2000",
                        "dr-grpo kl=loss:k3",
                        "dr-grpo kl=reward:k1 beta=0.5",
                        "dr-grpo",
                        "dapo kl=loss:k3 beta=0.5",
                        "dapo",
                        "natural-gradient",
                        "natural-gradient beta=0.05",
                        "natural-gradient target-kl=0.5",
                        "dpo",
                        "dpo beta=0.5",
                        "ipo",
                        "ipo beta=0.3",
                        "distil",
                        "distil beta=0.5",
                        "f-dpg",
                        "f-dpg divergence=reverse-kl beta=0.3",
                        "f-dpg divergence=js beta=0.2",
                        "f-dpg divergence=tv",
                        "f-dpg divergence=chi2 beta=3",
                        "f-dpg divergence=reverse-chi2 beta=0.1",
                        "gdc moment=2",
                        "rwr beta=0.5",
                        "rwr rounds=3",
                        "awr beta=0.2",
                        "awr beta=0.5 rounds=3 max-weight=2",
                        "quark",
                        "quark rounds=1 penalty=0 quantiles=3",
                        "sft observation=b",
                        "observation copies=2",
                        "feedme",
                        "feedme threshold=1",
                        "top-fraction q=0.3",
                        "expert-iteration rounds=2 beta=2",
                        "expert-iteration beta=0.5 rounds=3",
                        "expert-iteration beta=2 prior-share=0.3",
                        "expert-iteration beta=2 prior-share=0.3 rounds=2",
                        "expert-iteration rounds=2 n=3",
                        "expert-iteration rounds=2 q=0.5")
                .map(Arguments::of);
    }

    /** With the penalty against what the stage before reached, n stages are n/β copies: two at 2 are one at 1. */
    @ParameterizedTest
    @CsvSource({
        "rloo, 2, 2000, 1000, 1",
        "reinforce, 3, 2200, 800, 1",
        "ppo, 4, 4000, 1000, 1",
        "rloo, 1, 4000, 1000, 0.25"
    })
    void stagesAgainstAMovedReferenceCompose(String name, String beta, String steps, String every, String whole) {
        Conditioner method = Methods.byName(name);
        MethodOptions staged =
                POPULATION.with("beta", beta).with("steps", steps).with("reset-reference", every);
        Distribution once = method.condition(T1, REWARD, POPULATION.with("beta", whole))
                .policy()
                .given("");
        assertThat(method.condition(T1, REWARD, staged).policy().given("").probabilities())
                .containsExactly(once.probabilities(), within(1e-6));
        Aim aim = method.aim(staged);
        assertThat(aim.limit(T1, REWARD).given("").probabilities()).containsExactly(once.probabilities(), within(1e-6));
        assertThat(aim.evidence()).contains("stages at beta " + beta + " is run to its optimum");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rloo reset-reference=10 | it goes with steps",
                "rloo reset-reference=10 steps=10 | it must be below steps, which is 10",
                "rloo reset-reference=0 steps=10 | it must be a whole number of at least 1",
                "rloo reset-reference=5 steps=10 beta=0 | nothing holds the policy to a reference: kl is reward:k1, beta 0",
                "rloo reset-reference=5 steps=10 kl=loss:k1 | nothing holds the policy to a reference: kl is loss:k1",
                "dr-grpo reset-reference=5 steps=10 | nothing holds the policy to a reference: kl is none",
                "rloo reset-reference=5 steps=10 adaptive-kl=0.3 | give one of both"
            })
    void aReferenceThatCannotMoveIsRefused(String setting, String rule) {
        Conditioner method = method(setting);
        MethodOptions options = options(setting);
        assertThatThrownBy(() -> method.aim(options))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("reset-reference is")
                .hasMessageContaining(rule);
        assertThatThrownBy(() -> method.condition(T1, REWARD, options)).isInstanceOf(InputException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rloo", "grpo", "ppo", "reinforce", "dr-grpo", "dapo", "ppo baseline=batch"})
    void oneSampleIsNoBaseline(String setting) {
        MethodOptions one =
                LimitsTest.options(setting).with("population", "false").with("samples", 1);
        assertThatThrownBy(() -> method(setting).condition(T1, REWARD, one))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("samples is 1")
                .hasMessageContaining("it must be at least 2");
        MethodOptions alone = one.with("steps", 2);
        assertThat(Methods.byName("reinforce")
                        .condition(T1, REWARD, alone.with("baseline", "none"))
                        .modelCalls())
                .isPresent();
        assertThat(Methods.byName("ppo")
                        .condition(T1, REWARD, alone.with("baseline", "value"))
                        .modelCalls())
                .isPresent();
    }

    @Test
    void whatTaughtNothingIsCounted() {
        RewardFunction equal = TestWorlds.reward(.1, .1, .1, .1);
        MethodOptions few = NONE.with("steps", 5);
        Conditioned got = Methods.byName("dapo").condition(T1, equal, few);
        assertThat(Objects.requireNonNull(got.training()).equalGroups()).hasValue(1);
        assertThat(got.policy().given("").probabilities())
                .as("and moves nothing by rounding")
                .containsExactly(T1.given("").probabilities(), within(1e-15));
        TrainingEnd some = Objects.requireNonNull(
                Methods.byName("grpo").condition(T1, REWARD, few).training());
        assertThat(some.equalGroups()).hasValue(0);
        assertThat(some.isMissed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rloo steps=2", "kto steps=3", "grpo steps=3", "dpo optimiser=sgd lr=0.001 steps=5"})
    void aLimitThatIsNotReachedIsSaid(String setting) {
        TrainingEnd end = Objects.requireNonNull(
                method(setting).condition(T1, REWARD, options(setting)).training());
        assertThat(end.isMissed()).isTrue();
        assertThat(end.gradientNorm()).isPositive();
        Aim aim = method(setting).aim(options(setting));
        assertThat(end.distance().isPresent()).isEqualTo(aim.hasLimit());
        end.distance().ifPresent(off -> assertThat(off).isGreaterThan(1e-3));
    }

    /** A coefficient that is steered states copies only where every coefficient gives copies. */
    @ParameterizedTest
    @ValueSource(
            strings = {"rloo kl=loss:k3 adaptive-kl=0.1", "grpo adaptive-kl=0.1", "rloo entropy=0.1 adaptive-kl=0.1"})
    void aSteeredCoefficientOfAnotherPenaltyHasNoStatedLimit(String setting) {
        Aim aim = method(setting).aim(options(setting));
        assertThat(aim.hasLimit()).isFalse();
        assertThat(aim.noPosterior()).contains("this penalty does not");
    }

    @ParameterizedTest
    @MethodSource("settings")
    void inPopulationEveryMethodReachesTheLimitItStates(String setting) {
        Conditioner method = method(setting);
        MethodOptions options = options(setting);
        Aim aim = method.aim(options);
        Distribution got = method.condition(T1, REWARD, options).policy().given("");
        assertThat(got.probabilities())
                .containsExactly(aim.limit(T1, REWARD).given("").probabilities(), within(1e-6));
        if (aim.noPosterior() == null && aim.ofReward() != null) {
            assertThat(aim.posterior(T1, REWARD).model().given("").probabilities())
                    .containsExactly(got.probabilities(), within(1e-6));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rloo beta=0.5",
                "rloo kl=loss:k3",
                "ppo beta=0.5",
                "ppo baseline=value",
                "grpo beta=2",
                "dpo beta=0.7",
                "distil",
                "f-dpg divergence=js",
                "f-dpg divergence=tv beta=0.2",
                "f-dpg divergence=chi2",
                "f-dpg divergence=reverse-chi2 beta=0.3",
                "awr beta=0.4",
                "quark rounds=4 quantiles=3",
                "feedme",
                "expert-iteration rounds=3 n=2",
                "observation copies=3"
            })
    void inPopulationSeveralPromptsReachTheirLimits(String setting) {
        for (long seed = 1; seed < 6; seed++) {
            Map<String, Distribution> rows = new LinkedHashMap<>();
            rows.put("p", RandomWorld.of(seed).prior());
            rows.put("q", RandomWorld.of(seed + 10).prior());
            TableModel prior = TableModel.of(rows, Map.of("p", 2.0, "q", 1.0));
            long first = seed;
            RewardFunction reward = (prompt, text) -> Math.tanh(RandomWorld.of(first + (prompt.equals("p") ? 0 : 10))
                    .reward()
                    .reward("", text));
            Conditioner method = method(setting);
            MethodOptions options = options(setting);
            TableModel got = method.condition(prior, reward, options).policy();
            TableModel limit = method.aim(options).limit(prior, reward);
            for (String prompt : prior.prompts()) {
                assertThat(got.given(prompt).probabilities())
                        .as(setting + ", worlds " + seed + ", prompt " + prompt)
                        .containsExactly(limit.given(prompt).probabilities(), within(1e-6));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"2, \"T10.k3loss_beta2.0\"", "1, \"T10.k3loss_beta1.0\"", "0.5, \"T10.k3loss_beta0.5\""})
    void k3InTheLossEndsWhereTheSheetSays(String beta, String key) {
        MethodOptions options = POPULATION.with("kl", "loss:k3").with("beta", beta);
        TableModel got = Methods.byName("rloo").condition(T1, REWARD, options).policy();
        assertVector(got.given("").probabilities(), key, "p");
        StepAudit audit = audit(got, Double.parseDouble(beta));
        assertFinding(audit, "copies.moment_match", key, "lam_mm");
        assertFinding(audit, "copies.prior_slope", key, "OLSslope_pi0");
        assertFinding(audit, "kl.policy_asked", key, "KL_pi_pistar");
        assertFinding(audit, "kl.asked_policy", key, "KL_pistar_pi");
        assertFinding(audit, "kl.policy_prior", key, "KL_pi_p0");
        assertFinding(audit, "reward.policy", key, "Er");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "0.2, 0.04, \"T10.grpo_binary_p00.2_b0.04\"",
                "0.2, 0.5, \"T10.grpo_binary_p00.2_b0.5\"",
                "0.2, 1, \"T10.grpo_binary_p00.2_b1.0\"",
                "0.5, 1, \"T10.grpo_binary_p00.5_b1.0\""
            })
    void grpoAsPublishedEndsOnNoPosterior(double p0, double beta, String key) {
        TableModel prior = TableModel.of(TestWorlds.distribution(1 - p0, p0));
        RewardFunction reward = TestWorlds.reward(0, 1);
        Conditioner grpo = Methods.byName("grpo");
        MethodOptions options = POPULATION.with("beta", beta);
        double p = grpo.condition(prior, reward, options).policy().given("").probability(1);
        assertVector(p, key, "grpo_k3_std");
        assertThat(grpo.aim(options).limit(prior, reward).given("").probability(1))
                .isCloseTo(p, within(1e-9));
        double odds = Math.log(p / (1 - p)) - Math.log(p0 / (1 - p0));
        assertThat(odds).isCloseTo(Vectors.number(key, "n_eff_lograt"), within(1e-5));
        assertThat(Math.exp(odds)).isCloseTo(Vectors.number(key, "odds_mult"), within(1e-5 * Math.exp(odds)));
        double bayes =
                Math.exp(TiltedFamily.of(prior.given(""), new double[] {0, 1}).logPosterior(1 / beta)[1]);
        assertVector(bayes, key, "bayes_tilt");
        assertThat(grpo.aim(options).noPosterior()).contains("no posterior");
    }

    /** The true KL against rewards divided by their own deviation: two roots, the first of them stable, or none. */
    @Test
    void standardisedRewardsHaveTwoFixedPointsOrNone() {
        TableModel prior = TableModel.of(TestWorlds.distribution(.8, .2));
        RewardFunction reward = TestWorlds.reward(0, 1);
        double[] roots = Vectors.numbers("N.roots_p0.2_b1.5");
        MethodOptions options = POPULATION.with("kl", "loss:k2").with("beta", 1.5);
        Conditioner grpo = Methods.byName("grpo");
        assertThat(grpo.condition(prior, reward, options).policy().given("").probability(1))
                .isCloseTo(roots[0], within(Vectors.TOLERANCE));
        assertThat(grpo.aim(options).limit(prior, reward).given("").probability(1))
                .isCloseTo(roots[0], within(Vectors.TOLERANCE));
        for (double side : new double[] {-1, 1}) { // from beside the unstable root it moves away from it
            double start = roots[1] + side * 1e-4;
            double[] logits = {Math.log(1 - start), Math.log(start)};
            Surrogate surrogate = new Surrogate(
                    Surrogate.Baseline.GROUP_MEAN,
                    Surrogate.Scale.GROUP_STD,
                    Surrogate.Ratio.NONE,
                    1,
                    1,
                    Surrogate.Average.SUM,
                    KlPlacement.LOSS_K2,
                    1.5,
                    0,
                    1,
                    1);
            Distribution policy = Distribution.ofLogWeights(List.of("a", "b"), logits);
            Rollouts rollouts = Tables.rollouts(prior.given(""), policy, new double[] {0, 1});
            double[] gradient = Tables.logitGradient(
                    new SurrogateObjective(rollouts, surrogate, 1, 1).weights(rollouts.drawnLogProbs()), policy);
            assertThat(gradient[1] * side).isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"0.05, \"N.betastar_p00.05\"", "0.2, \"N.betastar_p00.2\"", "0.5, \"N.betastar_p00.5\""})
    void belowTheCriticalCoefficientNothingHolds(double p0, String key) {
        TableModel prior = TableModel.of(TestWorlds.distribution(1 - p0, p0));
        RewardFunction reward = TestWorlds.reward(0, 1);
        double critical = Vectors.number(key, "beta_star");
        double[] ends = new double[2];
        for (int side = 0; side < 2; side++) {
            double beta = critical * (side == 0 ? 1 - 1e-4 : 1 + 1e-4);
            ends[side] = Limits.standardisedTilt(prior, reward, beta).given("").probability(1);
        }
        assertThat(ends[0]).as("below: all on the best").isEqualTo(1);
        assertThat(ends[1]).as("at it").isCloseTo(Vectors.number(key, "p_at"), within(0.02));
        MethodOptions options = POPULATION.with("kl", "loss:k2").with("beta", 0.9 * critical);
        assertThat(Methods.byName("grpo")
                        .condition(prior, reward, options)
                        .policy()
                        .given("")
                        .probability(1))
                .isGreaterThan(1 - 1e-6);
    }

    /** Test L: with lengths 1, 2, 4, 8 the mean over tokens makes multiplicity grow with length. */
    @Test
    void aMeanOverTokensScalesByLength() {
        TrainingTask task = TableTasks.of(T1, REWARD);
        RolloutSource plain = RolloutSource.enumerated(task, Objects.requireNonNull(task.enumeration()));
        RolloutSource lengthened = new RolloutSource(task) {
            @Override
            Rollouts next(TrainablePolicy policy, RandomGenerator random) {
                return Tables.withLengths(plain.next(policy, random), 1, 2, 4, 8);
            }
        };
        TrainingSettings settings = PolicyGradient.rloo().population().at(TrainingSettings.Place.TABLE);
        TabularPolicy policy = new TabularPolicy(T1, settings.optimiser());
        Training training = new PolicyGradientTraining(
                policy,
                lengthened,
                PolicyGradientTraining.Plan.of(Surrogate.plain(KlPlacement.MEAN_TOKEN, 1)),
                Pace.of(settings));
        new TrainingRun(training, 100_000, Double.POSITIVE_INFINITY).run(new SplittableRandom(0), step -> {});
        assertVector(policy.table().given("").probabilities(), "L.len", "p");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"1, \"T11.vpg_T1.0\"", "5, \"T11.vpg_T5.0\"", "20, \"T11.vpg_T20.0\""})
    void vanillaGradientFlowLeavesTheFamily(double time, String key) {
        double[] p = Tables.flow(TestWorlds.T1, REWARD, time, 2000);
        assertVector(p, key, "p");
        TableModel policy = TableModel.of(TestWorlds.distribution(normalised(p)));
        StepAudit audit = audit(policy, 1);
        assertFinding(audit, "copies.moment_match", key, "lam_mm");
        assertFinding(audit, "bayes_fraction", key, "bayes_frac");
        assertFinding(audit, "kl.departure", key, "departure");
        assertFinding(audit, "kl.policy_prior", key, "KL0");
        assertFinding(audit, "reward.policy", key, "Er");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "1, \"T11.collapse_T1\"",
                "10, \"T11.collapse_T10\"",
                "100, \"T11.collapse_T100\"",
                "10000, \"T11.collapse_T10000\"",
                "1e6, \"T11.collapse_T1e+06\""
            })
    void ofEqualRewardsTheLikelierGrowsRicher(double time, String key) {
        double[] p = Tables.flow(TestWorlds.distribution(.6, .3, .1), TestWorlds.reward(1, 1, 0), time, 4000);
        double[] expected = Vectors.numbers(key, "p");
        for (int i = 0; i < 3; i++) {
            assertThat(p[i]).isCloseTo(expected[i], within(1e-6 * expected[i]));
        }
        assertSixDigits(p[0] / p[1], key, "ratio");
        assertThat(Limits.best(TableModel.of(TestWorlds.distribution(.6, .3, .1)), TestWorlds.reward(1, 1, 0))
                        .given("")
                        .probabilities())
                .as("the natural gradient keeps 2 : 1")
                .containsExactly(new double[] {2 / 3., 1 / 3., 0}, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"0, \"T17.copies0\"", "1, \"T17.copies1\"", "2, \"T17.copies2\"", "5, \"T17.copies5\""})
    void copiesOfAnObservationReweighTheLatent(double copies, String key) {
        double[] w = latentPosterior(copies);
        double[] seen = {.1, .4, .8};
        double[] fresh = {.2, .5, .9};
        assertVector(w, key, "w");
        assertVector(dot(w, seen), key, "pred_o");
        assertVector(dot(w, fresh), key, "pred_new");
    }

    /** Ascending log p(o) by the latent's logits is no number of copies either. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"1, \"T17.vanillaSFT_T1\"", "5, \"T17.vanillaSFT_T5\"", "20, \"T17.vanillaSFT_T20\""})
    void vanillaFlowOnAnObservationIsNoNumberOfCopies(double time, String key) {
        double[] seen = {.1, .4, .8};
        TableModel latent = TableModel.of(TestWorlds.distribution(.5, .3, .2));
        TrainingTask task = TableTasks.of(latent, TestWorlds.reward(0, 0, 0));
        double[] w = Tables.extrapolated(time, 2000, rate -> {
            TabularPolicy policy = new TabularPolicy(latent, Optimiser.sgd(rate));
            RolloutSource all = RolloutSource.enumerated(task, Objects.requireNonNull(task.enumeration()));
            return new Tables.Steps(
                    () -> {
                        Rollouts texts = all.next(policy, new SplittableRandom(0));
                        policy.step(texts.batch(), logProbs -> {
                            double mean = dot(texts.measure(), seen);
                            double[][] weights = new double[3][1];
                            for (int i = 0; i < 3; i++) {
                                weights[i][0] = texts.measure()[i] * seen[i] / mean;
                            }
                            return weights;
                        });
                    },
                    policy);
        });
        assertVector(w, key, "w");
        double[] line = line(w);
        assertThat(line[0]).isCloseTo(Vectors.number(key, "n_eff_slope"), within(1e-5));
        assertThat(line[1]).isCloseTo(Vectors.number(key, "R2"), within(1e-5));
        double copies = Vectors.number(key, "n_minKL");
        double least = kl(w, latentPosterior(copies));
        assertThat(least).isCloseTo(Vectors.number(key, "KLmin"), within(1e-7));
        assertThat(least).isLessThan(kl(w, latentPosterior(copies + 1e-3)));
        assertThat(least).isLessThan(kl(w, latentPosterior(copies - 1e-3)));
    }

    @Test
    void stopsWhereTheGradientIsNotFinite() {
        RewardFunction huge = TestWorlds.reward(1.7e308, -1.7e308, 1.7e308, -1.7e308);
        assertThatThrownBy(() -> Methods.byName("rloo").condition(T1, huge, NONE))
                .isInstanceOf(TrainingDivergedException.class)
                .hasMessageContaining("the gradient's norm is")
                .hasMessageContaining("lower lr");
    }

    private static double[] latentPosterior(double copies) {
        double[] logLikelihood = {Math.log(.1), Math.log(.4), Math.log(.8)};
        return Arrays.stream(TiltedFamily.of(TestWorlds.distribution(.5, .3, .2), logLikelihood)
                        .logPosterior(copies))
                .map(Math::exp)
                .toArray();
    }

    /** Least squares of log w_after/w_before on log p(o|z), weighed by w_before: slope and R². */
    private static double[] line(double[] w) {
        double[] before = {.5, .3, .2};
        double[] x = {Math.log(.1), Math.log(.4), Math.log(.8)};
        double[] y = {Math.log(w[0] / .5), Math.log(w[1] / .3), Math.log(w[2] / .2)};
        double mx = dot(before, x);
        double my = dot(before, y);
        double sxx = 0;
        double sxy = 0;
        double syy = 0;
        for (int i = 0; i < 3; i++) {
            sxx += before[i] * (x[i] - mx) * (x[i] - mx);
            sxy += before[i] * (x[i] - mx) * (y[i] - my);
            syy += before[i] * (y[i] - my) * (y[i] - my);
        }
        return new double[] {sxy / sxx, sxy * sxy / sxx / syy};
    }

    private static double kl(double[] p, double[] q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] * Math.log(p[i] / q[i]);
        }
        return sum;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[] normalised(double[] p) {
        double sum = Arrays.stream(p).sum();
        return Arrays.stream(p).map(x -> x / sum).toArray();
    }

    private static StepAudit audit(TableModel policy, double beta) {
        return Audit.of(T1, policy, Map.of("reward", REWARD), AuditOptions.atBeta("reward", beta));
    }

    private static void assertFinding(StepAudit audit, String id, String key, String field) {
        Finding finding = Objects.requireNonNull(audit.findings().get(id), id);
        assertThat(finding.estimate()).as(id).isCloseTo(Vectors.number(key, field), within(1e-7));
    }

    private static Conditioner method(String setting) {
        return Methods.byName(setting.split(" ", -1)[0]);
    }

    static MethodOptions options(String setting) {
        MethodOptions options = setting.startsWith("natural") ? NONE : POPULATION;
        for (String given : setting.split(" ", -1)) {
            int equals = given.indexOf('=');
            if (equals > 0) {
                options = options.with(given.substring(0, equals), given.substring(equals + 1));
            }
        }
        return options;
    }
}
