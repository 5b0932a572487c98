package dev.credence.methods.training;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.Continuation;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.methods.Conditioner;
import dev.credence.methods.Demonstrations;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.hipparchus.analysis.integration.gauss.GaussIntegrator;
import org.hipparchus.analysis.integration.gauss.GaussIntegratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods that imitate texts by training. */
class ImitationTest {
    private static final TableModel T1 = TableModel.of(TestWorlds.T1);
    private static final RewardFunction REWARD = TestWorlds.reward(TestWorlds.t1Rewards());
    private static final RewardFunction APPROVAL = TestWorlds.reward(TestWorlds.t2Probabilities());
    private static final MethodOptions NONE = MethodOptions.none();
    private static final MethodOptions POPULATION = NONE.with("population", "true");

    @Test
    void roundsOfASoftFilterAreCopies() {
        MethodOptions options = POPULATION.with(RewardType.PROBABILITY);
        Conditioner method = Methods.byName("expert-iteration");
        assertVector(method.condition(T1, APPROVAL, options).policy().given("").probabilities(), "T9.soft5", "p");
        assertVector(
                method.condition(T1, APPROVAL, options.with("prior-share", .3))
                        .policy()
                        .given("")
                        .probabilities(),
                "T9.mixfix_rho.7",
                "p");
        assertVector(
                Methods.byName("observation")
                        .condition(T1, APPROVAL, options.with("copies", 2))
                        .policy()
                        .given("")
                        .probabilities(),
                "T2.copies2",
                "post");
    }

    /** A coin of unknown bias that has shown heads k times: the nodes of Gauss's rule integrate p^(k+1) exactly. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 50})
    void copiesOfHeadsAreLaplacesRule(int copies) {
        GaussIntegrator rule = new GaussIntegratorFactory().legendre(30, 0, 1);
        Map<String, Double> weights = new LinkedHashMap<>();
        for (int i = 0; i < rule.getNumberOfPoints(); i++) {
            weights.put(String.valueOf(rule.getPoint(i)), rule.getWeight(i));
        }
        TableModel prior = TableModel.of(Distribution.normalised(weights));
        RewardFunction heads = (prompt, bias) -> Double.parseDouble(bias);
        MethodOptions options = NONE.with("copies", copies).with(RewardType.PROBABILITY);
        Distribution posterior = Methods.byName("observation")
                .condition(prior, heads, options)
                .policy()
                .given("");
        double[] bias =
                posterior.outcomes().stream().mapToDouble(Double::parseDouble).toArray();
        assertVector(posterior.expectation(bias), "T17.betabern", "Beta(1,1)+" + copies);
        assertThat(posterior.expectation(bias)).isCloseTo((copies + 1) / (copies + 2.), within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({
        "sft, observation=b",
        "observation, copies=2",
        "feedme, threshold=1",
        "feedme, beta=1",
        "top-fraction, q=0.25",
        "expert-iteration, rounds=2",
        "expert-iteration, n=4",
        "expert-iteration, q=0.7",
        "expert-iteration, prior-share=0.5"
    })
    void sampledTheyComeNearTheirLimits(String name, String option) {
        String[] parts = option.split("=", 2);
        MethodOptions options = NONE.with("train", "true").with(parts[0], parts[1]);
        Conditioner method = Methods.byName(name);
        Distribution got = method.condition(T1, REWARD, options).policy().given("");
        Distribution limit = method.aim(options).limit(T1, REWARD).given("");
        assertThat(Divergences.kl(limit, got)).as(got.toString()).isBetween(1e-12, 5e-3);
    }

    /** A plain step is along the gradient of −KL(what is kept‖policy). */
    @Test
    void aStepDescendsTheForwardKlToWhatIsKept() {
        for (long seed = 0; seed < 8; seed++) {
            RandomWorld world = RandomWorld.of(seed);
            TableModel prior = TableModel.of(world.prior());
            MethodOptions options =
                    POPULATION.with("optimiser", "sgd").with("lr", 1).with("steps", 1);
            Distribution kept = Methods.byName("observation")
                    .condition(prior, world.reward(), NONE)
                    .policy()
                    .given("");
            double[] most = new double[1];
            for (int i = 0; i < kept.size(); i++) {
                double ratio = kept.probability(i) / world.prior().probability(i);
                most[0] = Math.max(most[0], ratio);
            }
            Distribution moved = Methods.byName("observation")
                    .condition(prior, world.reward(), options)
                    .policy()
                    .given("");
            double scale = Math.min(1, 5 / most[0]); // steps along steep ratios are shortened
            double[] change = new double[kept.size()];
            double[] expected = Tables.differences(world.prior(), p -> -Divergences.kl(kept, p));
            for (int i = 0; i < change.length; i++) {
                change[i] = (moved.logProbability(i) - world.prior().logProbability(i)) / scale;
            }
            for (int i = 1; i < change.length; i++) { // log-probabilities are logits up to a constant
                assertThat(change[i] - change[0]).isCloseTo(expected[i] - expected[0], within(1e-6));
            }
        }
    }

    @Test
    void demonstrationsEndAtTheirFrequencies() {
        Map<String, Distribution> rows = new LinkedHashMap<>();
        rows.put("p", TestWorlds.T1);
        rows.put("q", TestWorlds.T1);
        TableModel prior = TableModel.of(rows);
        List<Demonstrations.One> all = new ArrayList<>();
        for (String text : List.of("a", "d", "d", "d")) {
            all.add(new Demonstrations.One("q", text, all.size() + 1));
        }
        MethodOptions options = POPULATION.with(new Demonstrations(all, "texts.jsonl"));
        Conditioner sft = Methods.byName("sft");
        TableModel got = sft.condition(prior, REWARD, options).policy();
        assertThat(got.given("p").probabilities()).containsExactly(TestWorlds.T1.probabilities(), within(1e-15));
        assertThat(got.given("q").probabilities()).containsExactly(new double[] {.25, 0, 0, .75}, within(1e-6));
        assertThat(sft.aim(options).limit(prior, REWARD).given("q").probabilities())
                .containsExactly(new double[] {.25, 0, 0, .75}, within(1e-15));
        assertThat(sft.aim(options).noPosterior()).contains("whatever the prior was");
    }

    @Test
    void refusesTextsThatCannotBeImitated() {
        Conditioner sft = Methods.byName("sft");
        assertThatThrownBy(() -> sft.condition(T1, REWARD, NONE))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("demonstrations is missing; give a file");
        assertThatThrownBy(() -> sft.condition(T1, REWARD, NONE.with(ofOne("", "e"))))
                .hasMessage("texts.jsonl:3: field 'completion' is e; the prior has no such text");
        assertThatThrownBy(() -> sft.condition(T1, REWARD, NONE.with(ofOne("other", "a"))))
                .hasMessage("texts.jsonl:3: field 'prompt' is other; it is none of the 1 prompts trained on");
        TableModel two = TableModel.of(Map.of("p", TestWorlds.T1, "q", TestWorlds.T1));
        assertThatThrownBy(() -> sft.condition(two, REWARD, NONE.with("observation", "a")))
                .hasMessageContaining("there are 2 prompts, so each text names its own");
        MethodOptions none = NONE.with("train", "true").with("threshold", 9);
        assertThatThrownBy(() -> Methods.byName("feedme").condition(T1, REWARD, none))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("is kept: the evidence is impossible under the policy");
    }

    private static Demonstrations ofOne(String prompt, String text) {
        return new Demonstrations(List.of(new Demonstrations.One(prompt, text, 3)), "texts.jsonl");
    }

    /** A text's number of turns is its share of all, up or down. */
    @Test
    void aRoundTakesTextsByTheirShares() {
        Imitated.Builder builder = new Imitated.Builder();
        double[] share = {.5, .301, .199};
        for (double part : share) {
            builder.add(0, new Continuation(new int[] {0}, new int[] {1}), 0, part);
        }
        int[] order = Objects.requireNonNull(
                builder.build(0).order(1000, new SplittableRandom(1)).get(0));
        for (int i = 0; i < share.length; i++) {
            int row = i;
            assertThat((double) Arrays.stream(order).filter(r -> r == row).count())
                    .isCloseTo(1000 * share[i], within(1.0));
        }
        assertThat(Arrays.stream(order).limit(100).distinct().count()).isEqualTo(3);
    }

    /** By hand: the best third of t1 is .1 of d, .2 of c and .0333 of b; the next pool is half prior, half that policy. */
    @Test
    void quarksPoolGrowsByWhatItImitated() {
        MethodOptions options = NONE.with("quantiles", 3).with("penalty", 0.25);
        Distribution one = Methods.byName("quark")
                .condition(T1, REWARD, options.with("rounds", 1))
                .policy()
                .given("");
        double[] first = {.2 * .4, .8 * .1 + .2 * .3, .8 * .6 + .2 * .2, .8 * .3 + .2 * .1};
        assertThat(one.probabilities()).containsExactly(first, within(1e-12));
        Distribution two = Methods.byName("quark")
                .condition(T1, REWARD, options.with("rounds", 2))
                .policy()
                .given("");
        double best = (first[3] + .1) / 2; // of d in the pool
        double second = 1.0 / 3 - best; // of c, of which there is more
        double[] expected = {.2 * .4, .2 * .3, .8 * 3 * second + .2 * .2, .8 * 3 * best + .2 * .1};
        assertThat(two.probabilities()).containsExactly(expected, within(1e-12));
        Distribution trained = Methods.byName("quark")
                .condition(
                        T1,
                        REWARD,
                        options.with("rounds", 2).with("train", true).with("samples", 256))
                .policy()
                .given("");
        assertThat(trained.probabilities()).containsExactly(expected, within(.03));
    }

    /**
     * Quark whole: a law for each quantile's token, each fitted by ascent to its own slice of the pool and held to the prior, rounds drawn
     * from the law of the best one. Laws share nothing on a table, so that its best one is what the method gives.
     */
    @ParameterizedTest
    @CsvSource({"2, 1, 0", "4, 3, 0.05", "5, 4, 0.5", "3, 6, 2"})
    void quarksBestTokenHasTheLawOfTheBestQuantileAlone(int quantiles, int rounds, double penalty) {
        SplittableRandom random = new SplittableRandom(quantiles);
        List<String> names = List.of("a", "b", "c", "d", "e", "f", "g");
        Distribution row = Distribution.ofLogWeights(
                names, random.doubles(7).map(u -> 3 * u).toArray());
        double[] prior = row.probabilities();
        double[] reward = random.ints(7, 0, 5).mapToDouble(level -> level).toArray(); // with ties
        double[][] laws = new double[quantiles][];
        double[] pool = new double[7];
        double[] drawn = prior;
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < 7; i++) {
                pool[i] = (round * pool[i] + drawn[i]) / (round + 1);
            }
            for (int token = 0; token < quantiles; token++) {
                laws[token] = ascended(slice(pool, reward, token, quantiles), prior, penalty);
            }
            drawn = laws[quantiles - 1];
        }
        Distribution policy = Methods.byName("quark")
                .condition(
                        TableModel.of(row),
                        (prompt, text) -> reward[names.indexOf(text)],
                        NONE.with("quantiles", quantiles)
                                .with("rounds", rounds)
                                .with("penalty", penalty)
                                .with("population", "true"))
                .policy()
                .given("");
        assertThat(policy.probabilities()).containsExactly(laws[quantiles - 1], within(1e-6));
        for (int i = 0; i < 7; i++) { // tokens drawn alike give the pool back, held to the prior
            int text = i;
            double mean =
                    Arrays.stream(laws).mapToDouble(law -> law[text]).average().orElseThrow();
            assertThat(mean).isCloseTo((pool[i] + penalty * prior[i]) / (1 + penalty), within(1e-6));
        }
    }

    /** Masses of a pool's texts between two quantiles by reward, the level at an edge in part. */
    private static double[] slice(double[] pool, double[] reward, int token, int quantiles) {
        double from = (double) token / quantiles;
        double to = (token + 1.0) / quantiles;
        double[] slice = new double[pool.length];
        for (int i = 0; i < pool.length; i++) {
            double below = 0;
            double level = 0;
            for (int j = 0; j < pool.length; j++) {
                below += reward[j] < reward[i] ? pool[j] : 0;
                level += reward[j] == reward[i] ? pool[j] : 0;
            }
            double within = Math.max(0, Math.min(to, below + level) - Math.max(from, below));
            slice[i] = quantiles * pool[i] * within / level;
        }
        return slice;
    }

    /** Logits after many steps up Σ Q log π − β KL(π0‖π), in probabilities. */
    private static double[] ascended(double[] slice, double[] prior, double penalty) {
        double[] logits = new double[slice.length];
        double[] law = new double[slice.length];
        for (int step = 0; step < 500; step++) {
            double sum = Arrays.stream(logits).map(Math::exp).sum();
            for (int i = 0; i < law.length; i++) {
                law[i] = Math.exp(logits[i]) / sum;
            }
            for (int i = 0;
                    i < law.length;
                    i++) { // where the slice has none and nothing holds it, a text leaves for ever
                double up = slice[i] + penalty * prior[i] - (1 + penalty) * law[i];
                logits[i] = Math.max(-40, logits[i] + Math.max(-1, Math.min(1, up / ((1 + penalty) * law[i]))));
            }
        }
        return law;
    }

    @Test
    void weightedRoundsAreCopiesUntilTheCapBegins() {
        Distribution tilted = Methods.byName("tilt")
                .condition(T1, REWARD, NONE.with("beta", .5))
                .policy()
                .given("");
        for (String name : List.of("rwr", "awr")) {
            MethodOptions free = NONE.with("rounds", 2).with("max-weight", 1e9);
            assertThat(Methods.byName(name)
                            .condition(T1, REWARD, free)
                            .policy()
                            .given("")
                            .probabilities())
                    .as(name)
                    .containsExactly(tilted.probabilities(), within(1e-9));
        }
        // mean reward 1: weights e^-1, 1, min(e, 2), min(e^2, 2)
        double[] weight = {.4 / Math.E, .3, .4, .2};
        double sum = Arrays.stream(weight).sum();
        Distribution capped = Methods.byName("awr")
                .condition(T1, REWARD, NONE.with("max-weight", 2))
                .policy()
                .given("");
        assertThat(capped.probabilities())
                .containsExactly(Arrays.stream(weight).map(w -> w / sum).toArray(), within(1e-12));
        assertThatThrownBy(() -> Methods.byName("awr").with(Map.of("max-weight", "0")))
                .isInstanceOf(InputException.class);
        RewardFunction excluded = (prompt, text) -> text.equals("a") ? Double.NEGATIVE_INFINITY : 1;
        assertThatThrownBy(() -> Methods.byName("awr").condition(T1, excluded, NONE))
                .hasMessageContaining("no mean reward");
        assertThat(Methods.byName("rwr")
                        .condition(T1, excluded, NONE)
                        .policy()
                        .given("")
                        .probability("a"))
                .isZero();
    }
}
