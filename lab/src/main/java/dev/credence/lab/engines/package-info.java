/** Where work is run that one machine need not do alone: audits of large logs, the cells of a sweep. */
@org.jspecify.annotations.NullMarked
package dev.credence.lab.engines;
