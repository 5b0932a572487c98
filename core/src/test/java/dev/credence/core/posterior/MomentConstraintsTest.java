package dev.credence.core.posterior;

import static dev.credence.core.Vectors.EXACT;
import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import org.junit.jupiter.api.Test;

class MomentConstraintsTest {
    @Test
    void meetsTheMomentOfT21() {
        double[][] feature = {{0, 0, 1, 1}};
        MomentConstraints gdc = MomentConstraints.meet(TestWorlds.T1, feature, new double[] {.5});
        assertVector(gdc.lambda()[0], "T21.gdc", "lam");
        assertVector(Math.log(7 / 3.0), "T21.gdc", "closed");
        assertThat(gdc.lambda()[0]).isCloseTo(Math.log(7 / 3.0), within(EXACT));
        assertVector(gdc.posterior().probabilities(), "T21.gdc", "p");
        assertVector(gdc.kl(), "T21.gdc", "KL");
    }

    @Test
    void meetsSeveralMomentsAndIsNearest() {
        for (long seed = 0; seed < 200; seed++) {
            RandomWorld world = RandomWorld.of(seed);
            int n = world.prior().size();
            double[] square = new double[n];
            double[] first = new double[n];
            first[0] = 1;
            for (int i = 0; i < n; i++) {
                square[i] = world.rewards()[i] * world.rewards()[i];
            }
            double[][] features = {world.rewards(), square, first, world.rewards()}; // the last is collinear
            double[] moments = new double[4];
            for (int k = 0; k < 4; k++) {
                moments[k] = world.policy().expectation(features[k]);
            }
            MomentConstraints met = MomentConstraints.meet(world.prior(), features, moments);
            for (int k = 0; k < 4; k++) {
                assertThat(met.posterior().expectation(features[k]))
                        .as("seed %d, moment %d", seed, k)
                        .isCloseTo(moments[k], within(1e-10 * (1 + Math.abs(moments[k]))));
            }
            // Pythagoras: the policy meets the moments too, so it is further from the prior by its distance to the
            // projection.
            assertThat(Divergences.kl(world.policy(), world.prior()))
                    .as("seed %d", seed)
                    .isCloseTo(met.kl() + Divergences.kl(world.policy(), met.posterior()), within(1e-9));
        }
    }

    @Test
    void aConstraintAtAnExtremeIsAPredicate() {
        double[][] feature = {{0, 0, 1, 1}, {0, 1, 0, 1}};
        MomentConstraints met = MomentConstraints.meet(TestWorlds.T1, feature, new double[] {1, .5});
        assertThat(met.posterior().probabilities()).containsExactly(new double[] {0, 0, .5, .5}, within(EXACT));
        assertThat(met.lambda()[0]).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(met.lambda()[1]).isCloseTo(Math.log(2), within(EXACT));
        MomentConstraints all = MomentConstraints.meet(TestWorlds.T1, feature, new double[] {1, 0});
        assertThat(all.posterior().probabilities()).containsExactly(0, 0, 1, 0);
        assertThat(all.kl()).isCloseTo(-Math.log(.2), within(EXACT));
    }

    @Test
    void refusesWhatCannotBeMet() {
        assertThatThrownBy(() ->
                        MomentConstraints.meet(TestWorlds.T1, new double[][] {{0, 0, 1, 1}}, new double[] {1.1}))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining(
                        "moment 0 is 1.1; on what the prior and the other constraints allow, the feature lies in"
                                + " [0.0, 1.0]");
        assertThatThrownBy(() ->
                        MomentConstraints.meet(TestWorlds.T1, new double[][] {{0, 0, 1, 1}}, new double[] {Double.NaN}))
                .isInstanceOf(NoPosteriorException.class);
        double[][] opposed = {{0, 0, 1, 1}, {1, 1, 0, 0}};
        assertThatThrownBy(() -> MomentConstraints.meet(TestWorlds.T1, opposed, new double[] {.5, .6}))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("meets the moment constraints together");
        assertThatThrownBy(() -> MomentConstraints.meet(TestWorlds.T1, opposed, new double[] {1, 1}))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("lies in [0.0, 0.0]");
    }

    @Test
    void refusesBadSizes() {
        Distribution prior = TestWorlds.T1;
        assertThatThrownBy(() -> MomentConstraints.meet(prior, new double[1][4], new double[2]))
                .hasMessageContaining("1 features but 2 moments");
        assertThatThrownBy(() -> MomentConstraints.meet(prior, new double[1][3], new double[1]))
                .hasMessageContaining("feature 0 has 3 values for 4 outcomes");
        double[][] infinite = {{0, 1, 2, Double.POSITIVE_INFINITY}};
        assertThatThrownBy(() -> MomentConstraints.meet(prior, infinite, new double[1]))
                .hasMessageContaining("feature 0 has value Infinity");
    }
}
