package dev.credence.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shares of masses against arithmetic that does not round. */
class SelectionTest {
    /** Masses in hundredths; the share is the sum of the best of them, added in one order or another. */
    @ParameterizedTest
    @CsvSource({"quantilizer", "top-fraction", "expert-iteration"})
    void aShareThatEndsBetweenTwoLevelsGivesTheLowerNothing(String method) {
        SplittableRandom random = new SplittableRandom(4);
        for (int world = 0; world < 300; world++) {
            int n = 2 + random.nextInt(6);
            int[] hundredths = parts(n, random);
            int best = 1 + random.nextInt(n - 1); // the reward of text i is −i
            double[] shares = {
                IntStream.range(0, best).mapToDouble(i -> hundredths[i] / 100.0).reduce(0, Double::sum),
                IntStream.range(0, best)
                        .mapToDouble(i -> hundredths[best - 1 - i] / 100.0)
                        .reduce(0, Double::sum),
                IntStream.range(best, n).mapToDouble(i -> hundredths[i] / 100.0).reduce(1, (left, m) -> left - m)
            };
            for (double q : shares) {
                double[] policy = policy(method, hundredths, q);
                double sum = IntStream.range(0, best).map(i -> hundredths[i]).sum();
                for (int i = 0; i < n; i++) {
                    if (i < best) {
                        assertThat(policy[i])
                                .as("%s, world %d, q %s", method, world, q)
                                .isCloseTo(hundredths[i] / sum, within(1e-12));
                    } else {
                        assertThat(policy[i])
                                .as("%s, world %d, q %s", method, world, q)
                                .isZero();
                    }
                }
            }
        }
    }

    /** Shares side by side part the masses: nothing is in two or in none, and each is as large as it says. */
    @Test
    void sharesSideBySideAddUpToAll() {
        SplittableRandom random = new SplittableRandom(8);
        for (int world = 0; world < 300; world++) {
            int n = 2 + random.nextInt(8);
            double[] mass = Selection.normalised(random.doubles(n).toArray());
            double[] reward = random.ints(n, 0, 4).asDoubleStream().toArray(); // with ties
            int parts = 1 + random.nextInt(5);
            double[] sum = new double[n];
            double worst = Double.POSITIVE_INFINITY;
            for (int k = 0; k < parts; k++) {
                double[] kept = Selection.shareBetween((double) k / parts, (k + 1.0) / parts)
                        .select(reward, mass);
                double most = Double.NEGATIVE_INFINITY;
                for (int i = 0; i < n; i++) {
                    sum[i] += kept[i];
                    most = kept[i] > 0 ? Math.max(most, reward[i]) : most;
                }
                assertThat(Arrays.stream(kept).sum()).isCloseTo(1.0 / parts, within(1e-12));
                assertThat(most).isLessThanOrEqualTo(worst);
                for (int i = 0; i < n; i++) {
                    worst = kept[i] > 0 ? Math.min(worst, reward[i]) : worst;
                }
            }
            assertThat(sum).containsExactly(mass, within(1e-12));
        }
    }

    /** Half of the best half is the best quarter, which ends between two levels however the rounds divide. */
    @Test
    void roundsThatEndBetweenTwoLevelsGiveTheLowerNothing() {
        SplittableRandom random = new SplittableRandom(6);
        RewardLikelihood aim = RewardLikelihood.topQuantile(.5).rounds(2);
        for (int world = 0; world < 1000; world++) {
            int[] best = parts(2 + random.nextInt(4), random);
            int[] rest = parts(2 + random.nextInt(4), random);
            double[] mass = IntStream.concat(
                            Arrays.stream(best), Arrays.stream(rest).map(k -> 3 * k))
                    .mapToDouble(k -> k / 400.0)
                    .toArray();
            double[] reward =
                    IntStream.range(0, mass.length).mapToDouble(i -> -i).toArray();
            double[] kept = Selection.bestShare(.5).rounds(2).select(reward, mass);
            double[] logLikelihood = aim.logLikelihoods(reward, mass);
            for (int i = 0; i < mass.length; i++) {
                assertThat(kept[i]).as("world %d", world).isCloseTo(i < best.length ? 2 * mass[i] : 0, within(1e-12));
                if (i >= best.length) {
                    assertThat(kept[i]).as("world %d", world).isZero();
                    assertThat(logLikelihood[i]).as("world %d", world).isEqualTo(Double.NEGATIVE_INFINITY);
                }
            }
        }
    }

    private static double[] policy(String method, int[] hundredths, double q) {
        Map<String, Double> masses = new LinkedHashMap<>();
        for (int i = 0; i < hundredths.length; i++) {
            masses.put("x" + i, hundredths[i] / 100.0);
        }
        RewardFunction reward = (prompt, text) -> -Integer.parseInt(text.substring(1));
        MethodOptions options = MethodOptions.none().with("q", q);
        return Methods.byName(method)
                .condition(
                        TableModel.of(Distribution.of(masses)),
                        reward,
                        method.equals("expert-iteration") ? options.with("rounds", 1) : options)
                .policy()
                .given("")
                .probabilities();
    }

    private static int[] parts(int n, SplittableRandom random) {
        int[] cuts = IntStream.concat(
                        IntStream.of(0, 100), random.ints(1, 100).distinct().limit(n - 1))
                .sorted()
                .toArray();
        return IntStream.range(0, n).map(i -> cuts[i + 1] - cuts[i]).toArray();
    }

    @Test
    void theBestOfNKeepsTheDigitsOfRareTexts() {
        SplittableRandom random = new SplittableRandom(8);
        for (int world = 0; world < 200; world++) {
            int n = 2 + random.nextInt(6);
            int draws = 1 + random.nextInt(20);
            double[] weight = random.doubles(n, -40, 0).map(Math::exp).toArray();
            double[] mass = Selection.normalised(weight);
            double[] reward = IntStream.range(0, n).mapToDouble(i -> i).toArray();
            double[] kept = Selection.bestOf(draws).select(reward, mass);
            BigDecimal all = Arrays.stream(mass).mapToObj(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
            BigDecimal below = BigDecimal.ZERO;
            for (int i = 0; i < n; i++) {
                BigDecimal upTo = below.add(new BigDecimal(mass[i]));
                double expected = power(upTo, all, draws)
                        .subtract(power(below, all, draws))
                        .doubleValue();
                assertThat(kept[i] / expected).as("world %d, text %d", world, i).isCloseTo(1, within(1e-12 * draws));
                below = upTo;
            }
        }
    }

    private static BigDecimal power(BigDecimal part, BigDecimal all, int n) {
        return part.divide(all, new MathContext(400)).pow(n, new MathContext(400));
    }

    @Test
    void partOfALevelIsSharedInTheRatiosOfItsMasses() {
        double[] kept =
                Selection.bestShare(2e-9).select(new double[] {0, 1, 1, 2}, new double[] {1 - 5e-9, 3e-9, 1e-9, 1e-9});
        assertThat(kept[0]).isZero();
        assertThat(kept[1] / 7.5e-10).isCloseTo(1, within(1e-12));
        assertThat(kept[2] / 2.5e-10).isCloseTo(1, within(1e-12));
        assertThat(kept[3] / 1e-9).isCloseTo(1, within(1e-12));
    }

    @Test
    void whatKeptNothingKeepsNothingInTheNextRound() {
        assertThat(Selection.bestShare(.5).select(new double[] {0, 1}, new double[2]))
                .containsOnly(0);
    }
}
