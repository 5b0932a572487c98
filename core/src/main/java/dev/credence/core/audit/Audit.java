package dev.credence.core.audit;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.TableModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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

    /**
     * The audit of a log that is spread over several processes, each of which holds all records of some of its prompts: none has
     * room for all, or all together are faster. Their prompts follow each other in the order of the processes. Each of them calls
     * this, and comes to the audit that one would come to that holds all records. What is told is found of prompts, so that it does
     * not grow with the records.
     *
     * @param share the records that this process holds, of prior and policy alone, every draw of which was kept; prompts' weights
     *     are those of the whole log
     * @param options what is asked; its reward and candidates name rewards of the log
     * @param exchange what the processes tell each other
     * @return findings with intervals, gates, candidates, verdict; the same in all processes
     * @throws IllegalArgumentException if a named reward is not in the log, every prompt is held out, there are records of other
     *     sources, or draws were thinned
     */
    public static StepAudit of(RolloutLog share, AuditOptions options, Exchange exchange) {
        return auditor(share, options, exchange).audit();
    }

    /**
     * The same where no more prompts than the audit holds are asked for one by one ({@link #ofTellingPrompts(RolloutLog, AuditOptions)}).
     *
     * @param share as above
     * @param options as above
     * @param exchange as above
     * @return findings with intervals, gates, candidates, verdict, and the prompts that tell most
     * @throws IllegalArgumentException as above
     */
    public static StepAudit ofTellingPrompts(RolloutLog share, AuditOptions options, Exchange exchange) {
        return auditor(share, options, exchange).withTellingAlone().audit();
    }

    private static StepAuditor auditor(RolloutLog share, AuditOptions options, Exchange exchange) {
        if (share.sources().size() > 2 || share.columns().kept() != null) {
            throw new IllegalArgumentException(
                    "a log with records of other sources than prior and policy, or with thinned draws, is audited by one process");
        }
        Together together = new Together(exchange);
        return auditor(share, ListedPrompt.of(share, together), together, options);
    }

    private static StepAuditor auditor(RolloutLog log, AuditOptions options) {
        return auditor(log, ListedPrompt.of(log), null, options);
    }

    private static StepAuditor auditor(
            RolloutLog log, List<ListedPrompt> all, @Nullable Together together, AuditOptions options) {
        List<ListedPrompt> trained =
                all.stream().filter(p -> !p.prompt().heldOut()).toList();
        List<ListedPrompt> heldOut =
                all.stream().filter(p -> p.prompt().heldOut()).toList();
        if (trained.isEmpty()) {
            throw new IllegalArgumentException("every prompt is held out; at least one must be in the train split");
        }
        Incomplete prompts = Incomplete.of(trained);
        Incomplete others = Incomplete.of(heldOut);
        Pools pools = new Pools(log, all, together, options);
        return new StepAuditor(options, log.sources(), reward -> pools.of(prompts.complete(), reward))
                .withHeldOut(others.complete().isEmpty() ? null : () -> pools.of(others.complete(), options.reward()))
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

    /**
     * Pools of a log's prompts.
     *
     * @param log the records that are here
     * @param all the log's prompts
     * @param together what processes find together that hold their records, or null where all are here
     * @param options what is asked
     */
    private record Pools(
            RolloutLog log,
            List<ListedPrompt> all,
            @Nullable Together together,
            AuditOptions options) {
        PromptPool of(List<ListedPrompt> prompts, String reward) {
            int index = log.rewardNames().indexOf(reward);
            if (index < 0) {
                throw new IllegalArgumentException(
                        "reward '" + reward + "' is not in the log; it has " + log.rewardNames());
            }
            boolean many = prompts.size() > OmittedPrompts.MOST;
            PromptPool plain = pool(prompts, prompt -> member(log, prompt, index, 0, many));
            int group = log.columns().group() == null ? GroupPattern.usable(plain) : 0;
            if (group == 0) {
                return plain;
            }
            RolloutLog marked = GroupPattern.marked(log, all, together, group);
            return pool(prompts, prompt -> member(marked, prompt, index, group, many));
        }

        private PromptPool pool(List<ListedPrompt> prompts, Function<RolloutLog.Prompt, PromptAtoms> member) {
            if (together == null) {
                return Audit.pool(
                        prompts.size(), c -> member.apply(prompts.get(c).prompt()));
            }
            int[] holders = prompts.stream().mapToInt(ListedPrompt::holder).toArray();
            Object[] found =
                    together.find(holders, c -> member.apply(prompts.get(c).prompt()), PromptAtoms::known);
            List<PromptAtoms> members = new ArrayList<>();
            for (int c = 0; c < found.length; c++) {
                members.add(
                        found[c] instanceof PromptAtoms here
                                ? here
                                : PromptAtoms.elsewhere((PromptAtoms.Known) found[c], holders[c]));
            }
            return new PromptPool(members, together);
        }

        private PromptAtoms member(
                RolloutLog records, RolloutLog.Prompt prompt, int reward, int recognised, boolean isOneOfMany) {
            boolean isAudited = records.rewardNames().get(reward).equals(options.reward());
            int tilted = Math.max(0, records.rewardNames().indexOf(options.reward()));
            LogAtoms atoms =
                    new LogAtoms(records, prompt, prompt.weight(), reward, tilted, isAudited ? options.range() : null);
            atoms.recognise(recognised);
            requireMass(atoms);
            return isOneOfMany
                    ? PromptAtoms.ofMany(atoms, options.askedCopies())
                    : PromptAtoms.of(atoms, options.askedCopies());
        }
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
