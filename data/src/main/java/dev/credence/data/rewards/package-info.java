/**
 * Rewards of texts as a user writes them, a small language of patterns, counts, lexicons and classes
 * ({@code RewardExpression}), and evidence, which speaks of them ({@code EvidenceExpression}).
 *
 * <p>What a reward means as evidence lives in {@code core.evidence}; models and services that score texts live elsewhere.
 */
@NullMarked
package dev.credence.data.rewards;

import org.jspecify.annotations.NullMarked;
