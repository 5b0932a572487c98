package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.RewardType;
import dev.credence.hub.BeginToken;
import dev.credence.lab.Credence;
import dev.credence.methods.Rejection;
import dev.credence.methods.Smc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a twist has learned, the bounds of its runs hold the exact log Z of the letters, and close with the particles. */
class LearnedTwistBoundsTest {
    private static final Path LETTERS = Path.of("..", "..", "shared", "cases", "letters");

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @EnumSource(Smc.TwistLoss.class)
    void boundsHoldTheLettersAndClose(Smc.TwistLoss loss) throws IOException {
        assumeTrue(Files.exists(LETTERS), "the shared cases are not there");
        ConditioningPlan plan = new ConditioningPlan(
                LETTERS.resolve("prior").toString(),
                Files.writeString(folder.resolve("ha.jsonl"), "\"ha\"\n").toString(),
                4,
                BeginToken.YES,
                new Asking("0.5*count:[aeiou]", null, 0.5, RewardType.SCORE),
                100,
                null,
                1,
                ConditioningPlan.Care.standard());
        Smc how = Smc.twisted(1).atKl(0.5).learning(500).learningBy(loss);
        double truth = logZ(Credence.condition(plan, line -> {}, Rejection.atKl(0.5))
                        .get(0))
                .estimate(); // by enumeration
        double width = Double.POSITIVE_INFINITY;
        for (Answer answer : Credence.condition(plan, line -> {}, how, how.sized(32))) {
            Finding bounds = logZ(answer);
            assertThat(truth).as("%s", answer.method()).isBetween(bounds.lower(), bounds.upper());
            assertThat(bounds.upper() - bounds.lower()).isLessThan(width / 3);
            width = bounds.upper() - bounds.lower();
        }
        assertThat(width).isLessThan(0.03);
    }

    private static Finding logZ(Answer answer) {
        return Objects.requireNonNull(answer.findings().get("log_z"));
    }
}
