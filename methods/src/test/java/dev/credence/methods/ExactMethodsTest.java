package dev.credence.methods;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.methods.training.ExpertIteration;
import dev.credence.methods.training.PolicyGradient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExactMethodsTest {
    private static final TableModel T1 = TableModel.of(TestWorlds.T1);
    private static final RewardFunction REWARD = TestWorlds.reward(TestWorlds.t1Rewards());
    private static final RewardFunction APPROVAL = TestWorlds.reward(TestWorlds.t2Probabilities());
    private static final MethodOptions NONE = MethodOptions.none();

    static Stream<Arguments> policiesOfTheSheet() {
        RewardFunction ties = TestWorlds.reward(0, 1, 1, 2);
        RewardFunction odds = (prompt, text) -> {
            double p = APPROVAL.reward(prompt, text);
            return Math.log(p / (1 - p));
        };
        MethodOptions probability = NONE.with(RewardType.PROBABILITY);
        return Stream.of(
                Arguments.of("tilt", REWARD, NONE.with("beta", 2), "T1.beta2", "post"),
                Arguments.of("posterior", REWARD, NONE.with("beta", .5), "T1.beta0.5", "post"),
                Arguments.of("rejection", REWARD, NONE, "T1.beta1", "post"),
                Arguments.of("poisson", APPROVAL, NONE.with("beta", .05), "T2.poisson20", "post"),
                Arguments.of("poisson", APPROVAL, NONE.with("beta", .02), "T2.poisson50", "post"),
                Arguments.of("best-of-n", REWARD, NONE.with("n", 2), "T7.bon2", "p"),
                Arguments.of("best-of-n", REWARD, NONE, "T7.bon4", "p"),
                Arguments.of("best-of-n", REWARD, NONE.with("rounds", 2), "T7.bon16", "p"),
                Arguments.of("best-of-n", ties, NONE, "T7.bon4_ties_r0112", "p"),
                Arguments.of("luce", odds, NONE.with("n", 2), "T2.luce2", null),
                Arguments.of("luce", odds, NONE, "T2.luce8", null),
                Arguments.of("resample", odds, NONE.with("n", 8), "T2.luce8", null),
                Arguments.of("resample", REWARD, NONE.with("n", 4).with("beta", 0), "T7.bon4", "p"),
                Arguments.of("resample", REWARD, NONE.with("n", 1_000_000_000).with("beta", 2), "T1.beta2", "post"),
                Arguments.of("quantilizer", REWARD, NONE.with("q", .1), "T8.q0.1", "p"),
                Arguments.of("quantilizer", REWARD, NONE.with("q", .3), "T8.q0.3", "p"),
                Arguments.of("quantilizer", REWARD, NONE, "T8.q0.25", "p"),
                Arguments.of("quantilizer", REWARD, NONE.with("q", .5), "T8.q0.5", "p"),
                Arguments.of("quantilizer", REWARD, NONE.with("q", .5).with("rounds", 2), "T8.q0.25", "p"),
                Arguments.of("top-fraction", REWARD, NONE.with("q", .5), "T8.q0.5", "p"),
                Arguments.of("expert-iteration", APPROVAL, probability, "T9.soft5", "p"),
                Arguments.of("expert-iteration", APPROVAL, probability.with("prior-share", .3), "T9.mixfix_rho.7", "p"),
                Arguments.of("expert-iteration", REWARD, NONE.with("rounds", 4).with("beta", 2), "T1.beta0.5", "post"),
                Arguments.of("expert-iteration", REWARD, NONE.with("rounds", 2).with("n", 4), "T7.bon16", "p"),
                Arguments.of("expert-iteration", REWARD, NONE.with("rounds", 2).with("q", .5), "T8.q0.25", "p"),
                Arguments.of("gdc", TestWorlds.reward(0, 0, 1, 1), NONE.with("moment", .5), "T21.gdc", "p"));
    }

    @ParameterizedTest
    @MethodSource("policiesOfTheSheet")
    void reachesThePolicyOfTheSheet(
            String method,
            RewardFunction reward,
            MethodOptions options,
            String key,
            @org.jspecify.annotations.Nullable String field) {
        Distribution policy =
                Methods.byName(method).condition(T1, reward, options).policy().given("");
        assertVector(policy.probabilities(), key, field == null ? new String[0] : new String[] {field});
    }

    @Test
    void fiveSoftRoundsAreFiveCopies() {
        MethodOptions options = NONE.with(RewardType.PROBABILITY);
        Conditioned result = Methods.byName("expert-iteration").condition(T1, APPROVAL, options);
        assertVector(Divergences.kl(result.policy().given(""), TestWorlds.T1), "T9.soft5", "KL");
        RewardFunction log = (prompt, text) -> Math.log(APPROVAL.reward(prompt, text));
        Conditioned same = Methods.byName("expert-iteration")
                .condition(T1, log, NONE.with(RewardType.LOG_PROBABILITY).with("rounds", 5));
        assertThat(same.policy().given("").probabilities())
                .containsExactly(result.policy().given("").probabilities(), within(1e-12));
    }

    @Test
    void aPriorShareTendsToARationalFixedPoint() {
        MethodOptions options = NONE.with(RewardType.PROBABILITY).with("prior-share", .3);
        Conditioner method = Methods.byName("expert-iteration");
        Distribution limit = method.condition(T1, APPROVAL, options).policy().given("");
        assertVector(limit.expectation(TestWorlds.t2Probabilities()), "T9.mixfix_rho.7", "abar");
        Distribution iterated = method.condition(T1, APPROVAL, options.with("rounds", 300))
                .policy()
                .given("");
        assertThat(iterated.probabilities()).containsExactly(limit.probabilities(), within(1e-12));
        assertThat(method.aim(options).noPosterior()).contains("rational in the acceptance");
        assertThatThrownBy(() -> method.aim(options).posterior(T1, APPROVAL))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("aims at no posterior");
    }

    @Test
    void aDecisionTransformerReachesTheLevel() {
        TableModel prior = TableModel.of(TestWorlds.distribution(.2, .2, .15, .15, .1, .1, .06, .04));
        RewardFunction reward = TestWorlds.reward(0, 0, 1, 1, 2, 2, 3, 3);
        Conditioner method = Methods.byName("decision-transformer");
        for (MethodOptions options : List.of(NONE, NONE.with("level", 3), NONE.with("level", "2.5..4"))) {
            Distribution policy =
                    method.condition(prior, reward, options).policy().given("");
            assertVector(policy.probabilities(), "T19.cond_R3", "p");
        }
        assertThatThrownBy(() -> method.condition(prior, reward, NONE.with("level", 7)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessage(
                        "decision-transformer accepts no text of the prior of prompt '', whose rewards are 0, 1, 2, 3: there is nothing to condition on");
        assertThatThrownBy(() -> method.condition(prior, reward, NONE.with("level", "2..1")))
                .hasMessage("level is 2..1; the range's first number must not exceed its second");
        assertThatThrownBy(() -> method.aim(NONE.with("level", "much")))
                .hasMessage("level is much; it must be a number, or a range such as 1..2");
    }

    /** Every method's claim: its procedure's policy is the posterior it says it aims at. */
    static Stream<Arguments> settings() {
        return Stream.of(
                Arguments.of("tilt", NONE.with("beta", .7)),
                Arguments.of("tilt", NONE.with("beta", 0)),
                Arguments.of("prompt", NONE.with("prompt", "x1")),
                Arguments.of("rejection", NONE.with("beta", .7)),
                Arguments.of("rejection", NONE.with("beta", 0)),
                Arguments.of("best-of-n", NONE.with("n", 5)),
                Arguments.of("best-of-n", NONE.with("n", 2).with("rounds", 3)),
                Arguments.of("luce", NONE.with("n", 3).with("rounds", 2)),
                Arguments.of("resample", NONE.with("beta", .7)),
                Arguments.of("resample", NONE.with("n", 3).with("beta", 0)),
                Arguments.of("observation", NONE.with("copies", 3)),
                Arguments.of("observation", NONE.with("copies", 3).with(RewardType.PROBABILITY)),
                Arguments.of("quantilizer", NONE.with("q", .37)),
                Arguments.of("quantilizer", NONE.with("q", .6).with("rounds", 2)),
                Arguments.of("top-fraction", NONE.with("q", .6)),
                Arguments.of("feedme", NONE),
                Arguments.of("feedme", NONE.with("threshold", "-10")),
                Arguments.of("expert-iteration", NONE.with("beta", 3)),
                Arguments.of("expert-iteration", NONE.with("n", 3).with("rounds", 2)),
                Arguments.of("expert-iteration", NONE.with("q", .5).with("rounds", 3)),
                Arguments.of("decision-transformer", NONE),
                Arguments.of("decision-transformer", NONE.with("level", "-100..100")),
                Arguments.of("poisson", NONE.with("beta", .2)),
                Arguments.of("expert-iteration", NONE.with(RewardType.PROBABILITY)),
                Arguments.of("gdc", NONE.with("moment", "0.5")));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aimsWhereItSays(String name, MethodOptions options) {
        Conditioner method = Methods.byName(name);
        for (long seed = 0; seed < 100; seed++) {
            RandomWorld world = RandomWorld.of(seed);
            boolean approval =
                    name.equals("poisson") || name.equals("gdc") || options.rewardType() == RewardType.PROBABILITY;
            RewardFunction raw = world.reward();
            RewardFunction reward = approval ? (prompt, text) -> 1 / (1 + Math.exp(1 - raw.reward(prompt, text))) : raw;
            double[] rewards = reward.rewards("", world.prior());
            if (name.equals("gdc")
                    && !(java.util.Arrays.stream(rewards).min().orElseThrow() < .5
                            && java.util.Arrays.stream(rewards).max().orElseThrow() > .5)) {
                continue;
            }
            Map<String, Distribution> prompts = new LinkedHashMap<>();
            prompts.put("", world.prior());
            prompts.put("again", world.policy());
            TableModel prior = TableModel.of(prompts, Map.of("", 1.0, "again", 2.0));
            TableModel policy = method.condition(prior, reward, options).policy();
            TableModel aimed = method.aim(options).posterior(prior, reward).model();
            for (String prompt : prior.prompts()) {
                assertThat(policy.given(prompt).probabilities())
                        .as("%s, seed %d", name, seed)
                        .containsExactly(aimed.given(prompt).probabilities(), within(1e-9));
            }
            assertThat(policy.weight("again")).isEqualTo(prior.weight("again"));
        }
    }

    @Test
    void aHardFilterIsIdempotent() {
        Conditioner feedme = Methods.byName("feedme");
        TableModel once =
                feedme.condition(T1, REWARD, NONE.with("threshold", 1)).policy();
        TableModel again =
                feedme.condition(once, REWARD, NONE.with("threshold", 1)).policy();
        assertThat(again.given("").probabilities())
                .containsExactly(once.given("").probabilities(), within(1e-15));
    }

    @Test
    void countsWhatItDraws() {
        double trials = draws("rejection", NONE);
        assertVector(trials, "T6.rejection", "mean_trials");
        assertVector(1 / trials, "T6.rejection", "acc");
        assertThat(draws("best-of-n", NONE.with("rounds", 2))).isEqualTo(16);
        assertThat(draws("quantilizer", NONE)).isEqualTo(4);
        assertThat(draws("feedme", NONE)).isCloseTo(10, within(1e-9));
        assertThat(draws("prompt", NONE.with("prompt", "a"))).isEqualTo(1);
        Conditioned raters = Methods.byName("poisson").condition(T1, APPROVAL, NONE.with("beta", .05));
        assertThat(raters.drawsPerText().orElseThrow()).isCloseTo(1 / .05414776, within(1e-5));
        assertThat(Methods.byName("tilt").condition(T1, REWARD, NONE).drawsPerText())
                .isEmpty();
    }

    @Test
    void recordsItsSettings() {
        Conditioned result = Methods.byName("best-of-n").condition(T1, REWARD, NONE.with("n", 2));
        assertThat(result.settings()).isEqualTo(Map.of("n", "2", "rounds", "1"));
        assertThat(result.method()).isEqualTo("best-of-n");
        assertThat(result.aim().evidence()).isEqualTo("being picked as the best of 2 draws from the prior");
        assertThat(result.aim().divergence()).isEqualTo("none: its draws are exact");
    }

    @Test
    void refusesBadOptions() {
        assertRefused("tilt", "beta", "-1", "beta is -1; the KL coefficient must be >= 0");
        assertRefused("tilt", "beta", "NaN", "beta is NaN; it must be a number");
        assertRefused("tilt", "beta", "much", "beta is much; it must be a number");
        assertRefused("best-of-n", "n", "1.5", "n is 1.5; it must be a whole number of at least 1");
        assertRefused("best-of-n", "rounds", "0", "rounds is 0; it must be a whole number of at least 1");
        assertRefused("quantilizer", "q", "0", "q is 0; it must be in (0, 1]");
        assertRefused("gdc", "beta", "1", "moment is missing; give the mean reward that is wanted");
        assertRefused("prompt", "beta", "1", "prompt is missing; give the characters");
        assertRefused("poisson", "beta", "0", "beta is 0; it must be at least 1e-6");
        assertRefused("expert-iteration", "prior-share", "1", "prior-share is 1; it must be in [0, 1)");
        MethodOptions both = NONE.with("n", 2).with("q", .5);
        assertThatThrownBy(() -> Methods.byName("expert-iteration").aim(both))
                .hasMessageContaining("give n or q, not both");
        assertThatThrownBy(() ->
                        Methods.byName("expert-iteration").aim(NONE.with("n", 2).with("prior-share", .5)))
                .hasMessageContaining("a prior share goes with the soft filter alone");
    }

    @Test
    void refusesBadRewards() {
        assertThatThrownBy(() -> Methods.byName("poisson").condition(T1, REWARD, NONE))
                .hasMessage("reward of 'c' is 2.0; Poisson raters need an approval probability in [0, 1]");
        assertThatThrownBy(() ->
                        Methods.byName("expert-iteration").condition(T1, REWARD, NONE.with(RewardType.PROBABILITY)))
                .hasMessage("a reward is 2.0; as a probability it must be in [0, 1]");
        assertThatThrownBy(() ->
                        Methods.byName("expert-iteration").condition(T1, REWARD, NONE.with(RewardType.LOG_PROBABILITY)))
                .hasMessage("a reward is 1.0; as a log-probability it must be <= 0");
        assertThatThrownBy(() -> Methods.byName("tilt").condition(T1, (p, t) -> Double.NaN, NONE))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessage("reward of 'a' (prompt '') is NaN; it must be a number below infinity");
        assertThatThrownBy(() -> Methods.byName("gdc").condition(T1, REWARD, NONE.with("moment", 4)))
                .isInstanceOf(NoPosteriorException.class);
        assertThatThrownBy(
                        () -> Methods.byName("gdc").aim(NONE.with("moment", 4)).posterior(T1, REWARD))
                .hasMessageContaining("a mean reward of 4.0 was never seen");
    }

    @Test
    void findsMethodsByName() {
        assertThat(Methods.all().stream().map(method -> method.card().name()))
                .containsExactly(
                        "tilt",
                        "prompt",
                        "rejection",
                        "poisson",
                        "best-of-n",
                        "luce",
                        "resample",
                        "quantilizer",
                        "smc",
                        "twisted-smc",
                        "sft",
                        "observation",
                        "feedme",
                        "expert-iteration",
                        "rwr",
                        "awr",
                        "top-fraction",
                        "decision-transformer",
                        "gdc",
                        "reinforce",
                        "rloo",
                        "ppo",
                        "grpo",
                        "dr-grpo",
                        "dapo",
                        "natural-gradient",
                        "dpo",
                        "ipo",
                        "kto",
                        "distil",
                        "f-dpg",
                        "quark");
        assertThat(Methods.byNames("tilt, best-of-n")).hasSize(2);
        assertThat(Methods.byName("raft")).isInstanceOf(ExpertIteration.class);
        assertThat(Methods.byName("soft-best-of-n")).isInstanceOf(Resample.class);
        assertThatThrownBy(() -> Methods.byName("best-of"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("method is best-of; did you mean 'best-of-n'? known are: tilt,");
        for (Conditioner method : Methods.all()) {
            assertThat(method.card().summary()).isNotBlank();
            assertThat(method.card().reference()).isNotBlank();
            assertThat(method.card().options())
                    .allSatisfy(option -> assertThat(option.help()).isNotBlank());
        }
    }

    @Test
    void knowsWhichOptionsBelongToItsMethods() {
        List<Conditioner> methods = Methods.byNames("tilt,best-of-n");
        Methods.requireKnown(NONE.with("beta", 1).with("n", 2), methods);
        assertThatThrownBy(() -> Methods.requireKnown(NONE.with("bta", 1), methods))
                .hasMessage("bta is 1; no method named here has it; did you mean 'beta'? known are: beta, n, rounds");
    }

    /** A text that a million raters hardly ever all approve is still likelier than one that they do even less. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-2, 1e-3, 1e-5, 1e-6})
    void anyNumberOfRatersLeavesAPosterior(double beta) {
        TableModel prior = TableModel.of(TestWorlds.distribution(.5, .3, .2));
        RewardFunction approval = TestWorlds.reward(0, .1, .1 + beta);
        Distribution got = Methods.byName("poisson")
                .condition(prior, approval, NONE.with("beta", beta))
                .policy()
                .given("");
        double second = .2 * Math.E / (.3 + .2 * Math.E + .5 * Math.exp(-.1 / beta));
        assertThat(got.probability(2)).isCloseTo(second, within(1e-7));
        assertThat(got.probability(0)).isCloseTo(.5 * Math.exp(-.1 / beta) / .3 * got.probability(1), within(1e-9));
    }

    @Test
    void methodsWithoutPopulationDrawNothingOnTables() {
        MethodOptions enumerated = NONE.with(Methods.POPULATION, true);
        List<String> exact = new ArrayList<>();
        for (Conditioner method : Methods.all()) {
            if (Methods.isEnumerated(method) && !method.card().name().equals("prompt")) { // which needs a text
                exact.add(method.card().name());
                RewardFunction reward = method.card().name().equals("poisson") ? APPROVAL : REWARD;
                TableModel with = method.condition(T1, reward, enumerated).policy();
                TableModel without = method.condition(T1, reward, NONE).policy();
                for (int i = 0; i < T1.given("").size(); i++) {
                    assertThat(with.given("").probability(i))
                            .isEqualTo(without.given("").probability(i));
                }
            }
        }
        assertThat(exact)
                .containsExactly(
                        "tilt",
                        "rejection",
                        "poisson",
                        "best-of-n",
                        "luce",
                        "resample",
                        "quantilizer",
                        "smc",
                        "twisted-smc",
                        "natural-gradient");
    }

    /** A stranger's method that draws from the generator it is given, or has one of its own. */
    private record Coin(@Setting(help = "of its draws") long seed, String name) implements Conditioner.OnTables {
        @Override
        public MethodCard card() {
            List<MethodOption> options = name.equals("seeded")
                    ? PolicyGradient.rloo().card().options().stream()
                            .filter(option -> option.name().equals("seed"))
                            .toList()
                    : List.of();
            return new MethodCard(name, List.of(), "tosses a coin", "none", options);
        }

        @Override
        public Aim aim(RewardType type) {
            return Methods.byName("tilt").aim(type);
        }

        @Override
        public Conditioner with(MethodOptions given) {
            return this;
        }

        @Override
        public Map<String, String> settings() {
            return Map.of();
        }

        @Override
        public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
            if (seed == 0) {
                random.nextBoolean();
            }
            return new Conditioned(name, Map.of(), aim(), prior, OptionalDouble.empty(), OptionalLong.empty());
        }
    }

    @Test
    void aMethodThatDrawsAndCannotEnumerateIsRefused() {
        for (Coin coin : List.of(new Coin(0, "coin"), new Coin(1, "seeded"))) {
            assertThat(coin.condition(T1, REWARD, NONE).policy()).isEqualTo(T1);
            assertThatThrownBy(() -> coin.condition(T1, REWARD, NONE.with(Methods.POPULATION, true)))
                    .isInstanceOf(InputException.class)
                    .hasMessage("population is true; " + coin.name()
                            + " draws, and has no way to enumerate its expectations");
        }
    }

    private static void assertRefused(String method, String option, String value, String message) {
        assertThatThrownBy(() -> Methods.byName(method).condition(T1, REWARD, NONE.with(option, value)))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(message);
    }

    private static double draws(String method, MethodOptions options) {
        return Methods.byName(method)
                .condition(T1, REWARD, options)
                .drawsPerText()
                .orElseThrow();
    }
}
