package dev.credence.lab.audits;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.rewards.NamedReward;
import dev.credence.lab.inputs.Inputs;
import dev.credence.lab.inputs.RewardMagnitude;
import dev.credence.lab.inputs.RewardName;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.worlds.TableWorlds;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Audits a policy that is written down as a table beside its world, exactly. */
public final class TableAudit implements AuditSource {
    private final String title;
    private final WorldInput source;
    private final TableModel policy;
    private final List<Provenance.Input> inputs;

    private TableAudit(String title, WorldInput source, TableModel policy, List<Provenance.Input> inputs) {
        this.title = title;
        this.source = source;
        this.policy = policy;
        this.inputs = inputs;
    }

    /**
     * Reads a world and its policy.
     *
     * @param world the world's file, or one that ships with Credence
     * @param policyFile the policy's table; null where the world's file has it
     * @return the two
     * @throws InputException if one breaks a rule, or there is no policy
     */
    public static TableAudit read(String world, @Nullable String policyFile) {
        WorldInput source = WorldInput.read(world);
        String title = LogAudit.title(List.of(world));
        if (policyFile != null) {
            Path file = Path.of(policyFile);
            TableModel policy = TableWorlds.readPolicy(file, source.world().prior());
            return new TableAudit(title, source, policy, List.of(source.input(), Inputs.of(file)));
        }
        TableModel own = source.world()
                .policy()
                .orElseThrow(() -> new InputException(
                        source.input().name(),
                        0,
                        "policy",
                        "missing",
                        "add policy: to the world, or name the policy's own file"));
        return new TableAudit(title, source, own, List.of(source.input()));
    }

    @Override
    public AuditOutcome audit(AuditRequest request) {
        NamedReward audited = source.reward("reward", request.reward());
        Map<String, RewardFunction> rewards = rewards(request, audited);
        AuditOptions options =
                watched(request, audited).on(request.options(audited.name(), List.copyOf(rewards.keySet())));
        TableModel prior = source.world().prior();
        rewards.forEach((name, reward) -> RewardMagnitude.check(source.input().name(), prior, name, reward));
        StepAudit step = Audit.of(prior, policy, rewards, options);
        return new AuditOutcome(title, "exact table", audited.name(), List.of(step), inputs);
    }

    /** The audited reward, the world's others, and the candidates. */
    private Map<String, RewardFunction> rewards(AuditRequest request, NamedReward audited) {
        Map<String, RewardFunction> rewards = new LinkedHashMap<>();
        rewards.put(audited.name(), audited.function());
        source.world()
                .rewardNames()
                .forEach(name -> rewards.putIfAbsent(name, source.world().reward(name)));
        for (String candidate : request.candidates()) {
            NamedReward rival = source.reward("candidate", candidate);
            RewardFunction other = rewards.putIfAbsent(rival.name(), rival.function());
            if (RewardName.of(candidate).isNamed() && other != null && !other.equals(rival.function())) {
                throw InputException.ofSetting(
                        "candidate", candidate, "the name " + rival.name() + " stands for another reward already");
            }
        }
        return rewards;
    }

    private RangeWatch watched(AuditRequest request, NamedReward audited) {
        RangeWatch watch = new RangeWatch(request, source.input().name());
        TableModel prior = source.world().prior();
        for (String prompt : prior.prompts()) {
            for (double value : audited.function().rewards(prompt, prior.given(prompt))) {
                watch.see(prompt, value);
            }
        }
        return watch;
    }
}
