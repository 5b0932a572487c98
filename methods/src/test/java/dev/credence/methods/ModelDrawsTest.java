package dev.credence.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.Sample;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.methods.training.TabularPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One class conditions a table exactly and any model by draws: the draws are those of the aim, and of the table's policy. */
class ModelDrawsTest {
    private static final int DRAWS = 20_000;
    private static final Distribution PRIOR = TestWorlds.distribution(.35, .25, .2, .1, .1);
    private static final TableModel TABLE = TableModel.of(PRIOR);
    private static final double[] TIES = {-3, -1, -1, -0.5, 0};
    private static final double[] BARRED = {-1, Double.NEGATIVE_INFINITY, 0, Double.NEGATIVE_INFINITY, -0.5};

    private static TabularPolicy model() {
        return new TabularPolicy(TABLE, Optimiser.sgd(LearningRate.constant(0.1)));
    }

    /** Rewards of the outcomes, never above 0. */
    private static DrawnEvidence asked(double[] rewards, double upper) {
        return new DrawnEvidence() {
            @Override
            public double[] logLikelihoods(int[] prompt, List<Sample> drawn) {
                return drawn.stream()
                        .mapToDouble(sample -> rewards[sample.tokens()[0]])
                        .toArray();
            }

            @Override
            public double upper(int[] prompt) {
                return upper;
            }
        };
    }

    static Stream<Arguments> methods() {
        return Stream.of(
                        Rejection.atKl(1),
                        Rejection.atKl(0.3),
                        Rejection.atKl(0),
                        BestOfN.of(4),
                        BestOfN.of(2).rounds(3),
                        Resample.of(3),
                        Resample.of(8).atKl(0.5),
                        Resample.of(5).atKl(0),
                        Quantilizer.of(0.3),
                        Quantilizer.of(0.6).rounds(2),
                        Quantilizer.of(1),
                        Luce.of(4),
                        Luce.of(3).rounds(2))
                .flatMap(method -> Stream.of(Arguments.of(method, TIES), Arguments.of(method, BARRED)));
    }

    @ParameterizedTest
    @MethodSource("methods")
    <M extends Conditioner.OnTables & Conditioner.OnModels> void drawsAreThoseOfTheAim(M method, double[] rewards) {
        RewardFunction reward = TestWorlds.reward(rewards);
        ConditionedModel policy = method.condition(model(), asked(rewards, 0), 1);
        Distribution aimed = policy.aim().posterior(TABLE, reward).model().given("");
        ConditionedModel.Drawn drawn =
                policy.sample(TabularPolicy.ids(0), DRAWS, new SplittableRandom(method.hashCode()));
        int[] count = new int[PRIOR.size()];
        for (ConditionedModel.Text text : drawn.texts()) {
            int outcome = text.sample().tokens()[0];
            count[outcome]++;
            assertThat(text.logLikelihood()).isEqualTo(rewards[outcome]);
        }
        assertThat(chance(count, aimed))
                .as("%s: %s of %s", method, Arrays.toString(count), aimed)
                .isGreaterThan(1e-4);
        Evidence asked = Evidence.reward(reward).times(1);
        Conditioned exact = method.condition(TABLE, asked, new SplittableRandom(0));
        if (!(method instanceof Quantilizer)) {
            assertThat(exact.policy().given("").probabilities()).containsExactly(aimed.probabilities(), within(1e-12));
            assertThat((double) drawn.priorDraws() / DRAWS)
                    .isCloseTo(exact.drawsPerText().orElseThrow(), within(rewards == BARRED ? 0.6 : 0.3));
        } else { // of a pool
            assertThat(exact.policy().given("").probabilities()).containsExactly(aimed.probabilities(), within(0.05));
        }
    }

    /** The log-likelihoods as logarithms of approval: each of Poisson(1/β) raters approves with e^r. */
    @Test
    void poissonRatersApproveOneByOne() {
        double beta = 0.4;
        ConditionedModel policy = Poisson.atKl(beta).condition(model(), asked(TIES, 0), 1);
        double[] log = Arrays.stream(TIES).map(r -> (Math.exp(r) - 1) / beta).toArray();
        for (int i = 0; i < log.length; i++) {
            log[i] += Math.log(PRIOR.probability(i));
        }
        Distribution expected = Distribution.ofLogWeights(PRIOR.outcomes(), log);
        int[] count = new int[PRIOR.size()];
        policy.sample(TabularPolicy.ids(0), DRAWS, new SplittableRandom(3)).texts().stream()
                .forEach(text -> count[text.sample().tokens()[0]]++);
        assertThat(chance(count, expected)).isGreaterThan(1e-4);
        assertThat(policy.aim()
                        .posterior(TABLE, TestWorlds.reward(TIES))
                        .model()
                        .given("")
                        .probabilities())
                .containsExactly(expected.probabilities(), within(1e-12));
        ConditionedModel broken = Poisson.atKl(beta).condition(model(), asked(new double[] {1, 1, 1, 1, 1}, 0), 1);
        assertThatThrownBy(() -> broken.sample(TabularPolicy.ids(0), 1, new SplittableRandom(1)))
                .hasMessageContaining("Poisson raters need an approval probability in [0, 1]");
    }

    @Test
    void aSpentBudgetEndsWithWhatThereIs() {
        ConditionedModel policy = BestOfN.of(4).condition(model(), asked(TIES, 0), 1);
        ConditionedModel.Drawn drawn = policy.sample(TabularPolicy.ids(0), 100, 42, new SplittableRandom(1));
        assertThat(drawn.texts()).hasSize(10); // and two draws more, of a pool that was not filled
        assertThat(drawn.isSpent()).isTrue();
        assertThat(drawn.priorDraws()).isEqualTo(42);
        assertThat(drawn.computed()).isEqualTo(42);
        assertThat(drawn.logLikelihoods()).hasSize(42);
        ConditionedModel.Drawn enough = policy.sample(TabularPolicy.ids(0), 10, 42, new SplittableRandom(1));
        assertThat(enough.isSpent()).isFalse();
        assertThat(enough.priorDraws()).isEqualTo(40);
        assertThat(enough.texts()).hasSize(10);
    }

    @Test
    void aBeginningNeedsATokenizerAndRoom() {
        ConditionedModel none = Prefix.of("a").condition(model(), asked(TIES, 0), 1);
        assertThatThrownBy(() -> none.sample(TabularPolicy.ids(0), 1, new SplittableRandom(1)))
                .isInstanceOf(InputException.class)
                .hasMessage("prompt is a; it is a text, and the model has no tokenizer");
        DrawnEvidence spelled = new DrawnEvidence() {
            @Override
            public double[] logLikelihoods(int[] prompt, List<Sample> drawn) {
                return new double[drawn.size()];
            }

            @Override
            public int[] tokens(int[] prompt, String beginning) {
                return new int[] {1};
            }
        };
        ConditionedModel narrow = Prefix.of("a").condition(model(), spelled, 1);
        assertThatThrownBy(() -> narrow.sample(TabularPolicy.ids(0), 1, new SplittableRandom(1)))
                .hasMessage("prompt is a; it is 1 tokens, and texts are cut after 1: something must follow");
    }

    /** The test can fail: draws of one method are not those of another. */
    @Test
    void drawsOfAnotherMethodAreToldApart() {
        ConditionedModel policy = BestOfN.of(4).condition(model(), asked(TIES, 0), 1);
        int[] count = new int[PRIOR.size()];
        policy.sample(TabularPolicy.ids(0), DRAWS, new SplittableRandom(1)).texts().stream()
                .forEach(text -> count[text.sample().tokens()[0]]++);
        Distribution other = BestOfN.of(3)
                .aim()
                .posterior(TABLE, TestWorlds.reward(TIES))
                .model()
                .given("");
        assertThat(chance(count, other)).isLessThan(1e-9);
    }

    /** P(χ² as large as this); an outcome that cannot be must not be there. */
    private static double chance(int[] count, Distribution expected) {
        double chiSquared = 0;
        int cells = 0;
        for (int i = 0; i < count.length; i++) {
            double mean = DRAWS * expected.probability(i);
            if (mean == 0) {
                assertThat(count[i]).as("outcome %d", i).isZero();
            } else {
                chiSquared += (count[i] - mean) * (count[i] - mean) / mean;
                cells++;
            }
        }
        return cells == 1 ? 1 : 1 - new ChiSquaredDistribution(cells - 1).cumulativeProbability(chiSquared);
    }

    @Test
    void rejectionNeedsABoundThatHolds() {
        ConditionedModel unbounded = Rejection.atKl(1).condition(model(), asked(TIES, Double.POSITIVE_INFINITY), 1);
        assertThatThrownBy(() -> unbounded.sample(TabularPolicy.ids(0), 1, new SplittableRandom(1)))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("evidence is unbounded above; rejection needs a bound");
        ConditionedModel broken = Rejection.atKl(1).condition(model(), asked(TIES, -2), 1);
        assertThatThrownBy(() -> broken.sample(TabularPolicy.ids(0), 100, new SplittableRandom(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("it was promised to be at most -2.0");
        ConditionedModel excluded = Rejection.atKl(1).condition(model(), asked(TIES, Double.NEGATIVE_INFINITY), 1);
        assertThatThrownBy(() -> excluded.sample(TabularPolicy.ids(0), 1, new SplittableRandom(1)))
                .isInstanceOf(NoPosteriorException.class);
        ConditionedModel notANumber =
                BestOfN.of(2).condition(model(), asked(new double[] {0, Double.NaN, 0, 0, 0}, 0), 1);
        assertThatThrownBy(() -> notANumber.sample(TabularPolicy.ids(0), 1, new SplittableRandom(1)))
                .hasMessageContaining("log-likelihood of a drawn completion is NaN");
    }

    @Test
    void moreDrawsThanCanBeMadeAreRefused() {
        assertThatThrownBy(() -> BestOfN.of(10).rounds(9).condition(model(), asked(TIES, 0), 1))
                .isInstanceOf(InputException.class)
                .hasMessage("rounds is 9; a text would take 1.0E9 draws; at most 1e7 are made");
        assertThatThrownBy(() -> Quantilizer.of(1e-9).condition(model(), asked(TIES, 0), 1))
                .hasMessageStartingWith("q is ");
    }

    /** The end token is no token of the evidence's; a cut text has none. */
    @Test
    void evidenceOnTokensSeesWhatIsBeforeTheEnd() {
        TokenEvidence lengths = (tokens, length, finished) -> 10 * length + (finished ? 1 : 0);
        DrawnEvidence asked = DrawnEvidence.of(prompt -> lengths);
        double[] none = {0, 0, 0};
        List<Sample> drawn = List.of(
                new Sample(new int[] {1, 2, 0}, none, none, true), new Sample(new int[] {1, 2, 3}, none, none, false));
        assertThat(asked.logLikelihoods(new int[] {0}, drawn)).containsExactly(21, 30);
        assertThat(asked.upper(new int[] {0})).isEqualTo(Double.POSITIVE_INFINITY);
    }
}
