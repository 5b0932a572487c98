package dev.credence.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.ContractOf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class KnownTextsTest {
    private static final double EXACT = 1e-12;
    private static final Vocabulary VOCABULARY = new Vocabulary(4, Set.of(0));
    private static final int[] BEGIN = {0};

    /** "1", "1 2", "3 1" behind the begin token, with probabilities .5, .3, .2. */
    private static KnownTexts texts() {
        return KnownTexts.of(
                VOCABULARY,
                List.of(new int[] {0, 1, 0}, new int[] {0, 1, 2, 0}, new int[] {0, 3, 1, 0}, new int[] {0, 3, 1, 0}),
                new double[] {Math.log(5), Math.log(3), Math.log(1.5), Math.log(.5)});
    }

    @Test
    void theNextTokenIsThatOfTheTextsThatBeginSo() {
        double[][] next = texts().nextLogProbs(List.of(BEGIN, new int[] {0, 1}, new int[] {0, 3}));
        assertThat(next[0]).usingComparatorWithPrecision(EXACT).contains(Math.log(.8), Math.log(.2));
        assertThat(next[0][0]).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(next[1][0]).isCloseTo(Math.log(.5 / .8), within(EXACT));
        assertThat(next[1][2]).isCloseTo(Math.log(.3 / .8), within(EXACT));
        assertThat(next[2][1]).isZero();
    }

    @Test
    void aTextHasItsProbability() {
        double[][] logProbs = texts().logProbs(List.of(
                new Continuation(BEGIN, new int[] {1, 2, 0}),
                new Continuation(BEGIN, new int[] {3, 1, 0}),
                new Continuation(BEGIN, new int[] {3, 2, 0})));
        assertThat(logProbs[0][0] + logProbs[0][1] + logProbs[0][2]).isCloseTo(Math.log(.3), within(EXACT));
        assertThat(logProbs[1][0] + logProbs[1][1] + logProbs[1][2]).isCloseTo(Math.log(.2), within(EXACT));
        assertThat(logProbs[2]).endsWith(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);
    }

    @Test
    void drawsHaveTheProbabilitiesOfTheTexts() {
        List<Sample> drawn = texts().sample(BEGIN, 20_000, Sampling.upTo(9), new SplittableRandom(7));
        double share = drawn.stream().filter(sample -> sample.tokens()[0] == 3).count() / 20_000.0;
        assertThat(share).isCloseTo(.2, within(4 * Math.sqrt(.2 * .8 / 20_000)));
        assertThat(drawn).allMatch(Sample::finished);
        assertThat(drawn)
                .allSatisfy(sample -> assertThat(sample.logProb())
                        .isCloseTo(
                                switch (sample.tokens().length) {
                                    case 2 -> Math.log(.5);
                                    default -> Math.log(sample.tokens()[0] == 1 ? .3 : .2);
                                },
                                within(EXACT)));
        List<Sample> fewer = texts().sample(BEGIN, 5, Sampling.upTo(1), new SplittableRandom(7));
        for (int i = 0; i < 5; i++) {
            assertThat(fewer.get(i).finished()).isFalse();
            assertThat(fewer.get(i).tokens()).startsWith(drawn.get(i).tokens()[0]);
        }
    }

    /** Texts of up to three of two letters: every prefix of letters is one that some text has. */
    @Nested
    @ContractOf("KnownTexts")
    class AsAModel extends PredictiveModelContract {
        @Override
        protected PredictiveModel model() {
            List<int[]> texts = new ArrayList<>();
            List<int[]> open = new ArrayList<>(List.of(BEGIN));
            for (int at = 0; at < open.size(); at++) {
                int[] prefix = open.get(at);
                texts.add(longer(prefix, 0));
                if (prefix.length <= horizon()) {
                    open.add(longer(prefix, 1));
                    open.add(longer(prefix, 2));
                }
            }
            double[] logWeights = new SplittableRandom(4)
                    .doubles(texts.size(), 0.1, 1)
                    .map(Math::log)
                    .toArray();
            return KnownTexts.of(new Vocabulary(3, Set.of(0)), texts, logWeights);
        }

        private int[] longer(int[] prefix, int token) {
            int[] longer = Arrays.copyOf(prefix, prefix.length + 1);
            longer[prefix.length] = token;
            return longer;
        }

        @Override
        protected List<int[]> prompts() {
            return List.of(BEGIN.clone());
        }

        @Override
        protected int horizon() {
            return 3;
        }
    }

    @Test
    void refusesWhatIsNoText() {
        assertThatThrownBy(() -> texts().nextLogProbs(List.of(new int[] {0, 2})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[0, 2]");
        assertThatThrownBy(() -> texts().nextLogProbs(List.of(new int[] {0, 1, 0})))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KnownTexts.of(VOCABULARY, List.of(new int[] {0, 1}), new double[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ends it");
        assertThatThrownBy(() -> KnownTexts.of(VOCABULARY, List.of(new int[] {1, 0, 1, 0}), new double[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("before its end");
        assertThatThrownBy(() ->
                        KnownTexts.of(VOCABULARY, List.of(new int[] {1, 0}), new double[] {Double.NEGATIVE_INFINITY}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("above zero");
    }
}
