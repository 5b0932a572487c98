package dev.credence.methods;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.Sample;
import dev.credence.core.provenance.InputException;
import java.util.List;
import java.util.function.Function;

/** Evidence on the completions that a model draws: what {@code Evidence} is on texts. */
@FunctionalInterface
public interface DrawnEvidence {
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
        };
    }
}
