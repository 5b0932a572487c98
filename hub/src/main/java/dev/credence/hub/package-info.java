/**
 * Checkpoint folders in the hub's format: config.json, safetensors files (one, or shards with an index), tokenizer.json,
 * generation_config.json; read, and saved so that other tools read them.
 *
 * <p>The families of models are described here as data; what computes with them is module torch.
 */
@NullMarked
package dev.credence.hub;

import org.jspecify.annotations.NullMarked;
