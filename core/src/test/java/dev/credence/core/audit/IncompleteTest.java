package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.MadeLogs.World;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IncompleteTest {
    private static final World WORLD =
            World.of(new double[] {0, -.2, -.4, -.9}, new double[] {0, .1, 1.2, 1.9}, new double[] {0, 0, 1, 2});

    private static List<Logs.Row> rows(String prompt, int prior, int policy) {
        return MadeLogs.draw(prompt, WORLD, WORLD, new int[] {prior, policy}, new SplittableRandom(prompt.hashCode()));
    }

    private static List<Logs.Row> complete(int prompts) {
        List<Logs.Row> rows = new ArrayList<>();
        IntStream.range(0, prompts).forEach(c -> rows.addAll(rows("p" + c, 200, 200)));
        return rows;
    }

    private static StepAudit audit(List<Logs.Row> rows) {
        return Audit.of(Logs.of(rows), Logs.options(1.0));
    }

    private static List<Gate> incomplete(StepAudit audit) {
        return audit.gates().stream().filter(g -> g.id().equals("incomplete")).toList();
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 0", "0, 50", "50, 0", "1, 50", "50, 1"})
    void aPromptThatLacksASideIsNamedAndLeftOut(int prior, int policy) {
        List<Logs.Row> rows = complete(3);
        StepAudit without = audit(rows);
        assertThat(incomplete(without)).isEmpty();
        rows.addAll(rows("new", prior, policy));
        StepAudit audit = audit(rows);
        assertThat(incomplete(audit)).hasSize(1);
        Gate gate = incomplete(audit).get(0);
        assertThat(gate.status()).isEqualTo(Gate.Status.WARN);
        assertThat(gate.figure()).isEqualTo(1);
        assertThat(gate.withdraws()).isEmpty();
        assertThat(gate.reason())
                .startsWith("1 of 4 prompts are incomplete and left out of every overall figure (prompt 'new' has "
                        + prior + " records of the prior and " + policy + " of the policy)");
        without.findings().forEach((id, finding) -> {
            assertThat(audit.findings().get(id).estimate()).as(id).isEqualTo(Double.valueOf(finding.estimate()));
            assertThat(audit.findings().get(id).stands()).as(id).isEqualTo(finding.stands());
        });
        assertThat(audit.verdict().label()).isEqualTo(without.verdict().label());
        PromptAudit left = audit.prompts().get(3);
        assertThat(left.prompt()).isEqualTo("new");
        assertThat(left.weight()).isZero();
        assertThat(left.priorRecords()).isEqualTo(prior);
        assertThat(left.policyRecords()).isEqualTo(policy);
        assertThat(left.findings()).containsOnlyKeys(audit.findings().keySet());
        assertThat(left.findings().values())
                .noneMatch(Finding::stands)
                .allMatch(f -> f.reason().contains("gate incomplete: prompt 'new' has"));
        assertThat(audit.prompts().get(0).weight()).isCloseTo(1.0 / 3, within(1e-12));
    }

    @Test
    void oneDrawOfEachIsThinAndNotIncomplete() {
        List<Logs.Row> rows = complete(3);
        rows.addAll(rows("alone", 1, 1));
        assertThat(incomplete(audit(rows))).isEmpty();
        assertThat(audit(rows).gates())
                .filteredOn(g -> g.status() == Gate.Status.FAIL)
                .extracting(Gate::id)
                .contains("thin_prompts")
                .doesNotContain("normalisation", "two_estimates");
    }

    @Test
    void whereHalfTheWeightAndOfTheRecordsIsIncompleteTheLogIsTakenAsItIs() {
        List<Logs.Row> few = complete(1);
        few.addAll(rows("new", 0, 1));
        assertThat(incomplete(audit(few))).hasSize(1);
        assertThat(audit(few).findings().get("kl.policy_prior").stands()).isTrue();
        List<Logs.Row> rows = complete(1);
        rows.addAll(rows("new", 0, 500));
        StepAudit audit = audit(rows);
        assertThat(incomplete(audit)).isEmpty();
        assertThat(audit.findings().get("bayes_fraction").stands()).isFalse();
        rows.addAll(rows("p9", 100, 100));
        assertThat(incomplete(audit(rows))).hasSize(1);
    }

    @Test
    void sumsBesideMeansAreNamed() {
        List<Logs.Row> mixed = IntStream.range(0, 60)
                .mapToObj(i -> new Logs.Row("means", i % 2, i % 3, -900 - i, -1.5))
                .toList();
        List<Logs.Row> rows = complete(2);
        rows.addAll(mixed);
        assertThat(incomplete(audit(rows)).get(0).reason())
                .contains("prompt 'means' has no record with a mass under both models: sums beside means?");
        assertThatThrownBy(() -> audit(mixed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prompt 'means' has no record with a mass under the prior")
                .hasMessageContaining("are sums beside means?");
    }

    @Test
    void manyAreCountedAndThreeNamed() {
        List<Logs.Row> rows = complete(9);
        for (int c = 0; c < 5; c++) {
            rows.addAll(rows("new" + c, 0, 3));
        }
        assertThat(incomplete(audit(rows)).get(0).reason())
                .startsWith("5 of 14")
                .contains("'new2'", "; ...")
                .doesNotContain("'new3'");
    }
}
