package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Prompting: the text's beginning is fixed. Exact, and cheap; but it can express no other evidence.
 *
 * @param prompt the characters that the completion must begin with; they must be given
 */
public record Prefix(
        @Setting(help = "give the characters that the completion must begin with")
        Optional<String> prompt) implements Conditioner.OnTables, Conditioner.OnModels {
    /** Without a beginning: it aims at nothing yet. */
    public Prefix() {
        this(Optional.empty());
    }

    /**
     * With a beginning.
     *
     * @param prompt the first characters of the completion
     * @return the method
     */
    public static Prefix of(String prompt) {
        return new Prefix(Optional.of(prompt));
    }

    private String beginning() {
        return prompt.orElseThrow(() -> InputException.ofSetting(
                "prompt", "missing", "give the characters that the completion must begin with"));
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(new Prefix(), "prompt", "fix the beginning of the text", "docs/theory.md#prompting");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(Evidence.prompt(beginning()), Aim.EXACT);
    }

    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        String beginning = beginning();
        return PromptByPrompt.condition(
                this,
                prior,
                asked,
                completions -> completions.weigh(i -> completions.text(i).startsWith(beginning)),
                completions -> 1);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The beginning is fixed as the tokens that the tokenizer makes of it: other tokens of the same characters are not drawn,
     * which the aim says. Each draw is one of the policy.
     */
    @Override
    public ConditionedModel condition(PredictiveModel prior, DrawnEvidence asked, int horizon) {
        return new PrefixDraws(prior, asked, horizon, beginning());
    }
}
