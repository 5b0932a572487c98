package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.probability.TableModel;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The frame of the exact methods: prompt by prompt, from weights of outcomes to a policy. */
final class PromptByPrompt {
    private PromptByPrompt() {}

    /**
     * Conditions every prompt's completions.
     *
     * @param method whose procedure it is
     * @param prior the prior
     * @param asked the evidence
     * @param weights from completions to (outcomes), ≥ 0, of the policy
     * @param draws prior draws for one text; null where the procedure does not draw
     * @return the policy
     */
    static Conditioned condition(
            Conditioner method,
            TableModel prior,
            Evidence asked,
            Function<Completions, double[]> weights,
            @Nullable ToDoubleFunction<Completions> draws) {
        String name = method.card().name();
        double[] cost = {0};
        TableModel policy = prior.map((prompt, distribution) -> {
            Completions completions = Completions.of(prompt, distribution, asked);
            cost[0] += draws == null ? 0 : prior.weight(prompt) * draws.applyAsDouble(completions);
            return completions.policy(weights.apply(completions), name, prompt);
        });
        return new Conditioned(
                name,
                method.settings(),
                method.aim(asked.rewardType()),
                policy,
                draws == null ? OptionalDouble.empty() : OptionalDouble.of(cost[0]),
                OptionalLong.empty());
    }

    /** Draws for one text that is accepted, from (outcomes) the mass of what is. */
    static double drawsUntilAccepted(double[] joint) {
        double accepted = 0;
        for (double mass : joint) {
            accepted += mass;
        }
        return 1 / accepted;
    }
}
