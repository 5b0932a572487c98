package dev.credence.methods;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.SoftValues;
import dev.credence.core.provenance.InputException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Evidence on the completions that a model draws: what {@code Evidence} is on texts. */
@FunctionalInterface
public interface DrawnEvidence {
    /** Prefixes of which soft values are enumerated at most. */
    int MOST_PREFIXES = 200_000;

    /**
     * The log-likelihoods of completions of one prompt.
     *
     * @param prompt its token ids
     * @param drawn completions of it
     * @return (n) nats, each below ∞
     */
    double[] logLikelihoods(int[] prompt, List<Sample> drawn);

    /**
     * The largest log-likelihood that a completion of a prompt can have.
     *
     * @param prompt its token ids
     * @return nats; ∞ where nothing is known
     */
    default double upper(int[] prompt) {
        return Double.POSITIVE_INFINITY;
    }

    /**
     * The tokens that spell the beginning of a completion.
     *
     * @param prompt its token ids
     * @param beginning its first characters
     * @return ids, as the tokenizer writes the text behind the prompt
     * @throws InputException if the model has no tokenizer
     */
    default int[] tokens(int[] prompt, String beginning) {
        throw InputException.ofSetting("prompt", beginning, "it is a text, and the model has no tokenizer");
    }

    /**
     * The same evidence token by token.
     *
     * @param prompt its token ids
     * @return what beginnings of completions say of it; empty where it is only asked of complete ones
     */
    default Optional<TokenEvidence> onTokens(int[] prompt) {
        return Optional.empty();
    }

    /**
     * The soft values log E_prior[e^(copies · E) | prefix], by enumeration.
     *
     * @param prior the model
     * @param extent the prompt, and where texts are cut
     * @param copies n, finite
     * @return exact ones, or intervals where a search ended before
     * @throws dev.credence.core.model.PrefixLimitException if there are too many prefixes
     * @throws IllegalArgumentException if the evidence is not known token by token
     */
    default SoftValues softValues(PredictiveModel prior, SoftValues.Extent extent, double copies) {
        TokenEvidence evidence = onTokens(extent.prompt())
                .orElseThrow(() -> new IllegalArgumentException("the evidence is asked of complete texts"))
                .times(copies);
        return SoftValues.of(prior, evidence, extent, MOST_PREFIXES);
    }

    /** {@return what the log-likelihood is, seen as a reward} */
    default RewardType rewardType() {
        return RewardType.LOG_PROBABILITY;
    }

    /**
     * Of evidence on tokens, such as a checkpoint makes of evidence on texts.
     *
     * @param behind from a prompt's token ids to the evidence behind it
     * @return the same on drawn completions, with its bounds
     */
    static DrawnEvidence of(Function<int[], TokenEvidence> behind) {
        return new DrawnEvidence() {
            @Override
            public double[] logLikelihoods(int[] prompt, List<Sample> drawn) {
                TokenEvidence evidence = behind.apply(prompt);
                return drawn.stream()
                        .mapToDouble(sample -> evidence.logLikelihood(
                                sample.tokens(),
                                sample.tokens().length - (sample.finished() ? 1 : 0),
                                sample.finished()))
                        .toArray();
            }

            @Override
            public double upper(int[] prompt) {
                return behind.apply(prompt).bounds(new int[0], 0).upper();
            }

            @Override
            public Optional<TokenEvidence> onTokens(int[] prompt) {
                return Optional.of(behind.apply(prompt));
            }
        };
    }
}
