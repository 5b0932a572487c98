package dev.credence.methods;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.TableModel;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The frame of the exact methods: prompt by prompt, from weights of outcomes to a policy. */
abstract class TableConditioner implements Conditioner {
    /**
     * The procedure on one prompt.
     *
     * @param completions the prior's completions of the prompt with their rewards
     * @param options as given
     * @return (outcomes), weights ≥ 0 of the policy
     */
    abstract double[] policy(Completions completions, MethodOptions options);

    /** Prior draws for one text; empty where the procedure does not draw. */
    OptionalDouble draws(Completions completions, MethodOptions options) {
        return OptionalDouble.empty();
    }

    @Override
    public final Conditioned condition(TableModel prior, RewardFunction reward, MethodOptions options) {
        double[] draws = {0};
        boolean[] counted = {true};
        TableModel policy = prior.map((prompt, distribution) -> {
            Completions completions = Completions.of(prompt, distribution, reward);
            OptionalDouble cost = draws(completions, options);
            counted[0] &= cost.isPresent();
            draws[0] += prior.weight(prompt) * cost.orElse(0);
            return completions.policy(policy(completions, options), card().name(), prompt);
        });
        OptionalDouble cost = counted[0] ? OptionalDouble.of(draws[0]) : OptionalDouble.empty();
        return new Conditioned(
                card().name(), options.inForce(card().options()), aim(options), policy, cost, OptionalLong.empty());
    }
}
