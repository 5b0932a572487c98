package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.probability.Distribution;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Recall's interval knows that texts at the edge change sides")
class RecallEdgeTest {
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final double[] PRIOR = {.4, .3, .3};
    private static final double[] REWARD = {0, 1, 1};

    /** Of a policy that gives {@code c} a stated multiple of half its posterior probability, β = 1. */
    private static RolloutLog log(double multiple, long seed) {
        double z = .4 + .6 * Math.E;
        double posterior = .3 * Math.E / z;
        double kept = multiple * posterior / 2;
        double rest = (1 - kept) / (.4 / z + posterior);
        double[] policy = {Math.log(.4 / z * rest), Math.log(posterior * rest), Math.log(kept)};
        return Logs.of(Logs.draw(
                "q",
                Distribution.ofLogWeights(NAMES, new double[] {Math.log(.4), Math.log(.3), Math.log(.3)}),
                Distribution.ofLogWeights(NAMES, policy),
                REWARD,
                new int[] {100, 100},
                new SplittableRandom(seed)));
    }

    private static double missed(double multiple) {
        double posterior = PRIOR[2] * Math.E / (.4 + .6 * Math.E);
        double truth = multiple >= 1 ? 1 : 1 - posterior;
        int missed = 0;
        for (int seed = 0; seed < 200; seed++) {
            Finding recall = Objects.requireNonNull(
                    Audit.of(log(multiple, seed), Logs.options(1.0)).findings().get("recall"));
            missed += truth >= recall.lower() - 1e-9 && truth <= recall.upper() + 1e-9 ? 0 : 1;
        }
        return missed / 200.0;
    }

    @Test
    void aTextNearTheEdgeIsAllowedForOnBothSides() {
        assertThat(missed(1.03)).isLessThan(0.07);
        assertThat(missed(0.97)).isLessThan(0.07);
    }

    @Test
    void aTextFarFromItAddsNothing() {
        RolloutLog log = log(0.2, 1);
        PromptPool pool = new PromptPool(
                List.of(PromptAtoms.of(new LogAtoms(log, log.prompts().get(0), 1, 0), 1)));
        assertThat(RecallEdge.of(pool)).isEqualTo(new RecallEdge(0, 0));
    }
}
