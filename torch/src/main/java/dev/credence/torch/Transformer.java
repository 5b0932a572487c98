package dev.credence.torch;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.GrowingSequences;
import dev.credence.core.model.NotFiniteException;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.Vocabulary;
import dev.credence.torch.architecture.AdapterPart;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.StoredAdapter;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightNames;
import dev.credence.torch.architecture.WeightSink;
import dev.credence.torch.architecture.WeightSource;
import dev.credence.torch.inference.Generation;
import dev.credence.torch.inference.Growing;
import dev.credence.torch.inference.Scoring;
import dev.credence.torch.layers.Network;
import dev.credence.torch.tensors.Kept;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.weights.Adapters;
import dev.credence.torch.weights.LowRank;
import dev.credence.torch.weights.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A decoder-only transformer. Several threads may use it at once; closing it frees its weights.
 *
 * <p>Reproducible in single precision: the same seed gives the same tokens whatever the number of samples, pieces and threads, on
 * one machine and back end; log-probabilities agree to rounding (1e-5 a token). In {@link Arithmetic#BFLOAT16} they agree to about
 * 0.01, and a token may depend on what is drawn beside it; the same call gives the same tokens on as many threads.
 */
public final class Transformer implements PredictiveModel, AutoCloseable {
    private final Network network;
    private final Vocabulary vocabulary;
    private final Backend backend;

    private Transformer(Network network, Vocabulary vocabulary, Backend backend) {
        this.network = network;
        this.vocabulary = vocabulary;
        this.backend = backend;
    }

    /**
     * Reads a transformer's weights.
     *
     * @param architecture its sizes and switches
     * @param names how the weights are stored
     * @param source where they are stored
     * @param ends tokens that end a text
     * @param backend what to compute with
     * @return the model in single precision
     * @throws dev.credence.core.provenance.InputException if a weight is missing or has another shape
     */
    public static Transformer read(
            Architecture architecture, WeightNames names, WeightSource source, Set<Integer> ends, Backend backend) {
        return read(architecture, names, source, ends, new Compute(backend, Precision.FLOAT32));
    }

    /**
     * Reads a transformer's weights to compute in a given precision.
     *
     * @param architecture its sizes and switches
     * @param names how the weights are stored
     * @param source where they are stored
     * @param ends tokens that end a text
     * @param compute with what and how exactly
     * @return the model
     * @throws dev.credence.core.provenance.InputException if a weight is missing or has another shape
     */
    public static Transformer read(
            Architecture architecture, WeightNames names, WeightSource source, Set<Integer> ends, Compute compute) {
        Vocabulary vocabulary = new Vocabulary(architecture.vocabulary(), ends);
        Network network = Native.make(() -> {
            Weights weights = Weights.read(architecture, names, source, compute.arithmetic(), compute::packer);
            return network(architecture, weights, compute);
        });
        return new Transformer(network, vocabulary, compute.backend());
    }

    /**
     * What a model computes with.
     *
     * @param backend libraries and threads
     * @param arithmetic how weights are held and multiplied
     * @param packed which weights are packed for their products
     */
    public record Compute(Backend backend, Arithmetic arithmetic, Packed packed) {
        /** Which weights are packed. None is that is held to be trained, {@link Arithmetic#isWide}. */
        public enum Packed {
            /** Those of large models, where it is faster by {@link ProductChoice}. */
            MEASURED,
            /** None. */
            NEVER,
            /** All that can be, whatever their size; on an accelerator none can. */
            ALWAYS
        }

        /**
         * With weights packed where it is faster.
         *
         * @param backend libraries and threads
         * @param arithmetic how weights are held and multiplied
         */
        public Compute(Backend backend, Arithmetic arithmetic) {
            this(backend, arithmetic, Packed.MEASURED);
        }

        /**
         * All in one precision.
         *
         * @param backend libraries and threads
         * @param precision FLOAT32, or FLOAT64 to check
         */
        public Compute(Backend backend, Precision precision) {
            this(backend, precision == Precision.FLOAT64 ? Arithmetic.DOUBLE : Arithmetic.SINGLE);
        }

        /** Nothing is measured for a model of which nothing would be packed. */
        private Weights.@Nullable Packer packer(long numbers) {
            if (arithmetic.isWide() || packed == Packed.NEVER || !Native.isOnProcessor()) {
                return null;
            }
            if (packed == Packed.ALWAYS) {
                return ProductChoice.always(arithmetic, backend);
            }
            return numbers < ProductChoice.LARGE ? null : ProductChoice.shared().packer(arithmetic, backend);
        }
    }

    private static Network network(Architecture architecture, Weights weights, Compute compute) {
        return new Network(
                architecture, weights, compute.arithmetic(), compute.backend().workers());
    }

    private Network network(Architecture architecture, Weights weights) {
        return network(architecture, weights, new Compute(backend, network.arithmetic()));
    }

    /** {@return how its weights are held and multiplied} */
    public Arithmetic arithmetic() {
        return network.arithmetic();
    }

    /** {@return in what form its weights are multiplied, in words: packed, or as they are held} */
    public String describeWeights() {
        boolean isPacked = network.weights().isPacked();
        return isPacked ? "packed" : arithmetic().isWide() ? "widened" : "as stored";
    }

    /** {@return its sizes and switches} */
    public Architecture architecture() {
        return network.architecture();
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /** {@return whether its head gives one number a text, so that it scores texts and foretells no token} */
    public boolean isScoring() {
        return architecture().wiring().head() == Architecture.Head.SCORE;
    }

    /**
     * Scores of texts: what the head of one number makes of each text's last token.
     *
     * @param texts token ids, one at least each
     * @return (texts)
     * @throws IllegalArgumentException if a text is empty, or an id is outside the vocabulary
     * @throws dev.credence.core.model.ContextWindowException if a text is longer than the context
     * @throws IllegalStateException if the model is a language model
     * @throws NotFiniteException if its weights are not numbers
     */
    public double[] scores(List<int[]> texts) {
        if (!isScoring()) {
            throw new IllegalStateException(
                    "the model's head gives a logit a token; a score needs a head of one number");
        }
        double[] scores = new double[texts.size()];
        double[][] rows = numbers(unchanged(() -> new Scoring(network, backend.workers()).heads(checked(texts))));
        Arrays.setAll(scores, i -> rows[i][0]);
        return scores;
    }

    /** Computes with the weights, and holds afterwards that they stayed what they were. */
    private <T> T unchanged(Supplier<T> compute) {
        network.weights().check();
        T made = compute.get();
        network.weights().check();
        return made;
    }

    private static double[][] numbers(double[][] rows) {
        for (double[] row : rows) {
            for (double number : row) {
                if (Double.isNaN(number)) {
                    throw new NotFiniteException("a text's logits are not numbers; the model's weights are not usable");
                }
            }
        }
        return rows;
    }

    private void requireTokens() {
        if (isScoring()) {
            throw new IllegalStateException("the model's head gives one number a text; it foretells no token");
        }
    }

    private List<int[]> checked(List<int[]> prefixes) {
        for (int[] prefix : prefixes) {
            if (prefix.length == 0) {
                throw new IllegalArgumentException("prefix is empty; a model needs at least one token to predict from");
            }
            vocabulary.check(prefix);
        }
        return prefixes;
    }

    @Override
    public double[][] nextLogProbs(List<int[]> prefixes) {
        requireTokens();
        return unchanged(() -> new Scoring(network, backend.workers()).next(checked(prefixes)));
    }

    @Override
    public double[][] logProbs(List<Continuation> continuations) {
        requireTokens();
        for (Continuation continuation : continuations) {
            vocabulary.check(continuation.prompt());
            vocabulary.check(continuation.tokens());
        }
        return numbers(unchanged(() -> new Scoring(network, backend.workers()).tokens(continuations)));
    }

    @Override
    public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
        return sample(List.of(prompt), n, sampling, random).get(0);
    }

    @Override
    public List<List<Sample>> sample(List<int[]> prompts, int n, Sampling sampling, RandomGenerator random) {
        return sample(prompts, 0, n, sampling, random);
    }

    /**
     * Some of the completions that a call for more of them would draw.
     *
     * @param prompts token ids, at least one each
     * @param from how many of each prompt's are left out before
     * @param n how many of each
     * @param sampling how: length, temperature, truncation
     * @param random source of randomness; one {@code long} is taken from it for each prompt, in their order
     * @return (prompts, n)
     * @throws dev.credence.core.model.ContextWindowException if a prompt and its completion do not fit the context window
     */
    public List<List<Sample>> sample(List<int[]> prompts, int from, int n, Sampling sampling, RandomGenerator random) {
        requireTokens();
        Sampling.requireCount(n);
        List<int[]> checked = new ArrayList<>();
        for (int[] prompt : prompts) {
            checked.add(new Continuation(prompt, new int[0]).prompt());
            vocabulary.check(prompt);
        }
        long[] seeds = new long[checked.size()];
        Arrays.setAll(seeds, prompt -> random.nextLong());
        return unchanged(
                () -> new Generation(network, vocabulary, backend.workers(), sampling).sample(checked, from, n, seeds));
    }

    /** {@inheritDoc} Keys and values are kept. */
    @Override
    public GrowingSequences sequences(int[] prompt, int room) {
        vocabulary.check(new Continuation(prompt, new int[0]).prompt());
        return new Growing(network, backend.workers(), prompt, room);
    }

    /**
     * Writes one stored tensor as it would have been read: same order, same precision, same bytes where nothing was trained.
     *
     * @param stored a tensor's name, precision and shape
     * @param sink takes the bytes
     * @return whether the tensor is one of this model's weights
     * @throws IllegalStateException if the model has an adapter, which the weights are without
     */
    public boolean write(StoredTensor stored, WeightSink sink) {
        if (!adapters().isEmpty()) {
            throw new IllegalStateException("the model has an adapter; merge it, or write the adapter itself");
        }
        return Native.make(() -> network.weights().write(stored, sink));
    }

    /**
     * This model with an adapter on it; it shares this one's memory, and either may be closed first.
     *
     * @param adapter the factors for each weight
     * @param source where they are stored
     * @return the model; the caller closes it
     * @throws dev.credence.core.provenance.InputException if a weight is not this model's, or a factor has another shape
     * @throws IllegalStateException if there is an adapter already
     */
    public Transformer adapted(List<StoredAdapter> adapter, WeightSource source) {
        if (!adapters().isEmpty()) {
            throw new IllegalStateException("the model has an adapter already; merge it first");
        }
        Weights weights = network.weights();
        return with(() -> {
            try (Kept kept = new Kept()) {
                return weights.withAdapters(Adapters.read(weights, adapter, source, network.precision(), kept));
            }
        });
    }

    /** {@return the same model with a head of its own, which is the embedding so far; it shares this one's memory} */
    public Transformer untied() {
        return on(architecture().untied(), () -> network.weights().untied());
    }

    /**
     * This model with a head that gives one number a text, 0 at first, in the place of its own; it shares all other memory.
     *
     * @param others the names of its weights, the new head's among them
     * @return the model; the caller closes it
     * @throws IllegalStateException if there is an adapter; it is merged first
     */
    public Transformer scoring(WeightNames others) {
        if (!adapters().isEmpty()) {
            throw new IllegalStateException("the model has an adapter; merge it first");
        }
        return on(architecture().scoring(), () -> network.weights().scoring(others));
    }

    /**
     * This model with other tensors in the place of some stored ones; it shares the memory of all others.
     *
     * @param architecture this one's, which may have another number of tokens
     * @param stored the names of those replaced
     * @param source where they, and what is packed together with them, are read from
     * @return the model; the caller closes it
     * @throws dev.credence.core.provenance.InputException if one has another shape
     */
    public Transformer replaced(Architecture architecture, Set<String> stored, WeightSource source) {
        return on(architecture, () -> network.weights().replaced(architecture, stored, source, network.arithmetic()));
    }

    /**
     * This model with other tokens that end a text; it shares this one's memory.
     *
     * @param ends ids
     * @return the model; the caller closes it
     */
    public Transformer ending(Set<Integer> ends) {
        Transformer same = with(() -> network.weights().with((role, layer) -> null));
        return new Transformer(same.network, new Vocabulary(vocabulary.size(), ends), backend);
    }

    private Transformer on(Architecture architecture, Supplier<Weights> make) {
        return Native.make(() -> new Transformer(
                network(architecture, Native.within(make)),
                new Vocabulary(architecture.vocabulary(), vocabulary.ends()),
                backend));
    }

    /** {@return what its adapter adds, weight by weight; empty without one} */
    public List<AdapterPart> adapters() {
        Weights weights = network.weights();
        return weights.added().stream()
                .map(low -> Adapters.describe(weights, low))
                .toList();
    }

    /** {@return the model without its adapter; it shares this one's memory, and the caller closes it} */
    public Transformer withoutAdapter() {
        return with(() -> network.weights().withAdapters(List.of()));
    }

    /** {@return the model with its adapter added into the weights, so that no call pays for it; the caller closes it} */
    public Transformer merged() {
        return with(() -> network.weights().merged());
    }

    /**
     * Writes a factor of the adapter.
     *
     * @param weight the stored weight it belongs to
     * @param factor which one
     * @param precision of the file
     * @param sink takes the bytes
     * @throws IllegalArgumentException if the adapter adds nothing to the weight
     */
    public void writeAdapter(String weight, AdapterPart.Factor factor, Precision precision, WeightSink sink) {
        Weights weights = network.weights();
        LowRank low = weights.added().stream()
                .filter(one -> one.weight().equals(weight))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("weight is '" + weight + "'; the adapter adds nothing to it"));
        Native.make(() -> {
            Adapters.write(weights, low, factor, precision, sink);
            return sink;
        });
    }

    /**
     * The same model on other weights, which it takes over; what is made on the way to them is gone afterwards. For the rooms
     * of this module.
     *
     * @param make the weights
     * @return the model; the caller closes it
     */
    public Transformer with(Supplier<Weights> make) {
        return Native.make(() -> {
            Weights weights = Native.within(make);
            return new Transformer(network(network.architecture(), weights), vocabulary, backend);
        });
    }

    /** {@return its layers, for the rooms of this module} */
    public Network network() {
        return network;
    }

    /** {@return what it computes with} */
    public Backend backend() {
        return backend;
    }

    @Override
    public void close() {
        network.close();
    }
}
