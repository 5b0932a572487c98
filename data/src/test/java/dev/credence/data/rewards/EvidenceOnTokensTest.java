package dev.credence.data.rewards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.TextTokens;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.provenance.InputException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What evidence says of the first tokens, against every completion that begins with them. */
class EvidenceOnTokensTest {
    private static final double NONE = Double.NEGATIVE_INFINITY;
    private static final int HORIZON = 3;
    private static final int END = 0;
    private static final int COMBINATIONS = 70;
    /** The bytes of é are two tokens, so that some prefixes end within a character. */
    private static final byte[] @Nullable [] PIECES = {
        null, bytes("lo"), bytes("ve"), bytes("l"), bytes("o"), bytes(" "), {(byte) 0xc3}, {(byte) 0xa9}
    };

    private static final List<String> REWARDS = List.of(
            "contains:love",
            "contains:é",
            "count:o",
            "count:[aeiou]",
            "count:(lo)+",
            "regex:^lo",
            "regex:o$",
            "regex:(lo|ve) l",
            "regex:(l)\\1",
            "length",
            "lexicon:",
            "min(2,count:l)");

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Tokens that spell texts, or that are not known to.
     *
     * @param spelled what each adds
     */
    private record Tokens(Optional<TokenTexts> spelled) implements TextTokens {
        static Tokens spelling() {
            return new Tokens(Optional.of(new TokenTexts(PIECES)));
        }

        @Override
        public String decode(int[] tokens, int length) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            for (int i = 0; i < length; i++) {
                byte[] piece = PIECES[tokens[i]];
                text.writeBytes(piece == null ? bytes("(end)") : piece);
            }
            return text.toString(StandardCharsets.UTF_8);
        }

        @Override
        public int horizon() {
            return HORIZON;
        }
    }

    /**
     * Evidence, and the same in arithmetic of its own.
     *
     * @param evidence to be tried
     * @param truth of a text and its number of tokens
     */
    private record Pair(Evidence evidence, ToDoubleBiFunction<String, Integer> truth) {
        Pair and(Pair other) {
            return new Pair(evidence.and(other.evidence), (text, tokens) -> {
                double a = truth.applyAsDouble(text, tokens);
                double b = other.truth.applyAsDouble(text, tokens);
                return a == NONE || b == NONE ? NONE : a + b;
            });
        }

        Pair times(double n) {
            return new Pair(evidence.times(n), (text, tokens) -> n == 0 ? 0 : n * truth.applyAsDouble(text, tokens));
        }

        /** Between limits that are known to hold for all texts. */
        Pair bounded(double lower, double upper) {
            return new Pair(evidence.bounded(lower, upper), truth);
        }
    }

    /** Random evidence: rewards of all kinds, read in all ways, combined. */
    private static final class Source {
        private final SplittableRandom random;

        Source(long seed) {
            this.random = new SplittableRandom(seed);
        }

        Pair combination(int depth) {
            return switch (depth == 0 ? 0 : random.nextInt(5)) {
                case 1, 2 -> combination(depth - 1).and(combination(depth - 1));
                case 3 -> combination(depth - 1).times(number());
                case 4 -> promised(combination(depth - 1));
                default -> atom();
            };
        }

        private double number() {
            return List.of(0.0, -0.5, 2.0, -1.0, 0.3, 1.0).get(random.nextInt(6));
        }

        /** What is promised holds, at one end or both. */
        private Pair promised(Pair pair) {
            double[] all = completions(pair);
            double least = Arrays.stream(all).min().orElseThrow();
            double most = Arrays.stream(all).max().orElseThrow();
            boolean low = random.nextBoolean() && least < Double.POSITIVE_INFINITY;
            return pair.bounded(low ? least : NONE, random.nextBoolean() ? most : Double.POSITIVE_INFINITY);
        }

        private Pair atom() {
            if (random.nextInt(8) == 0) {
                String beginning = List.of("lo", "lé", "v", "", "love").get(random.nextInt(5));
                return new Pair(Evidence.prompt(beginning), (text, tokens) -> text.startsWith(beginning) ? 0 : NONE);
            }
            if (random.nextInt(8) == 0) {
                return new Pair(
                        Evidence.event("even", (prompt, text) -> text.length() % 2 == 0),
                        (text, tokens) -> text.length() % 2 == 0 ? 0 : NONE);
            }
            return random.nextInt(3) == 0 ? ofProbability() : ofReward(reward());
        }

        private Pair ofReward(RewardExpression r) {
            double x = random.nextInt(-2, 4) / 2.0;
            double y = x + random.nextInt(3);
            return switch (random.nextInt(4)) {
                case 0 -> new Pair(Evidence.reward(r).times(x), (text, tokens) -> x * value(r, text, tokens));
                case 1 ->
                    new Pair(
                            Evidence.rewardLevel(x, y, r),
                            (text, tokens) -> value(r, text, tokens) >= x && value(r, text, tokens) <= y ? 0 : NONE);
                case 2 ->
                    new Pair(
                            Evidence.of(RewardLikelihood.atLeast(y), r),
                            (text, tokens) -> value(r, text, tokens) >= y ? 0 : NONE);
                default ->
                    new Pair(Evidence.positive("found", r), (text, tokens) -> value(r, text, tokens) > 0 ? 0 : NONE);
            };
        }

        private Pair ofProbability() {
            String event = REWARDS.get(random.nextInt(2));
            RewardExpression p = RewardExpression.parse("0.7*" + event + " + 0.3*regex:o$");
            int n = random.nextInt(4);
            return switch (random.nextInt(3)) {
                case 0 -> new Pair(Evidence.probability(p), (text, tokens) -> Math.log(value(p, text, tokens)));
                case 1 ->
                    new Pair(
                            Evidence.of(RewardLikelihood.copies(n), p),
                            (text, tokens) -> n == 0 ? 0 : n * Math.log(value(p, text, tokens)));
                default ->
                    new Pair(
                            Evidence.of(RewardLikelihood.poissonRaters(n), p),
                            (text, tokens) -> n * (value(p, text, tokens) - 1));
            };
        }

        private RewardExpression reward() {
            String one = REWARDS.get(random.nextInt(REWARDS.size()));
            if (one.equals("lexicon:")) {
                one = "class:" + Letters.class.getName();
            }
            if (random.nextInt(3) == 0) {
                one = (random.nextInt(7) - 3) / 2.0 + "*" + one;
            }
            return RewardExpression.parse(random.nextInt(4) == 0 ? one + " + -1*count:o" : one);
        }
    }

    /** A reward that no automaton follows. */
    public static final class Letters implements dev.credence.core.evidence.RewardFunction {
        @Override
        public double reward(String prompt, String completion) {
            return completion.length() / 4.0 - 1;
        }
    }

    private static double value(RewardExpression reward, String text, int tokens) {
        return reward.reward("", text, tokens);
    }

    private static double[] completions(Pair pair) {
        Tokens tokens = Tokens.spelling();
        java.util.stream.DoubleStream.Builder all = java.util.stream.DoubleStream.builder();
        visit(new int[HORIZON], 0, (ids, length) -> {
            boolean ended = length < HORIZON;
            all.add(pair.truth.applyAsDouble(tokens.decode(ids, length), length + (ended ? 1 : 0)));
        });
        return all.build().toArray();
    }

    private interface Visitor {
        void visit(int[] ids, int length);
    }

    /** Each completion: ended below the horizon, cut at it. */
    private static void visit(int[] ids, int length, Visitor visitor) {
        visitor.visit(ids, length);
        if (length < HORIZON) {
            for (int token = 1; token < PIECES.length; token++) {
                ids[length] = token;
                visit(ids, length + 1, visitor);
            }
        }
    }

    /** {@return the least and the largest log-likelihood behind a prefix, each held against what was said of it} */
    private static double[] check(Pair pair, TokenEvidence evidence, Tokens tokens, int[] ids, int length) {
        String text = tokens.decode(ids, length);
        double[] range = {Double.POSITIVE_INFINITY, NONE};
        for (int token = 0; token < PIECES.length; token++) {
            ids[length] = token;
            double[] behind;
            boolean cut = token != END && length + 1 == HORIZON;
            if (token == END || cut) {
                int n = cut ? length + 1 : length;
                double truth = pair.truth.applyAsDouble(tokens.decode(ids, n), length + 1);
                double said = evidence.logLikelihood(ids, n, !cut);
                assertThat(said)
                        .as("%s of '%s'", pair.evidence.describe(), text)
                        .isEqualTo(truth);
                behind = new double[] {truth, truth};
            } else {
                behind = check(pair, evidence, tokens, ids, length + 1);
            }
            range[0] = Math.min(range[0], behind[0]);
            range[1] = Math.max(range[1], behind[1]);
        }
        LogBounds said = evidence.bounds(ids, length);
        assertThat(said.lower() <= range[0] && range[1] <= said.upper())
                .as("%s behind '%s' is in %s, bounds say %s", pair.evidence, text, Arrays.toString(range), said)
                .isTrue();
        return range;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void boundsHoldTheLogLikelihoodOfEveryCompletion(boolean isSpelled) {
        Tokens tokens = isSpelled ? Tokens.spelling() : new Tokens(Optional.empty());
        int decided = 0;
        for (int seed = 0; seed < COMBINATIONS; seed++) {
            Pair pair = new Source(seed).combination(2);
            TokenEvidence evidence = pair.evidence.on(tokens, "");
            check(pair, evidence, tokens, new int[HORIZON], 0);
            LogBounds behindLo = evidence.bounds(new int[] {1}, 1);
            decided += behindLo.equals(LogBounds.UNBOUNDED) ? 0 : 1;
        }
        assertThat(decided).as("combinations of which something is known").isGreaterThan(COMBINATIONS / 3);
    }

    @Test
    void boundsByAutomataAreAsTightAsTheRewards() {
        RewardExpression love = RewardExpression.parse("contains:love");
        Evidence both = Evidence.reward(love).atKl(0.5).and(Evidence.prompt("l"));
        TokenEvidence evidence = both.on(Tokens.spelling(), "");
        assertThat(evidence.unfollowed()).isEmpty();
        assertThat(evidence.bounds(new int[] {1, 2}, 2)).as("found").isEqualTo(new LogBounds(2, 2));
        assertThat(evidence.bounds(new int[] {1}, 1)).as("may come").isEqualTo(new LogBounds(0, 2));
        assertThat(evidence.bounds(new int[] {2}, 1)).as("began otherwise").isEqualTo(LogBounds.EXCLUDED);
        assertThat(Evidence.positive("love", love).on(Tokens.spelling(), "").bounds(new int[] {5, 5}, 2))
                .as("no room is left")
                .isEqualTo(LogBounds.EXCLUDED);
        assertThat(Evidence.positive("love", love)
                        .times(-1)
                        .on(Tokens.spelling(), "")
                        .bounds(new int[] {5, 5}, 2))
                .as("a negative copy of what is excluded has no finite log-likelihood")
                .isEqualTo(LogBounds.UNBOUNDED);
    }

    @Test
    void whatIsNotFollowedIsSaidOnce() {
        RewardExpression twice = RewardExpression.parse("regex:(l)\\1");
        Evidence both = Evidence.positive("a", twice).and(Evidence.reward(twice).times(2));
        assertThat(both.on(Tokens.spelling(), "").unfollowed())
                .singleElement()
                .asString()
                .startsWith("regex:(l)\\1: the pattern ");
        assertThat(both.times(0).on(Tokens.spelling(), "").unfollowed()).isEmpty();
        assertThat(Evidence.event("even", (p, text) -> true)
                        .on(Tokens.spelling(), "")
                        .unfollowed())
                .containsExactly("even: is asked of complete texts");
        assertThat(both.on(new Tokens(Optional.empty()), "").unfollowed())
                .containsExactly("the tokenizer does not spell texts token by token");
    }

    @Test
    void whatATextHasNotIsAnErrorOnTokensToo() {
        TokenEvidence field =
                Evidence.reward(RewardExpression.parse("field:x")).times(1).on(Tokens.spelling(), "");
        assertThatThrownBy(() -> field.logLikelihood(new int[] {1}, 1, true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("an enumerated text has no field x");
        TokenEvidence probability =
                Evidence.probability(RewardExpression.parse("2*contains:lo")).on(Tokens.spelling(), "");
        assertThatThrownBy(() -> probability.logLikelihood(new int[] {1}, 1, true))
                .hasMessage("reward of completion 'lo' is 2.0; an approval probability must be in [0, 1]");
        TokenEvidence promised = Evidence.reward(RewardExpression.parse("count:o"))
                .times(1)
                .bounded(0, 1)
                .on(Tokens.spelling(), "");
        assertThatThrownBy(() -> promised.logLikelihood(new int[] {1, 4}, 2, true))
                .hasMessage("log-likelihood of completion 'loo' is 2.0; it was promised to be in [0.0, 1.0]");
    }
}
