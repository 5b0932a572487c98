package dev.credence.app.command;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.methods.Aim;
import dev.credence.methods.Conditioned;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.report.FigureFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;

/**
 * One method on one world: what was asked, what it aimed at, what was got.
 *
 * @param label the method's name with the options that were given
 * @param asked the evidence asked for, in words
 * @param conditioned the policy and how it came about
 * @param audit the exact audit of the policy against what was asked
 * @param findings the audit's, and how far the policy is from the method's aim
 */
record MethodRun(String label, String asked, Conditioned conditioned, StepAudit audit, Map<String, Finding> findings) {

    /**
     * What is asked of every method.
     *
     * @param prior the prior
     * @param rewardName the reward's name
     * @param reward the reward
     * @param beta the KL coefficient, ≥ 0
     * @param rewardType what the reward is
     */
    record Asked(TableModel prior, String rewardName, RewardFunction reward, double beta, RewardType rewardType) {
        String words() {
            return RewardLikelihood.tilt(1 / beta).describe();
        }
    }

    /**
     * Conditions and audits.
     *
     * @param method the method
     * @param given its options
     * @param ofMethod the reward as the method is given it
     * @param asked what is asked
     * @param seed of the audit's choice of plotted points
     * @return what came of it
     */
    static MethodRun of(Conditioner method, MethodOptions given, RewardFunction ofMethod, Asked asked, long seed) {
        Conditioned conditioned = condition(method, given, ofMethod, asked);
        Aim aim = conditioned.aim();
        AuditOptions.Aim target = aim.ofReward() == null || ofMethod != asked.reward()
                ? null
                : new AuditOptions.Aim(aim.evidence(), aim.ofReward());
        AuditOptions options = new AuditOptions(
                asked.beta(), asked.rewardName(), asked.rewardType(), List.of(asked.rewardName()), target, seed);
        StepAudit audit =
                Audit.of(asked.prior(), conditioned.policy(), Map.of(asked.rewardName(), asked.reward()), options);
        Map<String, Finding> findings = new LinkedHashMap<>(audit.findings());
        findings.putAll(againstAim(aim, conditioned.policy(), asked.prior(), ofMethod));
        return new MethodRun(label(method, given), asked.words(), conditioned, audit, findings);
    }

    private static Conditioned condition(Conditioner method, MethodOptions given, RewardFunction reward, Asked asked) {
        try {
            return method.condition(asked.prior(), reward, given);
        } catch (InputException | NoPosteriorException e) {
            throw e;
        } catch (IllegalArgumentException e) { // the reward is not of the kind that the method needs
            throw InputException.ofOption("--method", method.card().name(), String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, Finding> againstAim(
            Aim aim, TableModel policy, TableModel prior, RewardFunction reward) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        boolean exists = aim.noPosterior() == null;
        TableModel target = exists ? aim.posterior(prior, reward).model() : prior;
        Finding there = exact(
                "kl.policy_aimed",
                "How far is the policy from what its method aims at?",
                mean(policy, (p, prompt) -> Divergences.kl(p.given(prompt), target.given(prompt))));
        Finding back = exact(
                "kl.aimed_policy",
                "How much of what its method aims at did the policy miss?",
                mean(policy, (p, prompt) -> Divergences.kl(target.given(prompt), p.given(prompt))));
        String why = "the method aims at no posterior: " + aim.noPosterior();
        findings.put(there.id(), exists ? there : withoutValue(there, why));
        findings.put(back.id(), exists ? back : withoutValue(back, why));
        return findings;
    }

    private static double mean(TableModel policy, ToDoubleBiFunction<TableModel, String> figure) {
        return policy.prompts().stream()
                .mapToDouble(prompt -> policy.weight(prompt) * figure.applyAsDouble(policy, prompt))
                .sum();
    }

    private static Finding exact(String id, String question, double value) {
        return new Finding(id, question, value, value, value, Grade.EXACT, "nats", null, null);
    }

    private static Finding withoutValue(Finding finding, String why) {
        return exact(finding.id(), finding.question(), Double.NaN).withdrawn(why);
    }

    private static String label(Conditioner method, MethodOptions given) {
        StringBuilder label = new StringBuilder(method.card().name());
        method.card().options().stream()
                .filter(option -> given.has(option.name()))
                .forEach(option ->
                        label.append(' ').append(option.name()).append('=').append(given.text(option)));
        return label.toString();
    }

    /**
     * The same under another name.
     *
     * @param name what to call it
     * @return the renamed run
     */
    MethodRun named(String name) {
        return new MethodRun(name, asked, conditioned, audit, findings);
    }

    /** What the method aims at, in words. */
    String aimed() {
        Aim aim = conditioned.aim();
        return aim.noPosterior() == null ? aim.evidence() : aim.evidence() + " (no posterior)";
    }

    /** What the method took, in words. */
    String cost() {
        return conditioned.drawsPerText().isPresent()
                ? FigureFormat.of(conditioned.drawsPerText().getAsDouble()) + " draws a text"
                : "no draws";
    }
}
