package dev.credence.core.diagnostics;

import static dev.credence.core.diagnostics.Examples.POLICY;
import static dev.credence.core.diagnostics.Examples.PRIOR;
import static dev.credence.core.diagnostics.Examples.posterior;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.Vectors;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ForwardKlTest {
    private static final double[] EVIDENCE = Examples.evidence(1);
    private static final double[] RATIOS = Examples.logRatios(POLICY);

    @Test
    void isTheKlOfTheSheetWithItsBias() {
        ForwardKl kl = ForwardKl.exact(PRIOR, EVIDENCE, RATIOS);
        Vectors.assertVector(kl.value(), "T6.fwdKL_true");
        Vectors.assertVector(kl.biasCoefficient(), "T6.snis_bias_coeff");
        double direct = 0;
        for (int i = 0; i < 4; i++) {
            direct += posterior(1).probability(i) * (posterior(1).logProbability(i) - POLICY.logProbability(i));
        }
        assertThat(kl.value()).isCloseTo(direct, within(Vectors.EXACT));
    }

    @Test
    void estimatesScatterAndMissAsItSays() {
        ForwardKl truth = ForwardKl.exact(PRIOR, EVIDENCE, RATIOS);
        SplittableRandom random = new SplittableRandom(3);
        RunningMean estimates = new RunningMean();
        int draws = 100;
        double[] evidence = new double[draws];
        double[] ratios = new double[draws];
        for (int repetition = 0; repetition < 20_000; repetition++) {
            for (int i = 0; i < draws; i++) {
                int x = PRIOR.sample(random);
                evidence[i] = EVIDENCE[x];
                ratios[i] = RATIOS[x];
            }
            estimates.add(ForwardKl.estimate(evidence, ratios).value());
        }
        SampleMean result = estimates.result();
        assertThat(truth.bias(draws)).isCloseTo(0.0040089853, within(1e-9));
        assertThat(result.mean() - truth.value())
                .isCloseTo(truth.bias(draws), within(4 * result.standardError()))
                .isNotCloseTo(0, within(4 * result.standardError()));
        assertThat(Math.sqrt(result.variance())).isCloseTo(truth.standardError(draws), within(0.005));
    }

    @Test
    void doesNotDependOnAConstantInTheEvidence() {
        ForwardKl kl = ForwardKl.exact(PRIOR, EVIDENCE, RATIOS);
        double[] shifted = Arrays.stream(EVIDENCE).map(e -> e - 5000).toArray();
        ForwardKl same = ForwardKl.exact(PRIOR, shifted, RATIOS);
        assertThat(same.value()).isCloseTo(kl.value(), within(1e-9));
        assertThat(same.biasCoefficient()).isCloseTo(kl.biasCoefficient(), within(1e-9));
        assertThat(same.scatter()).isCloseTo(kl.scatter(), within(1e-9));
    }

    @Test
    void isZeroForThePosteriorAndInfiniteForAPolicyThatMissesSomeOfIt() {
        ForwardKl exact = ForwardKl.exact(PRIOR, EVIDENCE, Examples.logRatios(posterior(1)));
        assertThat(exact.value()).isCloseTo(0, within(1e-12));
        // The estimate is then log Z − log Ẑ, which scatters as the weights do: by √χ².
        assertThat(exact.scatter()).isCloseTo(Math.sqrt(Vectors.number("T1b", "chi2")), within(1e-8));
        double[] missing = RATIOS.clone();
        missing[2] = Double.NEGATIVE_INFINITY;
        assertThat(ForwardKl.exact(PRIOR, EVIDENCE, missing).value()).isEqualTo(Double.POSITIVE_INFINITY);
        double[] ruledOut = EVIDENCE.clone();
        ruledOut[2] = Double.NEGATIVE_INFINITY; // then it is not missed
        assertThat(ForwardKl.exact(PRIOR, ruledOut, missing).value()).isFinite();
    }

    @Test
    void refusesWhatHasNoAnswer() {
        assertThatThrownBy(() -> ForwardKl.estimate(new double[2], new double[3]))
                .hasMessage("2 evidences and 3 log-ratios for 2 outcomes; there must be as many of each");
        assertThatThrownBy(() -> ForwardKl.estimate(new double[0], new double[0]))
                .hasMessageContaining("0 evidences");
        assertThatThrownBy(() -> ForwardKl.estimate(new double[] {Double.NaN}, new double[1]))
                .hasMessage("evidence 0 is NaN; it must be a number below infinity");
        assertThatThrownBy(() -> ForwardKl.estimate(new double[1], new double[] {Double.NaN}))
                .hasMessage("log-ratio 0 is NaN; it must be a number below infinity");
        assertThatThrownBy(() -> ForwardKl.estimate(new double[] {Double.NEGATIVE_INFINITY}, new double[1]))
                .hasMessage("the evidence rules out every outcome: there is no posterior");
    }
}
