/**
 * What an audit is asked beside its figures: limits that they must keep, so that an audit can guard a training pipeline. How
 * the outcome is printed, and with which exit code a program ends, is the command line's.
 */
@org.jspecify.annotations.NullMarked
package dev.credence.lab.audits;
