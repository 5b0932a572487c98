/**
 * What a prior is conditioned on: log-likelihoods of complete texts, in nats, and the algebra on them; and the one way from
 * texts to a model's tokens ({@code Evidence.on}), where beginnings are bounded.
 *
 * <p>Evidence knows no method that reaches it and no audit that measures it.
 */
@org.jspecify.annotations.NullMarked
package dev.credence.core.evidence;
