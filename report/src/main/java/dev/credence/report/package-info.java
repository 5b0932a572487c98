/**
 * Audits turned into one self-contained HTML file.
 *
 * <p>{@link dev.credence.report.HtmlReport} is the front door; one class writes one section, one class draws one chart,
 * and {@link dev.credence.core.figures.FigureFormat} is the only place where a number becomes text. Nothing is computed here:
 * every figure is the audit's. How an audit is made, and its machine-readable JSON, live elsewhere.
 */
@NullMarked
package dev.credence.report;

import org.jspecify.annotations.NullMarked;
