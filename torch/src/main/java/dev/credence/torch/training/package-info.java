/**
 * Training: a forward pass that keeps what its derivative needs, the derivative written out layer by layer, gradients summed
 * over pieces of a batch, Adam, and {@link dev.credence.torch.training.TransformerPolicy}, which objectives train through the
 * port of core.
 */
@NullMarked
package dev.credence.torch.training;

import org.jspecify.annotations.NullMarked;
