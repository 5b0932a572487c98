package dev.credence.lab.audits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.FieldMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shares and spreads against their closed forms, on logs that hold every text as often as it is likely. */
class DepartedTextsTest {
    private static final double[] PRIOR = {0.4, 0.3, 0.2, 0.1};
    private static final double[] REWARD = {0, 0, 1, 1};

    @TempDir
    private Path folder;

    private static double[] tilted(double copies) {
        double[] policy = new double[PRIOR.length];
        double z = 0;
        for (int i = 0; i < policy.length; i++) {
            policy[i] = PRIOR[i] * Math.exp(copies * REWARD[i]);
            z += policy[i];
        }
        for (int i = 0; i < policy.length; i++) {
            policy[i] /= z;
        }
        return policy;
    }

    private static List<String> lines(double[] policy, double[] reward, int step) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < policy.length; i++) {
            for (String source : List.of("prior", "policy")) {
                lines.add(String.format(
                        Locale.ROOT,
                        "{\"prompt\":\"p\",\"completion\":\"t%d\",\"reward\":%s,\"logp_prior\":%s,\"logp_policy\":%s,"
                                + "\"source\":\"%s\",\"step\":%d}",
                        i,
                        reward[i],
                        Math.log(PRIOR[i]),
                        Math.log(policy[i]),
                        source,
                        step));
            }
        }
        return lines;
    }

    private DepartedTexts read(List<String> lines, DepartedTexts.Wanted wanted) throws IOException {
        Path file = Files.write(folder.resolve("log.jsonl"), lines);
        return DepartedTexts.read(file.toString(), wanted);
    }

    private static DepartedTexts.Wanted at(double copies) {
        return wanted(null, null, copies, 1000);
    }

    private static DepartedTexts.Wanted wanted(
            @Nullable String reward, @Nullable RewardExpression computed, double copies, long most) {
        return new DepartedTexts.Wanted(FieldMap.standard(), reward, computed, copies, most);
    }

    @Test
    void anExactConditionalHasNeitherSpreadNorDroppedTexts() throws IOException {
        DepartedTexts.OfPrompt of =
                read(lines(tilted(2), REWARD, 0), at(2)).prompts().get("p");
        assertThat(of.width()).isZero();
        assertThat(of.atEqualReward()).isEmpty();
        assertThat(of.dropped()).isEmpty();
        for (int i = 0; i < PRIOR.length; i++) {
            DepartedTexts.Text text = of.texts().get(i);
            // each text is drawn once by each: the atoms' weights are u ∝ π0/q, in proportion to neither alone
            assertThat(text.drawn()).isEqualTo(new DepartedTexts.Drawn(1, 1));
            assertThat(text.shares().posterior()).isCloseTo(text.shares().policy(), within(1e-12));
        }
    }

    /** The prior's draws in proportion to it, of the worthless ones every fourth kept: the shares are as of the whole log. */
    @Test
    void thinnedDrawsHaveTheSharesOfAllDraws() throws IOException {
        double[] policy = {0.1, 0.1, 0.4, 0.4};
        List<String> whole = new ArrayList<>();
        List<String> thinned = new ArrayList<>();
        List<String> toldOfBoth = new ArrayList<>();
        for (int i = 0; i < PRIOR.length; i++) {
            String body = String.format(
                    Locale.ROOT,
                    "{\"prompt\":\"p\",\"completion\":\"t%d\",\"reward\":%s,\"logp_prior\":%s,\"logp_policy\":%s,",
                    i,
                    REWARD[i],
                    Math.log(PRIOR[i]),
                    Math.log(policy[i]));
            int draws = (int) Math.round(PRIOR[i] * 40);
            String kept = REWARD[i] == 0 ? "0.25" : "1";
            for (int n = 0; n < draws; n++) {
                whole.add(body + "\"source\":\"prior\"}");
                if (REWARD[i] == 1 || n % 4 == 0) {
                    thinned.add(body + "\"source\":\"prior\",\"kept\":" + kept + ",\"draws\":40}");
                    toldOfBoth.add(body + "\"source\":\"prior\",\"kept\":{\"prior\":" + kept + ",\"policy\":1}}");
                }
            }
            for (int n = 0; n < Math.round(policy[i] * 10); n++) {
                whole.add(body + "\"source\":\"policy\"}");
                thinned.add(body + "\"source\":\"policy\"}");
                toldOfBoth.add(body + "\"source\":\"policy\",\"kept\":{\"prior\":" + kept + ",\"policy\":1}}");
            }
        }
        for (List<String> lines : List.of(whole, thinned, toldOfBoth)) {
            double[] posterior = tilted(2);
            List<DepartedTexts.Text> texts =
                    read(lines, at(2)).prompts().get("p").texts();
            for (int i = 0; i < PRIOR.length; i++) {
                DepartedTexts.Shares shares = texts.get(i).shares();
                assertThat(shares.prior()).isCloseTo(PRIOR[i], within(1e-12));
                assertThat(shares.policy()).isCloseTo(policy[i], within(1e-12));
                assertThat(shares.posterior()).isCloseTo(posterior[i], within(1e-12));
            }
        }
    }

    @Test
    void whatThePolicyDroppedIsFoundWithItsSpread() throws IOException {
        double[] policy = {0.45, 0.35, 0.19, 0.01};
        DepartedTexts.OfPrompt of =
                read(lines(policy, REWARD, 0), at(1)).prompts().get("p");
        DepartedTexts.Pair widest = of.atEqualReward().get(0);
        assertThat(widest.highest().text()).isEqualTo("t2");
        assertThat(widest.lowest().text()).isEqualTo("t3");
        assertThat(widest.spread()).isCloseTo(Math.log(0.19 / 0.2) - Math.log(0.01 / 0.1), within(1e-12));
        assertThat(of.dropped())
                .extracting(DepartedTexts.Text::text)
                .contains("t3")
                .doesNotContain("t0", "t1");
    }

    @Test
    void rewardsThatAreAllDifferentAreComparedWithinAPartOfTheirRange() throws IOException {
        double[] reward = {0, 0.01, 10, 10.01};
        DepartedTexts.OfPrompt of = read(lines(new double[] {0.1, 0.6, 0.2, 0.1}, reward, 0), at(0))
                .prompts()
                .get("p");
        assertThat(of.width()).isCloseTo(10.01 / 20, within(1e-12));
        assertThat(of.atEqualReward()).isNotEmpty();
        assertThat(of.atEqualReward().get(0).highest().text()).isEqualTo("t1");
    }

    @Test
    void theLastStepIsLookedAtAndWhatIsPassedOverIsCounted() throws IOException {
        List<String> lines = new ArrayList<>(lines(tilted(3), REWARD, 7));
        lines.addAll(lines(tilted(1), REWARD, 2));
        lines.add("{\"prompt\":\"p\",\"completion\":\"x\",\"source\":\"prior\"}");
        lines.add(
                "{\"prompt\":\"p\",\"completion\":\"x\",\"reward\":1,\"logp_prior\":-1,\"logp_policy\":-1,\"source\":\"other\"}");
        DepartedTexts found = read(lines, at(3));
        assertThat(found.records()).isEqualTo(18);
        assertThat(found.passedOver()).isEqualTo(2);
        assertThat(found.isWhole()).isTrue();
        assertThat(found.prompts().get("p").texts().get(3).logPolicy())
                .isCloseTo(Math.log(tilted(3)[3]), within(1e-12));
        DepartedTexts part = read(lines, wanted(null, null, 3, 8));
        assertThat(part.isWhole()).isFalse();
        assertThat(part.records()).isEqualTo(8);
    }

    @Test
    void aRewardOfTheTextIsComputedAndANamedOneIsChosen() throws IOException {
        DepartedTexts computed = read(
                lines(tilted(1), REWARD, 0), wanted("contains:t3", RewardExpression.parse("contains:t3"), 1, 1000));
        assertThat(computed.prompts().get("p").texts())
                .extracting(DepartedTexts.Text::reward)
                .containsExactly(0.0, 0.0, 0.0, 1.0);
        List<String> named = lines(tilted(1), REWARD, 0).stream()
                .map(line -> line.replace("\"reward\":1.0", "\"reward\":{\"a\":5,\"b\":6}")
                        .replace("\"reward\":0.0", "\"reward\":{\"a\":2,\"b\":3}"))
                .toList();
        assertThat(read(named, wanted("b", null, 1, 1000)).prompts().get("p").texts())
                .extracting(DepartedTexts.Text::reward)
                .containsExactly(3.0, 3.0, 6.0, 6.0);
        assertThat(read(named, wanted("c", null, 1, 1000)).passedOver()).isEqualTo(8);
    }
}
