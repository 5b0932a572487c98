/**
 * Work on checkpoint folders: opening them, reading prompts and texts to score, drawing rollouts from two models and
 * scoring them under both, completing logs, enumerating. Knows files and models, no options and no printing.
 */
@NullMarked
package dev.credence.app.model;

import org.jspecify.annotations.NullMarked;
