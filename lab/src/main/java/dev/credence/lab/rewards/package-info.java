/**
 * Reward models on transformers: judgements read from files ({@code JudgementFile}), a model learned from them ({@code
 * RewardTraining}), opened to score texts ({@code OpenReward}) and judged on what was held out ({@code RewardEvaluation}).
 *
 * <p>The folder's form is the module hub's, the losses and held-out figures are those of {@code methods.rewardmodel}, where
 * reward models of tables live; how a score conditions a prior is the methods' matter.
 */
@NullMarked
package dev.credence.lab.rewards;

import org.jspecify.annotations.NullMarked;
