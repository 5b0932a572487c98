package dev.credence.app.options;

import dev.credence.core.evidence.RewardType;
import dev.credence.lab.inputs.RewardName;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The reward, what it says it is, and how strongly it is asked for: the same options wherever a reward is spoken of. */
public final class RewardOptions {
    @Option(
            names = "--beta",
            paramLabel = "B",
            description =
                    "KL coefficient: 1/B copies of the reward are asked for; 0 keeps the best texts alone. Without"
                            + " it an audit withdraws the figures about what was asked; elsewhere one copy is asked for.")
    private @Nullable Double beta;

    @Option(
            names = "--reward",
            paramLabel = "[NAME=]REWARD",
            description = "The reward: a name in the input (needed where it has several), or of a text, such as"
                    + " 'min(1,0.5*count:\\blove\\b)' or model:DIR; NAME is what it is called in all that is written.")
    private @Nullable String reward;

    @Option(
            names = "--reward-type",
            paramLabel = "TYPE",
            converter = RewardTypes.class,
            completionCandidates = RewardTypes.class,
            description =
                    "What the reward is, for the words about copies: ${COMPLETION-CANDIDATES} (default score; logit"
                            + " for reward models, which score by logits).")
    private @Nullable RewardType rewardType;

    /** For the parser, which fills the fields. */
    public RewardOptions() {}

    /** {@return the coefficient as given, or null} */
    public @Nullable Double beta() {
        return beta;
    }

    /** {@return the reward as the user typed it, or null} */
    public @Nullable String reward() {
        return reward;
    }

    /** {@return what the reward is} */
    public RewardType rewardType() {
        return rewardType(reward);
    }

    /**
     * What a reward is.
     *
     * @param typed the reward, where the user names it by other means; or null
     * @return as the user says, else as it follows from the reward
     */
    RewardType rewardType(@Nullable String typed) {
        return rewardType == null ? RewardName.typeOf(typed) : rewardType;
    }

    /** The readings of a reward as a user types them. */
    static final class RewardTypes implements ITypeConverter<RewardType>, Iterable<String> {
        @Override
        public RewardType convert(String word) {
            try {
                return RewardType.of(word);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }

        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(RewardType.values()).map(RewardType::word).iterator();
        }
    }
}
