/**
 * How often the intervals of an audit cover a truth that is known, and which labels are wrong: logs are drawn from worlds, audited,
 * and held against what the worlds say. Worlds are drawn here, from seeds.
 */
@NullMarked
package dev.credence.bench.coverage;

import org.jspecify.annotations.NullMarked;
