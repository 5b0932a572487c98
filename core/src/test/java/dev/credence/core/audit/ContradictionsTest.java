package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContradictionsTest {
    /** The mixture says 1 [0.8, 1.2]. */
    @ParameterizedTest
    @CsvSource({
        "1.1, 1.3, 1.5, PASS",
        "1.3, 1.4, 1.5, WARN",
        "0.5, 0.6, 0.7, WARN",
        "1.4, 1.4, 1.4, PASS",
        "1.23, 1.4, 1.57, PASS",
        "0.44, 0.6, 0.76, PASS"
    })
    void intervalsContradictWhereThePlainOneOf99PercentDoesToo(
            double lower, double estimate, double upper, Gate.Status status) {
        Gate passed = new Gate("two_estimates", Gate.Status.PASS, 0, "they agree", List.of());
        Gate weighed = Contradictions.weigh(
                passed,
                Map.of(
                        "kl.policy_prior", finding("kl.policy_prior", 0.8, 1, 1.2),
                        "kl.policy_prior.sampled", finding("kl.policy_prior.sampled", lower, estimate, upper)));
        assertThat(weighed.status()).isEqualTo(status);
    }

    private static Finding finding(String id, double lower, double estimate, double upper) {
        return new Finding(id, "?", lower, estimate, upper, Grade.ESTIMATED, "nats", "influence", null);
    }
}
