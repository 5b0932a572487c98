/**
 * The demo: the main job on inputs that ship with Credence. A command like the others, with its own world, model and log; no other
 * package uses it but {@code Main}.
 */
@NullMarked
package dev.credence.app.demo;

import org.jspecify.annotations.NullMarked;
