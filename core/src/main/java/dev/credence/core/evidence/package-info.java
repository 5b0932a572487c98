/**
 * What a prior is conditioned on: log-likelihoods of complete texts, in nats, and the algebra on them.
 *
 * <p>Evidence knows no method that reaches it and no audit that measures it.
 */
@org.jspecify.annotations.NullMarked
package dev.credence.core.evidence;
