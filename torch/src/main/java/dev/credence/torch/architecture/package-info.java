/**
 * What a model is, as data: sizes and switches ({@link dev.credence.torch.architecture.Architecture}), the roles of its
 * weights, how a checkpoint names and shapes them, precisions, and the ports through which weights are read and written.
 * Nothing is computed and nothing native is known here.
 */
@NullMarked
package dev.credence.torch.architecture;

import org.jspecify.annotations.NullMarked;
