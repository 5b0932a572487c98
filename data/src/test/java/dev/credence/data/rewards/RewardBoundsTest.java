package dev.credence.data.rewards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.automaton.PrefixBounds;
import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.automaton.ValueBounds;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of a reward after the first tokens, against every text that begins with them. */
class RewardBoundsTest {
    private static final int HORIZON = 4;
    private static final int END = 0;
    /** The bytes of é are two tokens, so that some prefixes end within a character. */
    private static final byte[] @Nullable [] PIECES = {
        null, bytes("lo"), bytes("ve"), bytes("l"), bytes("o"), bytes(" "), {(byte) 0xc3}, {(byte) 0xa9}
    };

    private static final TokenTexts TEXTS = new TokenTexts(PIECES);

    /** A sum's terms are bounded each by itself, and where a match may go on its number is not yet known. */
    private static boolean exactNearTheEnd(RewardExpression reward) {
        return !reward.toString().contains(" + ") && !reward.toString().endsWith(")+");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private record Text(String completion, int tokens) implements ScoredText {
        @Override
        public String prompt() {
            return "";
        }

        @Override
        public double field(String name) {
            throw new NoSuchElementException(name);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "contains:love",
                "contains:é",
                "count:o",
                "count:[aeiou]",
                "-2*count:lo + 0.5*length",
                "min(1,0.5*count:o)",
                "0.5*min(2,count:l) + -1*contains:ve",
                "regex:^lo",
                "regex:o$",
                "regex:(lo|ve) l",
                "count:(lo)+",
                "length"
            })
    void everyTextIsWithinTheBoundsOfItsBeginnings(String expression) {
        RewardExpression reward = RewardExpression.parse(expression);
        RewardBounds bounds = reward.bounds(TEXTS, HORIZON);
        assertThat(bounds.unfollowed())
                .as("every term of %s is followed", expression)
                .isEmpty();
        ValueBounds all = check(reward, bounds, new int[0]);
        ValueBounds start = bounds.of(new int[0], 0);
        assertThat(start.lower()).as("at most the least of all texts").isLessThanOrEqualTo(all.lower());
        assertThat(start.upper()).as("at least the most of all texts").isGreaterThanOrEqualTo(all.upper());
    }

    @Test
    void aDecidedRewardIsKnownAtOnce() {
        PrefixBounds love = RewardExpression.parse("2*contains:love").bounds(TEXTS, HORIZON);
        assertThat(love.of(new int[] {1, 2}, 2)).isEqualTo(new ValueBounds(2, 2));
        assertThat(love.of(new int[] {1}, 1)).isEqualTo(new ValueBounds(0, 2));
        PrefixBounds begins = RewardExpression.parse("regex:^lo").bounds(TEXTS, HORIZON);
        assertThat(begins.of(new int[] {5}, 1)).as("it did not begin so").isEqualTo(new ValueBounds(0, 0));
        PrefixBounds capped = RewardExpression.parse("min(1,count:o)").bounds(TEXTS, HORIZON);
        assertThat(capped.of(new int[] {4, 4}, 2)).as("nothing beyond the cap").isEqualTo(new ValueBounds(1, 1));
        PrefixBounds twoTexts =
                RewardExpression.parse("contains:love + contains:lo").bounds(TEXTS, HORIZON);
        assertThat(twoTexts.of(new int[] {1}, 1)).isEqualTo(new ValueBounds(1, 2));
    }

    @Test
    void aTermThatNoAutomatonFollowsSaysSo() {
        RewardBounds bounds =
                RewardExpression.parse("regex:(l)\\1 + contains:o").bounds(TEXTS, HORIZON);
        assertThat(bounds.unfollowed()).hasSize(1);
        assertThat(bounds.unfollowed().get(0)).startsWith("regex:(l)\\1: the pattern ");
        assertThat(bounds.of(new int[] {4}, 1)).isEqualTo(new ValueBounds(1, 2));
    }

    /** {@return the least and the most reward of all texts that begin so} */
    private static ValueBounds check(RewardExpression reward, RewardBounds bounds, int[] prefix) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int token = 0; token < PIECES.length; token++) {
            int[] longer = Arrays.copyOf(prefix, prefix.length + 1);
            longer[prefix.length] = token;
            ValueBounds behind;
            if (token == END || longer.length == HORIZON) {
                double value = reward.evaluate(new Text(decode(longer), longer.length));
                behind = new ValueBounds(value, value);
            } else {
                behind = check(reward, bounds, longer);
            }
            least = Math.min(least, behind.lower());
            most = Math.max(most, behind.upper());
        }
        ValueBounds said = bounds.of(prefix, prefix.length);
        String what = "'" + decode(prefix) + "' of " + reward;
        assertThat(said.lower()).as("lower of %s", what).isLessThanOrEqualTo(least);
        assertThat(said.upper()).as("upper of %s", what).isGreaterThanOrEqualTo(most);
        if (prefix.length == HORIZON - 1 && exactNearTheEnd(reward)) {
            assertThat(said.lower()).as("one token to go: exact for %s", what).isCloseTo(least, within(0.0));
            assertThat(said.upper()).as("one token to go: exact for %s", what).isCloseTo(most, within(0.0));
        }
        return new ValueBounds(least, most);
    }

    private static String decode(int[] tokens) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int token : tokens) {
            byte[] piece = PIECES[token];
            if (piece != null) {
                text.writeBytes(piece);
            }
        }
        return text.toString(StandardCharsets.UTF_8);
    }
}
