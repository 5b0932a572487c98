/**
 * Native memory and threads: tensors made, kept beyond a scope and freed, numbers in and out, pieces of work shared among
 * workers. Inside this module only.
 */
@NullMarked
package dev.credence.torch.tensors;

import org.jspecify.annotations.NullMarked;
