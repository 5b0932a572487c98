package dev.credence.core.audit;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.TableModel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The front door: how much of a policy's departure from its prior is Bayesian conditioning on the stated reward, how many
 * copies of it, what was lost, and which rival conditional explains it better (docs/theory.md#the-audit).
 */
public final class Audit {
    private Audit() {}

    /**
     * Audits the records of one training step.
     *
     * @param log records of prior and policy, each scored under both
     * @param options what is asked; its reward and candidates name rewards of the log
     * @return findings with intervals, gates, candidates, verdict
     * @throws IllegalArgumentException if a named reward is not in the log, or every prompt is held out
     */
    public static StepAudit of(RolloutLog log, AuditOptions options) {
        return auditor(log, options).audit();
    }

    /**
     * The same of a log of many prompts, whose figures do not stay in memory: the audit holds no more than
     * {@link OmittedPrompts#MOST}, and says so.
     *
     * @param log records of prior and policy, each scored under both
     * @param options what is asked; its reward and candidates name rewards of the log
     * @param prompts is given every prompt's figures, one after the other, in the order in which an audit lists them
     * @return findings with intervals, gates, candidates, verdict, and the prompts that tell most
     * @throws IllegalArgumentException if a named reward is not in the log, or every prompt is held out
     */
    public static StepAudit of(RolloutLog log, AuditOptions options, Consumer<PromptAudit> prompts) {
        return auditor(log, options).withPassing(prompts).audit();
    }

    /**
     * The same where no more prompts than the audit holds are asked for one by one: of a hundred thousand, what is computed of
     * each beside the overall figures is what they are chosen by.
     *
     * @param log records of prior and policy, each scored under both
     * @param options what is asked; its reward and candidates name rewards of the log
     * @return findings with intervals, gates, candidates, verdict, and the prompts that tell most
     * @throws IllegalArgumentException if a named reward is not in the log, or every prompt is held out
     */
    public static StepAudit ofTellingPrompts(RolloutLog log, AuditOptions options) {
        return auditor(log, options).withTellingAlone().audit();
    }

    private static StepAuditor auditor(RolloutLog log, AuditOptions options) {
        List<RolloutLog.Prompt> trained =
                log.prompts().stream().filter(p -> !p.heldOut()).toList();
        List<RolloutLog.Prompt> heldOut =
                log.prompts().stream().filter(RolloutLog.Prompt::heldOut).toList();
        if (trained.isEmpty()) {
            throw new IllegalArgumentException("every prompt is held out; at least one must be in the train split");
        }
        Incomplete prompts = Incomplete.of(log, trained);
        Incomplete others = Incomplete.of(log, heldOut);
        return new StepAuditor(options, log.sources(), reward -> pool(log, prompts.complete(), reward, options))
                .withHeldOut(
                        others.complete().isEmpty()
                                ? null
                                : () -> pool(log, others.complete(), options.reward(), options))
                .withTexts(prompts.complete())
                .withIncomplete(prompts.and(others));
    }

    /**
     * Audits a policy that is given as an exact table.
     *
     * @param prior the prior; its prompt weights are the overall means'
     * @param policy the tuned policy, for the same prompts
     * @param rewards named rewards; the audited one and the candidates are among them
     * @param options what is asked
     * @return exact findings
     * @throws IllegalArgumentException if a reward is unknown or not finite, or a prompt is missing in the policy
     */
    public static StepAudit of(
            TableModel prior, TableModel policy, Map<String, RewardFunction> rewards, AuditOptions options) {
        return of(prior, policy, rewards, options, Set.of());
    }

    /**
     * Audits a policy that is given as an exact table, some of whose prompts were not trained on: all figures are of the others,
     * and {@code kl.departure.heldout} and {@code bayes_fraction.heldout} score the conditional fitted there on these.
     *
     * @param prior the prior; its prompt weights are the overall means'
     * @param policy the tuned policy, for the same prompts
     * @param rewards named rewards; the audited one and the candidates are among them
     * @param options what is asked
     * @param heldOut prompts that were held out; empty for none
     * @return exact findings
     * @throws IllegalArgumentException if a reward is unknown or not finite, a prompt is missing in the policy, or every prompt is
     *     held out
     */
    public static StepAudit of(
            TableModel prior,
            TableModel policy,
            Map<String, RewardFunction> rewards,
            AuditOptions options,
            Set<String> heldOut) {
        List<String> trained =
                prior.prompts().stream().filter(p -> !heldOut.contains(p)).toList();
        List<String> others = prior.prompts().stream().filter(heldOut::contains).toList();
        if (trained.isEmpty()) {
            throw new IllegalArgumentException("every prompt is held out; at least one must be in the train split");
        }
        return new StepAuditor(options, List.of(), name -> pool(prior, policy, rewards, options, name, trained))
                .withHeldOut(
                        others.isEmpty() ? null : () -> pool(prior, policy, rewards, options, options.reward(), others))
                .audit();
    }

    private static PromptPool pool(
            TableModel prior,
            TableModel policy,
            Map<String, RewardFunction> rewards,
            AuditOptions options,
            String name,
            List<String> prompts) {
        RewardFunction reward = rewards.get(name);
        if (reward == null) {
            throw new IllegalArgumentException("reward '" + name + "' is not one of " + rewards.keySet());
        }
        return pool(prompts.size(), c -> {
            String prompt = prompts.get(c);
            return PromptAtoms.of(
                    new TableAtoms(prompt, prior.weight(prompt), prior.given(prompt), policy.given(prompt), reward),
                    options.askedCopies());
        });
    }

    /**
     * Audits a policy against its prior where every completion was enumerated.
     *
     * @param prompts all completions of each prompt; weights sum to one
     * @param rewardNames names of the rewards, in the order of the columns
     * @param options what is asked; its reward and candidates are among the names
     * @return exact findings
     * @throws IllegalArgumentException if there is no prompt, or a reward is not among the names
     */
    public static StepAudit of(List<ExactPrompt> prompts, List<String> rewardNames, AuditOptions options) {
        if (prompts.isEmpty()) {
            throw new IllegalArgumentException("prompts is empty; an audit needs at least one");
        }
        return new StepAuditor(options, List.of(), name -> {
                    int index = rewardNames.indexOf(name);
                    if (index < 0) {
                        throw new IllegalArgumentException("reward '" + name + "' is not one of " + rewardNames);
                    }
                    return pool(
                            prompts.size(),
                            c -> PromptAtoms.of(new TableAtoms(prompts.get(c), index), options.askedCopies()));
                })
                .audit();
    }

    private static PromptPool pool(
            RolloutLog log, List<RolloutLog.Prompt> prompts, String reward, AuditOptions options) {
        int index = log.rewardNames().indexOf(reward);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "reward '" + reward + "' is not in the log; it has " + log.rewardNames());
        }
        boolean many = prompts.size() > OmittedPrompts.MOST;
        PromptPool plain = pool(prompts.size(), c -> member(log, prompts.get(c), index, options, 0, many));
        int group = log.columns().group() == null ? GroupPattern.usable(plain) : 0;
        if (group == 0) {
            return plain;
        }
        RolloutLog marked = GroupPattern.marked(log, group);
        return pool(prompts.size(), c -> member(marked, prompts.get(c), index, options, group, many));
    }

    private static PromptAtoms member(
            RolloutLog log,
            RolloutLog.Prompt prompt,
            int reward,
            AuditOptions options,
            int recognised,
            boolean isOneOfMany) {
        boolean isAudited = log.rewardNames().get(reward).equals(options.reward());
        int tilted = Math.max(0, log.rewardNames().indexOf(options.reward()));
        LogAtoms atoms = new LogAtoms(log, prompt, prompt.weight(), reward, tilted, isAudited ? options.range() : null);
        atoms.recognise(recognised);
        requireMass(atoms);
        return isOneOfMany
                ? PromptAtoms.ofMany(atoms, options.askedCopies())
                : PromptAtoms.of(atoms, options.askedCopies());
    }

    private static void requireMass(Atoms atoms) {
        if (!(atoms.priorTotal() > 0 && atoms.policyTotal() > 0)) {
            throw new IllegalArgumentException(
                    "prompt " + Words.quoted(atoms.prompt()) + " has no record with a mass"
                            + " under " + (atoms.priorTotal() > 0 ? "the policy" : "the prior")
                            + ": log-probabilities under the two differ by more than 700 nats in every one; are sums beside means?");
        }
    }

    private static PromptPool pool(int size, IntFunction<PromptAtoms> member) {
        return new PromptPool(
                IntStream.range(0, size).parallel().mapToObj(member).toList());
    }
}
