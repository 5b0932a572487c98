package dev.credence.torch.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.NotFiniteException;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.TokenDraw;
import dev.credence.torch.Backend;
import dev.credence.torch.tensors.Native;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A draw from blocks is the draw from all logits. */
class LogitBlocksTest {
    private static final int ROWS = 40;

    private final Backend backend = Backend.shared(); // loads libtorch
    private final SplittableRandom random = new SplittableRandom(3);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64, 65, 1000, 5000})
    void tokensAndTheirLogProbabilitiesAreThose(int vocabulary) {
        Sampling plain = Sampling.upTo(1);
        TokenDraw here = new TokenDraw(plain, vocabulary);
        TokenDraw there = new TokenDraw(plain, vocabulary);
        assertThat(backend.choice().threads()).isPositive();
        assertThat(there.isByBlocks()).isTrue();
        float[] numbers = new float[ROWS * vocabulary];
        double[] logits = new double[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextGaussian(0, 3);
            logits[i] = i % 7 == 3 && vocabulary > 1 ? Double.NEGATIVE_INFINITY : numbers[i];
        }
        Native.infer(() -> {
            Tensor rows = Native.doubles(logits, ROWS, vocabulary).to(ScalarType.Float);
            LogitBlocks blocks = LogitBlocks.of(rows);
            for (int row = 0; row < ROWS; row++) {
                int token = here.draw(logits, row * vocabulary, TokenDraw.uniforms(1, row, 0));
                RandomGenerator uniforms = TokenDraw.uniforms(1, row, 0);
                TokenDraw.Begun begun = there.begin(blocks.masses(), row * blocks.each(), blocks.max()[row], uniforms);
                double[] own = blocks.logits(new int[] {row * blocks.each() + begun.block()});
                assertThat(there.finish(begun, own, 0, uniforms)).isEqualTo(token);
                assertThat(there.logProb()).isCloseTo(here.logProb(), within(1e-12));
                assertThat(there.sampledLogProb()).isEqualTo(there.logProb());
                assertThat(there.isDecided()).isEqualTo(here.isDecided());
            }
            return blocks;
        });
    }

    @Test
    void whatIsNotANumberIsRefused() {
        double[] logits = {0, Double.NaN, 1};
        assertThatThrownBy(() -> Native.infer(() -> {
                    LogitBlocks blocks = LogitBlocks.of(Native.doubles(logits, 1, 3));
                    return new TokenDraw(Sampling.upTo(1), 3)
                            .begin(blocks.masses(), 0, blocks.max()[0], TokenDraw.uniforms(1, 0, 0));
                }))
                .isInstanceOf(NotFiniteException.class)
                .hasMessageContaining("the largest logit is NaN");
    }
}
