/** Reading and writing what lives outside the process: rollout logs and finished runs. */
@NullMarked
package dev.credence.data;

import org.jspecify.annotations.NullMarked;
