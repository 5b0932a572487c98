/**
 * Where libraries of native code are unpacked: in a folder that nobody else can write to. Loading them is the business of the
 * modules that use them.
 */
@NullMarked
package dev.credence.core.natives;

import org.jspecify.annotations.NullMarked;
