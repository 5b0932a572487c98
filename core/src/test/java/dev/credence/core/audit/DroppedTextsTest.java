package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What the policy dropped and no draw of the prior shows may be all that it moved")
class DroppedTextsTest {
    private static final double RARE = .01; // the prior's mass of a bad text, which the policy never writes
    private static final double[] PRIOR = {.3, .25, .2, .14, .1};
    private static final double[] NOISE = {.03, -.05, .06, -.04, .02};

    /** The others have the best reward; 100 draws of the prior, none of them the bad text (more than a third of such logs). */
    private static StepAudit audit(double rare) {
        double[] policy = new double[PRIOR.length];
        double total = 0;
        for (int x = 0; x < PRIOR.length; x++) {
            policy[x] = PRIOR[x] * Math.exp(NOISE[x]);
            total += policy[x];
        }
        double all = 1 - RARE; // of PRIOR
        SplittableRandom random = new SplittableRandom(5);
        List<Logs.Row> rows = new ArrayList<>();
        for (int i = 0; i < 900; i++) {
            boolean isPrior = i % 9 == 0;
            double at = random.nextDouble() * (isPrior ? all : total);
            int x = 0;
            while (x < PRIOR.length - 1 && at >= (isPrior ? PRIOR : policy)[x]) {
                at -= (isPrior ? PRIOR : policy)[x++];
            }
            rows.add(new Logs.Row(
                    "q",
                    isPrior ? RolloutLog.PRIOR : RolloutLog.POLICY,
                    2 + .1 * (x % 2),
                    Math.log(PRIOR[x] * (1 - rare) / all),
                    Math.log(policy[x] / total),
                    -1,
                    false,
                    x));
        }
        return Audit.of(Logs.of(rows), Logs.options(1.0));
    }

    private static Finding of(StepAudit audit, Figure figure) {
        return Objects.requireNonNull(audit.findings().get(figure.id()));
    }

    @Test
    void soTheMoveAndItsShareReachThatFar() {
        StepAudit audit = audit(RARE);

        Finding kl = of(audit, Figure.KL_POLICY_PRIOR);
        assertThat(kl.estimate()).isLessThan(.002);
        assertThat(kl.upper()).isGreaterThan(-Math.log1p(-RARE));
        assertThat(kl.reason()).contains("were they dropped");
        assertThat(of(audit, Figure.KL_PRIOR_POLICY).upper()).isGreaterThan(RARE * Math.log(100));
        assertThat(of(audit, Figure.KL_EXPLAINED).upper()).isGreaterThan(.9 * RARE);
        assertThat(of(audit, Figure.BAYES_FRACTION).upper()).isGreaterThan(.8);
        assertThat(audit.verdict().label()).isEqualTo(Verdict.Label.CANNOT_TELL);
    }

    @Test
    void butNotWhereTheRecordsShowAllTexts() {
        Finding kl = of(audit(0), Figure.KL_POLICY_PRIOR);

        assertThat(kl.upper()).isLessThan(.003);
        assertThat(kl.reason()).isNull();
    }
}
