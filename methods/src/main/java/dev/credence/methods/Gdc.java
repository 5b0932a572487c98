package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.MeanReward;
import dev.credence.core.posterior.MomentConstraints;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;

/**
 * Generation with distributional control: the nearest distribution to the prior whose mean reward is given.
 *
 * @param moment the mean reward that is wanted; it must be given
 */
public record Gdc(
        @Setting(help = "give the mean reward that is wanted", unit = "reward")
        OptionalDouble moment) implements Conditioner.OnTables {
    /**
     * Checks the setting.
     *
     * @param moment any number
     */
    public Gdc {
        Settings.check(Gdc.class, moment);
    }

    /** Without a moment: it aims at nothing yet. */
    public Gdc() {
        this(OptionalDouble.empty());
    }

    /**
     * With a mean reward.
     *
     * @param moment the mean
     * @return the method
     */
    public static Gdc of(double moment) {
        return new Gdc(OptionalDouble.of(moment));
    }

    private double wanted() {
        return moment.orElseThrow(
                () -> InputException.ofSetting("moment", "missing", "give the mean reward that is wanted"));
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new Gdc(),
                "gdc",
                "meet a mean reward at the least KL from the prior",
                "Khalifa, Elsahar and Dymetman 2021; docs/theory.md#moment-constraints");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(new MeanReward(wanted()), Aim.FORWARD);
    }

    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        double[] mean = {wanted()};
        return PromptByPrompt.condition(
                this,
                prior,
                asked,
                completions -> MomentConstraints.meet(
                                completions.distribution(), new double[][] {completions.rewards()}, mean)
                        .posterior()
                        .probabilities(),
                null);
    }
}
