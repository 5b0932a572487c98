package dev.credence.lab.experiments;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.Vectors;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.provenance.InputException;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WhichConditionalTest {
    private static Map<String, Finding> run(Map<String, String> settings) {
        WhichConditional experiment = new WhichConditional();
        return experiment
                .run(ExperimentSettings.of(experiment, settings), line -> {})
                .findings();
    }

    private static double estimate(Map<String, Finding> findings, String id) {
        return findings.get(id).estimate();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"1, \"T18.n1\"", "2, \"T18.n2\"", "5, \"T18.n5\"", "50, \"T18.n50\""})
    void theProbeTellsTheTwoApart(String n, String key) {
        Map<String, Finding> f = run(Map.of());
        assertVector(estimate(f, "filter." + n + ".probe"), key, "xlevel_y2");
        assertVector(estimate(f, "persona." + n + ".probe"), key, "persona_y2");
        double[] filter = {estimate(f, "filter." + n + ".weight.1"), estimate(f, "filter." + n + ".weight.2")};
        double[] persona = {estimate(f, "persona." + n + ".weight.1"), estimate(f, "persona." + n + ".weight.2")};
        assertVector(filter, key, "xlevel_w");
        assertVector(persona, key, "persona_w");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "beauty, \"T14.beauty\"",
                "approve, \"T14.approve\"",
                "sycophancy, \"T14.syco\"",
                "half, \"T14.half\""
            })
    void rivalRewardsAreHeldAgainstThePolicy(String name, String key) {
        Map<String, Finding> f = run(Map.of());
        assertVector(estimate(f, "candidate." + name + ".copies"), key, "lam");
        assertThat(estimate(f, "candidate." + name + ".departure"))
                .isCloseTo(Vectors.number(key, "departure"), within(Vectors.TOLERANCE));
        assertVector(estimate(f, "candidate." + name + ".bayes_fraction"), key, "bayes_frac");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "2, \"T22.maxKL_beta2.0\"",
                "1, \"T22.maxKL_beta1.0\"",
                ".5, \"T22.maxKL_beta0.5\"",
                ".25, \"T22.maxKL_beta0.25\""
            })
    void aBoundedRewardMovesNoPriorFar(String beta, String key) {
        Map<String, Finding> f = run(Map.of());
        assertVector(estimate(f, "bound." + beta + ".kl"), key, "maxKL");
        assertVector(estimate(f, "bound." + beta + ".hoeffding"), key, "bound_hoeff");
    }

    /** The control: authors who are alike, or a judge who accepts everything, leave nothing to tell apart. */
    @Test
    void whatHasNoValueSaysWhyInPlainWords() {
        Map<String, Finding> f = run(Map.of("lambda", "0"));
        assertThat(f.get("candidate.approve.bayes_fraction").reason()).contains("there is no move to explain");
    }

    @Test
    void withoutADifferenceThereIsNone() {
        Map<String, Finding> alike = run(Map.of("good", ".7,.7"));
        assertThat(estimate(alike, "filter.50.probe")).isCloseTo(estimate(alike, "persona.50.probe"), within(1e-12));
        Map<String, Finding> blind = run(Map.of("accept.good", ".5", "accept.bad", ".5"));
        assertThat(estimate(blind, "filter.50.probe")).isCloseTo(.55, within(1e-12));
        assertThat(estimate(blind, "persona.50.probe")).isCloseTo(.55, within(1e-12));
    }

    @Test
    void manyAuthorsAndManyAcceptancesStayFinite() {
        Map<String, Finding> f = run(Map.of(
                "weights", ".2,.3,.5", "good", ".1,.6,.95", "n", "100000", "accept.good", ".01", "accept.bad", ".001"));
        assertThat(estimate(f, "persona.100000.probe")).isCloseTo(.95, within(1e-9));
        assertThat(estimate(f, "filter.100000.weight.3"))
                .as("only good texts are left: weights by P(good | author)")
                .isCloseTo(.475 / (.02 + .18 + .475), within(1e-9));
    }

    @Test
    void refusesWhatIsNoWorld() {
        assertThatThrownBy(() -> run(Map.of("weights", ".5,.6")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("they add up to 1");
        assertThatThrownBy(() -> run(Map.of("reward", "nothing"))).isInstanceOf(InputException.class);
    }

    @Test
    void aPolicyThatDidNotMoveTellsNoRewardFromAnother() {
        WhichConditional experiment = new WhichConditional();
        ExperimentResult result = experiment.run(ExperimentSettings.of(experiment, Map.of("lambda", "0")), line -> {});
        assertThat(result.findings().get("candidate.approve.bayes_fraction").stands())
                .isFalse();
        assertThat(estimate(result.findings(), "candidate.beauty.separate")).isInfinite();
        assertThat(result.conclusion()).contains("the policy does not move").doesNotContain("–");
    }

    /** Sums over the four texts of a rater's taste that matter: beauty and flattery are independent in the prior. */
    @Test
    void severalRatersAreNobodyAlone() {
        Map<String, Finding> f = run(Map.of("raters", "beauty,sycophancy", "raters.scale", "3"));
        double[] mass = {.63, .07, .27, .03}; // plain or beautiful, frank or sycophantic
        double[][] logit = {{-.9, -.9, 2.1, 2.1}, {-.3, 2.7, -.3, 2.7}};
        double[][] alone = new double[2][];
        for (int k = 0; k < 2; k++) {
            double[] own = logit[k];
            alone[k] = normalised(mass, x -> logistic(own[x]));
        }
        Map<String, double[]> together = Map.of(
                "all", normalised(mass, x -> logistic(logit[0][x]) * logistic(logit[1][x])),
                "random", normalised(mass, x -> logistic(logit[0][x]) + logistic(logit[1][x])),
                "logits", normalised(mass, x -> logistic((logit[0][x] + logit[1][x]) / 2)),
                "reward", normalised(mass, x -> Math.exp((logit[0][x] + logit[1][x]) / 2)));
        together.forEach((name, policy) -> {
            String[] raters = {"beauty", "sycophancy"};
            for (int k = 0; k < 2; k++) {
                double distance = 0;
                for (int x = 0; x < 4; x++) {
                    distance += Math.abs(policy[x] - alone[k][x]) / 2;
                }
                assertThat(estimate(f, "raters." + name + "." + raters[k] + ".distance"))
                        .as(name + " " + raters[k])
                        .isCloseTo(distance, within(1e-9));
            }
            assertThat(estimate(f, "raters." + name + ".departure")).as(name).isGreaterThan(1e-3);
        });
        double yes = 0;
        double no = 0;
        for (int x = 0; x < 4; x++) {
            yes += mass[x] * logistic(logit[0][x]);
            no += mass[x] * logistic(logit[1][x]);
        }
        for (int x = 0; x < 4; x++) {
            assertThat(together.get("random")[x])
                    .as("one at random: the raters' own conditionals, weighed by how often they approve")
                    .isCloseTo((yes * alone[0][x] + no * alone[1][x]) / (yes + no), within(1e-12));
        }
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double[] normalised(double[] mass, IntToDoubleFunction likelihood) {
        double[] p = new double[mass.length];
        double sum = 0;
        for (int x = 0; x < p.length; x++) {
            p[x] = mass[x] * likelihood.applyAsDouble(x);
            sum += p[x];
        }
        for (int x = 0; x < p.length; x++) {
            p[x] /= sum;
        }
        return p;
    }

    /** The control: raters of one taste are one rater, who approves as often as they all do. */
    @Test
    void ratersOfOneTasteAreOneRater() {
        Map<String, Finding> f = run(Map.of("raters", "beauty,table:beauty"));
        for (String aggregate : new String[] {"all", "random", "logits"}) {
            assertThat(estimate(f, "raters." + aggregate + ".departure"))
                    .as(aggregate)
                    .isCloseTo(0, within(1e-9));
        }
        assertThat(estimate(f, "raters.random.nearest")).isCloseTo(0, within(1e-9));
        assertThat(estimate(f, "raters.all.nearest"))
                .as("all of them approve: two copies")
                .isGreaterThan(.01);
        Map<String, Finding> blind = run(Map.of("raters.scale", "0"));
        assertThat(estimate(blind, "raters.all.kl")).isCloseTo(0, within(1e-12));
        assertThat(estimate(blind, "raters.all.departure")).isZero();
    }

    @ParameterizedTest
    @CsvSource({"craftsman, .5", "flatterer, .02", "clerk, 7"})
    void aRewardIsWrittenForAWantedPersona(String wanted, String beta) {
        Map<String, Finding> f = run(Map.of("wanted", wanted, "written.beta", beta));
        assertThat(estimate(f, "written.distance")).isCloseTo(0, within(1e-9));
        assertThat(estimate(f, "written.back")).isCloseTo(0, within(1e-9));
        double[] mass = {.63, .07, .27, .03};
        double[] share = wanted.equals("craftsman")
                ? new double[] {.1, .02, .85, .35}
                : wanted.equals("flatterer") ? new double[] {.05, .93, .05, .6} : new double[] {.85, .05, .1, .05};
        double[] texts = normalised(mass, x -> share[x]);
        double kl = 0;
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int x = 0; x < 4; x++) {
            kl += texts[x] * Math.log(texts[x] / mass[x]);
            least = Math.min(least, share[x]);
            most = Math.max(most, share[x]);
        }
        assertThat(estimate(f, "written.kl")).isCloseTo(kl, within(1e-9));
        assertThat(estimate(f, "written.range"))
                .isCloseTo(Double.parseDouble(beta) * Math.log(most / least), within(1e-9));
        assertThat(estimate(f, "written.bound")).isGreaterThanOrEqualTo(kl);
        assertThat(estimate(f, "written.probe"))
                .as("the reward tunes texts, and leaves who writes them to the texts")
                .isGreaterThan(.01);
    }

    @Test
    void aWorldWithoutPersonasWritesItsOwnReward() {
        Map<String, Finding> f = run(Map.of("world", "t1", "reward", "reward", "lambda", "1.5", "written.beta", ".25"));
        assertThat(estimate(f, "written.distance")).isCloseTo(0, within(1e-9));
        assertThat(estimate(f, "written.back")).isCloseTo(0, within(1e-9));
        assertThat(f).doesNotContainKey("earning.told");
    }

    @Test
    void personasWhoEarnTheSameAreToldApartByTheProbe() {
        Map<String, Finding> f = run(Map.of());
        double[][] later = {{.85, .05, .1}, {.1, .85, .05}, {.3, .1, .6}};
        double[] approved = {.63 * .2, .07 * .95, .27 * .9, .03 * .95};
        double[][] share = {{.1, .02, .85, .35}, {.05, .93, .05, .6}, {.85, .05, .1, .05}};
        double[] weight = new double[3];
        double sum = 0;
        for (int h = 0; h < 3; h++) {
            for (int x = 0; x < 4; x++) {
                weight[h] += approved[x] * share[h][x];
            }
            sum += weight[h];
        }
        double told = 1;
        String[] names = {"craftsman", "flatterer", "clerk"};
        for (int h = 0; h < 3; h++) {
            double filter = 0;
            for (int a = 0; a < 3; a++) {
                double mixed = 0;
                for (int z = 0; z < 3; z++) {
                    mixed += weight[z] / sum * later[z][a];
                }
                filter += Math.abs(later[h][a] - mixed) / 2;
            }
            assertThat(estimate(f, "earning." + names[h] + ".weight")).isCloseTo(weight[h] / sum, within(1e-9));
            assertThat(estimate(f, "earning." + names[h] + ".probe")).isCloseTo(filter, within(1e-9));
            for (int z = 0; z < h; z++) {
                double apart = 0;
                for (int a = 0; a < 3; a++) {
                    apart += Math.abs(later[h][a] - later[z][a]) / 2;
                }
                told = Math.min(told, apart);
            }
        }
        assertThat(estimate(f, "earning.told")).isCloseTo(told, within(1e-9));
        assertThat(estimate(f, "earning.draws")).isGreaterThan(1).isLessThan(100);
    }

    @Test
    void refusesRatersAndPersonasThatAreNone() {
        assertThatThrownBy(() -> run(Map.of("raters", "beauty,kindness")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("raters");
        assertThatThrownBy(() -> run(Map.of("persona", "mood")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("hidden variable");
        assertThatThrownBy(() -> run(Map.of("wanted", "poet")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("wanted");
        assertThatThrownBy(() -> run(Map.of("world", "t1", "reward", "reward", "wanted", "poet")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no hidden variable");
    }

    /** Two small trainings: figures within what they can be, beside those of the world; the same again from the same seed. */
    @Test
    void transformersReadAuthorsAndLearnPersonas() {
        Map<String, String> tiny = Map.of(
                "transformer", "yes",
                "transformer.seeds", "2",
                "transformer.steps", "30",
                "transformer.batch", "16",
                "transformer.items", "4",
                "transformer.tuning", "4",
                "n", "1,2,50");
        Map<String, Finding> f = run(tiny);
        Map<String, Finding> plain = run(Map.of("n", "1,2,50"));
        plain.forEach((id, finding) -> assertThat(f.get(id)).as(id).isEqualTo(finding));
        for (String id : new String[] {"1.persona.probe", "2.filter.probe", "50.tuned.probe", "50.tuned.first"}) {
            Finding finding = f.get("transformer." + id);
            assertThat(finding.grade()).isEqualTo(Grade.ESTIMATED);
            assertThat(finding.lower()).isBetween(0.0, finding.estimate());
            assertThat(finding.upper()).isBetween(finding.estimate(), 1.0);
            assertThat(finding.upper()).as("two seeds").isGreaterThan(finding.lower());
        }
        assertThat(f.get("transformer.50.persona.probe").reason()).contains("room for 3 acceptances");
        assertThat(f.get("transformer.1.tuned.place").stands()).isFalse();
        assertThat(f.get("transformer.earning.clerk.distance").estimate()).isBetween(0.0, 1.0);
        assertThat(f.get("transformer.earning.recognised").estimate()).isBetween(0.0, 1.0);
        assertThat(run(tiny)).isEqualTo(f);
    }
}
