package dev.credence.lab.models;

import dev.credence.core.audit.Gate;
import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.TokenDivergence;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.endpoint.EndpointUrl;
import dev.credence.hub.Adapter;
import dev.credence.hub.BeginToken;
import dev.credence.hub.Checkpoint;
import dev.credence.hub.EndChoice;
import dev.credence.torch.Transformer;
import dev.credence.torch.TransformerDivergence;
import dev.credence.torch.architecture.Arithmetic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A prior and a policy on the same tokens. */
public final class ModelPair implements AutoCloseable {
    private static final int SERVED_TOKENS = 200; // whose texts a server is asked for

    private final OpenModel prior;
    private final OpenModel policy;

    private ModelPair(OpenModel prior, OpenModel policy) {
        this.prior = prior;
        this.policy = policy;
    }

    /**
     * Loads both.
     *
     * @param prior the prior's folder
     * @param policy the tuned policy's folder
     * @return both; the caller closes them
     * @throws InputException if one cannot be loaded, or their tokens differ
     */
    public static ModelPair open(String prior, String policy) {
        return open(prior, policy, EndChoice.AUTO);
    }

    /**
     * Loads both.
     *
     * @param prior the prior's folder
     * @param policy the tuned policy's folder
     * @param end which tokens end a text, of both
     * @return both; the caller closes them
     * @throws InputException if one cannot be loaded, or their tokens differ
     */
    public static ModelPair open(String prior, String policy, EndChoice end) {
        return open(prior, policy, end, ModelPrecision.FP32);
    }

    /**
     * Loads both.
     *
     * @param prior the prior's folder
     * @param policy the tuned policy's folder
     * @param end which tokens end a text, of both
     * @param precision in what both draw and score
     * @return both; the caller closes them
     * @throws InputException if one cannot be loaded, their tokens differ, or a server is to compute in bf16
     */
    public static ModelPair open(String prior, String policy, EndChoice end, ModelPrecision precision) {
        if (EndpointUrl.isEndpoint(prior) || EndpointUrl.isEndpoint(policy)) {
            return withServer(prior, policy, end, precision);
        }
        ModelName reference = ModelName.of(prior);
        ModelName tuned = ModelName.of(policy);
        checkAdapter(reference, tuned);
        Arithmetic arithmetic = OpenModel.arithmetic(reference, precision);
        OpenModel second = OpenModel.open(tuned, List.of(reference.folder()), end, arithmetic);
        try {
            OpenModel first = isBase(reference, tuned)
                    ? second.withoutAdapter()
                    : OpenModel.open(reference, List.of(tuned.folder()), end, arithmetic);
            try {
                ModelPair pair = new ModelPair(first, second);
                checkTokens("policy", first, second);
                return pair;
            } catch (RuntimeException e) {
                first.close();
                throw e;
            }
        } catch (RuntimeException e) {
            second.close();
            throw e;
        }
    }

    /** Where one is a checkpoint, its tokens are both's. */
    @SuppressWarnings("MustBeClosed") // closed below, or the caller's
    private static ModelPair withServer(String prior, String policy, EndChoice end, ModelPrecision precision) {
        boolean servesPrior = EndpointUrl.isEndpoint(prior);
        boolean servesPolicy = EndpointUrl.isEndpoint(policy);
        OpenModel.refuseServed(precision, servesPrior ? prior : policy);
        OpenModel first = OpenModel.open(servesPrior ? policy : prior, end, ModelPrecision.FP32);
        try {
            OpenModel second =
                    OpenModel.served(servesPrior ? prior : policy, end, servesPrior && servesPolicy ? null : first);
            try {
                checkTokens(servesPrior ? "prior" : "policy", first, second);
                return servesPrior ? new ModelPair(second, first) : new ModelPair(first, second);
            } catch (RuntimeException e) {
                second.close();
                throw e;
            }
        } catch (RuntimeException e) {
            first.close();
            throw e;
        }
    }

    /** Whether the prior is the policy with its adapter off. */
    private static boolean isBase(ModelName prior, ModelName policy) {
        return policy.adapter() != null && prior.adapter() == null && prior.isSameFolder(policy);
    }

    /** Refuses an adapter that the policy counts twice, and one that is part of the prior that it is measured against. */
    private static void checkAdapter(ModelName prior, ModelName policy) {
        Adapter adapter =
                policy.isThere() && prior.isThere() ? policy.withAdapter().orElse(null) : null;
        if (adapter == null) {
            return;
        }
        Checkpoint reference = Checkpoint.open(prior.folder());
        Checkpoint tuned = Checkpoint.open(policy.folder());
        if (policy.adapter() != null && adapter.isPartOf(tuned, List.of(reference))) {
            throw InputException.ofSetting(
                    "policy",
                    policy.argument(),
                    policy.folder() + " holds the adapter " + adapter.folder()
                            + " already, so that it would count twice; name " + policy.folder()
                            + " alone, or the checkpoint that the adapter was trained on with it");
        }
        if (prior.adapter() == null && adapter.isPartOf(reference, List.of(tuned))) {
            throw InputException.ofSetting(
                    "prior",
                    prior.argument(),
                    "its weights hold the policy's adapter " + adapter.folder()
                            + " already, so that it is no reference for it; name the checkpoint that the adapter was"
                            + " trained on");
        }
    }

    /** {@return the prior} */
    public OpenModel prior() {
        return prior;
    }

    /** {@return the policy} */
    public OpenModel policy() {
        return policy;
    }

    /** {@return in what both draw and score; of a server's and another that other's} */
    public ModelPrecision modelPrecision() {
        OpenModel here = policy.isServed() ? prior : policy;
        return !here.isServed() && here.transformer().arithmetic() == Arithmetic.BFLOAT16
                ? ModelPrecision.BF16
                : ModelPrecision.FP32;
    }

    /** {@return prior and policy} */
    public List<Transformer> transformers() {
        return List.of(prior.transformer(), policy.transformer());
    }

    /** {@return whether whole next-token distributions of both can be had, which a server does not give} */
    public boolean hasDistributions() {
        return !prior.isServed() && !policy.isServed();
    }

    /**
     * Texts held against both, with whole next-token distributions.
     *
     * @return what compares them
     * @throws InputException if one is a server's
     */
    public TokenDivergence divergence() {
        return new TransformerDivergence(prior.transformer(), policy.transformer());
    }

    /**
     * Whether the two differ in nothing but what was tuned: in their precision too they should be one.
     *
     * @return passed; a warning where their weights are stored in different precisions, or a server computes one of them
     */
    public Gate precision() {
        String first = prior.describePrecision();
        String second = policy.describePrecision();
        if (first.equals(second) && hasDistributions()) {
            return new Gate("precision", Gate.Status.PASS, 0, "both compute in " + first, List.of());
        }
        return new Gate(
                "precision",
                Gate.Status.WARN,
                1,
                "the prior computes in " + first + ", the policy in " + second
                        + ": what rounding changes counts as a move of the policy",
                List.of());
    }

    /** {@return what a reader of the figures must know of either, a line each} */
    public List<String> warnings() {
        return Stream.concat(prior.warnings().stream(), policy.warnings().stream())
                .distinct()
                .toList();
    }

    /** {@return the files of both with their hashes} */
    public List<Provenance.Input> inputs() {
        List<Provenance.Input> inputs = new ArrayList<>(prior.inputs());
        inputs.addAll(policy.inputs());
        return inputs;
    }

    /**
     * The ids of a prompt, which must be the same for both.
     *
     * @param text the prompt
     * @param begin whether the begin token comes in front
     * @param newTokens how many tokens may follow
     * @return at least one id
     * @throws InputException if the tokenizers differ in it, or a context window is too small
     */
    public int[] prompt(String text, BeginToken begin, int newTokens) {
        int[] ids = prior.prompt(text, begin);
        if (!Arrays.equals(ids, policy.prompt(text, begin))) {
            throw InputException.ofSetting(
                    "policy", policy.argument(), "its tokenizer reads the prompt '" + text + "' differently");
        }
        try {
            prior.checkRoom(ids, newTokens);
            policy.checkRoom(ids, newTokens);
        } catch (ContextWindowException e) {
            throw InputException.ofSetting(
                    "max-new-tokens", Integer.toString(newTokens), String.valueOf(e.getMessage()));
        }
        return ids;
    }

    /**
     * Checks that a text can be scored by both.
     *
     * @param continuation prompt and completion
     * @throws IllegalArgumentException with the reason if not
     */
    public void check(Continuation continuation) {
        prior.check(continuation);
        policy.check(continuation);
    }

    /**
     * A text that was written down with its end token, without it: what a drawn text would be, and what its reward is of.
     *
     * @param text a completion
     * @return the text, or what is before the mark of its end
     */
    public String withoutEnd(String text) {
        List<int[]> ends = prior.model().vocabulary().ends().stream()
                .map(end -> new int[] {end})
                .toList();
        for (String mark : prior.spelled(ends)) {
            if (!mark.isEmpty() && text.endsWith(mark)) {
                return text.substring(0, text.length() - mark.length());
            }
        }
        return text;
    }

    /**
     * The same number of tokens, the same ends, and the same text of each: ids then mean the same to both. Of a server's tokens some are
     * asked for, as each is a request.
     */
    static void checkTokens(String role, OpenModel prior, OpenModel other) {
        if (!prior.model().vocabulary().equals(other.model().vocabulary())) {
            throw differ(
                    role,
                    other,
                    "vocabulary or end tokens are other than the prior's: "
                            + words(other) + " and "
                            + words(prior) + "; where only the ends differ, choose one for all");
        }
        boolean isServed = prior.isServed() || other.isServed();
        int size = prior.model().vocabulary().size();
        int step = isServed ? Math.max(1, size / SERVED_TOKENS) : 1;
        List<int[]> asked = IntStream.iterate(0, v -> v < size, v -> v + step)
                .mapToObj(v -> new int[] {v})
                .toList();
        List<String> first = prior.spelled(asked);
        List<String> second = other.spelled(asked);
        for (int i = 0; i < Math.min(first.size(), second.size()); i++) { // none of a server that tells no texts
            boolean isSame = isServed
                    ? first.get(i).strip().equals(second.get(i).strip()) // a lone token's space is kept by some
                    : first.get(i).equals(second.get(i));
            if (!isSame) {
                throw differ(role, other, "token " + asked.get(i)[0] + " is not the prior's '" + first.get(i) + "'");
            }
        }
    }

    private static String words(OpenModel model) {
        Vocabulary vocabulary = model.model().vocabulary();
        return String.format(
                "%,d tokens, of which %s end a text",
                vocabulary.size(), vocabulary.ends().stream().sorted().toList());
    }

    private static InputException differ(String role, OpenModel other, String how) {
        return InputException.ofSetting(
                role, other.argument(), "prior and " + role + " must have the same tokens; " + how);
    }

    @Override
    public void close() {
        prior.close();
        policy.close();
    }
}
