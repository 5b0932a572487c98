package dev.credence.lab.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.RolloutLog;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeepRuleTest {
    /** Half-words of the plays: nothing in 94 of 100 texts, one in 5, two in 1. */
    private static double[] levels(int n) {
        double[] rewards = new double[n];
        Arrays.setAll(rewards, i -> i % 100 == 0 ? 1 : i % 100 <= 5 ? 0.5 : 0);
        return rewards;
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static double keeps(KeepRule rule, double[] rewards) {
        return Arrays.stream(rewards).map(rule::of).average().orElse(Double.NaN);
    }

    @Test
    void theLargestOfItsPartsCountsAndAtMostOne() {
        KeepRule rule = new KeepRule(0.1, List.of(new KeepRule.Ramp(2, -3), new KeepRule.Ramp(20, -20)));
        assertThat(rule.of(0)).isEqualTo(0.1);
        assertThat(rule.of(0.5)).isCloseTo(Math.exp(-2), within(1e-15));
        assertThat(rule.of(0.99)).isCloseTo(Math.exp(-0.2), within(1e-15));
        assertThat(rule.of(7)).isEqualTo(1);
        assertThat(KeepRule.ALL.of(-5)).isEqualTo(1);
        assertThat(KeepRule.ALL.keepsAll()).isTrue();
        assertThatThrownBy(() -> new KeepRule(0, List.of())).hasMessage("least is 0.0; it must be in (0, 1]");
    }

    @Test
    void aWrittenRoundIsReadAsItWas() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        KeepRule rule = new KeepRule(1 / 3.0, List.of(new KeepRule.Ramp(Math.PI, -Math.E)));
        DrawRound round = new DrawRound(
                "r",
                Double.POSITIVE_INFINITY,
                List.of(
                        new DrawRound.Target("p\n", RolloutLog.PRIOR, 4096, rule),
                        new DrawRound.Target("q", RolloutLog.POLICY, 64, KeepRule.ALL)));
        ObjectNode line = mapper.createObjectNode();
        round.write(line);
        assertThat(DrawRound.read(mapper.readTree(line.toString()))).isEqualTo(round);
        assertThat(round.thins()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(doubles = {3, 7, 20, 40, Double.POSITIVE_INFINITY, -5, Double.NEGATIVE_INFINITY})
    void aboutAsManyAreKeptAsAreWanted(double tilt) {
        double[] rewards = levels(2000);
        KeepRule rule = new KeepChoice(rewards, ones(2000)).choose(20_000, 1000, tilt);
        double kept = 20_000 * keeps(rule, rewards);
        assertThat(kept).isBetween(700.0, 1001.0); // what both parts ask for is kept once
        assertThat(rule.least() * 20_000).isCloseTo(250, within(1e-9));
    }

    @Test
    void everyPosteriorHasItsShare() {
        double[] rewards = levels(2000);
        KeepRule rule = new KeepChoice(rewards, ones(2000)).choose(20_000, 1000, 3, Double.POSITIVE_INFINITY);
        assertThat(rule.of(1)).as("all of the largest, and some of the next").isEqualTo(1);
        assertThat(rule.of(0.5)).isBetween(0.1, 0.6);
        assertThat(20_000 * keeps(rule, rewards)).isBetween(600.0, 1001.0);
    }

    @Test
    void whatWasKeptStandsForWhatWasDrawn() {
        double[] rewards = levels(20_000);
        KeepRule first = new KeepRule(0.02, List.of(new KeepRule.Ramp(5, -5)));
        SplittableRandom random = new SplittableRandom(1);
        double[] kept = Arrays.stream(rewards)
                .filter(r -> random.nextDouble() < first.of(r))
                .toArray();
        double[] chances = Arrays.stream(kept).map(first::of).toArray();
        KeepRule rule = new KeepChoice(kept, chances).choose(100_000, 1000, 7);
        assertThat(100_000 * keeps(rule, rewards)).isBetween(800.0, 1100.0);
    }

    @Test
    void withoutPosteriorsOrWithOneRewardAllAreAlike() {
        assertThat(new KeepChoice(levels(100), ones(100)).choose(50, 50, 3)).isSameAs(KeepRule.ALL);
        KeepRule blind = new KeepChoice(levels(100), ones(100)).choose(1000, 50, Double.NaN);
        assertThat(blind.of(0)).isEqualTo(0.05);
        KeepRule level = new KeepChoice(new double[10], ones(10)).choose(1000, 100, 7, Double.POSITIVE_INFINITY);
        assertThat(level.of(0)).isBetween(0.0374, 0.0751);
        assertThat(level.of(0)).isGreaterThan(level.least());
    }

    /** Stages differ; a(r) is the share of all draws with this reward that was kept. */
    @Test
    void pooledStagesKeepWithTheMeanOfTheirProbabilities() {
        Thinning thinning = new Thinning();
        thinning.add(256, KeepRule.ALL);
        assertThat(thinning.thins()).isFalse();
        assertThat(thinning.kept(0)).isEqualTo(1);
        KeepRule second = new KeepRule(0.01, List.of(new KeepRule.Ramp(4, -4)));
        KeepRule third = new KeepRule(0.002, List.of(new KeepRule.Ramp(20, -20)));
        thinning.add(3840, second);
        thinning.add(10_000, third);
        assertThat(thinning.draws()).isEqualTo(14_096);
        for (double reward : new double[] {0, 0.5, 1, 3}) {
            double kept = 256 + 3840 * second.of(reward) + 10_000 * third.of(reward);
            assertThat(thinning.kept(reward)).isCloseTo(kept / 14_096, within(1e-15));
        }
    }
}
