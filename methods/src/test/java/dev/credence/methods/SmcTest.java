package dev.credence.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.diagnostics.LogPartitionBounds;
import dev.credence.core.diagnostics.RunningMean;
import dev.credence.core.diagnostics.SampleMean;
import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.GrowingSequences;
import dev.credence.core.model.KnownTexts;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Sequential Monte Carlo against all texts of a small world, which are enumerated. */
class SmcTest {
    private static final int[] PROMPT = {0};
    private static final int HORIZON = 4; // three tokens and the end
    private static final int RUNS = 6_000;
    private static final double STANDARD_ERRORS = 4;

    private static final List<int[]> TEXTS = texts();
    private static final double[] LOG_PRIOR = prior();
    private static final KnownTexts MODEL = KnownTexts.of(new Vocabulary(4, Set.of(0)), TEXTS, LOG_PRIOR);

    /** Copies of the first letter: 1.2 nats each. */
    private static final TokenEvidence LETTERS = new TokenEvidence() {
        @Override
        public double logLikelihood(int[] tokens, int length, boolean finished) {
            return 1.2 * count(tokens, length);
        }

        @Override
        public LogBounds bounds(int[] tokens, int length) {
            double now = logLikelihood(tokens, length, true);
            return new LogBounds(now, now + 1.2 * (3 - length));
        }

        @Override
        public List<String> unfollowed() {
            return List.of();
        }
    };

    /** The same, which nobody follows. */
    private static final TokenEvidence UNFOLLOWED = (tokens, length, finished) -> 1.2 * count(tokens, length);

    /** The first letter twice at least, and nothing known of beginnings but that. */
    private static final TokenEvidence EVENT = new TokenEvidence() {
        @Override
        public double logLikelihood(int[] tokens, int length, boolean finished) {
            return LETTERS.logLikelihood(tokens, length, finished) > 2 ? 0 : Double.NEGATIVE_INFINITY;
        }

        @Override
        public LogBounds bounds(int[] tokens, int length) {
            double most = LETTERS.bounds(tokens, length).upper();
            return most > 2 ? LogBounds.PROBABILITY : LogBounds.EXCLUDED;
        }

        @Override
        public List<String> unfollowed() {
            return List.of();
        }
    };

    private static long count(int[] tokens, int length) {
        return Arrays.stream(tokens, 0, length).filter(v -> v == 1).count();
    }

    /** Begin, up to three letters of three, end. */
    private static List<int[]> texts() {
        List<int[]> texts = new ArrayList<>();
        for (int code = 0; code < 64; code++) {
            int[] letters = {code / 16, code / 4 % 4, code % 4};
            int length = 0;
            while (length < 3 && letters[length] > 0) {
                length++;
            }
            if (Arrays.stream(letters, length, 3).allMatch(letter -> letter == 0)) {
                int[] text = new int[length + 2];
                System.arraycopy(letters, 0, text, 1, length);
                texts.add(text);
            }
        }
        return texts;
    }

    private static double[] prior() {
        SplittableRandom random = new SplittableRandom(7);
        double[] log = TEXTS.stream()
                .mapToDouble(text -> 1.5 * random.nextDouble() - 0.3 * text.length)
                .toArray();
        double total = LogMath.logSumExp(log);
        return Arrays.stream(log).map(x -> x - total).toArray();
    }

    private static double logZ(TokenEvidence evidence, double copies) {
        double[] joint = new double[LOG_PRIOR.length];
        for (int i = 0; i < joint.length; i++) {
            joint[i] = LOG_PRIOR[i] + copies * of(evidence, TEXTS.get(i));
        }
        return LogMath.logSumExp(joint);
    }

    private static double of(TokenEvidence evidence, int[] text) {
        return evidence.logLikelihood(Arrays.copyOfRange(text, 1, text.length - 1), text.length - 2, true);
    }

    private static ParticleModel model(Smc how, TokenEvidence evidence) {
        return how.condition(MODEL, DrawnEvidence.of(prompt -> evidence), HORIZON);
    }

    static Stream<Smc> ways() {
        return Stream.of(
                Smc.of(3).resamplingBelow(0.95),
                Smc.of(4).atKl(0.5),
                Smc.of(3).expecting(Smc.Expected.EXACT).resamplingBelow(0.9),
                Smc.of(3).learning(40).resamplingBelow(0.99),
                Smc.of(5).resamplingBelow(1),
                Smc.twisted(3).expecting(Smc.Expected.NONE).resamplingBelow(0.95),
                Smc.twisted(3).learning(30).resamplingBelow(0.95),
                Smc.twisted(2).learning(30).atKl(0.5).resamplingBelow(1e-9));
    }

    static Stream<Smc> heads() {
        return Stream.of(
                Smc.of(3).learning(60).learningBy(Smc.TwistLoss.CONTRASTIVE).resamplingBelow(0.99),
                Smc.twisted(2)
                        .learning(60)
                        .learningBy(Smc.TwistLoss.CONTRASTIVE)
                        .atKl(0.5),
                Smc.twisted(3).learning(60).learningBy(Smc.TwistLoss.SOFT_RL).resamplingBelow(0.95));
    }

    /** The known texts with hidden states, in which a head can read the last two letters. */
    private static PredictiveModel withStates() {
        return new PredictiveModel() {
            @Override
            public Vocabulary vocabulary() {
                return MODEL.vocabulary();
            }

            @Override
            public double[][] nextLogProbs(List<int[]> prefixes) {
                return MODEL.nextLogProbs(prefixes);
            }

            @Override
            public double[][] logProbs(List<Continuation> continuations) {
                return MODEL.logProbs(continuations);
            }

            @Override
            public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
                return MODEL.sample(prompt, n, sampling, random);
            }

            @Override
            public GrowingSequences sequences(int[] prompt, int room) {
                return new Seen(MODEL.sequences(prompt, room));
            }
        };
    }

    /** Each row's letters so far, and which. */
    private static final class Seen implements GrowingSequences {
        private final GrowingSequences own;
        private List<int[]> letters = List.of(new int[0]); // of sequences

        Seen(GrowingSequences own) {
            this.own = own;
        }

        @Override
        public double[] logits() {
            return own.logits();
        }

        @Override
        public double[] hidden() {
            double[] hidden = new double[own.logits().length / 4 * 9];
            for (int i = 0; i < letters.size(); i++) {
                int from = own.row(i) * 9;
                int[] before = letters.get(i);
                hidden[from] = before.length;
                for (int back = 1; back <= Math.min(2, before.length); back++) {
                    hidden[from + 4 * back - 4 + before[before.length - back]] = 1;
                }
            }
            return hidden;
        }

        @Override
        public int row(int sequence) {
            return own.row(sequence);
        }

        @Override
        public void grow(int[] parents, int[] tokens) {
            List<int[]> longer = new ArrayList<>();
            for (int i = 0; i < parents.length; i++) {
                int[] letter = Arrays.copyOf(letters.get(parents[i]), letters.get(parents[i]).length + 1);
                letter[letter.length - 1] = tokens[i];
                longer.add(letter);
            }
            own.grow(parents, tokens);
            letters = longer;
        }

        @Override
        public void close() {
            own.close();
        }
    }

    @ParameterizedTest
    @MethodSource("heads")
    void withLearnedHeadsTheEstimateOfZIsUnbiased(Smc how) {
        for (TokenEvidence evidence : List.of(LETTERS, EVENT)) {
            ParticleModel model = how.condition(withStates(), DrawnEvidence.of(prompt -> evidence), HORIZON);
            double truth = logZ(evidence, model.copies());
            RunningMean ratio = new RunningMean();
            for (ParticleRun run : model.runs(PROMPT, RUNS, new SplittableRandom(5))) {
                ratio.add(Math.exp(run.logPartition() - truth));
            }
            SampleMean mean = ratio.result();
            assertThat(mean.mean()).as("%s", how).isCloseTo(1, within(STANDARD_ERRORS * mean.standardError() + 1e-12));
            assertThat(model.heads()).hasSize(1);
        }
    }

    /** A head reads what beginnings have in common, so that it needs fewer draws than none; saved, it is the same head. */
    @ParameterizedTest
    @EnumSource(value = Smc.TwistLoss.class, names = "TABLE", mode = EnumSource.Mode.EXCLUDE)
    void aLearnedHeadIsNearTheSoftValuesAndSaved(Smc.TwistLoss loss) throws IOException {
        Smc how = Smc.twisted(1).learning(1500).learningBy(loss).atKl(0.5);
        DrawnEvidence asked = DrawnEvidence.of(prompt -> LETTERS);
        ParticleModel model = how.condition(withStates(), asked, HORIZON);
        List<ParticleRun> runs = model.runs(PROMPT, 2000, new SplittableRandom(2));
        double excess = logZ(LETTERS, 2) - mean(runs);
        assertThat(excess)
                .isLessThan(excess(Smc.twisted(1).expecting(Smc.Expected.NONE).atKl(0.5)) / 4);
        assertThat(model.learningDraws()).as("drawn, and read again").isEqualTo(3000);
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        model.heads().get(IntBuffer.wrap(PROMPT)).save(saved);
        ParticleModel other = how.condition(withStates(), asked, HORIZON);
        other.use(Map.of(
                IntBuffer.wrap(PROMPT), TwistHead.read(new ByteArrayInputStream(saved.toByteArray()), 4, HORIZON)));
        assertThat(mean(other.runs(PROMPT, 2000, new SplittableRandom(2)))).isEqualTo(mean(runs));
        assertThat(other.learningDraws()).isZero();
        assertThatThrownBy(() -> TwistHead.read(new ByteArrayInputStream(saved.toByteArray()), 5, HORIZON))
                .hasMessageContaining("the head is for 4 tokens");
    }

    @Test
    void headsThatCannotBeLearnedAreRefused() {
        Smc head = Smc.twisted(4).learning(50).learningBy(Smc.TwistLoss.CONTRASTIVE);
        assertThatThrownBy(() -> model(head, LETTERS).runs(PROMPT, 2, new SplittableRandom(1)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("shows no hidden states");
        Smc soft = head.learningBy(Smc.TwistLoss.SOFT_RL);
        assertThatThrownBy(() -> soft.condition(withStates(), DrawnEvidence.of(prompt -> UNFOLLOWED), HORIZON)
                        .runs(PROMPT, 2, new SplittableRandom(1)))
                .hasMessageContaining("twist-loss is soft-rl; what each token leads to must be known");
        assertThatThrownBy(() -> model((Smc) new Smc().with(Map.of("twist-from", "x")), LETTERS))
                .hasMessageContaining("twist-from is x; it holds heads");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theEstimateOfZIsUnbiased(Smc how) {
        for (TokenEvidence evidence : List.of(LETTERS, UNFOLLOWED, EVENT)) {
            if (how.twist() == Smc.Expected.EXACT && evidence == UNFOLLOWED) {
                continue; // naive enumeration follows it too: the same as the first
            }
            ParticleModel model = model(how, evidence);
            double truth = logZ(evidence, model.copies());
            RunningMean ratio = new RunningMean();
            int resampled = 0;
            for (ParticleRun run : model.runs(PROMPT, RUNS, new SplittableRandom(5))) {
                ratio.add(Math.exp(run.logPartition() - truth));
                resampled += run.resamplings();
            }
            SampleMean mean = ratio.result();
            assertThat(mean.mean()).as("%s", how).isCloseTo(1, within(STANDARD_ERRORS * mean.standardError() + 1e-12));
            boolean mayResample = how.essThreshold() > 0.1 && (evidence != UNFOLLOWED || how.isTwisted());
            if (mayResample && !(how.twist() == Smc.Expected.EXACT && how.isTwisted())) {
                assertThat(resampled).as("%s", how).isPositive();
            }
        }
    }

    /** With an exact draw among the particles, runs are met Ẑ/Z times as often: E 1/Ẑ = 1/Z, and the mean log is an upper bound. */
    @ParameterizedTest
    @MethodSource("ways")
    void runsFromThePosteriorAreThePlainOnesTimesTheirEstimate(Smc how) {
        ParticleModel model = model(how, LETTERS);
        double truth = logZ(LETTERS, model.copies());
        RunningMean inverse = new RunningMean();
        RunningMean log = new RunningMean();
        for (ParticleRun run : model.runsFromPosterior(PROMPT, RUNS, new SplittableRandom(6))) {
            inverse.add(Math.exp(truth - run.logPartition()));
            log.add(run.logPartition());
        }
        SampleMean mean = inverse.result();
        assertThat(mean.mean()).as("%s", how).isCloseTo(1, within(STANDARD_ERRORS * mean.standardError()));
        RunningMean below = new RunningMean();
        model.runs(PROMPT, RUNS, new SplittableRandom(7)).forEach(run -> below.add(run.logPartition()));
        double lower = below.result().mean();
        assertThat(truth).as("%s", how).isBetween(lower, log.result().mean());
        // the two gaps are KLs of the same two laws, and E(Ẑ/Z) log Ẑ is the upper one's mean
        RunningMean weighted = new RunningMean();
        model.runs(PROMPT, RUNS, new SplittableRandom(8))
                .forEach(run -> weighted.add(Math.exp(run.logPartition() - truth) * run.logPartition()));
        double error =
                Math.hypot(weighted.result().standardError(), log.result().standardError());
        assertThat(weighted.result().mean())
                .as("%s", how)
                .isCloseTo(log.result().mean(), within(STANDARD_ERRORS * error));
    }

    @Test
    void exactTwistsLeaveNoVariance() {
        for (double beta : new double[] {1, 0.25}) {
            for (TokenEvidence evidence : List.of(LETTERS, EVENT, UNFOLLOWED)) {
                ParticleModel model = model(Smc.twisted(8).atKl(beta), evidence);
                double truth = logZ(evidence, 1 / beta);
                assertThat(model.logPartition(PROMPT).upper()).isCloseTo(truth, within(1e-12));
                List<ParticleRun> runs = new ArrayList<>(model.runs(PROMPT, 50, new SplittableRandom(1)));
                runs.addAll(model.runsFromPosterior(PROMPT, 50, new SplittableRandom(2)));
                boolean isFollowed = evidence.unfollowed().isEmpty();
                for (ParticleRun run : runs) {
                    assertThat(run.isAlive()).isTrue();
                    assertThat(run.resamplings()).isZero();
                    assertThat(run.logPartition()).isCloseTo(truth, within(1e-12));
                    assertThat(run.effectiveSize()).isCloseTo(8, within(1e-9));
                }
                assertThat(isFollowed || evidence == UNFOLLOWED).isTrue();
            }
        }
    }

    /** What one particle of a run is distributed as: the posterior's own law with exact twists, nearer to it the more particles. */
    @Test
    void drawsAreThoseOfThePosteriorInTheLimit() {
        double[] posterior = posterior(LETTERS, 2);
        assertThat(distance(Smc.twisted(1).atKl(0.5), posterior)).isLessThan(0.005);
        double few = distance(Smc.of(2).atKl(0.5), posterior);
        double more = distance(Smc.of(8).atKl(0.5), posterior);
        double many = distance(Smc.of(32).atKl(0.5), posterior);
        assertThat(few).isGreaterThan(2 * more);
        assertThat(more).isGreaterThan(1.5 * many);
        assertThat(many).isLessThan(0.03);
    }

    /** KL of 6,000 draws' frequencies from the posterior, at most the bound that the runs give (and twice their own noise). */
    private static double distance(Smc how, double[] posterior) {
        ParticleModel model = model(how, LETTERS);
        Map<List<Integer>, Integer> counts = new HashMap<>();
        ConditionedModel.Drawn drawn = model.sample(PROMPT, RUNS, new SplittableRandom(3));
        assertThat(drawn.isSpent()).isFalse();
        assertThat(drawn.priorDraws()).isEqualTo((long) RUNS * how.particles());
        drawn.texts()
                .forEach(text -> counts.merge(
                        Arrays.stream(text.sample().tokens()).boxed().toList(), 1, Integer::sum));
        double kl = 0;
        for (int i = 0; i < posterior.length; i++) {
            int[] text = TEXTS.get(i);
            int[] tokens = Arrays.copyOfRange(text, 1, text.length);
            double share = counts.getOrDefault(Arrays.stream(tokens).boxed().toList(), 0) / (double) RUNS;
            kl += share > 0 ? share * Math.log(share / posterior[i]) : 0;
        }
        RunningMean log = new RunningMean();
        model.runs(PROMPT, 1000, new SplittableRandom(4)).forEach(run -> log.add(run.logPartition()));
        double bound = logZ(LETTERS, model.copies()) - log.result().mean();
        double noise = STANDARD_ERRORS * log.result().standardError() + 2.0 * posterior.length / RUNS;
        assertThat(kl).as("%s", how).isLessThan(bound + noise);
        return kl;
    }

    private static double[] posterior(TokenEvidence evidence, double copies) {
        double truth = logZ(evidence, copies);
        double[] posterior = new double[LOG_PRIOR.length];
        Arrays.setAll(posterior, i -> Math.exp(LOG_PRIOR[i] + copies * of(evidence, TEXTS.get(i)) - truth));
        return posterior;
    }

    /** Both bounds hold log Z for every number of particles, and close. */
    @Test
    void boundsCloseWithParticles() {
        double truth = logZ(LETTERS, 2);
        double width = Double.POSITIVE_INFINITY;
        for (int k : new int[] {1, 4, 16, 64}) {
            ParticleModel model = model(Smc.of(k).atKl(0.5), LETTERS);
            double lower = mean(model.runs(PROMPT, 1000, new SplittableRandom(1)));
            double upper = mean(model.runsFromPosterior(PROMPT, 1000, new SplittableRandom(2)));
            assertThat(truth).isBetween(lower, upper);
            assertThat(upper - lower).isLessThan(0.6 * width);
            width = upper - lower;
        }
        assertThat(width).isLessThan(0.1);
    }

    private static double mean(List<ParticleRun> runs) {
        return runs.stream().mapToDouble(ParticleRun::logPartition).average().orElseThrow();
    }

    /** Learned twists come near the exact ones with draws, on a world whose beginnings are all met. */
    @Test
    void learnedTwistsTendToTheExactOnes() {
        double few = excess(Smc.twisted(4).learning(30).atKl(0.5));
        double many = excess(Smc.twisted(4).learning(30_000).atKl(0.5));
        double none = excess(Smc.twisted(4).expecting(Smc.Expected.NONE).atKl(0.5));
        assertThat(many).isLessThan(1e-3).isLessThan(few / 10).isLessThan(none / 5);
    }

    private static double excess(Smc how) {
        return logZ(LETTERS, how.copies()) - mean(model(how, LETTERS).runs(PROMPT, 4000, new SplittableRandom(2)));
    }

    @Test
    void theSameSeedGivesTheSameRuns() {
        ParticleModel model = model(Smc.of(6), LETTERS);
        SplittableRandom few = new SplittableRandom(9);
        SplittableRandom many = new SplittableRandom(9);
        List<ParticleRun> three = model.runs(PROMPT, 3, few);
        List<ParticleRun> all = model.runs(PROMPT, 90, many);
        for (int i = 0; i < 3; i++) {
            assertThat(all.get(i).logPartition()).isEqualTo(three.get(i).logPartition());
            assertThat(all.get(i).logWeights()).containsExactly(three.get(i).logWeights());
        }
        assertThat(few.nextLong()).isEqualTo(many.nextLong());
        assertThat(all.get(0).logPartition()).isNotEqualTo(all.get(89).logPartition());
        assertThat(all.stream().mapToLong(ParticleRun::tokens).sum()).isBetween(90L * 6 * 2, 90L * 6 * 4);
    }

    /** K points on shares: K s children on average; with a retained particle the law is the plain one times its children over K s. */
    @Test
    void resamplingIsSystematic() {
        double[] shares = {0.05, 0, 0.45, 0.3, 0.2};
        int grid = 20_000;
        double[] mean = new double[shares.length];
        Map<List<Integer>, Double> plain = new HashMap<>();
        Map<List<Integer>, Double> kept = new HashMap<>();
        for (int i = 0; i < grid; i++) {
            double u = (i + 0.5) / grid;
            int[] children = children(Systematic.draw(shares, OptionalInt.empty(), u));
            for (int j = 0; j < mean.length; j++) {
                mean[j] += children[j] / (double) grid;
                assertThat((double) children[j]).isBetween(Math.floor(5 * shares[j]), Math.ceil(5 * shares[j]));
            }
            plain.merge(Arrays.stream(children).boxed().toList(), 1.0 / grid, Double::sum);
            Systematic retaining = Systematic.draw(shares, OptionalInt.of(2), u);
            assertThat(retaining.ancestors()[retaining.retained()]).isEqualTo(2);
            kept.merge(Arrays.stream(children(retaining)).boxed().toList(), 1.0 / grid, Double::sum);
        }
        for (int j = 0; j < mean.length; j++) {
            assertThat(mean[j]).isCloseTo(5 * shares[j], within(1e-3));
        }
        plain.forEach((children, share) -> assertThat(kept.getOrDefault(children, 0.0))
                .as("%s", children)
                .isCloseTo(share * children.get(2) / (5 * shares[2]), within(1e-3)));
    }

    private static int[] children(Systematic of) {
        int[] children = new int[of.ancestors().length];
        for (int ancestor : of.ancestors()) {
            children[ancestor]++;
        }
        return children;
    }

    /** On a table: one of a pool, known exactly, which tends to the posterior; looking one step ahead is all there is to see. */
    @Test
    void aTableIsOneStep() {
        TableModel prior = TableModel.of(TestWorlds.T1);
        var reward = TestWorlds.reward(TestWorlds.t1Rewards());
        MethodOptions given = MethodOptions.none().with("particles", 16).with("beta", 0.5);
        Distribution got =
                Methods.byName("smc").condition(prior, reward, given).policy().given("");
        Distribution pool = TablePosterior.of(prior, reward, RewardLikelihood.softBestOf(16, 2))
                .model()
                .given("");
        assertThat(got.probabilities()).containsExactly(pool.probabilities(), within(1e-15));
        Distribution posterior = TablePosterior.of(prior, reward, RewardLikelihood.tilt(2))
                .model()
                .given("");
        double kl = Divergences.kl(got, posterior);
        double[] evidence =
                Arrays.stream(TestWorlds.t1Rewards()).map(r -> 2 * r).toArray();
        LogPartitionBounds bounds = LogPartitionBounds.exact(TestWorlds.T1, evidence, 16);
        double logZ = TablePosterior.of(prior, reward, RewardLikelihood.tilt(2)).logPartition("");
        assertThat(kl).isPositive().isLessThan(logZ - bounds.lower());
        Distribution twisted = Methods.byName("twisted-smc")
                .condition(prior, reward, given)
                .policy()
                .given("");
        assertThat(twisted.probabilities()).containsExactly(posterior.probabilities(), within(1e-12));
    }

    @Test
    void whatCannotBeHadIsRefused() {
        assertThatThrownBy(() -> Smc.of(0))
                .isInstanceOf(InputException.class)
                .hasMessage("particles is 0; it must be a whole number of at least 1");
        assertThatThrownBy(() -> Smc.of(2).atKl(0))
                .isInstanceOf(InputException.class)
                .hasMessage("beta is 0; it must be positive and finite");
        assertThatThrownBy(() -> Smc.of(2).resamplingBelow(1.5))
                .isInstanceOf(InputException.class)
                .hasMessage("ess-threshold is 1.5; it must be in (0, 1]");
        assertThatThrownBy(() -> Smc.of(2).with(Map.of("twist", "perfect")))
                .isInstanceOf(InputException.class)
                .hasMessage("twist is perfect; it is one of exact, learned, none");
        TokenEvidence never = (tokens, length, finished) -> Double.NEGATIVE_INFINITY;
        assertThatThrownBy(() -> model(Smc.of(2).learning(5), never).runs(PROMPT, 1, new SplittableRandom(1)))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("twist is learned; none of 5 draws of the prior has the evidence");
        assertThatThrownBy(() -> model(Smc.twisted(2), never).runs(PROMPT, 1, new SplittableRandom(1)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageStartingWith("the evidence was never seen under the prior");
        ParticleModel dead = model(Smc.of(2), never);
        assertThat(dead.runs(PROMPT, 1, new SplittableRandom(1)).get(0).isAlive())
                .isFalse();
        assertThatThrownBy(() -> dead.sample(PROMPT, 1, new SplittableRandom(1)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageStartingWith("none of 2 particles has the evidence");
        DrawnEvidence complete = (prompt, drawn) -> new double[drawn.size()];
        ParticleModel asked = Smc.twisted(2).condition(MODEL, complete, HORIZON);
        assertThatThrownBy(() -> asked.runs(PROMPT, 1, new SplittableRandom(1)))
                .isInstanceOf(InputException.class)
                .hasMessage("twist is exact; the evidence is asked of complete texts; learned and none need no search");
        assertThat(asked.whyNoDraws(PROMPT)).isEqualTo("the evidence is asked of complete texts");
        assertThatThrownBy(() -> asked.runsFromPosterior(PROMPT, 1, new SplittableRandom(1)))
                .isInstanceOf(IllegalStateException.class);
        DrawnEvidence broken = DrawnEvidence.of(prompt -> (tokens, length, finished) -> Double.NaN);
        assertThatThrownBy(() -> Smc.of(2).condition(MODEL, broken, HORIZON).runs(PROMPT, 1, new SplittableRandom(1)))
                .hasMessageContaining("log-likelihood of a drawn completion is NaN");
    }

    @Test
    void aSpentBudgetEndsWithWhatThereIs() {
        ParticleModel model = model(Smc.of(8), LETTERS);
        ConditionedModel.Drawn drawn = model.sample(PROMPT, 100, 50, new SplittableRandom(1));
        assertThat(drawn.texts()).hasSize(6);
        assertThat(drawn.isSpent()).isTrue();
        assertThat(drawn.priorDraws()).isEqualTo(48);
        assertThat(model.logRatio(PROMPT, drawn.texts().get(0).sample())).isNaN();
        ParticleModel exact = model(Smc.twisted(1), LETTERS);
        ConditionedModel.Text text =
                exact.sample(PROMPT, 1, new SplittableRandom(1)).texts().get(0);
        assertThat(exact.logRatio(PROMPT, text.sample()))
                .isCloseTo(text.logLikelihood() - logZ(LETTERS, 1), within(1e-12));
    }
}
