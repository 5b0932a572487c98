/** A run that several processes of this machine share: how they are started, meet, and end together. */
@NullMarked
package dev.credence.lab.processes;

import org.jspecify.annotations.NullMarked;
