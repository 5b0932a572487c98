package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.model.Vocabulary;
import dev.credence.core.provenance.InputException;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which tokens tell a quantile. */
class QuantileTokensTest {
    @Test
    void theBestIsToldByNoneTheOthersByAnEndAndALowestIdEach() {
        Vocabulary vocabulary = new Vocabulary(6, Set.of(1, 4));
        assertThat(QuantileTokens.of(vocabulary, 0)).isEmpty();
        assertThat(QuantileTokens.of(vocabulary, 1)).containsExactly(1, 0);
        assertThat(QuantileTokens.of(vocabulary, 2)).containsExactly(1, 2);
        assertThat(QuantileTokens.of(vocabulary, 4)).containsExactly(1, 5);
        assertThatThrownBy(() -> QuantileTokens.of(vocabulary, 5))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "quantiles is 6; all but the best need a token that ends no text; the model has them for 5");
        assertThatThrownBy(() -> QuantileTokens.of(new Vocabulary(3, Set.of()), 1))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "quantiles is 2; all but the best are told behind a token that ends a text; the model has none");
        assertThat(QuantileTokens.of(new Vocabulary(3, Set.of()), 0)).isEmpty();
    }
}
