package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.methods.Conditioned;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.TrainingEnd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DPO, IPO and KTO, and k3 in the reward, run to where their gradient is zero, held against sums over pairs and KTO's equations at rest. */
class PreferenceLimitTest {
    /** A table of so many texts, rewards normal, two texts of a reward in ten alike. */
    @SuppressWarnings("ArrayRecordComponent")
    private record World(Distribution prior, double[] reward) {
        static World of(int texts, long seed) {
            RandomGenerator random = new SplittableRandom(seed);
            List<String> names = new ArrayList<>();
            double[] logWeight = new double[texts];
            double[] reward = new double[texts];
            for (int i = 0; i < texts; i++) {
                names.add("x" + i);
                logWeight[i] = random.nextGaussian();
                reward[i] = i > 0 && random.nextInt(10) < 2 ? reward[i - 1] : 1.5 * random.nextGaussian();
            }
            return new World(Distribution.ofLogWeights(names, logWeight), reward);
        }

        Conditioned by(String method, double beta) {
            MethodOptions options =
                    MethodOptions.none().with("population", "true").with("beta", beta);
            return Methods.byName(method)
                    .condition(
                            TableModel.of(prior),
                            (prompt, text) -> reward[Integer.parseInt(text.substring(1))],
                            options);
        }

        /** (texts) Σ_j π0_j tanh((r_i − r_j)/2), pair by pair. */
        double[] wins() {
            double[] wins = new double[reward.length];
            for (int i = 0; i < wins.length; i++) {
                for (int j = 0; j < wins.length; j++) {
                    wins[i] += prior.probability(j) * Math.tanh((reward[i] - reward[j]) / 2);
                }
            }
            return wins;
        }
    }

    /** ℓ_i − ℓ_j = (r_i − r_j)/β, from millions of pairs and however far apart: at rewards of 1e9 preferences are certain and β makes e^1e15 of them. */
    @ParameterizedTest
    @CsvSource({"7, 0.02, 1", "7, 1000, 1", "7, 1e-6, 1e9", "3000, 0.02, 1", "3000, 1000, 1"})
    void dpoIsTheRewardsPosterior(int texts, double beta, double scale) {
        World drawn = World.of(texts, texts);
        World world = new World(
                drawn.prior,
                Arrays.stream(drawn.reward).map(r -> scale * Math.rint(2 * r)).toArray());
        Conditioned got = world.by("dpo", beta);
        assertThat(Objects.requireNonNull(got.training()).isMissed()).isFalse();
        Distribution policy = got.policy().given("");
        double most = Arrays.stream(world.reward).max().orElseThrow();
        double[] weight = new double[texts];
        Arrays.setAll(weight, i -> world.prior.probability(i) * Math.exp((world.reward[i] - most) / beta));
        double all = Arrays.stream(weight).sum();
        for (int i = 0; i < texts; i++) {
            assertThat(policy.probability(i)).as("%d", i).isCloseTo(weight[i] / all, within(1e-9));
        }
    }

    /**
     * k3 in the reward, one prompt's texts all rewarded alike: what other prompts' baseline leaves of their forces is alike too, and is no pull.
     * The odds at rest of the others are those of equal forces, r − βk3(ℓ).
     */
    @ParameterizedTest
    @CsvSource({"0.3", "1", "3"})
    void equalRewardsRestBesideOthers(double beta) {
        Map<String, Distribution> rows = new LinkedHashMap<>();
        List<String> names = List.of("x0", "x1", "x2");
        rows.put("alike", Distribution.ofLogWeights(names, new double[] {-27, -33, 0}));
        rows.put("also", Distribution.ofLogWeights(names, new double[] {0, -62, -37}));
        rows.put("other", Distribution.ofLogWeights(names, new double[] {-16, -35, 0}));
        Conditioned got = Methods.byName("reinforce")
                .condition(
                        TableModel.of(rows, Map.of("alike", 1e-6, "also", 1e-6, "other", 1.0)),
                        (prompt, text) -> prompt.equals("other") && text.equals("x0") ? 1 : 0,
                        MethodOptions.none()
                                .with("population", "true")
                                .with("kl", "reward:k3")
                                .with("beta", beta));
        TrainingEnd end = Objects.requireNonNull(got.training());
        assertThat(end.isMissed()).as("%s", end).isFalse();
        Distribution rest = got.policy().given("other");
        double up = rest.logProbability(0) - rows.get("other").logProbability(0);
        double down = rest.logProbability(2) - rows.get("other").logProbability(2);
        assertThat(1 - beta * (Math.expm1(-up) + up))
                .isCloseTo(-beta * (Math.expm1(-down) + down), within(1e-6 * beta));
    }

    /** With a coefficient of 1e-8 the pull that drives a text out for ever is below 1e-8, and no rest for all that. */
    @Test
    void aSmallCoefficientMakesNoRestOfWhatIsDrivenOut() {
        Conditioned got = Methods.byName("rloo")
                .condition(
                        TableModel.of(Distribution.of(Map.of("x0", 0.5, "x1", 0.3, "x2", 0.2))),
                        (prompt, text) -> text.equals("x0") ? 1 : 0,
                        MethodOptions.none()
                                .with("population", "true")
                                .with("kl", "reward:k3")
                                .with("beta", 1e-8));
        TrainingEnd end = Objects.requireNonNull(got.training());
        assertThat(end.gradientNorm()).isLessThan(1e-6);
        assertThat(end.isMissed()).isTrue();
    }

    /** ℓ_i − ℓ_j = (w_i − w_j)/2β; thousands of texts are millions of pairs. */
    @ParameterizedTest
    @CsvSource({"7, 0.05", "7, 1", "7, 40", "3000, 0.5"})
    void ipoIsTheWinRatesPosterior(int texts, double beta) {
        World world = World.of(texts, texts);
        Distribution policy = world.by("ipo", beta).policy().given("");
        double[] wins = world.wins();
        for (int i = 1; i < texts; i++) {
            double gap = policy.logProbability(i)
                    - world.prior.logProbability(i)
                    - policy.logProbability(0)
                    + world.prior.logProbability(0);
            assertThat(gap).as("%d", i).isCloseTo((wins[i] - wins[0]) / (2 * beta), within(1e-8));
        }
    }

    /**
     * At rest each text's own pull, w β s(1 − s) with s = σ(β(ℓ − z)) and z = KL(π‖π0), is e^ℓ times what holds them all together; texts that
     * lose have gone. β = .022 and 300 did not come to rest before losers that doubles do not tell from nothing were left alone.
     */
    @ParameterizedTest
    @CsvSource({"6, 0.022", "6, 0.3", "6, 1", "2, 300", "3000, 0.5"})
    void ktoRestsWhereWinnersPullAlike(int texts, double beta) {
        World world = World.of(texts, texts);
        Conditioned got = world.by("kto", beta);
        assertThat(Objects.requireNonNull(got.training()).isMissed()).isFalse();
        Distribution policy = got.policy().given("");
        double[] wins = world.wins();
        double z = 0;
        for (int i = 0; i < texts; i++) {
            double p = policy.probability(i);
            z += p > 0 ? p * (policy.logProbability(i) - world.prior.logProbability(i)) : 0;
        }
        double held = 0;
        double[] pull = new double[texts];
        double[] up = new double[texts];
        for (int i = 0; i < texts; i++) {
            double ratio = policy.logProbability(i) - world.prior.logProbability(i);
            double s = 1 / (1 + Math.exp(-beta * (ratio - z)));
            up[i] = Math.exp(ratio);
            pull[i] = wins[i] * beta * s * (1 - s);
            held += world.prior.probability(i) * (up[i] > 0 ? pull[i] : 0);
        }
        double most = 0;
        for (int i = 0; i < texts; i++) {
            most = Math.max(most, world.prior.probability(i) * Math.abs(up[i] > 0 ? pull[i] - up[i] * held : 0));
            if (wins[i] < 0 && beta <= 1) {
                assertThat(policy.probability(i)).as("%d loses", i).isLessThan(1e-6);
            }
        }
        assertThat(most).isLessThan(1e-6 * beta);
    }

    /** Where the best text is rare, the fixed point of a soft filter beside the prior's own texts is its own number's difference from one. */
    @ParameterizedTest
    @CsvSource({"1e-7", "1e-3", "0.3"})
    void aFixedPointBesideARareBestTextIsExact(double rare) {
        Distribution prior =
                Distribution.ofLogWeights(List.of("a", "b"), new double[] {Math.log1p(-rare), Math.log(rare)});
        double share = 0.3;
        double[] acceptance = {Math.exp(-30), 1};
        double[] policy = ImitationPlan.PriorMixing.fixedPoint(prior.probabilities(), acceptance, share);
        // almost nothing of a is accepted: s π0(a) is left of it, to e^−30 over ā
        assertThat(policy[0]).isCloseTo(share * (1 - rare), within(1e-9));
        assertThat(policy[0] + policy[1]).isCloseTo(1, within(1e-12));
    }
}
