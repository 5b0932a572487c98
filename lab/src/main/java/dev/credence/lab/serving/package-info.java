/** Models served to others: the completions protocol over any model that Credence opens. */
@NullMarked
package dev.credence.lab.serving;

import org.jspecify.annotations.NullMarked;
