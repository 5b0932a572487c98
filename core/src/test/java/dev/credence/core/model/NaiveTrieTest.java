package dev.credence.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Coins that end with probability ½, else show 1 or 2: everything about them is known in closed form. */
class NaiveTrieTest {
    /** One nat a 1. */
    private static final TokenEvidence ONES = new TokenEvidence() {
        @Override
        public double logLikelihood(int[] tokens, int length, boolean finished) {
            int ones = 0;
            for (int i = 0; i < length; i++) {
                ones += tokens[i] == 1 ? 1 : 0;
            }
            return ones;
        }

        @Override
        public LogBounds bounds(int[] tokens, int length) {
            return new LogBounds(
                    logLikelihood(tokens, length, false), logLikelihood(tokens, length, false) + 3 - length);
        }
    };

    @Test
    void sumsToTheClosedForm() {
        LogPartition.Sum sum = LogPartition.sum(ONES, Double.NEGATIVE_INFINITY);
        new NaiveTrie(List.of(new Coin(0.25))).walk(new int[] {0}, 3, sum);
        double step = 0.25 * Math.E + 0.25;
        double z = 0.5 * (1 + step + step * step) + step * step * step;
        LogPartition all = LogPartition.of(List.of(sum));
        assertThat(all.lower()).isCloseTo(Math.log(z), within(1e-12));
        assertThat(all.upper()).isEqualTo(all.lower());
        assertThat(all.seen()).isEqualTo(1 + 2 + 4 + 8);
        LogPartition.Sum pruned = LogPartition.sum(ONES, Math.log(0.4));
        new NaiveTrie(List.of(new Coin(0.25))).walk(new int[] {0}, 3, pruned);
        LogPartition cut = LogPartition.of(List.of(pruned));
        assertThat(cut.lower()).isLessThan(Math.log(z));
        assertThat(cut.upper()).isGreaterThan(Math.log(z));
        assertThat(cut.seen()).isLessThan(15);
        assertThat(cut.cut()).isPositive();
    }

    @Test
    void comparesPolicyPriorAndPosterior() {
        // 1 has probability p and 2 the rest of ½: tilting by e for each 1, cut at one token, is a policy of this kind.
        double odds = Math.E;
        double z = 0.5 + 0.25 * odds + 0.25;
        Coin prior = new Coin(0.25);
        CompletionColumns.Collector columns = CompletionColumns.collector(ONES, 2);
        new NaiveTrie(List.of(prior, new Coin(0.4))).walk(new int[] {0}, 1, columns);
        ExactComparison figures = ExactComparison.of(CompletionColumns.of(List.of(columns)));
        assertThat(figures.logPartition()).isCloseTo(Math.log(z), within(1e-12));
        assertThat(figures.policyFromPrior())
                .isCloseTo(0.4 * Math.log(0.4 / 0.25) + 0.1 * Math.log(0.1 / 0.25), within(1e-12));
        assertThat(figures.priorFromPolicy())
                .isCloseTo(0.25 * Math.log(0.25 / 0.4) + 0.25 * Math.log(0.25 / 0.1), within(1e-12));
        assertThat(figures.posteriorFromPrior()).isCloseTo(0.25 * odds / z - Math.log(z), within(1e-12));
        assertThat(figures.policyFromPosterior())
                .isCloseTo(figures.policyFromPrior() - 0.4 + Math.log(z), within(1e-12));
        double one = 0.25 * odds / z;
        assertThat(figures.posteriorFromPolicy())
                .isCloseTo(
                        one * Math.log(one / 0.4) + 0.25 / z * Math.log(0.25 / z / 0.1) + 0.5 / z * Math.log(1 / z),
                        within(1e-12));
    }

    @Test
    void refusesModelsThatDoNotFit() {
        assertThatThrownBy(() -> new NaiveTrie(List.of())).hasMessageStartingWith("models is empty");
        assertThatThrownBy(() -> new NaiveTrie(List.of(new Coin(0.25))).walk(new int[] {0}, 0, null))
                .hasMessage("horizon is 0; it must be at least 1");
        assertThatThrownBy(() -> new Vocabulary(0, Set.of())).hasMessageStartingWith("size is 0");
        assertThatThrownBy(() -> new Vocabulary(3, Set.of(3))).hasMessage("end token is 3; ids are in [0, 3)");
        assertThatThrownBy(() -> new Continuation(new int[0], new int[1])).hasMessageStartingWith("prompt is empty");
    }

    /** Ends (0) with ½; shows 1 with p, 2 with ½ − p. */
    private record Coin(double one) implements PredictiveModel {
        @Override
        public Vocabulary vocabulary() {
            return new Vocabulary(3, Set.of(0));
        }

        @Override
        public double[][] nextLogProbs(List<int[]> prefixes) {
            double[][] next = new double[prefixes.size()][];
            java.util.Arrays.setAll(next, i -> new double[] {Math.log(0.5), Math.log(one), Math.log(0.5 - one)});
            return next;
        }

        @Override
        public double[][] logProbs(List<Continuation> continuations) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
            throw new UnsupportedOperationException();
        }
    }
}
