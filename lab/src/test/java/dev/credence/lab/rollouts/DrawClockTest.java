package dev.credence.lab.rollouts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.RolloutLog;
import dev.credence.hub.BeginToken;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many draws fit into the time. */
class DrawClockTest {
    private static final int SAMPLES = 1_000;

    private static DrawRound.Target prior(int to) {
        return new DrawRound.Target("p", RolloutLog.PRIOR, to, KeepRule.ALL);
    }

    private static DrawClock clock(double budget, double secondsForSamples) {
        DrawClock clock = new DrawClock(new RolloutRun.Limits(SAMPLES, 0, 8, budget, 0, BeginToken.NO));
        clock.took(prior(SAMPLES), SAMPLES, secondsForSamples);
        return clock;
    }

    /** What samples and draws beyond them take, at the samples' own speed; to how many draws the time goes. */
    @ParameterizedTest
    @CsvSource({
        "Infinity, 10, 16000, 16000", // 150 of the 200 seconds that are always there
        "Infinity, 100, 4000, 4000", // 300 seconds: no more than four times what the samples took
        "Infinity, 100, 11000, 5000", // 1,000 seconds, of which 400 are given
        "50, 10, 16000, 6000" // a stated budget is the user's, busy machine or not
    })
    void drawsBeyondTheSamplesAreMeasuredInWhatTheSamplesCost(double budget, double seconds, int wanted, int given) {
        List<DrawRound.Target> fitting = clock(budget, seconds).fitting(List.of(prior(wanted)), List.of(SAMPLES));
        assertThat(fitting).hasSize(1);
        assertThat(fitting.get(0).to()).isBetween(given - 600, given);
    }

    @Test
    void whatWasSpentBeyondTheSamplesIsSpent() {
        DrawClock clock = clock(Double.POSITIVE_INFINITY, 100);
        clock.took(prior(4_000), 3_000, 399.9);
        assertThat(clock.fitting(List.of(prior(9_000)), List.of(4_000)).get(0).to())
                .isBetween(5_000, 5_600); // what the 200 seconds leave, at 0.125 seconds a draw
    }

    /** However little time there was: of no record there is no log. */
    @Test
    void whatWasNotTimedYetIsBegunThoughTheTimeIsOver() {
        DrawClock clock = new DrawClock(new RolloutRun.Limits(SAMPLES, 0, 8, 1e-9, 0, BeginToken.NO));
        assertThat(clock.fitting(List.of(prior(SAMPLES)), List.of(0)))
                .singleElement()
                .isEqualTo(prior(SAMPLES));
        clock.took(prior(SAMPLES), SAMPLES, 1);
        assertThat(clock.fitting(List.of(prior(2 * SAMPLES)), List.of(SAMPLES))).isEmpty();
    }

    /** A draw that goes on passes through the rounds that were drawn before: they give no text and take no time. */
    @Test
    void roundsThatWereDrawnBeforeCountForNothing() {
        DrawClock clock = new DrawClock(new RolloutRun.Limits(SAMPLES, 0, 8, 50, 0, BeginToken.NO));
        clock.took(prior(256), 256 - SAMPLES, 0);
        clock.took(prior(SAMPLES), 0, 0);
        clock.took(prior(SAMPLES + 100), 100, 1);
        assertThat(clock.fitting(List.of(prior(16_000)), List.of(SAMPLES + 100)))
                .singleElement()
                .satisfies(target -> assertThat(target.to()).isBetween(5_900, 6_100)); // at a hundred a second
    }
}
