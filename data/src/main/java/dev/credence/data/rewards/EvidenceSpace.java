package dev.credence.data.rewards;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.probability.TableModel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where evidence is asked: what rewards mean there, and whether all texts are known. */
public interface EvidenceSpace {
    /**
     * A reward by the name that the user gives it.
     *
     * @param typed as it was typed; null for the one that the question is about
     * @return the reward of this space's texts
     * @throws dev.credence.core.provenance.InputException if there is none such
     */
    NamedReward reward(@Nullable String typed);

    /**
     * Whether the user has said which reward the question is about.
     *
     * @return true where {@code reward(null)} is his choice; false where the space would have to find one
     */
    boolean isRewardChosen();

    /**
     * Evidence on texts as evidence on this space's outcomes, whose names may differ from their texts.
     *
     * @param ofTexts one of the expression's own
     * @return the same where outcomes are texts
     */
    default Evidence seen(Evidence ofTexts) {
        return ofTexts;
    }

    /** {@return all texts with their probabilities; nothing where they are too many to list} */
    default Optional<TableModel> prior() {
        return Optional.empty();
    }

    /** {@return what to do where all texts would have to be known, and are not, to end a sentence} */
    default String whyNotAllTexts() {
        return "it needs the rewards of all texts";
    }
}
