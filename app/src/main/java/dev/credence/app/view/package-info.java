/**
 * Audits, posteriors and tables of methods as calm, aligned text of at most a hundred columns, and posteriors as JSON.
 *
 * <p>Every number is a finding's, through the report's {@code FigureFormat}; nothing is computed here.
 */
@NullMarked
package dev.credence.app.view;

import org.jspecify.annotations.NullMarked;
