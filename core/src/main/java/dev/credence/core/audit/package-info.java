/**
 * The audit: from weighted records (or an exact table) to findings with intervals, gates, candidates and a verdict. One code
 * serves tables and logs: the estimates are the table formulas on the pooled records. Reading logs and writing reports live
 * elsewhere. Formulas with their sources: docs/theory.md.
 *
 * <p>A tour, in the order in which a log becomes a verdict:
 *
 * <ol>
 *   <li><b>Records.</b> {@link dev.credence.core.audit.RolloutLog} holds the columns of a log, prompt by prompt; records carry
 *       log-probabilities under prior and policy, and were drawn by a source. {@code Mixture} gives the proposal of the balance
 *       heuristic, q = Σ n_s p_s / n; {@code TiltCorrection} solves for the Z of sources π0 e^{λr}/Z.
 *   <li><b>Atoms.</b> {@code Atoms} ({@code LogAtoms}, {@code TableAtoms}) are one prompt's masses ū ∝ π0/q and v̄ ∝ π/q, each
 *       summing to one; passes over them go block by block ({@code AtomBlock}) and, for errors, unit by unit
 *       ({@code UnitColumns}: records that were drawn together are one unit). {@code PromptAtoms} is a prompt with what is known
 *       before anything is fitted, {@code PromptPool} prompts whose means are taken together.
 *   <li><b>Moments.</b> {@code AtomMoments}: means and variances of the reward r and the log-ratio ℓ = ln π/π0 under ū and v̄, and the
 *       plain divergences: KL(π‖π0) = Σ v̄ ℓ.
 *   <li><b>Tilt.</b> {@code AtomTilt}: w̄_λ = ū e^{λr}/Z(λ), Z(λ) = Σ ū e^{λr}; {@code MomentMatch} solves Σ w̄_λ r = Σ v̄ r for λ,
 *       {@code SelfConsistent} and {@code Slopes} are the other counts of copies. {@code Target} holds a policy against any
 *       conditional, {@code LearntTarget} against one whose threshold is learnt from the records.
 *   <li><b>Estimates.</b> {@code Estimates}: KL(π‖π0) = KL(π*_λ‖π0) + KL(π‖π*_λ), explained plus departure, and their ratio, the
 *       Bayes fraction. {@code LeastDeparture}, {@code MostExplained} and {@code LeastExplained} bound these without weights.
 *   <li><b>Influence.</b> {@code Influence}: what one record adds to each figure, whose variance by source and prompt is the
 *       figure's; {@code Intervals} and {@code ShareScale} are the scales on which intervals are symmetric.
 *   <li><b>Jackknife.</b> {@code Jackknife} and {@code PromptJackknife}: the headline figures without one unit, or one prompt, in
 *       closed form ({@code Reweighting}); {@code IntervalEnds} joins both with what holds at the edges of the family and for
 *       what no record shows ({@code Unseen}).
 *   <li><b>Gates.</b> {@code Gates} asks each whether a figure can be trusted: {@code Overlap} (effective records, tails, unseen
 *       levels), {@code Normalisation}, {@code TwoEstimates}, {@code TotalProbability} and {@code SameText} (logs that cannot be),
 *       {@code ThinPrompts}, {@code WeakPrompts}. {@code Withdrawals} takes back what failed.
 *   <li><b>Verdict.</b> {@code SlopeAgreement} says whether the counts of copies agree, {@code VerdictWriter} and {@code Advice}
 *       put it into words, {@code Aimed} for what a method or evidence aims at; {@code StepAuditor} and {@code Evaluator} run the
 *       whole for each prompt and for all of them, and {@code StepTexts} holds steps against each other.
 * </ol>
 *
 * <p>Columns of texts come in three forms, apart because they hold other things: {@code RolloutLog.Columns} are records, each
 * drawn by a source, so that a text may come twice and its share is estimated; {@code ExactPrompt} is every text of one prompt
 * once, with its own probabilities, under exactly two models, checked; {@link dev.credence.core.model.CompletionColumns} is how
 * such texts are gathered from a trie, for any number of models and questions, before it is known what they are for. One type
 * for all would have sources that mean nothing for enumerated texts and probabilities that are not those of records; what they
 * have in common, the arithmetic, has one home in {@code Atoms} ({@code LogAtoms} over the first, {@code TableAtoms} over the
 * second) and, for posteriors, in {@link dev.credence.core.posterior.ColumnPosterior}.
 */
@org.jspecify.annotations.NullMarked
package dev.credence.core.audit;
