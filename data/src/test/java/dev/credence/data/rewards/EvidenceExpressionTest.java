package dev.credence.data.rewards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.EvidenceContract;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Evidence as it is written, against the algebra written in Java. */
class EvidenceExpressionTest {
    private static final List<String> TEXTS = List.of("love", "lo", "salt and pepper", "o say \"o\"", "");
    private static final TableModel PRIOR =
            TableModel.of(Distribution.ofLogWeights(TEXTS, new double[] {1.4, 1, .7, 0, .6}));

    /**
     * A place where rewards are expressions, and one of them has the name {@code o}.
     *
     * @param chosen the reward that is asked about, or null
     * @param prior all texts, or none
     */
    private record Place(@Nullable String chosen, Optional<TableModel> prior) implements EvidenceSpace {
        @Override
        public NamedReward reward(@Nullable String typed) {
            String text = typed == null ? chosen : typed;
            if (text == null) {
                throw InputException.ofSetting("reward", "missing", "name one");
            }
            return new NamedReward(text, RewardExpression.parse(text.equals("o") ? "count:o" : text));
        }

        @Override
        public boolean isRewardChosen() {
            return chosen != null;
        }
    }

    private static final Place TABLE = new Place("count:o", Optional.of(PRIOR));
    private static final Place ONE_BY_ONE = new Place("count:o", Optional.empty());

    private static AskedEvidence asked(String text, EvidenceSpace space) {
        return EvidenceExpression.parse(text).in(space);
    }

    private static Evidence reward(String reward, double lambda) {
        return Evidence.reward(RewardExpression.parse(reward)).times(lambda);
    }

    private static void same(String text, Evidence truth) {
        Distribution expected = TablePosterior.of(PRIOR, truth).model().given("");
        Distribution table = asked(text, TABLE).posterior(PRIOR).model().given("");
        for (int i = 0; i < TEXTS.size(); i++) {
            assertThat(table.probability(i))
                    .as("%s of '%s'", text, TEXTS.get(i))
                    .isCloseTo(expected.probability(i), within(1e-14));
        }
    }

    private static void sameOneByOne(String text, Evidence truth) {
        same(text, truth);
        Evidence each = asked(text, ONE_BY_ONE).ofEachText();
        for (String one : TEXTS) {
            assertThat(each.logLikelihood("", one)).as("%s of '%s'", text, one).isEqualTo(truth.logLikelihood("", one));
        }
    }

    @Test
    void everyKindIsItsEvidence() {
        RewardExpression o = RewardExpression.parse("count:o");
        sameOneByOne("o", reward("count:o", 1));
        sameOneByOne("reward:", reward("count:o", 1));
        sameOneByOne("reward:contains:lo", reward("contains:lo", 1));
        sameOneByOne("count:l", reward("count:l", 1));
        sameOneByOne("min(1,count:o)", reward("min(1,count:o)", 1));
        sameOneByOne("level:1", Evidence.rewardLevel(1, o));
        sameOneByOne("range:1,2", Evidence.rewardLevel(1, 2, o));
        sameOneByOne("at-least:1", Evidence.of(RewardLikelihood.atLeast(1), o));
        sameOneByOne("prompt:lo", Evidence.prompt("lo"));
        sameOneByOne("contains:pepper", Evidence.event("pepper", (p, text) -> text.contains("pepper")));
        sameOneByOne("regex:^l.*e$", Evidence.event("love", (p, text) -> text.equals("love")));
        sameOneByOne("probability:0.5*contains:lo", Evidence.probability(RewardExpression.parse("0.5*contains:lo")));
        sameOneByOne(
                "raters:3 of contains:lo",
                Evidence.of(RewardLikelihood.poissonRaters(3), RewardExpression.parse("contains:lo")));
        same("beats:3", Evidence.beats(3, o, PRIOR));
        same("top:0.4 of count:l", Evidence.topQuantile(.4, RewardExpression.parse("count:l"), PRIOR));
        same("pool:2", Evidence.of(RewardLikelihood.lucePool(2), o, PRIOR));
    }

    @Test
    void termsAddAndCopiesScale() {
        Evidence lo = Evidence.prompt("lo");
        sameOneByOne("o and prompt:lo", reward("count:o", 1).and(lo));
        sameOneByOne("2.5*o and 0.5*count:l", reward("count:o", 2.5).and(reward("count:l", .5)));
        sameOneByOne("-1e0*o and .5*prompt:lo", reward("count:o", -1).and(lo));
        sameOneByOne(
                "level:1 and level:1 of count:l and prompt:lo",
                Evidence.rewardLevel(1, RewardExpression.parse("count:o"))
                        .and(Evidence.rewardLevel(1, RewardExpression.parse("count:l")))
                        .and(lo));
        sameOneByOne(
                "2*probability:0.5*contains:lo and o",
                Evidence.of(RewardLikelihood.copies(2), RewardExpression.parse("0.5*contains:lo"))
                        .and(reward("count:o", 1)));
        same(
                "2*beats:3 and contains:o",
                Evidence.beats(3, RewardExpression.parse("count:o"), PRIOR)
                        .times(2)
                        .and(Evidence.event("o", (p, text) -> text.contains("o"))));
        same(
                "2*beats:3",
                Evidence.beats(3, RewardExpression.parse("count:o"), PRIOR).times(2));
        sameOneByOne("0*level:7 and o", reward("count:o", 1));
    }

    @Test
    void copiesOfAllOfIt() {
        EvidenceExpression both = EvidenceExpression.parse("o and prompt:lo").times(2);
        AskedEvidence asked = both.in(ONE_BY_ONE);
        assertThat(asked.ofEachText().logLikelihood("", "lolo")).isEqualTo(4);
        assertThat(asked.copies()).isEqualTo(2);
        assertThat(asked.isTilt()).isFalse();
        assertThat(asked.words())
                .isEqualTo("2 independent copies of: 1 copy of the reward (beta 1) [o], and the text begins with 'lo'");
        AskedEvidence tilt = EvidenceExpression.parse("3*o").times(2).in(ONE_BY_ONE);
        assertThat(tilt.copies()).isEqualTo(6);
        assertThat(tilt.isTilt()).isTrue();
        assertThat(tilt.words()).isEqualTo("6 copies of the reward (beta 0.167)");
        AskedEvidence best =
                EvidenceExpression.ofReward().times(Double.POSITIVE_INFINITY).in(TABLE);
        assertThat(best.posterior(PRIOR).model().given("").probability("o say \"o\""))
                .isCloseTo(1, within(1e-15));
    }

    @Test
    void textsMayHoldTheWordsOfTheGrammar() {
        sameOneByOne(
                "contains:\"salt and pepper\"", Evidence.event("salt", (p, text) -> text.equals("salt and pepper")));
        sameOneByOne("prompt:\"salt and\" and contains:pepper", Evidence.prompt("salt and pepper"));
        sameOneByOne("prompt:\"o say \\\"o\"", Evidence.prompt("o say \"o"));
        sameOneByOne("regex:say \"o\"", Evidence.prompt("o say"));
    }

    @Test
    void theRewardThatIsSpokenOf() {
        assertThat(asked("prompt:lo", ONE_BY_ONE).reward())
                .map(NamedReward::name)
                .contains("count:o");
        Place nothing = new Place(null, Optional.empty());
        assertThat(asked("prompt:lo", nothing).reward()).isEmpty();
        assertThat(asked("prompt:lo and level:1 of count:l", nothing).reward())
                .map(NamedReward::name)
                .contains("count:l");
        assertThat(asked("level:2 of count:o and level:1 of count:l", nothing).reward())
                .isEmpty();
        assertThat(EvidenceExpression.parse("level:2 of o and level:1").asksTheReward())
                .isTrue();
        assertThat(EvidenceExpression.parse("level:2 of o and prompt:x").asksTheReward())
                .isFalse();
        assertThat(EvidenceExpression.parse("level:2 of o and 2*count:l and level:1 of o")
                        .rewards())
                .containsExactly("o", "count:l");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "magic:1 | it is a reward's name, probability:NAME",
                "o and magic:1 | term 2, 'magic:1' at character 7: it is a reward's name",
                "level:x and o | term 1, 'level:x' at character 1: 'x' is not a number",
                "prompt:a and range:1 | term 2, 'range:1' at character 14: a range is range:LOW,HIGH",
                "o and  and o | term 2, '' at character 7: a term stands on both sides of ' and '",
                "top:2 | must be in (0, 1]",
                "level:1 of  | ' of ' has a reward behind it",
                "prompt:\"a | a quote that is opened is closed",
                "1e999*o | must be a finite number of copies",
                "-1*probability:o | n is -1.0; copies must be finite and not negative",
            })
    void saysWhichTermIsWrongAndWhere(String text, String message) {
        String typed = text.endsWith(" of") ? text + " " : text;
        assertThatThrownBy(() -> asked(typed, TABLE))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("evidence is " + typed + "; ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"beats:4", "top:0.5", "pool:2", "prompt:lo and beats:4", "2*top:0.5"})
    void whatNeedsAllTextsIsRefusedWithoutThem(String text) {
        assertThatThrownBy(() -> asked(text, ONE_BY_ONE))
                .isInstanceOf(InputException.class)
                .hasMessage("evidence is " + text + "; it needs the rewards of all texts");
    }

    @Test
    void copiesThatHaveNoMeaningAreRefused() {
        double all = Double.POSITIVE_INFINITY;
        assertThatThrownBy(() -> EvidenceExpression.parse("level:1").times(2).in(TABLE))
                .hasMessage("copies is 2.0; evidence level: is seen once");
        assertThatThrownBy(() -> EvidenceExpression.parse("level:1").times(all).in(TABLE))
                .hasMessageStartingWith("beta is 0; it is the limit of a reward");
        assertThatThrownBy(() -> EvidenceExpression.parse("prompt:l").times(all).in(TABLE))
                .hasMessageStartingWith("beta is 0; an event has no reward");
        assertThatThrownBy(() -> EvidenceExpression.parse("o and o").times(all).in(TABLE))
                .hasMessageContaining("this is joint evidence");
        assertThatThrownBy(() -> EvidenceExpression.ofReward().times(all).in(ONE_BY_ONE))
                .hasMessage("beta is 0; it needs the rewards of all texts");
        assertThatThrownBy(() -> EvidenceExpression.ofReward().times(Double.NaN))
                .hasMessageStartingWith("copies is NaN");
        assertThatThrownBy(() -> asked("-1*prompt:lo", TABLE).posterior(PRIOR))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("Z is infinite");
        assertThatThrownBy(() -> asked("raters:2", TABLE).posterior(PRIOR))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("an approval probability must be in [0, 1]");
    }

    /** What is written is evidence as any other, on tokens followed by automata. */
    @Nested
    class AsEvidence extends EvidenceContract {
        @Override
        protected Stream<Evidence> evidence() {
            return Stream.of(
                            "prompt:ab",
                            "contains:ab",
                            "regex:^a.*c$",
                            "regex:(b)\\1",
                            "2*count:b",
                            "-0.5*count:[ab] + contains:c",
                            "reward:min(2,count:a)",
                            "probability:0.7*contains:a + 0.3*regex:c$",
                            "raters:3 of 0.5*contains:ab",
                            "level:1 of count:c",
                            "at-least:2 of count:[ab]",
                            "range:1,2 of count:a",
                            "contains:a and 2*count:b",
                            "2*probability:0.5*contains:a and at-least:1 of count:b and prompt:a")
                    .map(text -> asked(text, ONE_BY_ONE).ofEachText());
        }
    }

    /** What records of a log can be asked: the same number for each text, from its reward alone. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "at-least:1",
                "2*at-least:1",
                "range:1,2 of o",
                "0.5*reward:",
                "-1.5*count:o",
                "at-least:1 of o and 0.5*o",
                "raters:2 of contains:o and 3*probability:contains:o",
                "contains:o",
                "contains:\"o \" + contains:salt",
                "prompt:lo",
                "prompt:\"o say \\\"o\\\"\"",
                "prompt:",
                "2*contains:lo and reward:contains:lo",
                "top:0.3",
                "beats:3 of o",
                "pool:4"
            })
    void ofOneRewardIsTheSameEvidence(String text) {
        EvidenceExpression.OfOneReward one = EvidenceExpression.parse(text).ofOneReward();
        RewardFunction reward = TABLE.reward(one.reward()).function();
        double[] rewards = TEXTS.stream().mapToDouble(t -> reward.reward("", t)).toArray();
        double[] masses =
                TEXTS.stream().mapToDouble(t -> PRIOR.given("").probability(t)).toArray();
        double[] found = one.likelihood().logLikelihoods(rewards, masses);
        Evidence truth = asked(text, TABLE).over(PRIOR);
        for (int i = 0; i < found.length; i++) {
            double expected = truth.logLikelihood("", TEXTS.get(i));
            if (expected == Double.NEGATIVE_INFINITY) {
                assertThat(found[i]).as(TEXTS.get(i)).isEqualTo(expected);
            } else {
                assertThat(found[i]).as(TEXTS.get(i)).isCloseTo(expected, within(1e-12));
            }
        }
        assertThat(one.words()).isNotBlank();
    }

    @Test
    void copiesOfTheWholeAreOfEachTermOfTheReward() {
        EvidenceExpression.OfOneReward one =
                EvidenceExpression.parse("at-least:1 and 0.5*reward:").times(4).ofOneReward();
        assertThat(one.reward()).isNull();
        assertThat(one.likelihood().logLikelihoods(new double[] {0, 1, 3}, new double[] {1, 1, 1}))
                .containsExactly(Double.NEGATIVE_INFINITY, 2, 6);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "at-least:1 of o and 0.5*contains:lo | here evidence is about one reward, and this is about 'o' and about 'contains:lo'",
                "at-least:1 and contains:lo | here evidence is about one reward, and this is about the reward and about 'contains:lo'",
                "top:0.3 and at-least:1 | depends on what the other texts have: it is seen once, and alone",
                "2*beats:3 | depends on what the other texts have: it is seen once, and alone",
                "-1*probability:o | copies must be finite and not negative"
            })
    void whatIsNotOfOneRewardIsRefused(String text, String rule) {
        assertThatThrownBy(() -> EvidenceExpression.parse(text).ofOneReward())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("evidence")
                .hasMessageContaining(rule);
    }

    @Test
    void evidenceThatCodeHasMadeIsAboutTexts() {
        assertThatThrownBy(() -> EvidenceExpression.of(Evidence.prompt("lo")).ofOneReward())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("it is about texts, and not about a reward");
    }
}
