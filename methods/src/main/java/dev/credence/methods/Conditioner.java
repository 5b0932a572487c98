package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A way to condition a prior, with its settings: an immutable record whose components carry {@link Setting}, such as
 * {@code BestOfN.of(4)}. Implementations have a public constructor without arguments, which gives the standard settings, and
 * are found through {@link java.util.ServiceLoader}.
 *
 * <p>Where it can work is a capability: {@link OnTables}, {@link OnModels}, or both by the same class. What is asked is an
 * {@link Evidence}: its log-likelihood is what a method calls the reward, and a reward is evidence at one copy,
 * {@code Evidence.reward(r).times(1)}.
 */
public interface Conditioner {
    /** {@return name, settings with their defaults, and what it does} */
    MethodCard card();

    /**
     * What it aims at with these settings. Conditioning does not compute the policy from this: the claim is tested.
     *
     * @param type what the reward is
     * @return evidence and divergence, or why there is no posterior
     * @throws InputException if a setting without default is missing
     */
    Aim aim(RewardType type);

    /**
     * What it aims at on a model, whose texts have several tokens. A table's have one each, so that what is done token by token is
     * done to whole texts there.
     *
     * @param type what the reward is
     * @return evidence and divergence, or why there is no posterior
     * @throws InputException if a setting without default is missing
     */
    default Aim aimOnModels(RewardType type) {
        return aim(type);
    }

    /**
     * What it aims at on a model where the reward's scale is unknown.
     *
     * @return evidence and divergence, or why there is no posterior
     */
    default Aim aimOnModels() {
        return aimOnModels(RewardType.SCORE);
    }

    /** {@return the methods that one class stands for, each with its standard settings} */
    default List<Conditioner> presets() {
        return List.of(this);
    }

    /**
     * What it aims at where the reward's scale is unknown.
     *
     * @return evidence and divergence, or why there is no posterior
     */
    default Aim aim() {
        return aim(RewardType.SCORE);
    }

    /** {@return the settings in force, as text: name to value, without those that have none} */
    default Map<String, String> settings() {
        return this instanceof Record ? Settings.ofSame(this).write(this) : Map.of();
    }

    /**
     * This method with settings from text, such as those of a command line or a file.
     *
     * @param given name to value
     * @return a changed copy
     * @throws InputException if it has no setting of a name, or a value breaks its rule
     */
    default Conditioner with(Map<String, String> given) {
        Methods.requireKnown(new MethodOptions(given, RewardType.SCORE), List.of(this));
        return with(new MethodOptions(given, RewardType.SCORE));
    }

    /**
     * The same where names that are another method's are passed over.
     *
     * @param given as typed
     * @return a changed copy
     * @throws InputException if a value breaks its rule
     */
    default Conditioner with(MethodOptions given) {
        return this instanceof Record ? Settings.ofSame(this).readKnown(this, given) : this;
    }

    /**
     * What it aims at with settings from text.
     *
     * @param given as typed
     * @return evidence and divergence, or why there is no posterior
     */
    default Aim aim(MethodOptions given) {
        return with(given).aim(given.rewardType());
    }

    /**
     * What it aims at on a model with settings from text.
     *
     * @param given as typed
     * @return evidence and divergence, or why there is no posterior
     */
    default Aim aimOnModels(MethodOptions given) {
        return with(given).aimOnModels(given.rewardType());
    }

    /**
     * The settings in force where some are given as text; those stay as they were typed.
     *
     * @param given as typed
     * @return name to value
     */
    default Map<String, String> inForce(MethodOptions given) {
        return asTyped(with(given).settings(), given);
    }

    /**
     * Runs the method's procedure on a table, with settings from text.
     *
     * @param prior the prior
     * @param reward the reward
     * @param given as typed; a seed among them is that of all draws, and where {@link Methods#POPULATION} is {@code true} among them
     *     there are no draws, whether the method has that setting or is exact without it
     * @return the policy, exact
     * @throws dev.credence.core.posterior.NoPosteriorException if there is nothing to condition on
     * @throws InputException if a setting is missing or breaks its rule, the method does not work on tables, or it draws where
     *     nothing is to be drawn
     */
    default Conditioned condition(TableModel prior, RewardFunction reward, MethodOptions given) {
        if (with(given) instanceof OnTables method) {
            Evidence asked = Evidence.reward(reward, given.rewardType()).times(1);
            RandomGenerator random = Methods.isAskedToEnumerate(this, given) ? NoDraws.of(this) : method.random();
            Conditioned got = method.condition(prior, asked, random);
            return got.showing(asTyped(got.settings(), given));
        }
        throw InputException.ofSetting("method", card().name(), "it does not work on tables");
    }

    private static Map<String, String> asTyped(Map<String, String> settings, MethodOptions given) {
        Map<String, String> typed = new LinkedHashMap<>(settings);
        typed.replaceAll((name, value) -> given.values().getOrDefault(name, value));
        return typed;
    }

    /** Conditions a prior that is known exactly, with an exact policy as its result. */
    interface OnTables extends Conditioner {
        /**
         * Runs the method's procedure.
         *
         * @param prior the prior
         * @param asked the evidence; methods that bring their own ignore it
         * @param random source of all draws; methods that draw none ignore it
         * @return the policy, exact
         * @throws dev.credence.core.posterior.NoPosteriorException if there is nothing to condition on
         * @throws InputException if a setting without default is missing
         */
        Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random);

        /** {@return the generator that a command gives it} */
        default RandomGenerator random() {
            return new SplittableRandom(0);
        }
    }

    /** Conditions any model by drawing from it; its policy is known by its draws. */
    interface OnModels extends Conditioner {
        /**
         * Sets the method's procedure up.
         *
         * @param prior the model
         * @param asked the evidence on its completions
         * @param horizon tokens after which texts are cut, at least 1
         * @return the policy, to draw from
         * @throws InputException if the settings ask for more than can be drawn
         */
        ConditionedModel condition(PredictiveModel prior, DrawnEvidence asked, int horizon);
    }
}
