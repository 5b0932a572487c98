/**
 * One forward pass: embedding, blocks (normalisation, attention with rotary positions, feed-forward), head. A
 * {@link dev.credence.torch.layers.Network} is applied to {@link dev.credence.torch.layers.Rows}, which say at which
 * positions tokens stand and what they attend to; keys and values are cached. No derivatives (training), no drawing of tokens
 * (inference). Inside this module only.
 */
@NullMarked
package dev.credence.torch.layers;

import org.jspecify.annotations.NullMarked;
