package dev.credence.lab.experiments;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.provenance.InputException;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SftCopiesTest {
    private static Map<String, Finding> run(Map<String, String> settings) {
        SftCopies experiment = new SftCopies();
        return experiment
                .run(ExperimentSettings.of(experiment, settings), line -> {})
                .findings();
    }

    private static double estimate(Map<String, Finding> findings, String id) {
        return findings.get(id).estimate();
    }

    private static double[] weights(Map<String, Finding> findings, int copies) {
        double[] weights = new double[3];
        for (int z = 0; z < weights.length; z++) {
            weights[z] = estimate(findings, "natural." + copies + ".weight." + (z + 1));
        }
        return weights;
    }

    /** Weights of e^-20000 are below every double, the copies are not. */
    @Test
    void manyCopiesAreCopiesToo() {
        Map<String, Finding> f = run(Map.of("copies", "1000,10000"));
        for (int copies : new int[] {1000, 10_000}) {
            for (String way : new String[] {"natural.", "prompt.", "epochs."}) {
                assertThat(estimate(f, way + copies + ".copies")).isCloseTo(copies, within(1e-6));
            }
        }
    }

    @Test
    void whatTellsNobodyApartCountsAsNoNumberOfCopies() {
        for (String likelihood : new String[] {".4,.4,.4", ".7,.7,.7", "1,1,1"}) {
            Map<String, Finding> f = run(Map.of("likelihood", likelihood, "weights", ".1,.2,.7"));
            for (String id : new String[] {"natural.2.copies", "prompt.20.copies", "flow.5.copies", "flow.5.misfit"}) {
                assertThat(f.get(id).stands()).as(id).isFalse();
            }
            assertThat(estimate(f, "natural.worst")).isLessThan(1e-12);
        }
        assertThat(run(Map.of("weights", "1", "likelihood", ".5", "probe", ".5"))
                        .get("flow.1.copies")
                        .stands())
                .isFalse();
        Map<String, Finding> still = run(Map.of("flow", "0"));
        assertThat(estimate(still, "flow.0.copies")).isZero();
        assertThat(estimate(still, "flow.0.misfit")).isZero();
    }

    /** Whatever order the times are written in, the conclusion speaks of the longest. */
    @Test
    void theLongestFlowIsTheOneThatIsSpokenOf() {
        SftCopies experiment = new SftCopies();
        assertThat(experiment
                        .run(ExperimentSettings.of(experiment, Map.of("flow", "5,.5,0")), line -> {})
                        .conclusion())
                .contains("Ordinary gradient flow of time 5 counts as");
    }

    @Test
    void naturalStepsAreCopies() {
        Map<String, Finding> f = run(Map.of());
        assertVector(weights(f, 1), "T17.copies1", "w");
        assertVector(weights(f, 2), "T17.copies2", "w");
        assertVector(weights(f, 5), "T17.copies5", "w");
        assertVector(estimate(f, "natural.1.predictive"), "T17.copies1", "pred_new");
        assertVector(estimate(f, "natural.2.predictive"), "T17.copies2", "pred_new");
        assertVector(estimate(f, "natural.5.predictive"), "T17.copies5", "pred_new");
        for (int copies : new int[] {1, 2, 5, 20}) {
            assertThat(estimate(f, "natural." + copies + ".copies")).isCloseTo(copies, within(1e-9));
            assertThat(estimate(f, "prompt." + copies + ".copies")).isCloseTo(copies, within(1e-9));
            assertThat(estimate(f, "epochs." + copies + ".copies")).isCloseTo(copies, within(1e-9));
        }
        assertThat(estimate(f, "natural.worst")).isLessThan(1e-9);
    }

    @Test
    void ordinaryGradientsAreNoCopies() {
        Map<String, Finding> f = run(Map.of());
        assertThat(estimate(f, "flow.1.copies")).isCloseTo(.279808, within(1e-6));
        assertThat(estimate(f, "flow.5.copies")).isCloseTo(.994104, within(1e-6));
        assertThat(estimate(f, "flow.20.copies")).isCloseTo(1.726468, within(1e-6));
        assertThat(estimate(f, "flow.1.misfit")).isCloseTo(1 - .991788, within(1e-6));
        assertThat(estimate(f, "flow.5.misfit")).isCloseTo(1 - .899548, within(1e-6));
        assertThat(estimate(f, "flow.20.misfit")).isCloseTo(1 - .772394, within(1e-6));
    }

    @Test
    void natureStepsAreBayesInRandomWorlds() {
        SplittableRandom random = new SplittableRandom(5);
        for (int world = 0; world < 6; world++) {
            int authors = 2 + random.nextInt(6);
            StringBuilder weights = new StringBuilder();
            StringBuilder likelihood = new StringBuilder();
            StringBuilder probe = new StringBuilder();
            double left = 1;
            for (int z = 0; z < authors; z++) {
                double w = z == authors - 1 ? left : left * (0.1 + 0.8 * random.nextDouble());
                left -= w;
                weights.append(z == 0 ? "" : ",").append(w);
                likelihood.append(z == 0 ? "" : ",").append(0.05 + 0.9 * random.nextDouble());
                probe.append(z == 0 ? "" : ",").append(random.nextDouble());
            }
            Map<String, Finding> f = run(Map.of(
                    "weights", weights.toString(),
                    "likelihood", likelihood.toString(),
                    "probe", probe.toString(),
                    "flow", "0,0.5"));
            assertThat(estimate(f, "natural.worst")).isLessThan(1e-9);
            assertThat(estimate(f, "natural.20.copies")).isCloseTo(20, within(1e-6));
            assertThat(estimate(f, "flow.0.copies")).isCloseTo(0, within(1e-12));
        }
    }

    @Test
    void refusesWhatIsNoWorld() {
        assertThatThrownBy(() -> run(Map.of("weights", ".5,.6,.2")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("they add up to 1");
        assertThatThrownBy(() -> run(Map.of("probe", ".5")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("of the same authors");
    }
}
