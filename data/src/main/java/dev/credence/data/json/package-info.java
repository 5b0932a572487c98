/**
 * What commands write for other programs: schemas of their own, whole files or none. Audits have theirs in
 * {@code data.audits}.
 */
@NullMarked
package dev.credence.data.json;

import org.jspecify.annotations.NullMarked;
