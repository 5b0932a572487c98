package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.Credence;
import dev.credence.methods.BestOfN;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a plan refuses before a model is loaded. */
class ConditioningPlanTest {
    private static final ConditioningPlan PLAN = ConditioningPlan.of("base", "prompts.txt", "count:[aeiou]");

    @ParameterizedTest
    @ValueSource(doubles = {-0.5, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void coefficientsOutOfRangeAreNamed(double beta) {
        String message = "beta is " + beta + "; it must be a finite number, 0 or larger";
        assertThatThrownBy(() -> PLAN.atKl(beta))
                .isInstanceOf(InputException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> Credence.condition(Credence.world("t1"), null, beta, BestOfN.of(4)))
                .isInstanceOf(InputException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void textsAreCutBehindTheFirstTokenAtTheEarliest(int horizon) {
        assertThatThrownBy(() -> PLAN.upTo(horizon))
                .isInstanceOf(InputException.class)
                .hasMessage("horizon is " + horizon + "; it must be a whole number of at least 1");
    }

    @Test
    void theLimitsThemselvesAreAllowed() {
        assertThat(PLAN.atKl(0).upTo(1).beta()).isZero();
    }
}
