package dev.credence.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Completions kept as columns, sums over a trie with parts left out, and the small values of the package. */
class CompletionColumnsTest {
    /** The evidence of a completion: minus a tenth of its length, and one less where it was cut. */
    private static final TokenEvidence LENGTH = (tokens, length, finished) -> -0.1 * length - (finished ? 0 : 1);

    @Test
    void columnsKeepWhatWasVisitedPartByPart() {
        CompletionColumns.Collector first = CompletionColumns.collector(LENGTH, 2);
        CompletionColumns.Collector second = CompletionColumns.collector(LENGTH, 2);
        int[] tokens = {7, 8, 9};
        List<double[]> expected = new ArrayList<>();
        for (int i = 0; i < 2500; i++) { // the columns start with room for 1,024
            int length = i % 4;
            int end = i % 3 == 0 ? -1 : 2;
            CompletionColumns.Collector part = i < 1100 ? first : second;
            assertThat(part.enters(tokens, length, new double[] {0, 0})).isTrue();
            part.visit(tokens, length, end, new double[] {-i, -2.5 * i});
            expected.add(new double[] {-i, -2.5 * i, -0.1 * length - (end >= 0 ? 0 : 1), length + (end >= 0 ? 1 : 0)});
        }
        CompletionColumns columns = CompletionColumns.of(List.of(first, second));
        assertThat(columns.size()).isEqualTo(2500);
        for (int i = 0; i < 2500; i++) {
            double[] row = expected.get(i);
            assertThat(columns.logProbs()[0][i]).isEqualTo(row[0]);
            assertThat(columns.logProbs()[1][i]).isEqualTo(row[1]);
            assertThat(columns.logLikelihood()[i]).isCloseTo(row[2], within(1e-12));
            assertThat(columns.lengths()[i]).isEqualTo((int) row[3]);
        }
    }

    /** Says of the token 0 that it is impossible, of 1 that at most e^-3 and at least e^-5 follows, and nothing of 2. */
    private static final TokenEvidence BOUNDED = new TokenEvidence() {
        @Override
        public double logLikelihood(int[] tokens, int length, boolean finished) {
            return finished ? -2 : -4;
        }

        @Override
        public LogBounds bounds(int[] tokens, int length) {
            return switch (tokens[0]) {
                case 0 -> new LogBounds(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);
                case 1 -> new LogBounds(-5, -3);
                default -> LogBounds.UNBOUNDED;
            };
        }
    };

    @Test
    void whatIsCutFromASumIsBoundedAndCounted() {
        LogPartition.Sum one = LogPartition.sum(BOUNDED, -10);
        LogPartition.Sum two = LogPartition.sum(BOUNDED, -10);
        assertThat(one.enters(new int[] {0}, 1, new double[] {-1}))
                .as("impossible")
                .isFalse();
        assertThat(one.enters(new int[] {1}, 1, new double[] {-6}))
                .as("−9 may matter")
                .isTrue();
        assertThat(one.enters(new int[] {1}, 1, new double[] {-7}))
                .as("−10 does not")
                .isFalse();
        assertThat(two.enters(new int[] {1}, 1, new double[] {-8})).isFalse();
        assertThat(two.enters(new int[] {1}, 1, new double[] {Double.NEGATIVE_INFINITY}))
                .as("the model gives it nothing")
                .isFalse();
        assertThat(two.enters(new int[] {2}, 1, new double[] {-50}))
                .as("no bound")
                .isTrue();
        one.visit(new int[] {1}, 1, 5, new double[] {-1});
        two.visit(new int[] {1}, 1, -1, new double[] {-1.5});
        LogPartition sum = LogPartition.of(List.of(one, two));
        double visited = Math.exp(-3) + Math.exp(-5.5);
        assertThat(sum.lower()).isCloseTo(Math.log(visited + Math.exp(-12) + Math.exp(-13)), within(1e-14));
        assertThat(sum.upper()).isCloseTo(Math.log(visited + Math.exp(-10) + Math.exp(-11)), within(1e-14));
        assertThat(sum.cutMass()).isCloseTo(Math.exp(-7) + Math.exp(-8), within(1e-15));
        assertThat(sum.cut()).isEqualTo(2);
        assertThat(sum.seen()).isEqualTo(2);
    }

    @Test
    void evidenceIsUnboundedUnlessItSaysMore() {
        assertThat(LENGTH.bounds(new int[] {1}, 1)).isEqualTo(LogBounds.UNBOUNDED);
    }

    @Test
    void aContinuationIsPromptAndTokens() {
        assertThat(new Continuation(new int[] {1, 2, 3}, new int[] {4, 5}).whole())
                .containsExactly(1, 2, 3, 4, 5);
        assertThat(new Continuation(new int[] {1}, new int[0]).whole()).containsExactly(1);
        assertThatThrownBy(() -> new Continuation(new int[0], new int[] {1}))
                .hasMessage("prompt is empty; a model needs at least one token to predict from");
    }

    @Test
    void aSamplesLogProbabilitiesAreSums() {
        Sample sample = new Sample(new int[] {1, 2}, new double[] {-1, -.25}, new double[] {-.5, -.125}, true);
        assertThat(sample.logProb()).isEqualTo(-1.25);
        assertThat(sample.sampledLogProb()).isEqualTo(-.625);
    }

    @Test
    void aVocabularyKnowsItsIds() {
        Vocabulary vocabulary = new Vocabulary(5, Set.of(0, 4));
        vocabulary.check(new int[] {0, 4});
        assertThat(vocabulary.isEnd(4)).isTrue();
        assertThat(vocabulary.isEnd(3)).isFalse();
        assertThatThrownBy(() -> vocabulary.check(new int[] {1, 5})).hasMessage("token 1 is 5; ids are in [0, 5)");
        assertThatThrownBy(() -> vocabulary.check(new int[] {-1})).hasMessage("token 0 is -1; ids are in [0, 5)");
        assertThatThrownBy(() -> new Vocabulary(5, Set.of(5))).hasMessage("end token is 5; ids are in [0, 5)");
        assertThatThrownBy(() -> new Vocabulary(5, Set.of(-1))).hasMessage("end token is -1; ids are in [0, 5)");
        assertThatThrownBy(() -> new Vocabulary(0, Set.of()))
                .hasMessage("size is 0; a vocabulary needs at least one token");
    }

    @Test
    void samplingIsCheckedAtItsEdges() {
        Sampling widest = new Sampling(1, 1e-3, 1, 1, 1);
        assertThat(widest.minP()).isEqualTo(1);
        assertThat(Sampling.upTo(3).isPlain()).isTrue();
        assertThat(Sampling.upTo(3).withTopK(7).isTruncated()).isTrue();
        assertThat(Sampling.upTo(3).withTopP(.5).isTruncated()).isTrue();
        assertThat(Sampling.upTo(3).withMinP(.1).isTruncated()).isTrue();
        assertThat(Sampling.upTo(3).withTemperature(.5).isPlain()).isFalse();
        assertThatThrownBy(() -> Sampling.upTo(0)).hasMessage("maxNewTokens is 0; it must be at least 1");
        assertThatThrownBy(() -> widest.withTopK(0)).hasMessage("topK is 0; it must be at least 1");
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> widest.withTemperature(bad))
                    .hasMessage("temperature is " + bad + "; it must be finite and > 0");
        }
        for (double bad : new double[] {0, 1.001, Double.NaN}) {
            assertThatThrownBy(() -> widest.withTopP(bad)).hasMessage("topP is " + bad + "; it must be in (0, 1]");
        }
        for (double bad : new double[] {-.001, 1.001, Double.NaN}) {
            assertThatThrownBy(() -> widest.withMinP(bad)).hasMessage("minP is " + bad + "; it must be in [0, 1]");
        }
    }

    @Test
    void aTextThatIsTooLongSaysSo() {
        assertThat(new ContextWindowException(70, 64))
                .hasMessage("the text has 70 tokens; the model's context window is 64 (shorten the prompt or the"
                        + " completion; nothing is cut silently)");
    }
}
