package dev.credence.methods;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.TableModel;

/**
 * A way to condition a prior. Implementations have a public constructor without arguments and are found through
 * {@link java.util.ServiceLoader}; they hold no state.
 */
public interface Conditioner {
    /** {@return name, options and what it does} */
    MethodCard card();

    /**
     * What it aims at with these options. {@link #condition} does not compute its policy from this: the claim is tested.
     *
     * @param options as given
     * @return evidence and divergence, or why there is no posterior
     */
    Aim aim(MethodOptions options);

    /**
     * Runs the method's procedure on an exact prior.
     *
     * @param prior the prior
     * @param reward the reward; methods that take none ignore it
     * @param options as given
     * @return the policy, exact
     * @throws dev.credence.core.posterior.NoPosteriorException if there is nothing to condition on
     * @throws dev.credence.core.provenance.InputException if an option is missing or breaks its rule
     */
    Conditioned condition(TableModel prior, RewardFunction reward, MethodOptions options);
}
