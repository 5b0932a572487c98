package dev.credence.lab.experiments;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.probability.Distribution;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.worlds.TableWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImplicitKlTest {
    private static final List<String> ROADS = List.of("natural", "vanilla", "ppo", "adaptive");
    private static final Map<String, String> SMALL = Map.of("seeds", "2", "steps", "250");
    private static final ExperimentResult STANDARD = run(SMALL);

    @TempDir
    Path folder;

    private static ExperimentResult run(Map<String, String> settings) {
        ImplicitKl experiment = new ImplicitKl();
        Map<String, String> all = new LinkedHashMap<>(SMALL);
        all.putAll(settings);
        return experiment.run(ExperimentSettings.of(experiment, all), line -> {});
    }

    private static double estimate(ExperimentResult result, String id) {
        return result.findings().get(id).estimate();
    }

    private String file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("world.yaml"), yaml).toString();
    }

    /** A distribution with rewards, in plain sums. */
    private record Plain(double[] prior, double[] proxy, double[] gold) {
        static Plain of(String name) {
            TableWorld world = WorldInput.read(name).world();
            Distribution texts = world.prior().given("");
            return new Plain(
                    texts.probabilities(),
                    world.reward("proxy").rewards("", texts),
                    world.reward("gold").rewards("", texts));
        }

        double[] tilt(double lambda) {
            double[] p = new double[prior.length];
            double sum = 0;
            for (int i = 0; i < p.length; i++) {
                p[i] = prior[i] * Math.exp(lambda * proxy[i]);
                sum += p[i];
            }
            for (int i = 0; i < p.length; i++) {
                p[i] /= sum;
            }
            return p;
        }

        static double kl(double[] p, double[] q) {
            double sum = 0;
            for (int i = 0; i < p.length; i++) {
                sum += p[i] > 0 ? p[i] * Math.log(p[i] / q[i]) : 0;
            }
            return sum;
        }

        static double mean(double[] p, double[] values) {
            double sum = 0;
            for (int i = 0; i < p.length; i++) {
                sum += p[i] * values[i];
            }
            return sum;
        }

        double[] tiltAtKl(double nats) {
            double low = 0;
            double high = 50;
            for (int i = 0; i < 200; i++) {
                double middle = (low + high) / 2;
                if (kl(tilt(middle), prior) < nats) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            return tilt(low);
        }

        /** KL to the conditional of the same mean reward, which is the nearest. */
        double departure(double[] p) {
            double low = -50;
            double high = 50;
            for (int i = 0; i < 200; i++) {
                double middle = (low + high) / 2;
                if (mean(tilt(middle), proxy) < mean(p, proxy)) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            return kl(p, tilt(low));
        }

        /** Ordinary gradient ascent in steps of Euler, halved and extrapolated, to a KL. */
        double[] flowToKl(double nats) {
            double[] coarse = euler(nats, 2e-4);
            double[] fine = euler(nats, 1e-4);
            double[] p = new double[coarse.length];
            for (int i = 0; i < p.length; i++) {
                p[i] = 2 * fine[i] - coarse[i];
            }
            return p;
        }

        private double[] euler(double nats, double step) {
            double[] z = new double[prior.length];
            for (int i = 0; i < z.length; i++) {
                z[i] = Math.log(prior[i]);
            }
            double[] p = prior.clone();
            double[] before = p;
            double last = 0;
            double now = 0;
            while (now < nats) {
                before = p.clone();
                last = now;
                double mean = mean(p, proxy);
                double sum = 0;
                for (int i = 0; i < z.length; i++) {
                    z[i] += step * p[i] * (proxy[i] - mean);
                    sum += Math.exp(z[i]);
                }
                for (int i = 0; i < z.length; i++) {
                    p[i] = Math.exp(z[i]) / sum;
                }
                now = kl(p, prior);
            }
            double share = (nats - last) / (now - last);
            for (int i = 0; i < p.length; i++) {
                p[i] = before[i] + share * (p[i] - before[i]);
            }
            return p;
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"1, \"T11.vpg_T1.0\"", "5, \"T11.vpg_T5.0\"", "20, \"T11.vpg_T20.0\""})
    void ordinaryGradientsLeaveTheFamily(String time, String key) {
        assertVector(estimate(STANDARD, "vanilla." + time + ".bayes_fraction"), key, "bayes_frac");
        assertVector(estimate(STANDARD, "flow." + time + ".departure"), key, "departure");
        assertVector(estimate(STANDARD, "flow." + time + ".copies"), key, "lam_mm");
        assertVector(estimate(STANDARD, "flow." + time + ".kl"), key, "KL0");
        assertVector(estimate(STANDARD, "flow." + time + ".reward"), key, "Er");
    }

    @ParameterizedTest
    @ValueSource(strings = {".25", ".5", "1"})
    void naturalGradientsStoppedEarlyAreTheExplicitPenalty(String budget) {
        Plain world = Plain.of("proxy");
        double nats = Double.parseDouble(budget);
        double[] optimum = world.tiltAtKl(nats);
        for (String road : List.of("explicit", "natural")) {
            assertThat(estimate(STANDARD, road + "." + budget + ".kl")).isCloseTo(nats, within(1e-9));
            assertThat(estimate(STANDARD, road + "." + budget + ".proxy"))
                    .isCloseTo(Plain.mean(optimum, world.proxy), within(1e-9));
            assertThat(estimate(STANDARD, road + "." + budget + ".gold"))
                    .isCloseTo(Plain.mean(optimum, world.gold), within(1e-9));
        }
        assertThat(estimate(STANDARD, "natural." + budget + ".departure")).isCloseTo(0, within(1e-9));
        assertThat(estimate(STANDARD, "natural." + budget + ".distance")).isCloseTo(0, within(1e-9));
        assertThat(1 / estimate(STANDARD, "explicit." + budget + ".beta"))
                .isCloseTo(estimate(STANDARD, "natural." + budget + ".copies"), within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(strings = {".25", "1"})
    void ordinaryGradientsAtEqualKl(String budget) {
        Plain world = Plain.of("proxy");
        double nats = Double.parseDouble(budget);
        double[] policy = world.flowToKl(nats);
        double[] optimum = world.tiltAtKl(nats);
        double distance = 0;
        for (int i = 0; i < policy.length; i++) {
            distance += Math.abs(policy[i] - optimum[i]) / 2;
        }
        String id = "vanilla." + budget;
        assertThat(estimate(STANDARD, id + ".kl")).isCloseTo(nats, within(1e-9));
        assertThat(estimate(STANDARD, id + ".departure")).isCloseTo(world.departure(policy), within(1e-6));
        assertThat(estimate(STANDARD, id + ".distance")).isCloseTo(distance, within(1e-6));
        assertThat(estimate(STANDARD, id + ".gold")).isCloseTo(Plain.mean(policy, world.gold), within(1e-6));
    }

    /** At a KL nothing has more of the proxy than the conditional; PPO is stopped at the KL, steering comes near it. */
    @ParameterizedTest
    @ValueSource(strings = {".25", ".5", "1"})
    void sampledMethodsAreHeldAtTheirKl(String budget) {
        double nats = Double.parseDouble(budget);
        Finding ppo = STANDARD.findings().get("ppo." + budget + ".kl");
        assertThat(ppo.lower()).isCloseTo(nats, within(1e-9));
        assertThat(ppo.upper()).isCloseTo(nats, within(1e-9));
        assertThat(estimate(STANDARD, "ppo." + budget + ".proxy"))
                .isLessThan(estimate(STANDARD, "explicit." + budget + ".proxy"));
        assertThat(STANDARD.findings().get("ppo." + budget + ".departure").lower())
                .isNotNegative();
        assertThat(estimate(STANDARD, "ppo." + budget + ".departure")).isGreaterThan(.01);
        assertThat(estimate(STANDARD, "ppo." + budget + ".step_kl")).isBetween(1e-6, .05);
    }

    @Test
    void aSteeredCoefficientEndsNearTheConditionalOfItsKl() {
        Map<String, String> longer = Map.of("world", "t1", "budgets", ".5", "steps", "1500", "samples", "128");
        Finding kl = run(longer).findings().get("adaptive..5.kl");
        assertThat(kl.estimate()).isCloseTo(.5, within(.05));
        assertThat(estimate(run(longer), "adaptive..5.departure")).isBetween(0., .005);
        Finding missed = run(Map.of("world", "t1", "budgets", ".5", "steps", "5"))
                .findings()
                .get("adaptive..5.gold");
        assertThat(missed.stands()).isFalse();
        assertThat(run(Map.of("world", "t1", "budgets", ".5", "steps", "5"))
                        .findings()
                        .get("adaptive..5.departure")
                        .reason())
                .contains("nats on average, not to this KL: it takes more steps");
    }

    @Test
    void aPenaltyOnlyEndsTheSameCurve() {
        Plain world = Plain.of("proxy");
        assertThat(estimate(STANDARD, "penalty.2.kl")).isCloseTo(Plain.kl(world.tilt(.5), world.prior), within(1e-9));
        assertThat(estimate(STANDARD, "penalty..5.gold"))
                .isCloseTo(Plain.mean(world.tilt(2), world.gold), within(1e-9));
        for (String beta : List.of("2", "1", ".5")) {
            assertThat(estimate(STANDARD, "penalty." + beta + ".distance")).isCloseTo(0, within(1e-9));
            assertThat(estimate(STANDARD, "penalty." + beta + ".transient")).isCloseTo(0, within(1e-9));
        }
    }

    /** The control: of two texts every policy is a conditional, by whatever road it came. */
    @Test
    void twoTextsLeaveNothingToDepartFrom() throws IOException {
        ExperimentResult result =
                run(Map.of("world", file("prior: {a: .7, b: .3}\nreward: {a: 0, b: 1}\n"), "budgets", ".1,.4"));
        for (String road : ROADS) {
            for (String budget : List.of(".1", ".4")) {
                assertThat(estimate(result, road + "." + budget + ".departure"))
                        .as(road)
                        .isCloseTo(0, within(1e-9));
                assertThat(estimate(result, road + "." + budget + ".distance"))
                        .as(road)
                        .isCloseTo(0, within(1e-9));
            }
        }
        assertThat(result.conclusion()).contains("in this world they cannot leave the family of conditionals");
        assertThat(STANDARD.conclusion())
                .contains("the same KL, another policy")
                .contains("The gold reward at that KL");
        assertThat(result.conclusion()).doesNotContain("gold");
        assertThat(result.findings().get("vanilla..4.gold").reason()).isEqualTo("the world has no gold reward");
    }

    @Test
    void promptsShareOneCoefficient() {
        ExperimentResult result =
                run(Map.of("world", "harmless", "proxy", "harmless", "gold", "helpful", "budgets", ".2", "beta", ".2"));
        assertThat(estimate(result, "natural..2.kl")).isCloseTo(.2, within(1e-9));
        assertThat(estimate(result, "natural..2.distance")).isCloseTo(0, within(1e-9));
        assertThat(estimate(result, "vanilla..2.kl")).isCloseTo(.2, within(1e-9));
        assertThat(estimate(result, "vanilla..2.departure")).isGreaterThan(1e-4);
        assertThat(estimate(result, "vanilla..2.proxy")).isLessThan(estimate(result, "explicit..2.proxy"));
    }

    /** The farthest conditional of t1 is its best text, log 10 nats away. */
    @Test
    void aKlThatNoConditionalHasIsWithdrawn() {
        ExperimentResult result = run(Map.of("world", "t1", "budgets", ".5,2.4", "seeds", "2"));
        for (String road : ROADS) {
            Finding far = result.findings().get(road + ".2.4.departure");
            assertThat(far.stands()).isFalse();
            assertThat(far.reason())
                    .isEqualTo("no conditional on this reward is farther from the prior than 2.3 nats, the prior on the"
                            + " reward's best texts");
            assertThat(result.findings().get(road + "..5.departure").stands())
                    .as(road)
                    .isTrue();
        }
        assertThat(result.conclusion()).contains("stopped at 0.5 nats");
        assertThat(run(Map.of("world", "t1", "budgets", "3")).conclusion())
                .isEqualTo(
                        "No conditional on this reward is farther from the prior than 2.3 nats, which is less than every"
                                + " budget: there is nothing to compare.");
    }

    @Test
    void runsThatDoNotComeSoFarAreWithdrawn() {
        ExperimentResult result = run(Map.of("world", "t1", "budgets", "1", "steps", "3"));
        assertThat(result.findings().get("ppo.1.departure").reason())
                .isEqualTo("not every run came to this KL within the steps");
        assertThat(result.findings().get("ppo.1.steps").stands()).isFalse();
        assertThat(result.conclusion()).contains("not every run came to this KL");
    }

    @Test
    void theFlowOfAnotherWorldAndOfNoTime() throws IOException {
        ExperimentResult result = run(Map.of(
                "flow.world", file("prior: {a: .5, b: .3, c: .2}\nreward: {a: 0, b: 0, c: 1}\n"), "times", "0,3"));
        assertThat(result.findings().get("vanilla.0.bayes_fraction").reason())
                .isEqualTo("the policy is still the prior");
        assertThat(estimate(result, "vanilla.3.bayes_fraction")).isBetween(.8, .9999);
    }

    private static ExperimentResult tuned(String... changes) {
        Map<String, String> settings = new LinkedHashMap<>(Map.of(
                "world", "t1",
                "budgets", ".5",
                "steps", "5",
                "transformer", "yes",
                "transformer.seeds", "2",
                "transformer.learning", "60",
                "transformer.steps", "30",
                "transformer.samples", "32",
                "transformer.lr", ".01"));
        for (int i = 0; i < changes.length; i += 2) {
            settings.put(changes[i], changes[i + 1]);
        }
        return run(settings);
    }

    /** Mirror steps that a network imitates stay by the conditionals; all roads are audited where they first come by the KL. */
    @Test
    void transformersTakeTheSameRoads() {
        ExperimentResult result = tuned("seed", "1");
        for (String road : List.of("explicit", "natural", "vanilla", "adaptive")) {
            String id = "transformer." + road + "..5.";
            Finding departure = result.findings().get(id + "departure");
            assertThat(departure.stands()).as(road).isTrue();
            assertThat(departure.lower()).isNotNegative().isLessThanOrEqualTo(departure.estimate());
            assertThat(departure.upper()).isGreaterThan(departure.estimate());
            assertThat(estimate(result, id + "distance")).isBetween(0.0, 1.0);
        }
        assertThat(estimate(result, "transformer.natural..5.kl")).isBetween(.5, .75);
        assertThat(estimate(result, "transformer.natural..5.departure"))
                .as("theory: 0, up to what imitation leaves")
                .isLessThan(.02);
        assertThat(estimate(result, "transformer.natural..5.distance")).isLessThan(.1);
        assertThat(result.findings().get("transformer.natural..5.gold").reason())
                .isEqualTo("the world has no gold reward");
        assertThat(estimate(result, "natural..5.distance"))
                .as("the tables are what they were")
                .isLessThan(1e-9);
        assertThat(result.conclusion()).contains("On transformers that learnt the world (2 seeds)");
    }

    @Test
    void aRoadThatEndsBeforeTheKlIsWithdrawnAndALargeWorldRefused() {
        String[] oneStep = {"transformer.steps", "1", "transformer.learning", "20"};
        ExperimentResult brief = tuned(oneStep);
        assertThat(tuned(oneStep).findings()).as("same seed, same figures").isEqualTo(brief.findings());
        Finding ppo = brief.findings().get("transformer.ppo..5.departure");
        assertThat(ppo.stands()).isFalse();
        assertThat(ppo.reason()).contains("not every transformer came to this KL");
        assertThatThrownBy(() -> run(Map.of("world", "notebook", "proxy", "bright", "transformer", "yes")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("world is notebook")
                .hasMessageContaining("strings of 10 words must be possible");
    }

    @Test
    void sameSeedSameFigures() {
        Map<String, String> small = Map.of("world", "t1", "budgets", ".5", "steps", "100");
        assertThat(run(small).findings()).isEqualTo(run(small).findings());
        Map<String, String> other = new LinkedHashMap<>(small);
        other.put("seed", "7");
        assertThat(estimate(run(other), "ppo..5.departure")).isNotEqualTo(estimate(run(small), "ppo..5.departure"));
    }

    @Test
    void refusesWhatCannotBeCompared() throws IOException {
        assertThatThrownBy(() -> run(Map.of("budgets", "0")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("budgets is 0; each must be a number from");
        assertThatThrownBy(() -> run(Map.of("world", "authros")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no such world");
        assertThatThrownBy(() -> run(Map.of("world", "harmless")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("none called proxy: name one of harmless, helpful");
        assertThatThrownBy(() -> run(Map.of("proxy", "quality")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("proxy is quality");
        String excluded = file("prior: {a: .5, b: .5}\nreward: {a: 0, b: -.inf}\n");
        assertThatThrownBy(() -> run(Map.of("world", excluded))).isInstanceOf(InputException.class);
    }
}
