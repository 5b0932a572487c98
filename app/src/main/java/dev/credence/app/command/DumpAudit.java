package dev.credence.app.command;

import dev.credence.core.audit.AuditOptions;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.rollouts.FieldMap;
import dev.credence.lab.models.CheckpointSeries;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.rollouts.LogCompletion;
import dev.credence.lab.rollouts.StepPolicies;
import dev.credence.lab.rollouts.TrainerDump;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Audits what a trainer wrote down: each step against the model that drew it, completed by both models. */
final class DumpAudit {
    private final String prior;
    private final DumpOptions options;
    private final LogOptions reading;
    private final Function<ModelPair, ModelAudit> auditing;
    private final Consumer<String> progress;
    private final Set<String> assumed = new LinkedHashSet<>();
    private final Set<Provenance.Input> models = new LinkedHashSet<>();
    private final List<LogCompletion> completed = new ArrayList<>();

    DumpAudit(
            String prior,
            DumpOptions options,
            LogOptions reading,
            Function<ModelPair, ModelAudit> auditing,
            Consumer<String> progress) {
        this.prior = prior;
        this.options = options;
        this.reading = reading;
        this.auditing = auditing;
        this.progress = progress;
    }

    /** Completes the steps, writes them as one log, and audits that. */
    ModelAudit.Outcome audit(List<String> files, @Nullable String policy, Path log, AuditOptions.@Nullable Aim aim)
            throws IOException {
        FieldMap fields = reading.read(0, Map.of()).fields();
        TrainerDump dump = TrainerDump.open(files, fields, OpenModel.folder(policy == null ? prior : policy));
        assumed.addAll(dump.assumed());
        Map<Long, String> policies = new LinkedHashMap<>();
        Long only = null;
        if (options.policies() != null) {
            policies.putAll(paired(dump, options.policies()));
        } else {
            only = options.choose(dump.steps());
            if (only != null && dump.drawsBeforeUpdate()) {
                assumed.add(
                        "the texts of step " + only + " were drawn by " + policy
                                + "; trainers write a step's texts before its update, so that they are of the checkpoint before");
            }
        }
        ModelAudit audit = null;
        for (Map.Entry<Long, String> step : policies.entrySet()) {
            audit = complete(dump, step.getKey(), step.getValue());
        }
        if (audit == null) {
            audit = complete(dump, only, String.valueOf(policy));
        }
        LogCompletion.write(log, completed);
        assumed.forEach(line -> progress.accept("assumed: " + line));
        progress.accept("wrote " + log);
        ModelAudit.Outcome outcome = audit.written(log, aim);
        List<Provenance.Input> inputs = new ArrayList<>(outcome.inputs());
        inputs.addAll(models);
        return new ModelAudit.Outcome(
                outcome.described(), outcome.reward(), outcome.steps(), inputs, List.copyOf(assumed));
    }

    private Map<Long, String> paired(TrainerDump dump, String pattern) {
        StepPolicies pairs = StepPolicies.of(dump.steps(), dump.drawsBeforeUpdate(), CheckpointSeries.of(pattern));
        if (pairs.left() > 0) {
            progress.accept(String.format(
                    "warning: left out %,d steps, of which no checkpoint is there that drew them", pairs.left()));
        }
        if (pairs.late()) {
            assumed.add("a step's texts were drawn by the checkpoint of the same number, which is one update late");
        } else if (dump.drawsBeforeUpdate()) {
            assumed.add(
                    "a step's texts were drawn by the checkpoint before, for trainers write them before the update");
        }
        return pairs.bySteps();
    }

    private ModelAudit complete(TrainerDump dump, @Nullable Long step, String policy) throws IOException {
        try (ModelPair pair = ModelPair.open(prior, policy)) {
            ModelAudit audit = auditing.apply(pair);
            LogCompletion completion = audit.completion(reading, dump.begin(audit.begin()));
            dump.read(step, completion);
            audit.fill(completion);
            if (step != null) {
                completion.label(step);
            }
            String of = step == null ? "" : "step " + step + ": ";
            completion.warnings().forEach(progress);
            completion.assumed().forEach(line -> assumed.add(of + line));
            progress.accept(of + completion.describe());
            completed.add(completion);
            models.addAll(pair.inputs());
            return audit;
        }
    }
}
