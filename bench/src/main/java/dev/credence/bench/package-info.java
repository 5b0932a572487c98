/**
 * Measurements of Credence itself, as commands: how often its intervals cover the truth (coverage), how fast it is beside others
 * (speed). Nothing depends on them: the command line finds them as a service. Micro-benchmarks are in jmh.
 */
@NullMarked
package dev.credence.bench;

import org.jspecify.annotations.NullMarked;
