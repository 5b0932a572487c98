package dev.credence.lab.conditioning;

import dev.credence.methods.ConditionedModel;
import java.util.List;

/**
 * The draws of one prompt: of the prior, and of a method that makes its own of further draws of the prior.
 *
 * @param text the prompt
 * @param weight its share
 * @param ids its tokens
 * @param prior texts of the prior with their log-likelihoods
 * @param policy texts of the policy
 * @param pool (draws) log-likelihoods of the prior's texts that the policy's were made of
 */
@SuppressWarnings("ArrayRecordComponent")
public record DrawnPrompt(
        String text,
        double weight,
        int[] ids,
        List<ConditionedModel.Text> prior,
        List<ConditionedModel.Text> policy,
        double[] pool) {}
