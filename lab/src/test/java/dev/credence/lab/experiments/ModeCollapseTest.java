package dev.credence.lab.experiments;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModeCollapseTest {
    private static final Map<String, String> SMALL =
            Map.of("repeats", "400", "seeds", "2", "steps", "50", "methods", "tilt,best-of-n,decision-transformer,sft");
    private static final ExperimentResult STANDARD = run(Map.of());

    @TempDir
    Path folder;

    private static ExperimentResult run(Map<String, String> settings) {
        ModeCollapse experiment = new ModeCollapse();
        Map<String, String> all = new LinkedHashMap<>(SMALL);
        all.putAll(settings);
        return experiment.run(ExperimentSettings.of(experiment, all), line -> {});
    }

    private static double estimate(ExperimentResult result, String id) {
        return result.findings().get(id).estimate();
    }

    @Test
    void driftFollowsItsFormula() {
        assertVector(estimate(STANDARD, "prior.diversity"), "T23.WF", "H0");
        assertVector(estimate(STANDARD, "selftrain.10.diversity"), "T23.WF", "H10");
        assertVector(estimate(STANDARD, "selftrain.100.diversity"), "T23.WF", "H100");
        assertVector(estimate(STANDARD, "mixed.variance"), "T23.WF_mig_var");
        assertVector(estimate(STANDARD, "dropped.reverse"), "T13.dropmodes", "rev");
        assertThat(estimate(STANDARD, "dropped.forward")).isInfinite();
    }

    /** By the recursions themselves, in plain loops. */
    @Test
    void driftFollowsItsFormulaWithOtherSettings() {
        double[] p = {.5, .25, .15, .1};
        ExperimentResult result = run(Map.of(
                "prior",
                ".5,.25,.15,.1",
                "samples",
                "20",
                "generations",
                "0,3,40",
                "real",
                ".3",
                "mode",
                "4",
                "kept",
                "3"));
        double alone = 1;
        double[] variance = new double[p.length];
        for (int t = 0; t <= 40; t++) {
            double diversity = 1;
            double own = 1;
            for (int i = 0; i < p.length; i++) {
                diversity -= p[i] * p[i] + variance[i];
                own -= p[i] * p[i];
            }
            if (t == 0 || t == 3 || t == 40) {
                assertThat(estimate(result, "selftrain." + t + ".diversity")).isCloseTo(own * alone, within(1e-12));
                assertThat(estimate(result, "mixed." + t + ".diversity")).isCloseTo(diversity, within(1e-12));
                withinFourErrors(result.findings().get("selftrain." + t + ".simulated"), own * alone);
                withinFourErrors(result.findings().get("mixed." + t + ".simulated"), diversity);
            }
            alone *= 1 - 1. / 20;
            for (int i = 0; i < p.length; i++) {
                variance[i] = p[i] * (1 - p[i]) / 20 + .7 * .7 * (1 - 1. / 20) * variance[i];
            }
        }
        assertThat(estimate(result, "mixed.variance")).isCloseTo(variance[3], within(1e-9));
        withinFourErrors(result.findings().get("mixed.variance.simulated"), variance[3]);
        assertThat(estimate(result, "dropped.reverse")).isCloseTo(-Math.log(.9), within(1e-12));
    }

    /** Half a 95 % interval is 1.96 standard errors. */
    private static void withinFourErrors(Finding simulated, double truth) {
        double error = (simulated.upper() - simulated.lower()) / 2 / 1.96;
        assertThat(simulated.estimate()).as(simulated.id()).isCloseTo(truth, within(4 * error + 1e-12));
    }

    @Test
    void largeGenerationsAreDrawnInOneGo() {
        ExperimentResult result = run(Map.of("samples", "5000", "generations", "3", "repeats", "200"));
        withinFourErrors(result.findings().get("selftrain.3.simulated"), .7 * Math.pow(1 - 1 / 5000., 3));
        withinFourErrors(result.findings().get("mixed.variance.simulated"), estimate(result, "mixed.variance"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"1, \"T11.collapse_T1\"", "10, \"T11.collapse_T10\"", "100, \"T11.collapse_T100\""})
    void tiedModesPart(String time, String key) {
        assertVector(estimate(STANDARD, "policy_gradient." + time + ".ratio"), key, "ratio");
        assertThat(estimate(STANDARD, "bayes.ratio")).isCloseTo(2, within(1e-12));
    }

    /** The control: modes that are alike, or all of equal reward, keep their ratio. */
    @Test
    void modesThatAreAlikeStayAlike() {
        ExperimentResult alike = run(Map.of("ties", ".4,.4,.2", "time", "1e4"));
        assertThat(estimate(alike, "policy_gradient.1e4.ratio")).isCloseTo(1, within(1e-9));
        assertThat(alike.conclusion()).contains("here it stays, as the modes are alike");
        ExperimentResult unmoved = run(Map.of("ties", ".5,.3,.2", "untied", "0", "time", "50"));
        assertThat(estimate(unmoved, "policy_gradient.50.ratio")).isCloseTo(5 / 3., within(1e-9));
        assertThat(unmoved.conclusion()).contains("here it stays");
        assertThat(STANDARD.conclusion()).contains("the path decides which mode survives");
    }

    /** Four modes with two at reward 0: of the tied, e^{−z₁} − e^{−z₂} is conserved with Σz. */
    @Test
    void theInvariantHoldsWithOtherSettings() {
        ExperimentResult result = run(Map.of("ties", ".35,.25,.2,.2", "untied", "2", "time", "200"));
        double ratio = estimate(result, "policy_gradient.200.ratio");
        double[] z = {Math.log(.35), Math.log(.25), Math.log(.2), Math.log(.2)};
        for (int step = 0; step < 200_000; step++) { // Euler, 1e-3
            double[] p = new double[4];
            double sum = 0;
            for (double each : z) {
                sum += Math.exp(each);
            }
            for (int i = 0; i < 4; i++) {
                p[i] = Math.exp(z[i]) / sum;
            }
            double mean = p[0] + p[1];
            for (int i = 0; i < 4; i++) {
                z[i] += 1e-3 * p[i] * ((i < 2 ? 1 : 0) - mean);
            }
        }
        assertThat(ratio).isCloseTo(Math.exp(z[0] - z[1]), within(1e-3)).isGreaterThan(.35 / .25);
    }

    /** From the tables of the world's file, in plain sums over who wrote it, quality and mark. */
    @Test
    void theOptimumTowardHumansIsHumans() {
        double[][] quality = {{.5, .35, .15, 0}, {.1, .3, .4, .2}, {0, .1, .3, .6}, {.4, .3, .2, .1}};
        double[][] odd = {{.01, .01, .02, .02}, {.01, .01, .02, .03}, {.2, .2, .25, .3}, {.02, .02, .03, .05}};
        double[] all = texts(new double[] {.7, .2, .07, .03}, quality, odd);
        double[] humans = texts(new double[] {.7 / .9, .2 / .9, 0, 0}, quality, odd);
        double[] ordinary = texts(new double[] {1, 0, 0, 0}, quality, odd);
        assertThat(estimate(STANDARD, "human.forward.before")).isCloseTo(kl(humans, all), within(1e-9));
        assertThat(estimate(STANDARD, "human.reverse.before")).isCloseTo(kl(all, humans), within(1e-9));
        assertThat(estimate(STANDARD, "narrow.forward.before")).isCloseTo(kl(ordinary, all), within(1e-9));
        assertThat(estimate(STANDARD, "narrow.reverse.before")).isInfinite();
        assertThat(estimate(STANDARD, "narrow.inhuman.mass.before"))
                .isCloseTo(.2 * .2 + .07 * .6 + .03 * .1, within(1e-9));
        for (String id : new String[] {"human", "narrow"}) {
            assertThat(estimate(STANDARD, id + ".forward.after")).isCloseTo(0, within(1e-9));
            assertThat(estimate(STANDARD, id + ".reverse")).isCloseTo(0, within(1e-9));
            assertThat(estimate(STANDARD, id + ".forward.bare")).isInfinite();
        }
        assertThat(estimate(STANDARD, "inhuman.mass")).isZero();
        assertThat(estimate(STANDARD, "narrow.inhuman.mass.after")).isZero();
        assertThat(estimate(STANDARD, "human.reverse.bare")).isCloseTo(-Math.log(most(humans)), within(1e-9));
        assertThat(estimate(STANDARD, "human.trained.distance")).isCloseTo(0, within(1e-9));
        ExperimentResult narrow = run(Map.of("population", "author=human", "narrow", ""));
        assertThat(estimate(narrow, "inhuman.mass.before")).isCloseTo(.085, within(1e-9));
        assertThat(narrow.findings().get("human.trained.distance").stands()).isFalse();
    }

    private static double[] texts(double[] who, double[][] quality, double[][] odd) {
        double[] mass = new double[8];
        for (int a = 0; a < who.length; a++) {
            for (int q = 0; q < 4; q++) {
                mass[2 * q] += who[a] * quality[a][q] * (1 - odd[a][q]);
                mass[2 * q + 1] += who[a] * quality[a][q] * odd[a][q];
            }
        }
        return mass;
    }

    private static double kl(double[] p, double[] q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] > 0 ? p[i] * Math.log(p[i] / q[i]) : 0;
        }
        return sum;
    }

    private static double most(double[] p) {
        double most = 0;
        for (double each : p) {
            most = Math.max(most, each);
        }
        return most;
    }

    /** From the world's tables: answers marginal over the intent, tilted by question, weighed by innocuous questions. */
    @ParameterizedTest
    @CsvSource({".2", ".5"})
    void refusalsOfInnocuousQueries(String beta) {
        double[] weight = {.5, .3, .2};
        double[] innocent = {.99, .9, .7};
        double[][] good = {{.9, .08, .02}, {.7, .22, .08}, {.6, .25, .15}};
        double[][] bad = {{.5, .3, .2}, {.3, .3, .4}, {.2, .3, .5}};
        double[][] reward = {{.95, .98, 1}, {.7, .85, 1}, {.4, .7, 1}};
        double prior = 0;
        double posterior = 0;
        double all = 0;
        for (int c = 0; c < 3; c++) {
            double[] p = new double[3];
            double z = 0;
            for (int a = 0; a < 3; a++) {
                p[a] = innocent[c] * good[c][a] + (1 - innocent[c]) * bad[c][a];
                z += p[a] * Math.exp(reward[c][a] / Double.parseDouble(beta));
            }
            all += weight[c] * innocent[c];
            prior += weight[c] * innocent[c] * p[2];
            posterior += weight[c] * innocent[c] * p[2] * Math.exp(1 / Double.parseDouble(beta)) / z;
        }
        ExperimentResult result = run(Map.of("beta", beta));
        assertThat(estimate(result, "refusal.prior")).isCloseTo(prior / all, within(1e-9));
        assertThat(estimate(result, "refusal.posterior")).isCloseTo(posterior / all, within(1e-9));
        assertThat(estimate(result, "refusal.unpenalised")).isCloseTo(1, within(1e-9));
        assertThat(estimate(result, "refusal.policy")).isGreaterThan(posterior / all);
        assertThat(estimate(result, "refusal.prior.recipe")).isCloseTo(.99 * .02 + .01 * .2, within(1e-9));
    }

    /** Two texts of each question are best: half as likely each, so that log 2 nats of entropy are left. */
    @Test
    void whatMethodsLoseBeyondThePosterior() {
        assertThat(estimate(STANDARD, "tilt.collapse.beyond")).isCloseTo(0, within(1e-9));
        assertThat(estimate(STANDARD, "decision-transformer.collapse.beyond"))
                .isCloseTo(entropyOfPosterior() - Math.log(2), within(1e-9));
        assertThat(estimate(STANDARD, "collapse.beyond"))
                .isEqualTo(estimate(STANDARD, "grpo.collapse.beyond"))
                .isGreaterThan(.1);
        assertThat(STANDARD.findings().get("sft.collapse.beyond").reason()).contains("demonstrations is missing");
        assertThat(STANDARD.conclusion()).contains("most of all decision-transformer");
    }

    private static double entropyOfPosterior() {
        double[] weight = {.5, .3, .2};
        double[] innocent = {.99, .9, .7};
        double[][] good = {{.9, .08, .02}, {.7, .22, .08}, {.6, .25, .15}};
        double[][] bad = {{.5, .3, .2}, {.3, .3, .4}, {.2, .3, .5}};
        double[][] reward = {{.95, .98, 1}, {.7, .85, 1}, {.4, .7, 1}};
        double[][] manner = {{.6, .4}, {.7, .3}, {.5, .5}};
        double entropy = 0;
        for (int c = 0; c < 3; c++) {
            double[] p = new double[6];
            double z = 0;
            for (int i = 0; i < 6; i++) {
                int a = i / 2;
                p[i] = (innocent[c] * good[c][a] + (1 - innocent[c]) * bad[c][a])
                        * manner[a][i % 2]
                        * Math.exp(5 * reward[c][a]);
                z += p[i];
            }
            for (double each : p) {
                entropy -= weight[c] * each / z * Math.log(each / z);
            }
        }
        return entropy;
    }

    /** The control: the posterior itself loses nothing beyond itself. */
    @Test
    void aConditionalRefusesWhatTheEvidenceAsks() {
        ExperimentResult result = run(Map.of("method", "rejection", "methods", "tilt,rejection"));
        assertThat(estimate(result, "collapse.beyond")).isCloseTo(0, within(1e-9));
        assertThat(estimate(result, "refusal.policy")).isCloseTo(estimate(result, "refusal.posterior"), within(1e-9));
        assertThat(result.conclusion())
                .contains("the method refuses no more than the evidence asks for")
                .contains(
                        "0 of 2 methods lose modes beyond the posterior they are asked for: all keep at least as many.");
    }

    @Test
    void worldsOfTheUserAreComparedOrRefused() throws IOException {
        ExperimentResult table = run(Map.of("world", "t1", "reward", "reward", "beta", "1", "methods", "all"));
        assertThat(table.findings().get("refusal.policy").reason())
                .isEqualTo("the world is a table, which has no variables to tell a refusal by");
        assertThat(table.findings().get("poisson.collapse.beyond").stands()).isFalse();
        assertThat(estimate(table, "rloo.collapse.beyond")).isCloseTo(0, within(1e-6));
        assertThat(run(Map.of("refusal", "")).findings().get("refusal.prior").reason())
                .isEqualTo("nothing is named as a refusal");
        String file = Files.writeString(folder.resolve("w.yaml"), """
                        variables:
                          who: {hidden: true, values: {us: .5, them: .5}}
                          word: {given: [who], values: [a, b, c], table: {us: [.6, .4, 0], them: [.2, .3, .5]}}
                        text: "{word}"
                        rewards: {good: {of: [word], table: {a: 0, b: 1, c: 2}}}
                        """).toString();
        ExperimentResult own = run(Map.of(
                "human.world",
                file,
                "population",
                "who=us",
                "narrow",
                "",
                "world",
                file,
                "reward",
                "good",
                "refusal",
                "word=c",
                "innocent",
                ""));
        assertThat(estimate(own, "inhuman.mass.before")).isCloseTo(.25, within(1e-12));
        assertThat(estimate(own, "refusal.prior")).isCloseTo(.25, within(1e-12));
        assertThatThrownBy(() -> run(Map.of("world", file, "reward", "good")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "refusal is answer=refuses; it is VARIABLE=VALUE, or empty; the world has no such");
    }

    @Test
    void sameSeedSameFigures() {
        assertThat(run(Map.of()).findings()).isEqualTo(STANDARD.findings());
        assertThat(estimate(run(Map.of("seed", "9")), "selftrain.10.simulated"))
                .isNotEqualTo(estimate(STANDARD, "selftrain.10.simulated"));
    }

    @Test
    void refusesBadSettings() {
        refused("prior is .5,.6; they add up to 1", Map.of("prior", ".5,.6"));
        refused("ties is .5,.3; they add up to 1", Map.of("ties", ".5,.3"));
        refused("untied is 2; at least two of the 3 modes", Map.of("untied", "2"));
        refused("mode is 5; there are 4 modes in the prior", Map.of("mode", "5"));
        refused("population is robots; it is VARIABLE=VALUE or a population", Map.of("population", "robots"));
        refused("human.world is t1; it must be a world with variables", Map.of("human.world", "t1"));
        refused("reward is kindness", Map.of("reward", "kindness"));
        refused("method is ppp", Map.of("method", "ppp"));
        refused("generations is 100000; times the 400 repeats", Map.of("generations", "100000"));
        refused(
                "innocent is intent=good; the values of intent are innocent, harmful",
                Map.of("innocent", "intent=good"));
        refused("real is 1.5; it must be a number from 0 to 1", Map.of("real", "1.5"));
    }

    private static void refused(String message, Map<String, String> settings) {
        ModeCollapse experiment = new ModeCollapse();
        Map<String, String> all = new LinkedHashMap<>(SMALL);
        all.putAll(settings);
        List<String> done = new ArrayList<>();
        assertThatThrownBy(() -> experiment.run(ExperimentSettings.of(experiment, all), done::add))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
        assertThat(done).as("nothing is simulated before all is checked").isEmpty();
    }

    private static final Map<String, String> TINY = Map.of(
            "transformer", "yes",
            "transformer.seeds", "2",
            "transformer.learning", "80",
            "transformer.steps", "40",
            "transformer.samples", "32",
            "transformer.lr", ".01",
            "transformer.generations", "3",
            "transformer.histories", "4",
            "transformer.methods", "grpo,rloo");

    private static void covers(ExperimentResult result, String id, double least, double most) {
        Finding finding = result.findings().get(id);
        assertThat(finding.lower()).as(id).isLessThan(finding.estimate());
        assertThat(finding.upper()).as(id).isGreaterThan(finding.estimate());
        assertThat(finding.estimate()).as(id).isBetween(least, most);
    }

    /** Transformers drift as the formula says, GRPO loses modes that RLOO keeps, and both KLs to humans fall. */
    @Test
    void transformersCollapseWhereTheTablesDo() {
        ExperimentResult result = run(TINY);
        covers(result, "transformer.selftrain.3.diversity", .5, .75);
        assertThat(estimate(result, "transformer.selftrain.3.exact"))
                .isCloseTo(.7 * Math.pow(1 - 1 / 50.0, 3), within(1e-12));
        covers(result, "transformer.mixed.3.diversity", .5, .75);
        covers(result, "transformer.grpo.collapse.beyond", .2, .9);
        covers(result, "transformer.rloo.collapse.beyond", -.15, .15);
        assertThat(estimate(result, "transformer.grpo.refusal"))
                .isGreaterThan(estimate(result, "transformer.refusal.posterior"));
        assertThat(estimate(result, "transformer.narrow.forward.after"))
                .isLessThan(estimate(result, "transformer.narrow.forward.before"));
        assertThat(estimate(result, "transformer.narrow.inhuman.mass.before"))
                .as("quality 3, which no human writes, and a little on no text")
                .isBetween(.05, .2);
        assertThat(estimate(result, "transformer.narrow.inhuman.mass.after")).isLessThan(.03);
        assertThat(result.conclusion())
                .contains("Transformers tuned so on themselves")
                .contains("grpo ")
                .doesNotContain("NaN");
        assertThat(estimate(result, "selftrain.100.diversity"))
                .as("the tables are what they were")
                .isEqualTo(estimate(STANDARD, "selftrain.100.diversity"));
        refused("transformer.methods is feedme; each must be one of", Map.of("transformer.methods", "feedme"));
    }

    @Test
    void sameSeedSameTransformers() {
        Map<String, String> brief = new LinkedHashMap<>(TINY);
        brief.putAll(Map.of(
                "transformer.learning", "5",
                "transformer.steps", "3",
                "transformer.histories", "2",
                "transformer.methods", "dpo",
                "narrow", ""));
        assertThat(run(brief).findings()).isEqualTo(run(brief).findings());
    }

    /** GRPO's fixed point π(1 − A/β) = π0 moves texts by about A/β: a strong penalty leaves next to nothing of a collapse. */
    @Test
    void aStrongPenaltyIsHeldToItsLimit() {
        double hundred = estimate(run(Map.of("methods", "tilt,grpo", "beta", "100")), "grpo.collapse.beyond");
        double thousand = estimate(run(Map.of("methods", "tilt,grpo", "beta", "1000")), "grpo.collapse.beyond");
        assertThat(hundred).isCloseTo(-.00622, within(5e-6));
        assertThat(thousand).isCloseTo(-.00062, within(5e-6));
    }
}
