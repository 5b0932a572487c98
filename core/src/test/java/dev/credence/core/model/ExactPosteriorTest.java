package dev.credence.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.ContractOf;
import dev.credence.core.evidence.TokenEvidence;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Soft values and the posterior as a model against a list of every completion, on models that remember two tokens. */
class ExactPosteriorTest {
    private static final int[] PROMPT = {1, 2};
    private static final int HORIZON = 4;
    private static final SoftValues.Extent EXTENT = new SoftValues.Extent(PROMPT, HORIZON);

    /** Texts that begin with 3 are excluded; else 0.7 nats for each 1, and a nat less for texts that were cut. */
    private static final TokenEvidence EVIDENCE = (tokens, length, finished) -> {
        if (length > 0 && tokens[0] == 3) {
            return Double.NEGATIVE_INFINITY;
        }
        long ones = Arrays.stream(tokens, 0, length).filter(token -> token == 1).count();
        return 0.7 * ones - (finished ? 0 : 1);
    };

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theProductOfItsTokensIsThePosteriorOfTheText(long seed) {
        Memory prior = new Memory(seed);
        Map<List<Integer>, Double> joint = completions(prior);
        double z = joint.values().stream().mapToDouble(Math::exp).sum();
        SoftValues values = SoftValues.of(prior, EVIDENCE, EXTENT, 1_000);
        ExactPosterior posterior = new ExactPosterior(prior, EVIDENCE, EXTENT, values);
        assertThat(posterior.logPartition()).isCloseTo(Math.log(z), within(1e-12));
        for (Map.Entry<List<Integer>, Double> text : joint.entrySet()) {
            int[] tokens = text.getKey().stream().mapToInt(Integer::intValue).toArray();
            double[] logProbs = posterior.logProbs(List.of(new Continuation(PROMPT, tokens)))[0];
            assertThat(Math.exp(Arrays.stream(logProbs).sum()))
                    .as("text %s", text.getKey())
                    .isCloseTo(Math.exp(text.getValue()) / z, within(1e-12));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void softValuesAreTheMeanEvidenceBehindThePrefix(long seed) {
        Memory prior = new Memory(seed);
        Map<List<Integer>, Double> joint = completions(prior);
        SoftValues values = SoftValues.of(prior, EVIDENCE, EXTENT, 1_000);
        for (int[] prefix : new int[][] {{}, {1}, {2}, {2, 1}, {1, 3, 3}}) {
            double behind = 0;
            for (Map.Entry<List<Integer>, Double> text : joint.entrySet()) {
                if (begins(text.getKey(), prefix)) {
                    behind += Math.exp(text.getValue());
                }
            }
            double logPrior = 0;
            for (int t = 0; t < prefix.length; t++) {
                logPrior += prior.next(whole(prefix, t))[prefix[t]];
            }
            assertThat(values.has(prefix, prefix.length))
                    .as("prefix %s", Arrays.toString(prefix))
                    .isTrue();
            assertThat(values.of(prefix, prefix.length).lower())
                    .as("prefix %s", Arrays.toString(prefix))
                    .isCloseTo(Math.log(behind) - logPrior, within(1e-12));
        }
        assertThatThrownBy(() -> values.of(new int[] {0, 1}, 2))
                .hasMessage("prefix [0, 1] has no soft value of its own; has(prefix) says which have");
    }

    @Test
    void behindAnExcludedPrefixItIsThePriors() {
        Memory prior = new Memory(4);
        ExactPosterior posterior =
                new ExactPosterior(prior, EVIDENCE, EXTENT, SoftValues.of(prior, EVIDENCE, EXTENT, 1_000));
        int[] excluded = whole(new int[] {3}, 1);
        assertThat(posterior.nextLogProbs(List.of(excluded))[0]).containsExactly(prior.next(excluded));
        assertThat(posterior.nextLogProbs(List.of(PROMPT))[0][3]).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void refusesWhatItCannotKnow() {
        Memory prior = new Memory(4);
        SoftValues values = SoftValues.of(prior, EVIDENCE, EXTENT, 1_000);
        ExactPosterior posterior = new ExactPosterior(prior, EVIDENCE, EXTENT, values);
        assertThatThrownBy(() -> posterior.logSoftValues(new int[] {2, 2}))
                .hasMessageStartingWith("prefix [2, 2] does not begin with the prompt [1, 2]");
        assertThatThrownBy(() -> posterior.logSoftValues(new int[] {1, 2, 1, 1, 1, 1}))
                .hasMessage("prefix has 4 tokens behind the prompt; texts are cut at 4");
        assertThatThrownBy(() -> posterior.logSoftValues(new int[] {1, 2, 0}))
                .hasMessage("token 2 of the prefix is the end 0; nothing comes behind an end");
        assertThatThrownBy(() -> posterior.sample(PROMPT, 1, Sampling.upTo(5), new SplittableRandom(1)))
                .hasMessageStartingWith("maxNewTokens is 5");
        assertThatThrownBy(() -> SoftValues.of(prior, EVIDENCE, EXTENT, 3)).isInstanceOf(PrefixLimitException.class);
        assertThatThrownBy(() -> SoftValues.recorder(0)).hasMessageStartingWith("limit is 0");
        assertThatThrownBy(() -> SoftValues.recorder(9).enter(new int[] {1, 2}, 2, -1))
                .hasMessageContaining("prefix [1] was not entered");
        TokenEvidence nothing = (tokens, length, finished) -> Double.NEGATIVE_INFINITY;
        SoftValues none = SoftValues.of(prior, nothing, EXTENT, 1_000);
        assertThatThrownBy(() -> new ExactPosterior(prior, nothing, EXTENT, none))
                .hasMessage("log Z is -Infinity; no text up to the horizon has the evidence");
        SoftValues.Recorder bounded = SoftValues.recorder(9);
        bounded.add(new int[0], 0, -2, -1);
        assertThatThrownBy(() -> new ExactPosterior(prior, EVIDENCE, EXTENT, bounded.finish()))
                .hasMessageStartingWith("log Z is between -2.0 and -1.0");
    }

    /** It is a model as any other, of the one prompt. */
    @Nested
    @ContractOf("ExactPosterior")
    class AsAModel extends PredictiveModelContract {
        @Override
        protected PredictiveModel model() {
            Memory prior = new Memory(5);
            return new ExactPosterior(prior, EVIDENCE, EXTENT, SoftValues.of(prior, EVIDENCE, EXTENT, 1_000));
        }

        @Override
        protected List<int[]> prompts() {
            return List.of(PROMPT);
        }

        @Override
        protected int horizon() {
            return HORIZON;
        }
    }

    /** Every completion with log prior plus evidence, nats. */
    private static Map<List<Integer>, Double> completions(Memory prior) {
        Map<List<Integer>, Double> joint = new LinkedHashMap<>();
        collect(prior, new int[0], 0, joint);
        return joint;
    }

    private static void collect(Memory prior, int[] prefix, double logPrior, Map<List<Integer>, Double> joint) {
        double[] next = prior.next(whole(prefix, prefix.length));
        for (int token = 0; token < next.length; token++) {
            int[] longer = Arrays.copyOf(prefix, prefix.length + 1);
            longer[prefix.length] = token;
            boolean ends = token == 0;
            if (ends || longer.length == HORIZON) {
                double evidence = EVIDENCE.logLikelihood(longer, longer.length - (ends ? 1 : 0), ends);
                joint.put(Arrays.stream(longer).boxed().toList(), logPrior + next[token] + evidence);
            } else {
                collect(prior, longer, logPrior + next[token], joint);
            }
        }
    }

    private static int[] whole(int[] prefix, int length) {
        int[] whole = Arrays.copyOf(PROMPT, PROMPT.length + length);
        System.arraycopy(prefix, 0, whole, PROMPT.length, length);
        return whole;
    }

    private static boolean begins(List<Integer> text, int[] prefix) {
        return text.size() > prefix.length
                && text.subList(0, prefix.length)
                        .equals(Arrays.stream(prefix).boxed().toList());
    }

    /** Four tokens, 0 the end; the next one's distribution is random, by the last two tokens. */
    private record Memory(long seed) implements PredictiveModel {
        double[] next(int[] prefix) {
            int last = prefix[prefix.length - 1];
            int before = prefix[prefix.length - 2];
            SplittableRandom random = new SplittableRandom(seed * 100 + 10L * before + last);
            double[] weight = random.doubles(4, 0.1, 1).toArray();
            double sum = Arrays.stream(weight).sum();
            return Arrays.stream(weight).map(w -> Math.log(w / sum)).toArray();
        }

        @Override
        public Vocabulary vocabulary() {
            return new Vocabulary(4, Set.of(0));
        }

        @Override
        public double[][] nextLogProbs(List<int[]> prefixes) {
            return prefixes.stream().map(this::next).toArray(double[][]::new);
        }

        @Override
        public double[][] logProbs(List<Continuation> continuations) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
            throw new UnsupportedOperationException();
        }
    }
}
