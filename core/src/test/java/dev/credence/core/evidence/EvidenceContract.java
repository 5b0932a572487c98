package dev.credence.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.ContractOf;
import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What all evidence must do: it is a log-likelihood of each text, one by one as all together, on texts as on tokens; what it
 * says of a beginning holds for every text that begins so; and it adds and scales as log-likelihoods do. A test of
 * implementations inherits it. Texts are all of up to three letters, an end among them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EvidenceContract {
    /** The prompt that texts are behind. */
    protected static final String PROMPT = "p";

    /** All texts of up to three of the letters a, b and c. */
    protected static final List<String> TEXTS = texts();

    private static final double NONE = Double.NEGATIVE_INFINITY;
    private static final double EXACT = 1e-9;
    private static final int LONGEST = 3;
    private static final String LETTERS = "?abc"; // by token; 0 ends a text

    /** {@return the evidence, each about all {@link #TEXTS} behind {@link #PROMPT}, and no negative copies of events} */
    protected abstract Stream<Evidence> evidence();

    /** {@return a prior of all texts, the longer the rarer} */
    protected static TableModel prior() {
        double[] logWeights = TEXTS.stream()
                .mapToDouble(text -> -text.length() - 0.1 * TEXTS.indexOf(text))
                .toArray();
        return TableModel.of(Map.of(PROMPT, Distribution.ofLogWeights(TEXTS, logWeights)));
    }

    @Test
    final void theTestNamesWhatItIsAbout() {
        ContractOf.Check.namesAre(getClass(), evidence());
    }

    @ParameterizedTest
    @MethodSource("evidence")
    final void isNatsBelowInfinity(Evidence evidence) {
        assertThat(evidence.describe()).isNotBlank();
        double[] found = of(evidence);
        assertThat(Arrays.stream(found).allMatch(nats -> nats < Double.POSITIVE_INFINITY)) // NaN is not
                .as(Arrays.toString(found))
                .isTrue();
        assertThat(of(evidence)).as("asked again").containsExactly(found);
        Distribution all = Distribution.uniform(TEXTS);
        assertThat(evidence.logLikelihoods(PROMPT, all)).containsExactly(found);
    }

    /** Several copies of a probability are one; a reward's, or negative ones, are not. */
    @ParameterizedTest
    @MethodSource("evidence")
    final void whatIsCalledAProbabilityIsNotAboveOne(Evidence evidence) {
        for (Evidence one : compounds(evidence)) {
            if (one.rewardType() == RewardType.LOG_PROBABILITY) {
                assertThat(Arrays.stream(of(one)).max().orElseThrow())
                        .as(one.describe())
                        .isLessThanOrEqualTo(1e-12);
            }
        }
        assertThat(evidence.times(-1).rewardType()).isEqualTo(RewardType.SCORE);
        assertThat(evidence.times(1).rewardType()).isEqualTo(evidence.rewardType());
        assertThat(evidence.bounded(NONE, Double.POSITIVE_INFINITY).rewardType())
                .isEqualTo(evidence.rewardType());
    }

    @ParameterizedTest
    @MethodSource("evidence")
    final void boundsHoldForEveryTextThatBeginsSo(Evidence evidence) {
        for (Evidence one : compounds(evidence)) {
            for (String prefix : TEXTS) {
                LogBounds bounds = one.bounds(PROMPT, prefix);
                for (String text : TEXTS) {
                    if (text.startsWith(prefix)) {
                        assertThat(bounds.contains(one.logLikelihood(PROMPT, text)))
                                .as("%s: '%s' behind '%s' within %s", one.describe(), text, prefix, bounds)
                                .isTrue();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("evidence")
    final void saysOnTokensWhatItSaysOnTexts(Evidence evidence) {
        for (TextTokens tokens : List.of(new Letters(true), new Letters(false))) {
            for (Evidence one : compounds(evidence)) {
                TokenEvidence on = one.on(tokens, PROMPT);
                assertThat(on.unfollowed()).doesNotContainNull();
                for (String text : TEXTS) {
                    int[] ids = ids(text);
                    double expected = one.logLikelihood(PROMPT, text);
                    double found = on.logLikelihood(ids, text.length(), text.length() < LONGEST);
                    same(found, expected);
                    int counted = text.length() + (text.length() < LONGEST ? 1 : 0);
                    same(one.logLikelihood(PROMPT, text, counted), expected);
                    for (int length = 0; length <= text.length() && length < LONGEST; length++) {
                        assertThat(on.bounds(ids, length).contains(found))
                                .as("%s: '%s' behind %d letters", one.describe(), text, length)
                                .isTrue();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("evidence")
    final void addsAsLogLikelihoodsDo(Evidence evidence) {
        Evidence letters = Evidence.reward((prompt, text) -> 0.3 * text.length() - text.indexOf('b'))
                .times(1);
        Evidence begins = Evidence.prompt("a");
        double[] own = of(evidence);
        double[] more = of(letters);
        double[] both = of(evidence.and(letters));
        for (int i = 0; i < both.length; i++) {
            same(both[i], own[i] + more[i]);
        }
        same(of(letters.and(evidence)), both);
        same(of(evidence.and(letters).and(begins)), of(evidence.and(letters.and(begins))));
        same(of(evidence.and(Evidence.prompt(""))), own);
        double[] begun = of(evidence.and(begins));
        for (int i = 0; i < begun.length; i++) {
            same(begun[i], TEXTS.get(i).startsWith("a") ? own[i] : NONE);
        }
    }

    @ParameterizedTest
    @MethodSource("evidence")
    final void scalesAsLogLikelihoodsDo(Evidence evidence) {
        Evidence letters = Evidence.reward((prompt, text) -> text.length()).times(0.3);
        double[] own = of(evidence);
        same(of(evidence.times(1)), own);
        same(of(evidence.times(0)), new double[own.length]);
        assertThat(evidence.times(0).bounds(PROMPT, "b")).isEqualTo(new LogBounds(0, 0));
        same(of(evidence.times(2)), of(evidence.and(evidence)));
        same(of(evidence.times(2.5).times(0.4)), own);
        same(of(evidence.and(letters).times(1.5)), of(evidence.times(1.5).and(letters.times(1.5))));
        same(of(evidence.times(0.25).and(evidence.times(0.75))), own);
        assertThatThrownBy(() -> evidence.times(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("n is NaN; copies must be a finite number");
    }

    @ParameterizedTest
    @MethodSource("evidence")
    final void aPromiseChangesNothingAndIsHeldAgainstEveryText(Evidence evidence) {
        double[] own = of(evidence);
        double least = Arrays.stream(own).min().orElseThrow();
        double most = Arrays.stream(own).max().orElseThrow();
        Evidence promised = evidence.bounded(least, most);
        assertThat(of(promised)).containsExactly(own);
        assertThat(promised.describe()).isEqualTo(evidence.describe());
        LogBounds bounds = promised.bounds(PROMPT, "");
        assertThat(bounds.lower()).isGreaterThanOrEqualTo(least);
        assertThat(bounds.upper()).isLessThanOrEqualTo(most);
        if (most > NONE) {
            Evidence broken = evidence.bounded(NONE, most - 1);
            assertThatThrownBy(() -> of(broken))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("it was promised to be in [-Infinity, " + (most - 1) + "]");
        }
        assertThatThrownBy(() -> evidence.bounded(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** The evidence itself, and combined with other. */
    private static List<Evidence> compounds(Evidence evidence) {
        double[] own = of(evidence);
        double least = Arrays.stream(own).min().orElseThrow();
        double most = Arrays.stream(own).max().orElseThrow();
        List<Evidence> compounds = new ArrayList<>(List.of(
                evidence,
                evidence.times(2.5),
                evidence.times(0),
                evidence.and(Evidence.prompt("ab")),
                Evidence.event("no c", (prompt, text) -> text.indexOf('c') < 0)
                        .and(evidence)
                        .times(0.5),
                evidence.bounded(least, most),
                evidence.bounded(least, most).times(2).and(evidence)));
        if (least > NONE) {
            compounds.add(evidence.times(-0.5));
            compounds.add(evidence.times(-1).bounded(-most, -least).and(Evidence.prompt("b")));
        }
        return compounds;
    }

    private static double[] of(Evidence evidence) {
        return TEXTS.stream()
                .mapToDouble(text -> evidence.logLikelihood(PROMPT, text))
                .toArray();
    }

    private static void same(double[] found, double[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            same(found[i], expected[i]);
        }
    }

    private static void same(double found, double expected) {
        if (Double.isInfinite(expected)) {
            assertThat(found).isEqualTo(expected);
        } else {
            assertThat(found).isCloseTo(expected, within(EXACT));
        }
    }

    private static int[] ids(String text) {
        return Arrays.copyOf(text.chars().map(LETTERS::indexOf).toArray(), LONGEST);
    }

    private static List<String> texts() {
        List<String> texts = new ArrayList<>(List.of(""));
        for (int from = 0; texts.get(from).length() < LONGEST; from++) {
            for (String letter : List.of("a", "b", "c")) {
                texts.add(texts.get(from) + letter);
            }
        }
        return List.copyOf(texts);
    }

    /**
     * A token a letter.
     *
     * @param areSpelled whether it is known that texts are their tokens one after the other
     */
    private record Letters(boolean areSpelled) implements TextTokens {
        @Override
        public String decode(int[] tokens, int length) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < length; i++) {
                text.append(LETTERS.charAt(tokens[i]));
            }
            return text.toString();
        }

        @Override
        public Optional<TokenTexts> spelled() {
            byte[] @Nullable [] pieces = new byte[LETTERS.length()][];
            for (int token = 1; token < pieces.length; token++) {
                pieces[token] = LETTERS.substring(token, token + 1).getBytes(StandardCharsets.UTF_8);
            }
            return areSpelled ? Optional.of(new TokenTexts(pieces)) : Optional.empty();
        }

        @Override
        public int horizon() {
            return LONGEST;
        }
    }
}
