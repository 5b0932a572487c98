/**
 * Conditioners: ways to turn a prior and evidence into a policy, each stating the evidence it aims at ({@link
 * dev.credence.methods.Conditioner}; {@code Methods} finds them).
 *
 * <p>Here are those that do not train: exact on a table ({@code PromptByPrompt}: tilt, prompt, rejection, Poisson approval, best-of-n,
 * Luce's pools, quantilizers), by draws of a model ({@code ModelDraws}, {@code PoolSampler}, {@code RejectionSampler}), and by
 * sequential Monte Carlo ({@code Smc}, {@code ParticleFilter}, with {@code Twist}s learned or known). What a method can be set to is
 * declared on its record by {@code @Setting} and read by {@code Settings}. Those that train are in {@code training}, reward models of
 * tables in {@code rewardmodel}. No figure of an audit is computed here.
 */
@NullMarked
package dev.credence.methods;

import org.jspecify.annotations.NullMarked;
