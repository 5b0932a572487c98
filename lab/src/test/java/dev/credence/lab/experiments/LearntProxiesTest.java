package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Proxies learned by small transformers, and the exact paths of conditioning on them. */
class LearntProxiesTest {
    private static final Map<String, String> SMALL = Map.ofEntries(
            Map.entry("transformer", "yes"),
            Map.entry("transformer.seeds", "2"),
            Map.entry("transformer.letters", "3"),
            Map.entry("transformer.length", "3"),
            Map.entry("transformer.widths", "8,12"),
            Map.entry("transformer.pairs", "20,300"),
            Map.entry("transformer.distances", ".25,.5,.75,1"),
            Map.entry("transformer.prior.steps", "80"),
            Map.entry("transformer.reward.steps", "25"),
            Map.entry("transformer.steps", "10"),
            Map.entry("transformer.samples", "16"),
            Map.entry("n", "1,4,16"),
            Map.entry("pool", "4000"));

    /** Keeps parts as a run's folder does. */
    private static final class Keeping implements Listener {
        private final Map<String, double[]> parts = new HashMap<>();
        private int done;

        @Override
        public void accept(String line) {}

        @Override
        public double[] part(String name, Supplier<double[]> work) {
            return parts.computeIfAbsent(name, none -> {
                done++;
                return work.get();
            });
        }
    }

    private static ExperimentResult run(String... changes) {
        return run(line -> {}, changes);
    }

    private static ExperimentResult run(Listener listener, String... changes) {
        Map<String, String> settings = new LinkedHashMap<>(SMALL);
        for (int i = 0; i < changes.length; i += 2) {
            settings.put(changes[i], changes[i + 1]);
        }
        OverOptimisation experiment = new OverOptimisation();
        return experiment.run(ExperimentSettings.of(experiment, settings), listener);
    }

    private static Finding figure(Map<String, Finding> findings, String id) {
        return findings.get("transformer." + id);
    }

    @Test
    void conditioningOnGoldItselfIsTheTablesPathAndLearntProxiesGainLess() {
        Keeping keeping = new Keeping();
        ExperimentResult result = run(keeping);
        Map<String, Finding> f = result.findings();
        // the table's world has α = √2 a; a text of three letters is nearly normal for small d
        assertThat(figure(f, "gold.alpha").estimate()).isCloseTo(0.5 * Math.sqrt(2), within(0.12));
        assertThat(figure(f, "gold.hump").estimate()).isZero();
        for (String proxy : new String[] {"20", "300", "ensemble.mean", "ensemble.min", "ensemble.mean_variance"}) {
            Finding peak = figure(f, proxy + ".peak.gold");
            assertThat(peak.grade()).isEqualTo(Grade.ESTIMATED);
            assertThat(peak.estimate())
                    .as(proxy)
                    .isLessThanOrEqualTo(figure(f, "gold.end.gold").estimate() + 1e-9);
            assertThat(figure(f, proxy + ".hump").lower()).isGreaterThanOrEqualTo(0);
        }
        assertThat(figure(f, "300.accuracy").estimate())
                .isGreaterThan(figure(f, "20.accuracy").estimate() - 0.02);
        assertThat(figure(f, "size.8.rl.departure_share").estimate()).isBetween(0.0, 1.0);
        assertThat(figure(f, "size.12.rl.kl").estimate()).isPositive();
        assertThat(f).containsKeys("transformer.sizes.intercept", "transformer.sizes.bon.beta");
        assertThat(result.conclusion()).contains("On transformers (2 seeds)", "the intercept moves by");
        assertThat(f).containsKeys("transformer.sizes.filter.alpha", "transformer.reward.8.accuracy");
        assertThat(figure(f, "size.12.filter.departure_share").estimate()).isBetween(0.0, 1.0);
        assertThat(figure(f, "300.heldout.difference").estimate())
                .isCloseTo(
                        figure(f, "300.heldout.rl").estimate()
                                - figure(f, "300.heldout.tilt").estimate(),
                        within(1e-12));
        assertThat(keeping.done).isEqualTo(2); // a seed a part
        keeping.parts.remove("proxies-1"); // killed in the second
        assertThat(run(keeping).findings()).isEqualTo(f);
        assertThat(keeping.done).isEqualTo(3);
        Map<String, Finding> tables = run("transformer", "no").findings();
        assertThat(tables).allSatisfy((id, finding) -> assertThat(f.get(id)).isEqualTo(finding));
    }

    /** The control: what has no worth has none along any path, whatever the proxy learnt. */
    @Test
    void withoutGoldNothingIsGained() {
        Map<String, Finding> f = run("gold.linear", "0", "gold.square", "0", "transformer.prior.steps", "5")
                .findings();
        assertThat(figure(f, "20.peak.gold").estimate()).isCloseTo(0, within(1e-9));
        assertThat(figure(f, "size.8.alpha").estimate()).isCloseTo(0, within(1e-9));
        assertThat(figure(f, "300.accuracy").estimate()).isCloseTo(0.5, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "transformer.length    | 12        | all texts are enumerated, at most 20000",
                "transformer.widths    | 7         | each must be even",
                "transformer.distances | .5,1      | at least four, to fit a curve",
                "transformer.distances | 5,6,7,8   | four at least must be reached"
            })
    void badSettingsAreRefused(String key, String value, String rule) {
        assertThatThrownBy(() -> run(key, value))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(key + " is ")
                .hasMessageContaining(rule);
    }
}
