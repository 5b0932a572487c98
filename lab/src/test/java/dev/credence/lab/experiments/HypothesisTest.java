package dev.credence.lab.experiments;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.figures.DataTable;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HypothesisTest {
    private static ExperimentResult result(Map<String, String> settings) {
        Hypothesis experiment = new Hypothesis();
        return experiment.run(ExperimentSettings.of(experiment, settings), Listener.silent());
    }

    private static double estimate(ExperimentResult result, String id) {
        Finding finding = result.findings().get(id);
        assertThat(finding).as(id).isNotNull();
        return finding.estimate();
    }

    /** KL(π*_λ‖π0) on T1 by plain sums. */
    private static double klOfTilt(double lambda) {
        double[] prior = {.4, .3, .2, .1};
        double z = 0;
        double mean = 0;
        for (int i = 0; i < 4; i++) {
            z += prior[i] * Math.exp(lambda * i);
            mean += prior[i] * Math.exp(lambda * i) * i;
        }
        return lambda * mean / z - Math.log(z);
    }

    /** What the theory derives to be π*_λ is it, at whatever KL, and all five slopes are that λ. */
    @ParameterizedTest
    @ValueSource(strings = {"tilt", "natural-gradient", "rloo", "reinforce", "dpo"})
    void methodsThatAimAtThePosteriorReachIt(String method) {
        ExperimentResult all = result(Map.of("methods", method, "worlds", "t1", "budgets", ".1,1.4"));
        String id = method + ".t1.";
        assertThat(estimate(all, id + ".1.bayes_fraction")).isCloseTo(1, within(1e-6));
        assertThat(estimate(all, id + "1.4.bayes_fraction")).isCloseTo(1, within(1e-6));
        double lambda = estimate(all, id + "copies.moment_match");
        double kl = estimate(all, id + "kl");
        assertThat(klOfTilt(lambda)).isCloseTo(kl, within(1e-6));
        assertThat(estimate(all, id + "verdict")).isEqualTo(1);
        for (String slope : List.of("self_consistent", "prior_slope", "policy_slope", "mixture_slope")) {
            assertThat(estimate(all, id + "copies." + slope)).as(slope).isCloseTo(lambda, within(1e-3));
        }
        assertThat(all.conclusion())
                .contains("conditioning describes " + method + " at every KL reached")
                .contains("No prompts were held out")
                .doesNotContain("NaN");
    }

    @Test
    void kullbackLeiblerBudgetsAreTheVectors() {
        ExperimentResult all = result(Map.of("methods", "tilt", "worlds", "t1", "budgets", ".5"));
        assertThat(estimate(all, "tilt.t1.copies.moment_match")).isCloseTo(.96160220, within(1e-5));
    }

    /** Methods that no theorem makes a posterior are told so: best-of-n by its vector, GRPO's k3, the quantilizer. */
    @Test
    void methodsThatAimElsewhereAreTold() {
        ExperimentResult all = result(Map.of(
                "methods", "best-of-n,quantilizer,grpo,dr-grpo", "worlds", "t1", "budgets", ".15719924,.53096114"));
        assertVector(estimate(all, "best-of-n.t1.kl"), "T7.bon2", "KL");
        ExperimentResult half = result(Map.of("methods", "quantilizer", "worlds", "t1", "budgets", ".53096114"));
        assertThat(estimate(half, "quantilizer.t1.kl")).isCloseTo(.53096114, within(1e-6));
        assertThat(estimate(half, "quantilizer.t1.bayes_fraction"))
                .as("the KL of the tilt that has the same mean, over its own")
                .isCloseTo(klOfTilt(estimate(half, "quantilizer.t1.copies.moment_match")) / .53096114, within(1e-5))
                .isLessThan(.6);
        assertThat(estimate(all, "grpo.t1.bayes_fraction")).isLessThan(.96);
        assertThat(estimate(all, "dr-grpo.t1.kl"))
                .as("stopped by the first step that reaches it")
                .isBetween(.157, .54);
        assertThat(all.conclusion())
                .contains("Conditioning nowhere describes")
                .contains("\n- quantilizer (conditional in 0 of 2 cases): ");
    }

    /** The agent is the conditional on the trained prompts, and far from it where it maximises; the control is never exposed. */
    @ParameterizedTest
    @CsvSource({"prompts@shared, .5, 1", "prompts@own, .25, 7", "prompts@own, .9, 3"})
    void anAgentIsExposedByHeldOutPromptsAlone(String world, String heldout, String seed) {
        ExperimentResult all =
                result(Map.of("methods", "tilt", "worlds", world, "budgets", ".25", "heldout", heldout, "seed", seed));
        assertThat(estimate(all, "agent.exposed")).isEqualTo(1);
        assertThat(estimate(all, "conditional.exposed")).isZero();
        String agent = "agent." + world + "..25.";
        assertThat(estimate(all, agent + "bayes_fraction")).isCloseTo(1, within(1e-6));
        assertThat(estimate(all, agent + "bayes_fraction.heldout")).isLessThan(.95);
        assertThat(estimate(all, agent + "departure.heldout"))
                .as("all mass of the maximiser is where the conditional has 1 − TV of its own")
                .isGreaterThan(-Math.log(1 - estimate(all, agent + "distance")) - 1e-9);
        assertThat(estimate(all, "conditional." + world + "..25.bayes_fraction.heldout"))
                .isCloseTo(1, within(1e-6));
        assertThat(all.conclusion()).contains("its held-out prompts show it in 1 of the 1 cases");
    }

    /** Without held-out prompts nothing can expose it, and nothing is claimed. */
    @Test
    void withoutHeldOutPromptsNothingIsSaidOfAgents() {
        ExperimentResult all =
                result(Map.of("methods", "tilt", "worlds", "harmless,t1", "budgets", ".3", "heldout", "0"));
        assertThat(all.findings().get("agent.exposed").stands()).isFalse();
        assertThat(all.findings().get("conditional.exposed").stands()).isFalse();
        assertThat(all.findings()).doesNotContainKey("tilt.harmless.bayes_fraction.heldout");
        assertThat(all.conclusion()).doesNotContain("agent").contains("No prompts were held out");
    }

    /** A reward that forces the maximiser and the conditional together leaves nothing to expose. */
    @Test
    void anAgentThatActsAsTheConditionalIsNoCase(@TempDir Path folder) throws IOException {
        Path world = Files.writeString(folder.resolve("pair.yaml"), """
                prompts:
                  p: {prior: {a: .5, b: .5}, reward: {a: 0, b: 1}}
                  q: {prior: {a: .5, b: .5}, reward: {a: 0, b: 1000}}
                """);
        for (String seed : List.of("1", "2", "3", "4")) {
            ExperimentResult all =
                    result(Map.of("methods", "tilt", "worlds", world.toString(), "budgets", ".3", "seed", seed));
            boolean qIsHeldOut = estimate(all, "tilt." + world + ".copies.moment_match") > .1;
            assertThat(all.findings().get("agent.exposed").stands()).isEqualTo(!qIsHeldOut);
            assertThat(all.conclusion())
                    .contains(qIsHeldOut ? "nothing to tell apart" : "cannot be told apart on the trained prompts");
        }
    }

    /** A prompt with a single text can move nobody: it is never held out, and the conclusion says so. */
    @Test
    void whatCannotMoveIsNotHeldOut(@TempDir Path folder) throws IOException {
        Path world = Files.writeString(folder.resolve("still.yaml"), """
                prompts:
                  p: {prior: {a: .5, b: .5}, reward: {a: 0, b: 1}}
                  p2: {prior: {a: .4, b: .6}, reward: {a: 0, b: 1}}
                  q: {prior: {c: 1}, reward: {c: 0}}
                """);
        Path alone = Files.writeString(folder.resolve("alone.yaml"), """
                prompts:
                  p: {prior: {a: .5, b: .5}, reward: {a: 0, b: 1}}
                  q: {prior: {c: 1}, reward: {c: 0}}
                """);
        for (String seed : List.of("1", "2", "3", "4")) {
            ExperimentResult all =
                    result(Map.of("methods", "tilt,rloo", "worlds", world.toString(), "budgets", ".1", "seed", seed));
            assertThat(estimate(all, "agent.exposed")).isEqualTo(1);
            assertThat(estimate(all, "tilt." + world + ".bayes_fraction.heldout"))
                    .as("it moves on what is held out")
                    .isCloseTo(1, within(1e-6));
            assertThat(all.conclusion())
                    .contains("Not held out are prompts with a single text")
                    .contains("q of ");
            ExperimentResult none =
                    result(Map.of("methods", "tilt,rloo", "worlds", alone.toString(), "budgets", ".1", "seed", seed));
            assertThat(none.findings()).doesNotContainKey("tilt." + alone + ".bayes_fraction.heldout");
            assertThat(none.conclusion()).contains("No prompts were held out").doesNotContain("stays the prior");
        }
    }

    private static final Map<String, String> TINY = Map.of(
            "transformer", "yes",
            "methods", "tilt",
            "worlds", "t1",
            "budgets", ".3",
            "transformer.seeds", "2",
            "transformer.learning", "60",
            "transformer.steps", "20",
            "transformer.samples", "16",
            "transformer.lr", ".01",
            "transformer.worlds", "prompts@shared");

    private static ExperimentResult tiny(String key, String value) {
        Map<String, String> settings = new HashMap<>(TINY);
        settings.put(key, value);
        return result(settings);
    }

    /** Transformers stand beside the limits on their own priors, and those taught to maximise elsewhere are told. */
    @Test
    void transformersAreAuditedOverAllTheirStrings() {
        ExperimentResult all = tiny("transformer.methods", "rloo,best-of-n,feedme,ppo");
        String id = "transformer.rloo.prompts@shared.";
        Finding fraction = all.findings().get(id + "bayes_fraction");
        assertThat(fraction.lower()).isLessThan(fraction.estimate()).isNotNegative();
        assertThat(fraction.upper()).isGreaterThan(fraction.estimate()).isLessThanOrEqualTo(1);
        assertThat(fraction.estimate())
                .as("the sampled method goes its way to the posterior")
                .isGreaterThan(.7);
        assertThat(estimate(all, id + "limit.bayes_fraction")).isCloseTo(1, within(1e-6));
        Finding verdict = all.findings().get("transformer.feedme.prompts@shared.verdict");
        assertThat(verdict.estimate()).as("a filter is no conditional").isZero();
        assertThat(verdict.upper())
                .as("two transformers do not say that none is")
                .isGreaterThan(.5);
        assertThat(estimate(all, "transformer.feedme.prompts@shared.limit.bayes_fraction"))
                .isLessThan(estimate(all, "transformer.best-of-n.prompts@shared.limit.bayes_fraction"))
                .isLessThan(.9);
        assertThat(estimate(all, "transformer.agent.exposed")).isEqualTo(1);
        assertThat(all.findings().get("transformer.agent.exposed").lower()).isLessThan(.2);
        assertThat(estimate(all, "transformer.agent.prompts@shared.departure.heldout"))
                .isGreaterThan(estimate(all, "transformer.conditional.prompts@shared.departure.heldout"));
        assertThat(estimate(all, "transformer.prior.prompts@shared.outside")).isBetween(0.0, .2);
        assertThat(all.tables().get("transformers").rows()).hasSize(2 * 4 + 2 * 2);
        assertThat(all.tables().get("trained").columns()).contains("prompts@shared, transformer");
        assertThat(all.conclusion())
                .contains("On transformers that learnt prompts@shared (2 seeds")
                .doesNotContain("NaN");
    }

    @Test
    void sameSeedSameTransformers() {
        Map<String, String> brief = new HashMap<>(TINY);
        brief.putAll(Map.of("transformer.learning", "10", "transformer.steps", "4", "transformer.methods", "dpo"));
        assertThat(result(brief).findings()).isEqualTo(result(brief).findings());
    }

    @ParameterizedTest
    @CsvSource({
        "transformer.worlds, t1, a world with prompts of two texts or more to train on and to hold out",
        "transformer.methods, tilt, each must be one of best-of-n",
        "heldout, 0, heldout must be above 0"
    })
    void refusesWhatNoTransformerCanLearn(String key, String value, String rule) {
        assertThatThrownBy(() -> tiny(key, value))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(rule);
    }

    /** What trains a table does nothing elsewhere; one parameter a text carries what the prompts have in common. */
    @Test
    void evidenceTravelsWithSharedParametersAlone() {
        ExperimentResult all =
                result(Map.of("methods", "rloo", "worlds", "prompts@shared,prompts@own", "budgets", ".5"));
        assertThat(all.findings()
                        .get("rloo.prompts@shared.bayes_fraction.heldout")
                        .stands())
                .isFalse();
        assertThat(all.findings()
                        .get("rloo.prompts@shared.bayes_fraction.heldout")
                        .reason())
                .contains("stays the prior");
        assertThat(estimate(all, "rloo.prompts@shared.shared.bayes_fraction.heldout"))
                .isCloseTo(1, within(1e-5));
        assertThat(estimate(all, "rloo.prompts@own.shared.bayes_fraction.heldout"))
                .isLessThan(.5);
        assertThat(all.conclusion())
                .contains("for every method on prompts@shared")
                .contains("for none on prompts@own");
        DataTable table = all.tables().get("methods");
        assertThat(table.rows()).hasSize(2 * 2 + 2 * 2);
        assertThat(all.further().get("verdicts").toString())
                .contains("rloo.prompts@shared.shared={.5={trained=conditional, heldout=conditional}}")
                .contains("rloo.prompts@shared={.5={trained=conditional, heldout=no move}}");
    }

    @Test
    void aKlThatIsNotReachedIsWithdrawn() {
        ExperimentResult all = result(
                Map.of("methods", "tilt,rloo,natural-gradient,best-of-n,luce", "worlds", "helpful", "budgets", "1"));
        for (String method : List.of("tilt", "rloo", "natural-gradient", "best-of-n", "luce")) {
            Finding finding = all.findings().get(method + ".helpful.bayes_fraction");
            assertThat(finding.stands()).as(method).isFalse();
            assertThat(finding.reason()).isEqualTo("it does not reach this KL");
        }
        assertThat(all.conclusion()).contains("No method reaches any of these KLs");
    }

    @Test
    void everyOtherMethodRunsOrSaysWhyNot() {
        ExperimentResult all = result(Map.of(
                "methods",
                "rejection,resample,top-fraction,expert-iteration,dapo,kto,decision-transformer,feedme",
                "worlds",
                "t1",
                "budgets",
                ".25"));
        assertThat(estimate(all, "rejection.t1.bayes_fraction")).isCloseTo(1, within(1e-9));
        assertThat(all.tables().get("methods").rows()).hasSize(8);
    }

    @Test
    void sameSettingsSameFigures() {
        Map<String, String> settings = Map.of("methods", "rloo", "worlds", "t1,prompts@own", "budgets", ".3");
        assertThat(result(settings).findings()).isEqualTo(result(settings).findings());
    }

    @ParameterizedTest
    @CsvSource({
        "methods, nothing, methods is nothing",
        "methods, sft, a method that works on tables and is given a reward alone",
        "worlds, nowhere, no such world",
        "worlds, t1@nothing, worlds is nothing",
        "budgets, 0, each must be a number from",
        "heldout, 1, it must be a number from 0 to 0.99"
    })
    void refusesBadSettings(String key, String value, String rule) {
        assertThatThrownBy(() -> result(Map.of(key, value)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(rule);
    }
}
