package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * When the reference of the KL penalty becomes the policy as it is. A stage run to its optimum is conditioned on what the
 * stage before had reached, so that n stages at β are n/β copies of the reward: the aims compose.
 *
 * @param every steps a stage; the last one may be shorter
 * @param stages in all, the first of them against the prior
 */
record ReferenceReset(int every, int stages) {
    static final ReferenceReset NEVER = new ReferenceReset(Integer.MAX_VALUE, 1);

    /** So many steps a stage; the number of stages is part of the aim, so that it asks for the number of steps. */
    static ReferenceReset of(OptionalInt every, OptionalInt steps) {
        if (every.isEmpty()) {
            return NEVER;
        }
        int each = every.getAsInt();
        if (steps.isEmpty()) {
            throw refuse(each, "it goes with steps, as the number of stages is steps by it");
        }
        if (!(each < steps.getAsInt())) {
            throw refuse(each, "it must be below steps, which is " + steps.getAsInt());
        }
        return new ReferenceReset(each, (int) (((long) steps.getAsInt() + each - 1) / each));
    }

    /** These stages, which need a penalty to have a reference. */
    ReferenceReset of(Surrogate surrogate, OptionalDouble adaptiveKl) {
        if (stages > 1) {
            if (surrogate.kl().isNoPenalty() || surrogate.beta() == 0) {
                throw refuse(
                        every,
                        "nothing holds the policy to a reference: kl is "
                                + surrogate.kl().word() + ", beta " + FigureFormat.inWords(surrogate.beta()));
            }
            if (adaptiveKl.isPresent()) {
                throw refuse(every, "adaptive-kl steers by the KL from the prior; give one of both");
            }
        }
        return this;
    }

    private static InputException refuse(int every, String rule) {
        return InputException.ofSetting("reset-reference", Integer.toString(every), rule);
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
                    copies.describe() + ", if each of " + stages + " stages at beta " + FigureFormat.inWords(beta)
                            + " is run to its optimum",
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
