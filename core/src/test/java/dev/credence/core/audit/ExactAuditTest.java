package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Audits of enumerated completions: the same as of a table, with lengths besides. */
class ExactAuditTest {
    private static final int SIZE = 40;
    private static final List<String> NAMES =
            java.util.stream.IntStream.range(0, SIZE).mapToObj(i -> "x" + i).toList();

    private static double[] logs(SplittableRandom random) {
        double[] weights = new double[SIZE];
        for (int i = 0; i < SIZE; i++) {
            weights[i] = 3 * random.nextDouble();
        }
        return Distribution.ofLogWeights(NAMES, weights).logProbabilities();
    }

    @Test
    void columnsAndTablesGiveTheSameFigures() {
        SplittableRandom random = new SplittableRandom(5);
        double[] prior = logs(random);
        double[] policy = logs(random);
        double[] reward = random.doubles(SIZE).toArray();
        int[] tokens = random.ints(SIZE, 1, 9).toArray();
        ExactPrompt prompt = new ExactPrompt("q", 1, prior, policy, new double[][] {reward}, tokens);
        AuditOptions options = AuditOptions.atBeta("r", 0.5);
        StepAudit exact = Audit.of(List.of(prompt), List.of("r"), options);
        RewardFunction function = (q, name) -> reward[NAMES.indexOf(name)];
        StepAudit table = Audit.of(
                TableModel.of(Map.of("q", Distribution.ofLogWeights(NAMES, prior))),
                TableModel.of(Map.of("q", Distribution.ofLogWeights(NAMES, policy))),
                Map.of("r", function),
                options);
        Map<String, Finding> others = new LinkedHashMap<>(table.findings());
        others.keySet().removeIf(id -> id.startsWith("nuisance."));
        assertThat(others).isNotEmpty();
        others.forEach((id, finding) -> {
            Finding own = exact.findings().get(id);
            assertThat(own).as(id).isNotNull();
            assertThat(own.estimate()).as(id).isCloseTo(finding.estimate(), within(1e-12));
        });
        assertThat(exact.findings().get("nuisance.length").grade()).isEqualTo(Grade.EXACT);
    }

    @Test
    void columnsThatDoNotFitAreRefused() {
        double[] one = {0};
        assertThatThrownBy(() -> new ExactPrompt("q", 1, one, new double[2], new double[0][], new int[1]))
                .hasMessage("logPrior has 1 completions, logPolicy 2, tokens 1; all must have the same, at least one");
        assertThatThrownBy(() -> new ExactPrompt("q", 1, one, one, new double[][] {{Double.NaN}}, new int[1]))
                .hasMessage("reward of completion 0 is NaN; it must be finite");
        ExactPrompt good = new ExactPrompt("q", 1, one, one, new double[][] {{1}}, new int[1]);
        AuditOptions options = AuditOptions.atBeta("r", 1);
        assertThatThrownBy(() -> Audit.of(List.of(good), List.of("s"), options))
                .hasMessage("reward 'r' is not one of [s]");
        assertThatThrownBy(() -> Audit.of(List.of(), List.of("r"), options))
                .hasMessage("prompts is empty; an audit needs at least one");
    }
}
