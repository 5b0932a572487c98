package dev.credence.app.command;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.worlds.TableWorlds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Audits a policy that is written down, exactly. */
final class TableAudit {
    private final AuditQuestion question;
    private final WorldInput source;
    private final TableModel policy;
    private final List<Provenance.Input> inputs = new ArrayList<>();
    private final Map<String, RewardFunction> rewards = new LinkedHashMap<>();
    private final String reward;

    TableAudit(AuditQuestion question, WorldInput source, @Nullable String policyFile) {
        this.question = question;
        this.source = source;
        inputs.add(source.input());
        if (policyFile != null) {
            Path file = Path.of(policyFile);
            policy = TableWorlds.readPolicy(file, source.world().prior());
            inputs.add(Inputs.of(file));
        } else {
            policy = source.world()
                    .policy()
                    .orElseThrow(() -> new InputException(
                            source.input().name(),
                            0,
                            "policy",
                            "missing",
                            "add policy: to the world, or give --policy FILE"));
        }
        WorldInput.Named audited = source.reward("reward", question.reward());
        reward = audited.name();
        rewards.put(reward, audited.function());
        source.world()
                .rewardNames()
                .forEach(name -> rewards.putIfAbsent(name, source.world().reward(name)));
        for (String candidate : question.candidates()) {
            WorldInput.Named rival = source.reward("candidate", candidate);
            RewardFunction other = rewards.putIfAbsent(rival.name(), rival.function());
            if (RewardName.of(candidate).isNamed() && other != null && !other.equals(rival.function())) {
                throw InputException.ofSetting(
                        "candidate", candidate, "the name " + rival.name() + " stands for another reward already");
            }
        }
    }

    StepAudit audit(AuditOptions.@Nullable Aim aim, long seed) {
        AuditOptions options = question.options(reward, List.copyOf(rewards.keySet()), aim, seed);
        return Audit.of(source.world().prior(), policy, rewards, watched(options));
    }

    private AuditOptions watched(AuditOptions options) {
        RangeWatch watch = new RangeWatch(question, source.input().name());
        TableModel prior = source.world().prior();
        RewardFunction function = rewards.get(reward);
        for (String prompt : prior.prompts()) {
            for (double value : function == null ? new double[0] : function.rewards(prompt, prior.given(prompt))) {
                watch.see(prompt, value);
            }
        }
        return watch.on(options);
    }

    String reward() {
        return reward;
    }

    List<Provenance.Input> inputs() {
        return inputs;
    }
}
