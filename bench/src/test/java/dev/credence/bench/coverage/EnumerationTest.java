package dev.credence.bench.coverage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.bench.coverage.World.Table;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The truth by plain sums is that of closed forms, and of the audit of a table")
class EnumerationTest {
    @Test
    void closedForms() {
        double e = Math.exp(2);
        double p = e / (3 + e);
        Map<String, Double> truth =
                Enumeration.of(List.of(new Table(new double[] {3, 1}, new double[] {3, e}, new double[] {0, 1})), 2);

        assertThat(truth.get("copies.moment_match")).isCloseTo(2, within(1e-10));
        assertThat(truth.get("kl.departure")).isCloseTo(0, within(1e-12));
        assertThat(truth.get("bayes_fraction")).isCloseTo(1, within(1e-12));
        assertThat(truth.get("kl.policy_prior"))
                .isCloseTo(p * Math.log(p / 0.25) + (1 - p) * Math.log((1 - p) / 0.75), within(1e-12));
        assertThat(truth.get("log_z")).isCloseTo(Math.log((3 + e) / 4), within(1e-12));
        assertThat(truth.get("kl.policy_asked")).isCloseTo(0, within(1e-12));
        assertThat(truth.get("recall")).isCloseTo(1, within(1e-12));
    }

    @Test
    void theAuditOfTheTablesAgrees() {
        SplittableRandom random = new SplittableRandom(8);
        for (int k = 0; k < 40; k++) {
            World world = WorldDrawer.ofOnePlan(3, random);
            Map<String, Double> truth = Enumeration.of(world.tables(), world.askedCopies());
            var findings = world.truth().findings();

            assertThat(truth).containsKeys(KindStudy.FIGURES.toArray(String[]::new));
            truth.forEach((id, value) -> assertThat(
                            Objects.requireNonNull(findings.get(id)).estimate())
                    .as(id)
                    .isCloseTo(value, within(1e-8 * (1 + Math.abs(value)))));
        }
    }

    @Test
    void atTheLargestRewardTheFiguresAreTheLimits() {
        Map<String, Double> truth =
                Enumeration.of(List.of(new Table(new double[] {1, 1}, new double[] {0, 1}, new double[] {0, 1})), 1);

        assertThat(truth.get("bayes_fraction")).isCloseTo(1, within(1e-12));
        assertThat(truth.get("kl.explained")).isCloseTo(Math.log(2), within(1e-12));
        assertThat(truth.get("kl.policy_prior")).isCloseTo(Math.log(2), within(1e-12));
        assertThat(truth.get("kl.asked_policy")).isInfinite();
    }
}
