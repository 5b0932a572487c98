/**
 * The tensors of a checkpoint in the order that the layers want, what an adapter adds to them, and the way back into a file.
 * Inside this module only.
 */
@NullMarked
package dev.credence.torch.weights;

import org.jspecify.annotations.NullMarked;
