/**
 * Figures as people read them: how a number becomes text, and tables and pictures of results. A finding with its interval is
 * printed by {@code FindingFormat}, beside the audit.
 */
@NullMarked
package dev.credence.core.figures;

import org.jspecify.annotations.NullMarked;
