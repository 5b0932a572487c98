package dev.credence.worlds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks against the sum over all their assignments. */
class NetworkTest {
    private static final double EXACT = 1e-9;

    private static Stream<Integer> seeds() {
        return IntStream.range(0, 60).boxed();
    }

    static Network network(String yaml) {
        return Networks.parse("w.yaml", yaml, TextRewards.none()).orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void tablesAreTheSumsOfAllAssignments(int seed) {
        RandomNetwork random = new RandomNetwork(new SplittableRandom(seed));
        TableWorld world = network(random.yaml()).table();
        Map<String, Double> masses = random.sums(random::text, a -> random.mass(a, Map.of()));
        Distribution prior = world.prior().given("");
        masses.forEach((text, mass) -> assertThat(prior.probability(text)).isCloseTo(mass, within(EXACT)));
        assertThat(IntStream.range(0, prior.size())
                        .mapToDouble(prior::probability)
                        .sum())
                .isCloseTo(1, within(EXACT));
        random.assignments().forEach(a -> {
            if (prior.indexOf(random.text(a)) >= 0) {
                assertThat(world.reward("r").reward("", random.text(a))).isEqualTo(random.reward(a));
            }
        });
        assertThat(prior.outcomes()).allMatch(text -> masses.getOrDefault(text, 0.0) > 0);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void textsJointlyWithAnyVariableAreTheSumsOfAllAssignments(int seed) {
        RandomNetwork random = new RandomNetwork(new SplittableRandom(seed));
        Network network = network(random.yaml());
        Projection projection = Projection.ofTexts(network, List.of());
        Distribution texts = projection.world().prior().given("");
        for (int v = 0; v < random.sizes.length; v++) {
            double[][] logJoint = projection.logJoint("", "v" + v);
            assertThat(logJoint).hasDimensions(random.sizes[v], texts.size());
            for (int value = 0; value < random.sizes[v]; value++) {
                int variable = v;
                int is = value;
                Map<String, Double> masses =
                        random.sums(random::text, a -> a[variable] == is ? random.mass(a, Map.of()) : 0);
                for (int x = 0; x < texts.size(); x++) {
                    assertThat(Math.exp(logJoint[value][x]))
                            .isCloseTo(masses.getOrDefault(texts.outcome(x), 0.0), within(EXACT));
                }
            }
        }
    }

    @Test
    void saysWhatItsPartsAreMadeOf() {
        Network authors = Networks.builtIn("authors", TextRewards.none()).orElseThrow();
        assertThat(authors.members("humans")).isEqualTo(Map.of("author", List.of("human", "expert")));
        assertThat(authors.shown()).containsExactly("mark", "quality");
        assertThat(authors.variablesOf("quality")).containsExactly("quality");
        assertThat(authors.variablesOf("none")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void beliefsGivenEvidenceAreTheSumsOfAllAssignments(int seed) {
        SplittableRandom draws = new SplittableRandom(1000 + seed);
        RandomNetwork random = new RandomNetwork(draws);
        double lambda = draws.nextDouble(-3, 3);
        int[] seen = IntStream.generate(() -> draws.nextInt(random.assignments().size()))
                .mapToObj(random.assignments()::get)
                .filter(a -> random.mass(a, Map.of()) > 0)
                .findFirst()
                .orElseThrow();
        int observed = random.shown.get(draws.nextInt(random.shown.size()));
        List<String> observe = draws.nextBoolean()
                ? List.of("v" + observed + "=" + RandomNetwork.value(observed, seen[observed]))
                : List.of();
        Network network = network(random.yaml());
        for (Projection projection :
                List.of(Projection.ofTexts(network, observe), Projection.ofRewards(network, List.of("r"), observe))) {
            TableReward reward = projection.world().reward("r");
            Inference given = projection.given(
                    "",
                    name -> projection.isObserved("", name)
                            ? lambda * reward.reward("", name)
                            : Double.NEGATIVE_INFINITY);
            java.util.function.ToDoubleFunction<int[]> weight = a -> observe.isEmpty() || a[observed] == seen[observed]
                    ? random.mass(a, Map.of()) * Math.exp(lambda * random.reward(a))
                    : 0;
            double z = random.assignments().stream().mapToDouble(weight).sum();
            assertThat(given.logPartition()).isCloseTo(Math.log(z), within(EXACT));
            for (int v = 0; v < random.sizes.length; v++) {
                int variable = v;
                Map<String, Double> expected = random.sums(a -> RandomNetwork.value(variable, a[variable]), weight);
                Map<String, Double> found =
                        random.hidden[v] ? given.hidden().get("v" + v) : given.marginal(List.of("v" + v));
                expected.forEach(
                        (value, mass) -> assertThat(found.get(value)).as(value).isCloseTo(mass / z, within(EXACT)));
                assertThat(found).hasSameSizeAs(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aGivenVariableIsSetWhateverItDependsOn(int seed) {
        SplittableRandom draws = new SplittableRandom(2000 + seed);
        RandomNetwork random = new RandomNetwork(draws);
        int variable = draws.nextInt(random.sizes.length);
        int value = draws.nextInt(random.sizes[variable]);
        Inference given = network(random.yaml())
                .given(List.of("v" + variable + "=" + RandomNetwork.value(variable, value)))
                .prior("");
        for (int v = 0; v < random.sizes.length; v++) {
            int of = v;
            random.sums(a -> RandomNetwork.value(of, a[of]), a -> random.mass(a, Map.of(variable, value)))
                    .forEach((name, mass) -> assertThat(
                                    given.marginal(List.of("v" + of)).get(name))
                            .as(name)
                            .isCloseTo(mass, within(EXACT)));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void drawsAreOfTheConditional(int seed) {
        SplittableRandom draws = new SplittableRandom(3000 + seed);
        RandomNetwork random = new RandomNetwork(draws);
        int last = random.sizes.length - 1; // a prompt on the last variable: its causes must follow from it
        double[] best = {0};
        int[] likely = {0};
        random.sums(a -> RandomNetwork.value(last, a[last]), a -> random.mass(a, Map.of()))
                .forEach((name, mass) -> {
                    if (mass > best[0]) {
                        best[0] = mass;
                        likely[0] = "abcd".indexOf(name.charAt(0));
                    }
                });
        String yaml = random.yaml() + "prompts: {q: {v" + last + ": " + RandomNetwork.value(last, likely[0]) + "}}\n";
        NetworkSampler sampler = network(yaml).prior("q").sampler();
        int count = 2000;
        Map<String, Integer> seen = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            NetworkSampler.Draw draw = sampler.draw(draws);
            Map<String, String> all = new LinkedHashMap<>(draw.visible());
            all.putAll(draw.hidden());
            seen.merge(all.get("v0") + all.get("v" + (last - 1)) + draw.text(), 1, Integer::sum);
        }
        Map<String, Double> expected = random.sums(
                a -> RandomNetwork.value(0, a[0]) + RandomNetwork.value(last - 1, a[last - 1]) + random.text(a),
                a -> a[last] == likely[0] ? random.mass(a, Map.of()) / best[0] : 0);
        expected.forEach((name, p) -> {
            double share = seen.getOrDefault(name, 0) / (double) count;
            assertThat(share).as(name).isCloseTo(p, within(4 * Math.sqrt(p * (1 - p) / count) + 4.0 / count));
        });
        assertThat(seen.keySet()).allMatch(name -> expected.getOrDefault(name, 0.0) > 0);
    }

    /** A chain x1 -> ... -> xn of two values each. */
    private static String chain(int length) {
        StringBuilder yaml = new StringBuilder("variables:\n  x1: {hidden: true, values: {0: .9, 1: .1}}\n");
        StringBuilder text = new StringBuilder();
        for (int i = 2; i <= length; i++) {
            yaml.append(
                    "  x" + i + ": {given: [x" + (i - 1) + "], values: [0, 1], table: {0: [.9, .1], 1: [.2, .8]}}\n");
            text.append("{x").append(i).append("}");
        }
        return yaml + "text: \"" + text + "\"\nrewards: {end: {of: [x" + length + "], table: {0: 0, 1: 1}}}\n"
                + "probes: {middle: {of: [x" + length / 2 + "]}}\n";
    }

    @Test
    void aChainOfFortyNeedsNoLargeTable() {
        Network network = network(chain(40));
        Projection projection = Projection.ofRewards(network, List.of("end"), List.of());
        Inference given = projection.given("", name -> name.equals("1") ? 3 : 0);
        double stationary = 1.0 / 3;
        double p = stationary + Math.pow(.7, 39) * (.1 - stationary);
        double z = p * Math.exp(3) + 1 - p;
        assertThat(given.logPartition()).isCloseTo(Math.log(z), within(EXACT));
        double up = stationary + Math.pow(.7, 39) * (1 - stationary); // P(x40 = 1 | x1 = 1)
        assertThat(given.hidden().get("x1").get("1")).isCloseTo(.1 * (up * Math.exp(3) + 1 - up) / z, within(EXACT));
        assertThat(given.probes().get("middle")).hasSize(2);
        assertThat(given.eliminated(0).largest()).isLessThanOrEqualTo(4);
        assertThat(network.isEnumerable()).isFalse();
        TablePosterior posterior = TablePosterior.of(
                projection.world().prior(), projection.world().onlyReward(), RewardLikelihood.tilt(3));
        assertThat(posterior.logPartition("")).isCloseTo(Math.log(z), within(EXACT));
    }

    @Test
    void assignmentsThatRenderAlikeAreOneText() {
        Network network = network("""
                variables:
                  a: {values: {x: .2, xy: .8}}
                  b: {values: {yz: .5, z: .5}}
                text: "{a}{b}"
                """);
        Distribution prior = network.table().prior().given("");
        assertThat(prior.outcomes()).containsExactly("xyz", "xz", "xyyz");
        assertThat(prior.probability("xyz")).isCloseTo(.2 * .5 + .8 * .5, within(EXACT));
    }

    @Test
    void promptsConditionAndWeigh() {
        Network network = network("""
                variables:
                  cause: {hidden: true, values: {a: .5, b: .5}}
                  topic: {given: [cause], values: [art, maths], table: {a: [.9, .1], b: [.1, .9]}}
                  word: {given: [cause], values: [u, v], table: {a: [1, 0], b: [0, 1]}}
                text: "{word}"
                prompts: {q1: {topic: maths, weight: 3}, q2: {topic: art}}
                """);
        TableWorld world = network.table();
        assertThat(world.prior().weight("q1")).isCloseTo(.75, within(EXACT));
        assertThat(world.prior().given("q1").probability("v")).isCloseTo(.9, within(EXACT));
        assertThat(network.prior("q2").hidden().get("cause").get("a")).isCloseTo(.9, within(EXACT));
        Network fixed = network.given(List.of("cause=b"));
        assertThat(fixed.table().prior().given("q2").outcomes()).containsExactly("v");
    }

    @Test
    void populationsAreEvents() {
        Network network = Networks.builtIn("authors", TextRewards.none()).orElseThrow();
        Map<String, Double> humans =
                network.given(List.of("humans")).prior("").hidden().get("author");
        assertThat(humans.get("human")).isCloseTo(.7 / .9, within(EXACT));
        assertThat(humans.get("ai")).isZero();
        List<Double> quality = new ArrayList<>(network.given(List.of("author=expert"))
                .prior("")
                .marginal(List.of("quality"))
                .values());
        assertThat(quality.get(3)).isCloseTo(.2, within(EXACT));
    }
}
