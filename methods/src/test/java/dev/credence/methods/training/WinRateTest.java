package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.ContractOf;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardLikelihoodContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** IPO's evidence is a likelihood of rewards as any other. */
@ContractOf("WinRate")
class WinRateTest extends RewardLikelihoodContract {
    @Override
    protected Stream<RewardLikelihood> likelihoods() {
        return Stream.of(new WinRate(1), new WinRate(0.3), new WinRate(20));
    }

    /** It loses to every other, and is no text to learn from. */
    @Test
    void anInadmissibleTextIsExcluded() {
        double[] found = new WinRate(2)
                .logLikelihoods(new double[] {Double.NEGATIVE_INFINITY, 1, 1}, new double[] {0.5, 0.25, 0.25});
        assertThat(found).containsExactly(Double.NEGATIVE_INFINITY, 1.5, 1.5); // a half won, a half even
    }
}
