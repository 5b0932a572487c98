package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.methods.Aim;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;

/**
 * When the reference of the KL penalty becomes the policy as it is. A stage run to its optimum is conditioned on what the
 * stage before had reached, so that n stages at β are n/β copies of the reward: the aims compose.
 *
 * @param every steps a stage; the last one may be shorter
 * @param stages in all, the first of them against the prior
 */
record ReferenceReset(int every, int stages) {
    static final MethodOption EVERY = new MethodOption(
            "reset-reference",
            "",
            "steps of a stage, after which the penalty's reference becomes the policy as it is; --lr falls anew in each."
                    + " Without it the reference is always the prior");

    static final ReferenceReset NEVER = new ReferenceReset(Integer.MAX_VALUE, 1);

    /** Reads the option; the number of stages is part of the aim, so that it asks for the number of steps. */
    static ReferenceReset of(MethodOptions options) {
        if (!options.has(EVERY.name())) {
            return NEVER;
        }
        int every = options.count(EVERY);
        if (!options.has(TrainingSettings.STEPS.name())) {
            throw options.refuse(EVERY, "it goes with --steps, as the number of stages is --steps by it");
        }
        int steps = options.count(TrainingSettings.STEPS);
        if (!(every < steps)) {
            throw options.refuse(EVERY, "it must be below --steps, which is " + steps);
        }
        return new ReferenceReset(every, (int) (((long) steps + every - 1) / every));
    }

    /** Whether a stage begins after so many steps, other than the first. */
    boolean isDueAfter(long steps) {
        return steps > 0 && steps % every == 0 && isMovedAfter(steps);
    }

    /** Whether the reference is no longer the prior in the step after so many. */
    boolean isMovedAfter(long steps) {
        return stages > 1 && steps >= every;
    }

    /** Whether a step, counted from 1, is one of the last stage. */
    boolean isInLastStage(long step) {
        return step > (long) (stages - 1) * every;
    }

    /** A rate that falls to 0 along a cosine in each stage, so that each can come to rest. */
    LearningRate falling(double rate, int steps, int updates) {
        long stage = (long) Math.min(steps, every) * updates;
        LearningRate once = LearningRate.cosine(rate, 0, stage, 0);
        return stages == 1 ? once : step -> once.at(step % stage);
    }

    /** What all stages aim at, given the aim of one at a coefficient. */
    Aim composed(Aim one, double beta) {
        if (stages == 1) {
            return one;
        }
        if (one.noPosterior() == null) {
            RewardLikelihood copies = RewardLikelihood.tilt(stages / beta);
            return new Aim(
                    copies.describe() + ", if each of " + stages + " stages at beta "
                            + PolicyGradientMethod.number(beta) + " is run to its optimum",
                    "KL(policy‖posterior) of one stage after the other: the optimum of E r - beta KL(policy‖stage before)",
                    copies,
                    null,
                    null,
                    null);
        }
        Aim all = Aim.atNoPosterior(
                stages + " stages, each run to its optimum against the one before, of: " + one.evidence(),
                one.divergence(),
                one.noPosterior());
        Aim.Limit limit = one.closedForm();
        return limit == null
                ? all
                : all.tendingTo((prior, reward) -> {
                    TableModel reached = prior;
                    for (int stage = 0; stage < stages; stage++) {
                        reached = limit.of(reached, reward);
                    }
                    return reached;
                });
    }
}
