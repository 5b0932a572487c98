/** Where a result came from: program, settings, seed, inputs with their hashes. */
@org.jspecify.annotations.NullMarked
package dev.credence.core.provenance;
