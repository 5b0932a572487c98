/**
 * Small answers about samples and tables: how many draws the weights are worth, how heavy their tail is, what a sampled
 * KL or log Z is off by, how diverse a set of texts is, how many records tell two conditionals apart.
 *
 * <p>One class a question, made by {@code of(…)} or named factories; nothing here knows an audit, a log or a method.
 */
@org.jspecify.annotations.NullMarked
package dev.credence.core.diagnostics;
