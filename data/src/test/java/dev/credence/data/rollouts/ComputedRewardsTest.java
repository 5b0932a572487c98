package dev.credence.data.rollouts;

import static dev.credence.data.rollouts.Logs.POLICY;
import static dev.credence.data.rollouts.Logs.PRIOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.data.Cases;
import dev.credence.data.rewards.RewardExpression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComputedRewardsTest {
    private static final String WARM =
            "love sweet good dear gentle joy fair kind noble grace happy friend peace heaven";

    private static RolloutLog log(Map<String, RewardExpression> rewards, String... lines) {
        return Logs.read(Logs.options().withRewards(rewards), lines)
                .steps()
                .get(0)
                .log();
    }

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"rloo-beta0.05", "grpo-beta0", "dpo-beta0.1", "filtered-sft"})
    void theWarmthOfTheCasesIsComputedAgain(String name) throws IOException {
        Path words = Files.writeString(folder.resolve("warm"), WARM.replace(' ', '\n'));
        String pattern = "(?i)(?<![a-z'])(?:" + WARM.replace(' ', '|') + ")(?![a-z'])";
        Map<String, RewardExpression> rewards = new java.util.LinkedHashMap<>();
        rewards.put("warmth", RewardExpression.parse("min(1,0.5*count:" + pattern + ")"));
        rewards.put("words", RewardExpression.parse("min(1,0.5*lexicon:" + words + ")"));
        RolloutLogReader reader =
                new RolloutLogReader(Logs.options().withRewards(rewards), InputStream.nullInputStream());
        RolloutLog log = reader.read(List.of(Cases.rollouts(name).toString()))
                .steps()
                .get(0)
                .log();
        assertThat(log.rewardNames()).containsExactly("reward", "warmth", "words");
        assertThat(log.columns().rewards()[1]).isEqualTo(log.columns().rewards()[0]);
        assertThat(log.columns().rewards()[2]).isEqualTo(log.columns().rewards()[0]);
    }

    @Test
    void aLogNeedsNoRewardOfItsOwnThen() {
        String bare = PRIOR.replace("\"reward\":0.5,", "");
        RolloutLog log =
                log(Map.of("a", RewardExpression.parse("contains:a")), bare, bare.replace("\"a\"", "\"b\""), bare);
        assertThat(log.rewardNames()).containsExactly("a");
        assertThat(log.columns().rewards()[0]).containsExactly(1, 0, 1);
    }

    @Test
    void numbersOfTheRecordAreFoundByName() {
        String line = PRIOR.replace("0.5", "{\"x\":2,\"y\":3}")
                .replace("\"source\"", "\"extra\":{\"z\":4},\"ok\":true,\"source\"");
        RewardExpression sum = RewardExpression.parse("field:x + 10*field:extra.z + 100*field:ok");
        RolloutLog log = log(Map.of("sum", sum), line, line.replace("4", "5").replace("true", "false"));
        assertThat(log.columns().rewards()[2]).containsExactly(142, 52);
        assertThatThrownBy(() -> log(Map.of("s", RewardExpression.parse("field:q")), PRIOR))
                .hasMessage("-:1: field 'field:q' is missing; every record has a number named q");
    }

    @Test
    void lengthNeedsTokens() {
        Map<String, RewardExpression> length = Map.of("l", RewardExpression.parse("length"));
        String counted = POLICY.replace("\"source\"", "\"tokens\":7,\"source\"");
        assertThat(log(length, counted, counted).columns().rewards()[1]).containsExactly(7, 7);
        assertThatThrownBy(() -> log(length, counted, POLICY))
                .hasMessage("-:2: field 'length' is missing; length counts tokens, and the record has none");
    }

    /** A reward that has no value. */
    public static final class Nothing implements RewardFunction {
        /** For the class loader. */
        public Nothing() {}

        @Override
        public double reward(String prompt, String completion) {
            return Double.NaN;
        }
    }

    @Test
    void aComputedRewardMustBeFinite() {
        RewardExpression nothing = RewardExpression.parse("class:" + Nothing.class.getName());
        assertThatThrownBy(() -> log(Map.of("n", nothing), PRIOR))
                .hasMessageStartingWith("-:1: field 'class:")
                .hasMessageEndingWith("is NaN; it must be a finite number");
    }

    /** A reward that fails. */
    public static final class Failing implements RewardFunction {
        /** For the class loader. */
        public Failing() {}

        @Override
        public double reward(String prompt, String completion) {
            throw new IllegalStateException("no service");
        }
    }

    @Test
    void aRewardThatFailsNamesTheLine() {
        RewardExpression failing = RewardExpression.parse("class:" + Failing.class.getName());
        assertThatThrownBy(() -> log(Map.of("f", failing), PRIOR))
                .hasMessageStartingWith("-:1: field 'class:")
                .hasMessageEndingWith("IllegalStateException: no service; a reward is a number for every text");
        String wide = PRIOR.replace("\"a\"", '"' + "ab".repeat(100_000) + '"');
        assertThatThrownBy(() -> log(Map.of("deep", RewardExpression.parse("regex:(a|b)*c")), PRIOR, wide))
                .hasMessageContaining("-:2: field 'regex:(a|b)*c' is beyond the stack on a text of 200000 characters");
    }
}
