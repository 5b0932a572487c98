/**
 * Audits as files: the JSON that other programs read, written and read back.
 *
 * <p>Nothing is computed here; the figures come from {@code core.audit}, the HTML from the report module.
 */
@NullMarked
package dev.credence.data.audits;

import org.jspecify.annotations.NullMarked;
