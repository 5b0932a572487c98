/** The root of the library; its nouns live in the packages below, and nothing lives here itself. */
@NullMarked
package dev.credence.core;

import org.jspecify.annotations.NullMarked;
