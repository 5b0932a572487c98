package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContinuityTest {
    private static final String THREE_NOTES = """
            variables:
              camera: {hidden: true, values: {left: .7, right: .3}}
              n1: {given: [camera], values: [dark, bright], table: {left: [.6, .4], right: [.1, .9]}}
              n2: {given: [camera], values: [dark, bright], table: {left: [.6, .4], right: [.1, .9]}}
              n3: {given: [camera], values: [dark, bright], table: {left: [.6, .4], right: [.1, .9]}}
              kept: {hidden: true, given: [n1], values: [no, yes], table: {dark: [.8, .2], bright: [.3, .7]}}
            text: "{n1} {n2} {n3}"
            populations:
              selected: {kept: yes}
              othercamera: {camera: right}
            """;

    private static final String CHAIN = """
            variables:
              a: {values: {x: .7, y: .3}}
              b: {given: [a], values: [x, y], table: {x: [.8, .2], y: [.4, .6]}}
              c: {given: [b], values: [x, y], table: {x: [.9, .1], y: [.2, .8]}}
            text: "{a} {b} {c}"
            """;

    private static final String PROMPTS = """
            variables:
              topic: {values: {t: .5, u: .5}}
              camera: {hidden: true, given: [topic], values: [left, right], table: {t: [.9, .1], u: [.2, .8]}}
              a: {given: [camera], values: [x, y], table: {left: [.75, .25], right: [.1, .9]}}
            text: "{a}"
            populations: {othercamera: {camera: left}}
            prompts: {q1: {topic: t, weight: 3}, q2: {topic: u}}
            """;

    @TempDir
    private Path folder;

    private static ExperimentResult result(Map<String, String> settings) {
        Continuity experiment = new Continuity();
        return experiment.run(ExperimentSettings.of(experiment, settings), line -> {});
    }

    private static Map<String, Finding> run(Map<String, String> settings) {
        return result(settings).findings();
    }

    private static double estimate(Map<String, Finding> findings, String id) {
        return findings.get(id).estimate();
    }

    private String file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("world.yaml"), yaml).toString();
    }

    /** The oracle: three notes of either camera, written out. */
    private static Map<String, Double> three(double left, double right, ToDoubleFunction<String> weight) {
        Map<String, Double> masses = new LinkedHashMap<>();
        double sum = 0;
        for (int code = 0; code < 8; code++) {
            List<String> notes = new ArrayList<>();
            double ofLeft = left;
            double ofRight = right;
            for (int bit = 0; bit < 3; bit++) {
                boolean bright = (code >> bit & 1) == 1;
                notes.add(bright ? "bright" : "dark");
                ofLeft *= bright ? .4 : .6;
                ofRight *= bright ? .9 : .1;
            }
            String text = String.join(" ", notes);
            masses.put(text, (ofLeft + ofRight) * weight.applyAsDouble(text));
            sum += masses.get(text);
        }
        double all = sum;
        masses.replaceAll((text, mass) -> mass / all);
        return masses;
    }

    private static double kl(Map<String, Double> data, Map<String, Double> prior) {
        return data.entrySet().stream()
                .filter(e -> e.getValue() > 0)
                .mapToDouble(e -> e.getValue() * Math.log(e.getValue() / prior.get(e.getKey())))
                .sum();
    }

    private static double surprise(Map<String, Double> data, Map<String, Double> prior) {
        return data.entrySet().stream()
                .filter(e -> e.getValue() > 0)
                .mapToDouble(e -> -e.getValue() * Math.log(prior.get(e.getKey())))
                .sum();
    }

    private static Map<String, Double> sorted(Map<String, Double> prior) {
        Map<String, Double> masses = new LinkedHashMap<>();
        prior.forEach((text, mass) -> {
            String[] words = text.split(" ");
            Arrays.sort(words);
            masses.merge(String.join(" ", words), mass, Double::sum);
        });
        return masses;
    }

    @ParameterizedTest
    @CsvSource({"37, .7", "400, 1.6"})
    void everyExactFigureIsItsFormula(int records, double temperature) throws IOException {
        Map<String, Finding> f = run(Map.of(
                "world",
                file(THREE_NOTES),
                "records",
                "" + records,
                "temperature",
                "" + temperature,
                "repeats",
                "100"));
        Map<String, Double> prior = three(.7, .3, text -> 1);
        double entropy = surprise(prior, prior);
        double square = prior.values().stream()
                .mapToDouble(p -> p * Math.pow(-Math.log(p) - entropy, 2))
                .sum();
        Map<String, Map<String, Double>> data = Map.of(
                "same", prior,
                "selected", three(.7, .3, text -> text.startsWith("bright") ? .7 : .2),
                "selfgenerated", three(.7, .3, text -> Math.pow(prior.get(text), 1 / temperature - 1)),
                "othercamera", three(0, 1, text -> 1),
                "reordered", prior,
                "sorted", sorted(prior));
        assertThat(estimate(f, "prior.entropy")).isCloseTo(entropy, within(1e-12));
        data.forEach((name, own) -> {
            assertThat(estimate(f, "kl." + name)).as(name).isCloseTo(kl(own, prior), within(1e-12));
            assertThat(estimate(f, "typicality." + name + ".expected"))
                    .as(name)
                    .isCloseTo((surprise(own, prior) - entropy) * Math.sqrt(records / square), within(1e-9));
            assertThat(f.get("kl." + name).grade()).isEqualTo(Grade.EXACT);
            double z = estimate(f, "typicality." + name + ".z");
            assertThat(estimate(f, "typicality." + name + ".p"))
                    .isCloseTo(2 * new NormalDistribution().cumulativeProbability(-Math.abs(z)), within(1e-12));
        });
        assertThat(estimate(f, "kl.same")).isZero();
        assertThat(estimate(f, "kl.reordered")).as("exchangeable").isZero();
        assertThat(estimate(f, "camera.same")).isCloseTo(.3, within(1e-12));
        assertThat(estimate(f, "camera.othercamera")).isEqualTo(1);
        double bright = .7 * .4 + .3 * .9;
        assertThat(estimate(f, "camera.selected"))
                .isCloseTo(.3 * (.9 * .7 + .1 * .2) / (bright * .7 + (1 - bright) * .2), within(1e-12));
        assertThat(estimate(f, "camera.sorted")).isCloseTo(.3, within(1e-12));
        assertThat(estimate(f, "camera.othercamera.read"))
                .as("texts of the one camera are taken for the other's too")
                .isCloseTo(read(three(0, 1, text -> 1), prior), within(1e-12));
        assertThat(estimate(f, "camera.selfgenerated"))
                .isCloseTo(read(data.get("selfgenerated"), prior), within(1e-12));
    }

    /** Σ_x q(x) P(right | x). */
    private static double read(Map<String, Double> data, Map<String, Double> prior) {
        Map<String, Double> right = three(0, 1, text -> 1);
        return data.entrySet().stream()
                .mapToDouble(e -> e.getValue() * .3 * right.get(e.getKey()) / prior.get(e.getKey()))
                .sum();
    }

    /** What was written down of the shipped world with a separate enumeration of its ten notes. */
    @Test
    void theShippedNotebookHasTheKnownNumbers() {
        Map<String, Finding> f = run(Map.of());
        double[] bright = {.5, .7, .75, .9, .1, .03};
        double[] weight = {.6 * .95, .6 * .05, .37 * .95, .37 * .05, .03 * .95, .03 * .05};
        double entropy = 0;
        double others = 0;
        double choose = 1;
        for (int k = 0; k <= 10; k++) {
            double p = 0;
            double q = 0;
            for (int z = 0; z < 6; z++) {
                double one = Math.pow(bright[z], k) * Math.pow(1 - bright[z], 10 - k);
                p += weight[z] * one;
                q += z >= 4 ? weight[z] / .03 * one : 0;
            }
            entropy -= choose * p * Math.log(p);
            others += choose * q * Math.log(q / p);
            choose = choose * (10 - k) / (k + 1);
        }
        assertThat(estimate(f, "prior.entropy")).isCloseTo(entropy, within(1e-9));
        assertThat(estimate(f, "kl.othercamera")).isCloseTo(others, within(1e-9));
        assertThat(estimate(f, "camera.selfgenerated"))
                .as("the writer says nothing of the camera")
                .isCloseTo(.03, within(1e-9));
        assertThat(estimate(f, "camera.selfgenerated.tilted")).isCloseTo(.37, within(1e-9));
        assertThat(f.get("power.same").lower()).isLessThanOrEqualTo(.05);
        assertThat(f.get("power.same").upper()).isGreaterThanOrEqualTo(.05);
        assertThat(f.get("power.othercamera").lower()).isGreaterThan(.9);
        assertThat(f.get("power.sorted").upper()).isLessThan(.1);
    }

    /** The control: of 20 intervals at 95 % four misses or fewer are to be expected. */
    @Test
    void thePriorsOwnTextsAreRejectedAtTheLevel() {
        int missed = 0;
        int outside = 0;
        for (int seed = 1; seed <= 10; seed++) {
            for (String level : new String[] {".05", ".2"}) {
                Map<String, Finding> f = run(Map.of(
                        "seed",
                        "" + seed,
                        "level",
                        level,
                        "records",
                        "300",
                        "repeats",
                        "400",
                        "data",
                        "same,selected"));
                Finding power = f.get("power.same");
                double asked = Double.parseDouble(level);
                missed += power.lower() <= asked && asked <= power.upper() ? 0 : 1;
                Finding z = f.get("typicality.selected.z");
                double expected = estimate(f, "typicality.selected.expected");
                outside += z.lower() <= expected && expected <= z.upper() ? 0 : 1;
            }
        }
        assertThat(missed).isLessThanOrEqualTo(4);
        assertThat(outside).as("of a z of data that is not the prior's, too").isLessThanOrEqualTo(4);
    }

    @Test
    void theSameSeedGivesTheSameFigures() {
        Map<String, String> one = Map.of("seed", "7", "repeats", "100");
        assertThat(run(one)).isEqualTo(run(one));
        assertThat(estimate(run(one), "typicality.same.z"))
                .isNotEqualTo(estimate(run(Map.of("seed", "8", "repeats", "100")), "typicality.same.z"));
    }

    @Test
    void aWorldWhoseOrderMattersIsFurtherFromItsOwnReordering() throws IOException {
        Map<String, Finding> f = run(Map.of("world", file(CHAIN), "repeats", "100"));
        double[] a = {.7, .3};
        double[][] b = {{.8, .2}, {.4, .6}};
        double[][] c = {{.9, .1}, {.2, .8}};
        double[] byCount = new double[4];
        double[] choose = {1, 3, 3, 1};
        for (int code = 0; code < 8; code++) {
            byCount[Integer.bitCount(code)] += a[code & 1] * b[code & 1][code >> 1 & 1] * c[code >> 1 & 1][code >> 2];
        }
        double kl = 0;
        for (int code = 0; code < 8; code++) {
            double p = a[code & 1] * b[code & 1][code >> 1 & 1] * c[code >> 1 & 1][code >> 2];
            double q = byCount[Integer.bitCount(code)] / choose[Integer.bitCount(code)];
            kl += q * Math.log(q / p);
        }
        assertThat(kl).isGreaterThan(.05);
        assertThat(estimate(f, "kl.reordered")).isCloseTo(kl, within(1e-12));
        assertThat(f.get("camera.reordered").stands()).as("nothing is hidden").isFalse();
    }

    @Test
    void ordersThatThePriorExcludesAreInfinitelyFar() throws IOException {
        String world = CHAIN.replace("y: [.4, .6]", "y: [0, 1]");
        ExperimentResult result = result(Map.of("world", file(world), "repeats", "100"));
        assertThat(estimate(result.findings(), "kl.reordered")).isInfinite();
        assertThat(estimate(result.findings(), "power.reordered")).isEqualTo(1);
        assertThat(estimate(result.findings(), "typicality.reordered.p")).isZero();
        assertThat(result.conclusion()).doesNotContain("NaN").doesNotContain("Infinity");
    }

    @Test
    void promptsHaveTheirOwnEntropyAndCamera() throws IOException {
        Map<String, Finding> f = run(Map.of("world", file(PROMPTS), "repeats", "100"));
        double q1 = .9 * .75 + .1 * .1;
        double q2 = .2 * .75 + .8 * .1;
        assertThat(estimate(f, "kl.othercamera"))
                .isCloseTo(.75 * binary(.75, q1) + .25 * binary(.75, q2), within(1e-12));
        assertThat(estimate(f, "camera.same")).isCloseTo(.75 * .9 + .25 * .2, within(1e-12));
        assertThat(estimate(f, "camera.othercamera")).isCloseTo(1, within(1e-12));
    }

    private static double binary(double q, double p) {
        return q * Math.log(q / p) + (1 - q) * Math.log((1 - q) / (1 - p));
    }

    @Test
    void aTableHasNoCameraAndNoPopulations() {
        Map<String, Finding> f = run(Map.of("world", "t1", "repeats", "100"));
        assertThat(f.get("camera.same").reason()).isEqualTo("the world has no hidden variable");
        assertThat(f.get("kl.selected").reason()).isEqualTo("the world names no population selected");
        assertThat(f.get("power.reordered").reason()).contains("no two places of a text take the same words");
        assertThat(f.get("kl.selfgenerated").stands()).isTrue();
    }

    @Test
    void whereAllTextsAreEquallyLikelyNoneIsLessTypical() throws IOException {
        ExperimentResult result = result(Map.of("world", file("prior: {a: .5, b: .5}\n")));
        assertThat(result.findings().get("power.same").stands()).isFalse();
        assertThat(result.findings().get("typicality.selfgenerated.z").reason())
                .isEqualTo("every text of the prior is equally likely: none is less typical than another");
        assertThat(result.conclusion()).startsWith("Every text of this prior is equally likely");
        assertThat(result.tables()).containsKeys("data", "power", "camera");
    }

    @Test
    void theConclusionFollowsTheFigures() {
        assertThat(result(Map.of("repeats", "300")).conclusion())
                .contains("the statistic rejects")
                .contains("It does not see sorted (4.48 nats")
                .contains("becomes 1 under othercamera (exact)")
                .contains("under selfgenerated it is tilted with probability 0.636 where 0.370 is right");
        assertThat(result(Map.of("data", "same", "repeats", "200")).conclusion())
                .contains("No data but the prior's own was looked at")
                .contains("moves under none of the data")
                .doesNotContain("does not see");
        assertThat(result(Map.of("data", "reordered", "repeats", "200")).conclusion())
                .contains("no data set is told from the prior's own texts");
    }

    @Test
    void refusesWhatIsNotThere() {
        assertThatThrownBy(() -> run(Map.of("data", "sleected")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data is sleected; it is a population of the world, or made of its texts");
        assertThatThrownBy(() -> run(Map.of("camera", "kamera")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("camera is kamera; it is a hidden variable of the world");
        assertThatThrownBy(() -> run(Map.of("world", "t1", "camera", "a")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the world has no hidden variables");
        assertThatThrownBy(() -> run(Map.of("records", "0")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("records is 0; it must be a whole number from 1 to 100000");
        assertThatThrownBy(() -> run(Map.of("level", "1"))).isInstanceOf(InputException.class);
    }
}
