/**
 * Models by name: checkpoint folders (with an adapter or without) opened, in pairs on the same tokens, with their prompts and
 * the rewards of what they write; enumeration of completions. Knows files and models, no options and no printing.
 */
@NullMarked
package dev.credence.lab.models;

import org.jspecify.annotations.NullMarked;
