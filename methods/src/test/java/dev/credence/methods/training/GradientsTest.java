package dev.credence.methods.training;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every objective's weights are the gradient that they are meant to be. */
class GradientsTest {
    private static final double BETA = 0.7;

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "LOSS_K1, \"G.k1_in_loss\"",
                "LOSS_K2, \"G.k2_in_loss\"",
                "LOSS_K2, \"G.grad_KL(pi||p0)\"",
                "LOSS_K3_RATIO, \"G.grad_KL(pi||p0)\"",
                "REWARD_K1, \"G.grad_KL(pi||p0)\"",
                "LOSS_K3, \"G.k3_in_loss\"",
                "LOSS_K3, \"G.grad_KL(p0||pi)\"",
                "REWARD_K3, \"G.k3_in_reward\""
            })
    void penaltiesHaveTheGradientsOfTheSheet(KlPlacement placement, String key) {
        Distribution policy = TestWorlds.distribution(.05, .10, .60, .25);
        double[] gradient = gradient(TestWorlds.T1, policy, new double[4], Surrogate.plain(placement, 1));
        assertVector(Arrays.stream(gradient).map(g -> -g).toArray(), key);
    }

    static Stream<Arguments> objectives() {
        return LongStream.range(0, 12).boxed().flatMap(seed -> {
            RandomWorld world = RandomWorld.of(seed);
            Distribution prior = world.prior();
            Function<Distribution, Double> reward = p -> p.expectation(world.rewards());
            Function<Distribution, Double> reverse = p -> reward.apply(p) - BETA * Divergences.kl(p, prior);
            Function<Distribution, Double> forward = p -> reward.apply(p) - BETA * Divergences.kl(prior, p);
            return Stream.of(
                    Arguments.of(world, Surrogate.plain(KlPlacement.REWARD_K1, BETA), reverse),
                    Arguments.of(world, Surrogate.plain(KlPlacement.LOSS_K2, BETA), reverse),
                    Arguments.of(world, Surrogate.plain(KlPlacement.LOSS_K3_RATIO, BETA), reverse),
                    Arguments.of(world, Surrogate.plain(KlPlacement.LOSS_K3, BETA), forward),
                    Arguments.of(world, Surrogate.plain(KlPlacement.LOSS_K1, BETA), reward),
                    Arguments.of(world, Surrogate.plain(KlPlacement.NONE, BETA), reward),
                    Arguments.of(world, baseline(Surrogate.Baseline.NONE), reverse),
                    Arguments.of(world, baseline(Surrogate.Baseline.BATCH_MEAN), reverse),
                    Arguments.of(world, baseline(Surrogate.Baseline.GROUP_MEAN), reverse),
                    Arguments.of(world, entropy(), (Function<Distribution, Double>)
                            p -> reverse.apply(p) + 0.3 * p.entropy()));
        });
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void onPolicyTheGradientIsThatOfTheExactObjective(
            RandomWorld world, Surrogate surrogate, Function<Distribution, Double> objective) {
        assertThat(gradient(world.prior(), world.policy(), world.rewards(), surrogate))
                .containsExactly(Tables.differences(world.policy(), objective), within(1e-6));
    }

    @Test
    void aMeanOverTokensHasItsWholeGradient() {
        double[] lengths = {1, 2, 4, 8};
        Distribution policy = TestWorlds.distribution(.3, .1, .4, .2);
        Rollouts rollouts = Tables.withLengths(Tables.rollouts(TestWorlds.T1, policy, TestWorlds.t1Rewards()), lengths);
        double[] gradient = gradient(rollouts, policy, Surrogate.plain(KlPlacement.MEAN_TOKEN, BETA));
        double[] expected = Tables.differences(policy, p -> {
            double sum = 0;
            for (int i = 0; i < 4; i++) {
                double ratio = p.logProbability(i) - TestWorlds.T1.logProbability(i);
                sum += p.probability(i) * (TestWorlds.t1Rewards()[i] - BETA / lengths[i] * ratio);
            }
            return sum;
        });
        assertThat(gradient).containsExactly(expected, within(1e-8));
    }

    /** The surrogate of a policy that has moved: min(ρA, clip(ρ)A) less the penalty, by each log-probability. */
    @ParameterizedTest
    @CsvSource({"TOKEN, LOSS_K3", "TOKEN, LOSS_K3_RATIO", "TOKEN, LOSS_K2", "TOKEN, NONE", "SEQUENCE, LOSS_K3"})
    void offPolicyTheWeightsAreTheDerivativesOfTheClippedObjective(Surrogate.Ratio ratio, KlPlacement placement) {
        SplittableRandom random = new SplittableRandom(5);
        int n = 6;
        double[][] drawn = rows(n, random);
        double[][] reference = rows(n, random);
        double[][] now = rows(n, random);
        double[] reward = random.doubles(n, -1, 1).toArray();
        double[] measure = new double[n];
        Arrays.fill(measure, 1.0 / n);
        double[] length = new double[n];
        Arrays.fill(length, 3);
        int[] once = new int[n];
        Arrays.fill(once, 1);
        Rollouts rollouts = new Rollouts(List.of(), new int[n], reward, measure, once, length, drawn, reference, false);
        Surrogate surrogate = new Surrogate(
                Surrogate.Baseline.GROUP_MEAN,
                Surrogate.Scale.GROUP_STD,
                ratio,
                0.2,
                0.3,
                Surrogate.Average.PER_SEQUENCE,
                placement,
                BETA,
                0,
                1,
                1);
        double[][] advantages = Advantages.of(rollouts, surrogate);
        double[][] weights = new SurrogateObjective(rollouts, surrogate, 3, 1).weights(now);
        for (int i = 0; i < n; i++) {
            for (int t = 0; t < 3; t++) {
                double[] above = now[i].clone();
                double[] below = now[i].clone();
                above[t] += 1e-6;
                below[t] -= 1e-6;
                double up = clipped(above, drawn[i], reference[i], advantages[i][0], ratio, placement);
                double down = clipped(below, drawn[i], reference[i], advantages[i][0], ratio, placement);
                assertThat(weights[i][t]).isCloseTo((up - down) / 2e-6 / n / 3, within(1e-8));
            }
        }
    }

    /** Three tokens of one text. */
    private static double clipped(
            double[] now,
            double[] drawn,
            double[] reference,
            double advantage,
            Surrogate.Ratio ratio,
            KlPlacement placement) {
        double sum = 0;
        double moved = 0;
        for (int t = 0; t < 3; t++) {
            double rho = Math.exp(now[t] - drawn[t]);
            moved += (now[t] - drawn[t]) / 3;
            double l = now[t] - reference[t];
            double k3 = Math.exp(-l) - 1 + l;
            sum += ratio == Surrogate.Ratio.TOKEN ? surrogate(rho, advantage) : 0;
            sum -= BETA
                    * switch (placement) {
                        case LOSS_K3 -> k3;
                        case LOSS_K3_RATIO -> rho * k3;
                        case LOSS_K2 -> l * l / 2;
                        default -> 0;
                    };
        }
        return sum + (ratio == Surrogate.Ratio.SEQUENCE ? 3 * surrogate(Math.exp(moved), advantage) : 0);
    }

    private static double surrogate(double rho, double advantage) {
        return Math.min(rho * advantage, Math.max(0.8, Math.min(1.3, rho)) * advantage);
    }

    private static double[][] rows(int n, SplittableRandom random) {
        return Stream.generate(() -> random.doubles(3, -2, 0).toArray())
                .limit(n)
                .toArray(double[][]::new);
    }

    /** Values of earlier steps: none of a step's own returns is in what is taken off them, but the first step's. */
    @Test
    void valuesAreThoseOfEarlierSteps() {
        RunningValues values = new RunningValues();
        assertThat(values.before(new double[] {1, -2})).containsExactly(1, -2);
        assertThat(values.before(new double[] {2, -2})).containsExactly(1, -2);
        assertThat(values.before(new double[] {0, 8})).containsExactly(1.1, -2);
        Rollouts rollouts = Tables.rollouts(TestWorlds.T1, TestWorlds.T1, TestWorlds.t1Rewards());
        Surrogate surrogate = baseline(Surrogate.Baseline.VALUE);
        double[][] advantages = Advantages.of(rollouts, surrogate, new double[] {0.5});
        for (int i = 0; i < 4; i++) {
            assertThat(advantages[i]).containsExactly(TestWorlds.t1Rewards()[i] - 0.5);
        }
        assertThat(Advantages.means(rollouts, surrogate)).containsExactly(new double[] {1}, within(1e-12));
    }

    /** With a discount, the first token's return is less than the last's; without one they are equal. */
    @Test
    void discountsReturnsByToken() {
        double[][] own = {{-1, -2}, {-1, -1}};
        double[][] reference = {{-2, -2}, {-1, -3}};
        Rollouts rollouts = new Rollouts(
                List.of(),
                new int[2],
                new double[] {1, 0},
                new double[] {.5, .5},
                new int[] {1, 1},
                new double[] {2, 2},
                own,
                reference,
                false);
        Surrogate plain = new Surrogate(
                Surrogate.Baseline.NONE,
                Surrogate.Scale.NONE,
                Surrogate.Ratio.NONE,
                1,
                1,
                Surrogate.Average.SUM,
                KlPlacement.REWARD_K1,
                0.1,
                0,
                0.5,
                1);
        assertThat(Advantages.of(rollouts, plain)).isDeepEqualTo(new double[][] {{-0.1 + 0.5, 1}, {-0.1, -0.2}});
    }

    @ParameterizedTest
    @CsvSource({"dpo, 0.4", "ipo, 0.4", "kto, 0.4"})
    void preferencesHaveTheirSlopes(String loss, double beta) {
        RandomWorld world = RandomWorld.of(3);
        TableModel table = TableModel.of(world.prior());
        TrainingTask task = TableTasks.of(table, world.reward());
        TabularPolicy policy = new TabularPolicy(table, Optimiser.sgd(LearningRate.constant(1)));
        Pairs pairs = new PairSource(task, policy.reference())
                .enumerated(Objects.requireNonNull(task.enumeration()))
                .listed();
        double[] ratios =
                new SplittableRandom(2).doubles(world.prior().size(), -1, 1).toArray();
        double z = zeroPoint(pairs, ratios);
        PreferenceLoss found = switch (loss) {
            case "dpo" -> PreferenceLoss.dpo(beta);
            case "ipo" -> PreferenceLoss.ipo(beta);
            default -> PreferenceLoss.kto(beta);
        };
        double[] slopes = found.slopes(pairs, ratios);
        for (int i = 0; i < ratios.length; i++) {
            double[] above = ratios.clone();
            double[] below = ratios.clone();
            above[i] += 1e-6;
            below[i] -= 1e-6;
            double difference = (value(loss, beta, pairs, above, z) - value(loss, beta, pairs, below, z)) / 2e-6;
            assertThat(slopes[i]).isCloseTo(difference, within(1e-8));
        }
    }

    private static double zeroPoint(Pairs pairs, double[] ratios) {
        double sum = 0;
        double mass = 0;
        for (int i = 0; i < ratios.length; i++) {
            double moved = pairs.priorMass()[i] * Math.exp(ratios[i]);
            sum += moved * ratios[i];
            mass += moved;
        }
        return Math.max(0, sum / mass);
    }

    private static double value(String loss, double beta, Pairs pairs, double[] l, double z) {
        double sum = 0;
        for (int k = 0; k < pairs.weight().length; k++) {
            double good = l[pairs.preferred()[k]];
            double bad = l[pairs.other()[k]];
            sum += pairs.weight()[k]
                    * switch (loss) {
                        case "dpo" -> Math.log(sigma(beta * (good - bad)));
                        case "ipo" -> -Math.pow(good - bad - 1 / (2 * beta), 2);
                        default -> sigma(beta * (good - z)) + sigma(beta * (z - bad));
                    };
        }
        return sum;
    }

    private static double sigma(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Test
    void distillationDescendsTheForwardKl() {
        for (long seed = 0; seed < 8; seed++) {
            RandomWorld world = RandomWorld.of(seed);
            Distribution target = Distribution.ofLogWeights(
                    world.prior().outcomes(),
                    TiltedFamily.of(world.prior(), world.rewards()).logPosterior(1 / BETA));
            double[] weights = DistilTraining.weights(
                    Tables.rollouts(world.prior(), world.policy(), world.rewards()), 1 / BETA, new double[0])[0];
            double[][] rows = new double[weights.length][];
            Arrays.setAll(rows, i -> new double[] {world.policy().probability(i) * weights[i]});
            assertThat(Tables.logitGradient(rows, world.policy()))
                    .containsExactly(Tables.differences(world.policy(), p -> -Divergences.kl(target, p)), within(1e-6));
        }
    }

    private static Surrogate baseline(Surrogate.Baseline baseline) {
        return new Surrogate(
                baseline,
                Surrogate.Scale.NONE,
                Surrogate.Ratio.TOKEN,
                .2,
                .2,
                Surrogate.Average.SUM,
                KlPlacement.REWARD_K1,
                BETA,
                0,
                1,
                1);
    }

    private static Surrogate entropy() {
        return new Surrogate(
                Surrogate.Baseline.LEAVE_ONE_OUT,
                Surrogate.Scale.NONE,
                Surrogate.Ratio.NONE,
                .2,
                .2,
                Surrogate.Average.SUM,
                KlPlacement.REWARD_K1,
                BETA,
                0.3,
                1,
                1);
    }

    private static double[] gradient(Distribution prior, Distribution policy, double[] reward, Surrogate surrogate) {
        return gradient(Tables.rollouts(prior, policy, reward), policy, surrogate);
    }

    private static double[] gradient(Rollouts rollouts, Distribution policy, Surrogate surrogate) {
        double[][] weights = new SurrogateObjective(rollouts, surrogate, 1, 1).weights(rollouts.drawnLogProbs());
        return Tables.logitGradient(weights, policy);
    }

    @Test
    void aTextDrawnTwiceCountsAsTwoTexts() {
        double[] a = {-1, -2};
        double[] b = {-1, -1};
        double[] c = {-3, -1};
        double[][] prior = {{-2, -2}, {-1, -3}, {-2, -1}};
        Rollouts apart = new Rollouts(
                List.of(),
                new int[4],
                new double[] {1, 1, 0, 2},
                new double[] {.25, .25, .25, .25},
                new int[] {1, 1, 1, 1},
                new double[] {2, 2, 2, 2},
                new double[][] {a, a, b, c},
                new double[][] {prior[0], prior[0], prior[1], prior[2]},
                false);
        Rollouts merged = new Rollouts(
                List.of(),
                new int[3],
                new double[] {1, 0, 2},
                new double[] {.5, .25, .25},
                new int[] {2, 1, 1},
                new double[] {2, 2, 2},
                new double[][] {a, b, c},
                prior,
                false);
        for (Surrogate.Scale scale : Surrogate.Scale.values()) {
            Surrogate surrogate = new Surrogate(
                    Surrogate.Baseline.LEAVE_ONE_OUT,
                    scale,
                    Surrogate.Ratio.NONE,
                    1,
                    1,
                    Surrogate.Average.SUM,
                    KlPlacement.REWARD_K1,
                    .5,
                    0,
                    1,
                    1);
            SurrogateObjective one = new SurrogateObjective(apart, surrogate, 2, 1);
            SurrogateObjective other = new SurrogateObjective(merged, surrogate, 2, 1);
            assertThat(other.weights(0, a)[0])
                    .as("both draws, divided by %s", scale)
                    .isCloseTo(one.weights(0, a)[0] + one.weights(1, a)[0], within(1e-12));
            assertThat(other.weights(2, c)[1])
                    .as("another text, divided by %s", scale)
                    .isCloseTo(one.weights(3, c)[1], within(1e-12));
        }
    }
}
