/**
 * Measurements of Credence itself: how often its intervals cover a truth that is known, and how fast it audits beside
 * what people would use instead. Worlds are drawn here, from seeds; nothing else in the app depends on this package.
 */
@NullMarked
package dev.credence.app.bench;

import org.jspecify.annotations.NullMarked;
