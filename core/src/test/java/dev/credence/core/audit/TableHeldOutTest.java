package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The conditional fitted on some prompts of a table, scored on the others. */
class TableHeldOutTest {
    private static final List<String> TEXTS = List.of("0", "1", "2");
    private static final RewardFunction REWARD = (prompt, text) -> Double.parseDouble(text);
    private static final AuditOptions OPTIONS = new AuditOptions(null, "r", RewardType.SCORE, List.of("r"), null, 1);

    private static Distribution of(double... p) {
        Map<String, Double> named = new LinkedHashMap<>();
        for (int i = 0; i < p.length; i++) {
            named.put(TEXTS.get(i), p[i]);
        }
        return Distribution.normalised(named);
    }

    private static Distribution tilted(double[] prior, double lambda) {
        return of(prior[0], prior[1] * Math.exp(lambda), prior[2] * Math.exp(2 * lambda));
    }

    private static TableModel model(Distribution p, Distribution q) {
        Map<String, Distribution> rows = new LinkedHashMap<>();
        rows.put("p", p);
        rows.put("q", q);
        return TableModel.of(rows, Map.of("p", 1.0, "q", 3.0));
    }

    @Test
    void theConditionalOfTheTrainedPromptsIsScoredOnTheOthers() {
        double[] p = {.5, .3, .2};
        double[] q = {.2, .6, .2};
        double[] strange = {.1, .1, .8};
        TableModel policy = model(tilted(p, 1.3), of(strange));
        StepAudit audit = Audit.of(model(of(p), of(q)), policy, Map.of("r", REWARD), OPTIONS, Set.of("q"));
        double departure = 0;
        double kl = 0;
        for (int i = 0; i < 3; i++) {
            departure += strange[i] * Math.log(strange[i] / tilted(q, 1.3).probability(i));
            kl += strange[i] * Math.log(strange[i] / q[i]);
        }
        assertThat(value(audit, "copies.moment_match")).isCloseTo(1.3, within(1e-9));
        assertThat(value(audit, "bayes_fraction"))
                .as("of the trained prompt alone")
                .isCloseTo(1, within(1e-9));
        assertThat(value(audit, "kl.departure.heldout")).isCloseTo(departure, within(1e-9));
        assertThat(value(audit, "bayes_fraction.heldout")).isCloseTo(1 - departure / kl, within(1e-9));
        assertThat(audit.findings().get("bayes_fraction.heldout").grade()).isEqualTo(Grade.EXACT);
    }

    @Test
    void theSameConditionalElsewhereIsNoDeparture() {
        double[] p = {.5, .3, .2};
        double[] q = {.2, .6, .2};
        StepAudit audit = Audit.of(
                model(of(p), of(q)), model(tilted(p, -.7), tilted(q, -.7)), Map.of("r", REWARD), OPTIONS, Set.of("q"));
        assertThat(value(audit, "kl.departure.heldout")).isCloseTo(0, within(1e-12));
        assertThat(value(audit, "bayes_fraction.heldout")).isCloseTo(1, within(1e-9));
    }

    @Test
    void onePromptAtLeastIsTrained() {
        TableModel model = model(of(.5, .3, .2), of(.2, .6, .2));
        assertThatThrownBy(() -> Audit.of(model, model, Map.of("r", REWARD), OPTIONS, Set.of("p", "q")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("every prompt is held out; at least one must be in the train split");
        assertThat(Audit.of(model, model, Map.of("r", REWARD), OPTIONS, Set.of())
                        .findings())
                .doesNotContainKey("bayes_fraction.heldout");
    }

    private static double value(StepAudit audit, String id) {
        Finding finding = audit.findings().get(id);
        assertThat(finding).as(id).isNotNull();
        return finding.estimate();
    }
}
