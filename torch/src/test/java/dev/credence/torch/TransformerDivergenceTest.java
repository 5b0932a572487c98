package dev.credence.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.CompletionVisitor;
import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.NaiveTokenDivergence;
import dev.credence.core.model.NaiveTrie;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.TokenDivergence;
import dev.credence.torch.architecture.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TransformerDivergenceTest {
    private static final int[] PROMPT = {3, 5};

    private static List<Continuation> drawn(Transformer policy, int n) {
        List<Continuation> texts = new ArrayList<>();
        for (Sample sample : policy.sample(PROMPT, n, Sampling.upTo(9), new SplittableRandom(7))) {
            texts.add(new Continuation(PROMPT, sample.tokens()));
        }
        return texts;
    }

    @ParameterizedTest
    @CsvSource({"FLOAT64, 1, 1e-12", "FLOAT64, 3, 1e-12", "FLOAT32, 2, 2e-5"})
    void isWhatEveryPrefixAskedAnewGives(Precision precision, int threads, double tolerance) {
        try (Transformer prior = RandomModels.of(RandomModels.grouped(), 1, precision, threads);
                Transformer policy = RandomModels.of(RandomModels.learned(), 2, precision, threads)) {
            List<Continuation> texts = drawn(policy, 300);
            texts.add(new Continuation(PROMPT, new int[0])); // says nothing
            texts.add(new Continuation(new int[] {1}, new int[] {2, 0}));
            List<TokenDivergence.Of> fast = new TransformerDivergence(prior, policy).of(texts);
            List<TokenDivergence.Of> naive = new NaiveTokenDivergence(prior, policy).of(texts);
            assertThat(fast).hasSameSizeAs(naive);
            for (int i = 0; i < fast.size(); i++) {
                assertThat(fast.get(i).logPrior()).isCloseTo(naive.get(i).logPrior(), within(tolerance));
                assertThat(fast.get(i).logPolicy()).isCloseTo(naive.get(i).logPolicy(), within(tolerance));
                assertThat(fast.get(i).kl()).isCloseTo(naive.get(i).kl(), within(tolerance));
            }
            assertThat(fast.get(300)).isEqualTo(new TokenDivergence.Of(0, 0, 0));
        }
    }

    /** Over all texts, each weighted by its probability: no draws, no interval. */
    @Test
    void itsMeanIsTheExactDivergenceAndItsVarianceNoMoreThanTheLogRatios() {
        try (Transformer prior = RandomModels.of(RandomModels.parallel(), 3, Precision.FLOAT64, 1);
                Transformer policy = RandomModels.of(RandomModels.learned(), 4, Precision.FLOAT64, 1)) {
            List<Continuation> texts = new ArrayList<>();
            new NaiveTrie(List.of(prior, policy)).walk(PROMPT, 4, new CompletionVisitor() {
                @Override
                public boolean enters(int[] tokens, int length, double[] logProbs) {
                    return true;
                }

                @Override
                public void visit(int[] tokens, int length, int end, double[] logProbs) {
                    int[] whole = Arrays.copyOf(tokens, end >= 0 ? length + 1 : length);
                    whole[whole.length - 1] = end >= 0 ? end : whole[whole.length - 1];
                    texts.add(new Continuation(PROMPT, whole));
                }
            });
            double exact = 0;
            double square = 0;
            double mean = 0;
            double meanSquare = 0;
            for (TokenDivergence.Of text : new TransformerDivergence(prior, policy).of(texts)) {
                double probability = Math.exp(text.logPolicy());
                double logRatio = text.logPolicy() - text.logPrior();
                exact += probability * logRatio;
                square += probability * logRatio * logRatio;
                mean += probability * text.kl();
                meanSquare += probability * text.kl() * text.kl();
            }
            assertThat(mean).isCloseTo(exact, within(1e-12)).isGreaterThan(0.01);
            assertThat(meanSquare - mean * mean).isLessThan(square - exact * exact);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FLOAT32", "FLOAT64"})
    void isZeroOfAModelAgainstItself(Precision precision) {
        try (Transformer model = RandomModels.of(RandomModels.parallel(), 5, precision, 1)) {
            new TransformerDivergence(model, model)
                    .of(drawn(model, 50))
                    .forEach(text -> assertThat(text.kl()).isZero());
        }
    }

    @Test
    void refusesWhatAModelCannotRead() {
        try (Transformer model = RandomModels.of(RandomModels.parallel(), 5, Precision.FLOAT32, 1)) {
            TokenDivergence divergence = new TransformerDivergence(model, model);
            assertThatThrownBy(() -> divergence.of(List.of(new Continuation(PROMPT, new int[12]))))
                    .isInstanceOf(ContextWindowException.class);
            assertThatThrownBy(() -> divergence.of(List.of(new Continuation(PROMPT, new int[] {7}))))
                    .hasMessage("token 0 is 7; ids are in [0, 7)");
        }
    }
}
