/**
 * How fast Credence audits, draws, scores and trains beside what people would use instead: peers in Python, in processes of their
 * own, take turns with it on the same work, and what they computed is compared.
 */
@NullMarked
package dev.credence.bench.speed;

import org.jspecify.annotations.NullMarked;
