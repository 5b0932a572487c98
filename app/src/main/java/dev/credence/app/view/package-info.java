/**
 * What commands say: audits, posteriors and tables of methods as calm, aligned text of at most a hundred columns, as JSON and
 * as pages, and what a pipeline is told.
 *
 * <p>Every number is a finding's, through the report's {@code FigureFormat}; nothing is computed here.
 */
@NullMarked
package dev.credence.app.view;

import org.jspecify.annotations.NullMarked;
