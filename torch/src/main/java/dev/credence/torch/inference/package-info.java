/**
 * Forward passes put to use: log-probabilities of given texts and of next tokens ({@link
 * dev.credence.torch.inference.Scoring}), and samples in batches ({@link dev.credence.torch.inference.Generation}), both with
 * a prompt read once. Inside this module only.
 */
@NullMarked
package dev.credence.torch.inference;

import org.jspecify.annotations.NullMarked;
