package dev.credence.lab.experiments;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.training.TrainingTask;

/**
 * Where methods train: a table, or a transformer whose texts are all enumerated. One reward each.
 *
 * @param <P> its policies
 */
interface Place<P extends TrainablePolicy> {
    /** {@return what it is called in figures} */
    String name();

    /** {@return letter of the reward's reading} */
    String reading();

    /** {@return the prompts and the reward} */
    TrainingTask task();

    /** A policy that begins as the prior; the caller closes it. */
    P begin(Optimiser optimiser);

    /** The exact figures of a policy. */
    PathLook look(P policy, double beta);

    /** The exact figures of the posterior of some evidence on the reward. */
    PathLook look(RewardLikelihood evidence, double beta);
}
