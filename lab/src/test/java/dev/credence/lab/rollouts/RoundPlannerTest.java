package dev.credence.lab.rollouts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.RolloutLog;
import dev.credence.hub.BeginToken;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Two prompts: of one the prior has the reward in every other text, of the other in three of its 256. */
class RoundPlannerTest {
    private static final List<String> PROMPTS = List.of("easy", "hard");
    private static final AuditOptions QUESTION = AuditOptions.atBeta("r", 0.1);
    private static final RoundPlanner.Source NONE = () -> {
        throw new IllegalStateException("nothing is to be known of the texts yet");
    };

    private static RoundPlanner planner(int samples, int draws) {
        return new RoundPlanner(
                PROMPTS,
                new RolloutRun.Limits(samples, draws, 8, Double.POSITIVE_INFINITY, 0, BeginToken.NO),
                QUESTION);
    }

    private static List<int[]> draws(int each) {
        return List.of(new int[] {each, each}, new int[] {each, each});
    }

    /** Plain records, n of each model and prompt. */
    private static RolloutLog log(int n) {
        SplittableRandom random = new SplittableRandom(1);
        double[] reward = new double[4 * n];
        double[] logPrior = new double[4 * n];
        double[] logPolicy = new double[4 * n];
        byte[] source = new byte[4 * n];
        for (int i = 0; i < 4 * n; i++) {
            boolean isPrior = i / n % 2 == 0;
            int rare = i < 2 * n ? 2 : n / 3;
            source[i] = isPrior ? RolloutLog.PRIOR : RolloutLog.POLICY;
            reward[i] = i % (isPrior ? rare : 2) == 1 ? 1 : 0;
            logPrior[i] = -10 - random.nextDouble();
            logPolicy[i] = logPrior[i] + (reward[i] > 0 ? Math.log(0.5 * rare) : -Math.log(2));
        }
        return new RolloutLog(
                List.of("r"),
                List.of("prior", "policy"),
                List.of(
                        new RolloutLog.Prompt("easy", 0.5, 0, 2 * n, false, 0, List.of(), List.of()),
                        new RolloutLog.Prompt("hard", 0.5, 2 * n, 4 * n, false, 0, List.of(), List.of())),
                new RolloutLog.Columns(new double[][] {reward}, logPrior, logPolicy, source, null, null, null));
    }

    private static int to(DrawRound round, String prompt, byte source) {
        return round.targets().stream()
                .filter(target -> target.prompt().equals(prompt) && target.source() == source)
                .mapToInt(DrawRound.Target::to)
                .findFirst()
                .orElse(0);
    }

    @Test
    void thePilotDoublesAndIsScoredWhole() throws IOException {
        RoundPlanner planner = planner(1000, 0);
        DrawRound first = planner.next(NONE, draws(0), null).round();
        assertThat(first.targets()).hasSize(4).allSatisfy(target -> {
            assertThat(target.to()).isEqualTo(64);
            assertThat(target.rule().keepsAll()).isTrue();
        });
        DrawRound third = planner.next(NONE, draws(128), first).round();
        assertThat(to(third, "hard", RolloutLog.POLICY)).isEqualTo(256);
        assertThat(third.thins()).isFalse();
    }

    @Test
    void thePromptThatFallsShortIsDrawnMoreOf() throws IOException {
        DrawRound round =
                planner(1000, 0).next(() -> log(256), draws(256), null).round();
        assertThat(to(round, "easy", RolloutLog.PRIOR)).isEqualTo(1000);
        assertThat(to(round, "hard", RolloutLog.PRIOR)).isBetween(2000, 4096); // three of 256 where five are few
        assertThat(to(round, "easy", RolloutLog.POLICY)).isEqualTo(1000);
        assertThat(to(round, "hard", RolloutLog.POLICY)).isEqualTo(1000);
        for (DrawRound.Target target : round.targets()) {
            boolean thinned = target.prompt().equals("hard") && target.source() == RolloutLog.PRIOR;
            assertThat(target.rule().keepsAll()).isNotEqualTo(thinned);
            if (thinned) {
                assertThat(target.rule().of(1)).as("the rare level").isEqualTo(1);
                assertThat(target.rule().of(0)).isBetween(0.04, 0.25);
            }
        }
    }

    @Test
    void whatIsAskedForIsDrawnExactly() throws IOException {
        DrawRound round =
                planner(300, 5000).next(() -> log(256), draws(256), null).round();
        assertThat(to(round, "easy", RolloutLog.PRIOR)).isEqualTo(4096);
        assertThat(to(round, "hard", RolloutLog.PRIOR)).isEqualTo(4096);
        List<int[]> later = List.of(new int[] {4096, 300}, new int[] {4096, 300});
        DrawRound last = planner(300, 5000).next(() -> log(256), later, round).round();
        assertThat(to(last, "easy", RolloutLog.PRIOR)).isEqualTo(5000);
        List<int[]> end = List.of(new int[] {5000, 300}, new int[] {5000, 300});
        RoundPlanner.Decision decision = planner(300, 5000).next(() -> log(256), end, last);
        assertThat(decision.round().targets()).isEmpty();
        assertThat(decision.words()).isEqualTo("all samples are drawn");
    }

    @Test
    void plainDrawsAskNothingOfTheTexts() throws IOException {
        RoundPlanner planner = planner(300, 300);
        assertThat(to(planner.next(NONE, draws(256), null).round(), "easy", RolloutLog.PRIOR))
                .isEqualTo(300);
        assertThat(planner.next(NONE, draws(300), null).round().targets()).isEmpty();
    }
}
