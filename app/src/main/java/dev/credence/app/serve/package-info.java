/**
 * The local web page: a server on this machine's loopback address alone, its pages, and what they ask for under {@code /api}, which is what the
 * command line writes for programs. {@link dev.credence.app.serve.WebService} is the door.
 *
 * <p>Long work (audits, experiments, runs that go on) is a process of its own with the command that a person would type; what is short runs here.
 * Nothing below parses options, and no text of a log reaches the browser but as text.
 */
@NullMarked
package dev.credence.app.serve;

import org.jspecify.annotations.NullMarked;
