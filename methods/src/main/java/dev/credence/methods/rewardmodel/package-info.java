/**
 * Reward models of tables: from what raters say of texts (pairs, approvals, stated probabilities) to a score for each text of each
 * prompt, and how good those scores are on judgements that were held out. How scores condition a prior is the methods' matter.
 */
@NullMarked
package dev.credence.methods.rewardmodel;

import org.jspecify.annotations.NullMarked;
