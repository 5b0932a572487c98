package dev.credence.worlds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The worlds that ship with Credence. */
class BuiltInWorldsTest {
    private static Stream<String> networks() {
        Set<String> tables = Set.of("t1", "t19");
        return TableWorlds.builtIn().stream().filter(name -> !tables.contains(name));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void eachIsANetworkWhoseTextsSumToOne(String name) {
        Network network = Networks.builtIn(name, TextRewards.none()).orElseThrow();
        TableWorld world = TableWorlds.builtIn(name);
        assertThat(TableWorlds.builtInText(name)).startsWith("# ").contains("Experiment", "world: " + name);
        assertThat(network.rewardNames()).isNotEmpty();
        assertThat(network.probes()).isNotEmpty();
        for (String prompt : network.prompts()) {
            Distribution prior = world.prior().given(prompt);
            assertThat(prior.size()).isGreaterThan(1);
            assertThat(IntStream.range(0, prior.size())
                            .mapToDouble(prior::probability)
                            .sum())
                    .isCloseTo(1, within(1e-12));
            assertThat(network.prior(prompt).hidden()).isNotEmpty();
        }
        network.populations()
                .forEach(population -> assertThat(network.given(java.util.List.of(population))
                                .table()
                                .prior())
                        .isNotNull());
    }

    @ParameterizedTest
    @MethodSource("networks")
    void eachHasAGraph(String name) {
        Network network = Networks.builtIn(name, TextRewards.none()).orElseThrow();
        String svg = new NetworkGraph(network).svg();
        assertThat(svg).startsWith("<svg ").endsWith("</svg>\n");
        long dashed = network.variables().stream().filter(Variable::isHidden).count();
        assertThat(svg.split("stroke-dasharray", -1)).hasSize((int) dashed + 1);
        int edges =
                network.variables().stream().mapToInt(v -> v.parents().size()).sum();
        assertThat(svg.split("marker-end", -1)).hasSize(edges + 1);
        network.variables().forEach(v -> assertThat(svg).contains(">" + v.name() + "</text>"));
        String last = network.variables().get(network.variables().size() - 1).name();
        String moved = new NetworkGraph(network).svg(Map.of(last, 0.5));
        assertThat(moved).contains("fill-opacity=\"0.300\"", ">0.50</text>", "moved by the evidence");
        assertThat(moved.split("fill-opacity=\"0.000\"", -1))
                .as("what was not moved has no colour")
                .hasSize(network.variables().size());
    }

    @Test
    void helpfulHasTheBitsOfT14() {
        TableWorld world = TableWorlds.builtIn("helpful");
        Distribution prior = world.prior().given("");
        Distribution tilted = TablePosterior.of(world.prior(), world.reward("approve"), RewardLikelihood.tilt(2))
                .model()
                .given("");
        assertThat(Divergences.kl(tilted, prior)).isCloseTo(.35221640, within(5e-9));
        Map<String, Double> copies =
                Map.of("approve", 2.0, "half", 1.66350573, "beauty", .90014650, "sycophancy", .66946488);
        Map<String, Double> departure =
                Map.of("approve", 0.0, "half", .10137721, "beauty", .25349868, "sycophancy", .32388210);
        copies.forEach((name, lambda) -> {
            Distribution candidate = TablePosterior.of(world.prior(), world.reward(name), RewardLikelihood.tilt(lambda))
                    .model()
                    .given("");
            double[] rewards = world.reward(name).rewards("", prior);
            assertThat(candidate.expectation(rewards)).isCloseTo(tilted.expectation(rewards), within(2e-8));
            assertThat(Divergences.kl(tilted, candidate)).isCloseTo(departure.get(name), within(5e-9));
        });
    }

    @Test
    void muchOfTheProxyLowersGold() {
        TableWorld world = TableWorlds.builtIn("proxy");
        double[] gold = world.reward("gold").rewards("", world.prior().given(""));
        double[] means = IntStream.of(0, 1, 20)
                .mapToDouble(
                        lambda -> TablePosterior.of(world.prior(), world.reward("proxy"), RewardLikelihood.tilt(lambda))
                                .model()
                                .given("")
                                .expectation(gold))
                .toArray();
        assertThat(means[1]).isGreaterThan(means[0]);
        assertThat(means[2]).isLessThan(means[0]);
    }
}
