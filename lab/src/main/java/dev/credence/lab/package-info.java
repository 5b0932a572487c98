/**
 * The library that people call: what the command line does, without its options, printing and exit codes. {@link
 * dev.credence.lab.Credence} is the front door, a line a task: what each line needs and gives is in the packages below, {@code
 * audits}, {@code conditioning}, {@code posteriors}, {@code training}, {@code rewards}, {@code rollouts} and {@code experiments};
 * {@code inputs} and {@code models} open what a user names, {@code runs} is common to all that are kept in a folder.
 */
@NullMarked
package dev.credence.lab;

import org.jspecify.annotations.NullMarked;
