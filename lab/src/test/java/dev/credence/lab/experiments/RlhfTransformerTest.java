package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The chain from judgements to policy on a small transformer, with all that it can write enumerated. */
class RlhfTransformerTest {
    private static final Map<String, String> SMALL = Map.ofEntries(
            Map.entry("world", "t1"),
            Map.entry("pairs", "inf"),
            Map.entry("beta", "1"),
            Map.entry("seeds", "2"),
            Map.entry("steps", "20"),
            Map.entry("transformer", "yes"),
            Map.entry("transformer.seeds", "2"),
            Map.entry("transformer.prior.steps", "120"),
            Map.entry("transformer.reward.steps", "200"),
            Map.entry("transformer.steps", "50"));

    private static ExperimentResult run(String... changes) {
        Map<String, String> settings = new LinkedHashMap<>(SMALL);
        for (int i = 0; i < changes.length; i += 2) {
            settings.put(changes[i], changes[i + 1]);
        }
        Rlhf experiment = new Rlhf();
        return experiment.run(
                ExperimentSettings.of(experiment, new Effort(Effort.Size.QUICK, false), settings), Listener.silent());
    }

    /** The control: of infinitely many judgements of one rater nothing is lost among the world's texts, but for the fit. */
    @Test
    void infinitelyManyJudgementsLoseAlmostNothingAmongTheWorldsTexts() {
        ExperimentResult result = run();
        Map<String, Finding> f = result.findings();
        for (String id : List.of("transformer.inf.", "transformer.approvals.inf.", "transformer.probabilities.inf.")) {
            Finding inside = f.get(id + "reward_model.inside");
            assertThat(inside.estimate()).as(id).isBetween(0.0, 0.02);
            assertThat(inside.grade()).isEqualTo(Grade.ESTIMATED);
            assertThat(f.get(id + "reward_model.accuracy").estimate())
                    .isCloseTo(f.get("best.accuracy").estimate(), within(1e-9));
            double parts = f.get(id + "reward_model.lost").estimate()
                    + f.get(id + "policy.lost").estimate()
                    + f.get(id + "rest").estimate();
            assertThat(parts).isCloseTo(f.get(id + "total").estimate(), within(1e-9));
        }
        assertThat(f.get("transformer.prior.outside").estimate()).isBetween(0.0, 0.05);
        // the exact posterior of t1 at one copy is .5356 nats from its prior; a trained prior is near that one
        assertThat(f.get("transformer.asked.kl").estimate()).isCloseTo(0.5356, within(0.15));
        Finding untrained = f.get("transformer.asked.kl");
        assertThat(f.get("transformer.inf.total").estimate()).isLessThan(untrained.estimate() / 2);
        assertThat(result.conclusion())
                .contains("On a transformer that learnt the world's words, with inf pairs")
                .contains("No rater has seen what is no text of the world");

        Map<String, Finding> tables = run("transformer", "no").findings();
        assertThat(tables).allSatisfy((id, finding) -> assertThat(f.get(id)).isEqualTo(finding));
        assertThat(tables.keySet()).noneMatch(id -> id.startsWith("transformer."));
    }

    @Test
    void theSameSeedGivesTheSameFigures() {
        String[] brief = {"transformer.prior.steps", "20", "transformer.reward.steps", "20", "transformer.steps", "5"};
        assertThat(run(brief).findings()).isEqualTo(run(brief).findings());
    }

    @Test
    void worldsWithTooManyTextsAreRefused() {
        assertThatThrownBy(() -> run("world", "proxy", "reward", "gold", "pairs", "10"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("world is proxy; all that the transformer can write is enumerated");
    }
}
