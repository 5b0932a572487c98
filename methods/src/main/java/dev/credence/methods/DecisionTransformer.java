package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.TableModel;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A decision transformer asked for a reward: the prior on that level, or range. A level never seen is refused.
 *
 * @param level the reward asked for; empty for each prompt's largest
 */
public record DecisionTransformer(
        @Setting(help = "reward asked for: V, or V..W for a range; without it each prompt's largest", unit = "reward")
        Optional<RewardInterval> level)
        implements Conditioner.OnTables {
    /** Asked for each prompt's largest reward. */
    public DecisionTransformer() {
        this(Optional.empty());
    }

    /**
     * Asked for a reward.
     *
     * @param level the reward
     * @return the method
     */
    public static DecisionTransformer of(double level) {
        return between(level, level);
    }

    /**
     * Asked for a range of rewards.
     *
     * @param lowest the least, included
     * @param highest the largest, included
     * @return the method
     */
    public static DecisionTransformer between(double lowest, double highest) {
        return new DecisionTransformer(Optional.of(new RewardInterval(lowest, highest)));
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new DecisionTransformer(),
                "decision-transformer",
                "condition on the text having a given reward",
                "Chen et al. 2021; docs/theory.md#return-conditioned");
    }

    @Override
    public Aim aim(RewardType type) {
        RewardLikelihood asked = level.map(range -> RewardLikelihood.range(range.lowest(), range.highest()))
                .orElseGet(() -> RewardLikelihood.tilt(Double.POSITIVE_INFINITY));
        return Aim.at(asked, Aim.FORWARD);
    }

    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        return PromptByPrompt.condition(
                this,
                prior,
                asked,
                completions -> {
                    double best = completions.best();
                    RewardInterval range = level.orElseGet(() -> new RewardInterval(best, best));
                    return completions.weigh(i -> range.contains(completions.reward(i)));
                },
                completions -> 1);
    }
}
