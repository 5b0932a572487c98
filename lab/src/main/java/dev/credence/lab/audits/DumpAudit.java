package dev.credence.lab.audits;

import dev.credence.core.provenance.Provenance;
import dev.credence.lab.models.CheckpointSeries;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.rollouts.LogCompletion;
import dev.credence.lab.rollouts.StepPolicies;
import dev.credence.lab.rollouts.TrainerDump;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Audits what a trainer wrote down: each step against the model that drew it, completed by both models. */
public final class DumpAudit implements AuditSource {
    private final Dump dump;
    private final Models models;
    private final RolloutSettings settings;
    private final Path log;
    private final Listener progress;

    /**
     * The dump.
     *
     * @param files its files
     * @param reading where the trainer keeps what
     * @param steps which of its steps
     */
    public record Dump(List<String> files, LogReading reading, DumpSteps steps) {}

    /**
     * Whose texts they are.
     *
     * @param prior the prior's checkpoint folder
     * @param policy the policy's; null where {@link DumpSteps#policies} names one a step
     */
    public record Models(String prior, @Nullable String policy) {}

    /**
     * A dump that is not read yet.
     *
     * @param dump its files and steps
     * @param models prior and policy
     * @param settings how texts are drawn that it lacks, where texts begin and end
     * @param log where the completed log goes
     * @param progress takes lines of progress and warnings
     */
    public DumpAudit(Dump dump, Models models, RolloutSettings settings, Path log, Listener progress) {
        this.dump = dump;
        this.models = models;
        this.settings = settings;
        this.log = log;
        this.progress = progress;
    }

    @Override
    public AuditOutcome audit(AuditRequest request) throws IOException {
        String folder = models.policy == null ? models.prior : models.policy;
        TrainerDump texts = TrainerDump.open(dump.files, dump.reading.fields(), OpenModel.folder(folder));
        Completing completing = new Completing(request, texts);
        String pattern = dump.steps.policies();
        if (pattern != null) {
            for (Map.Entry<Long, String> step : completing.paired(pattern).entrySet()) {
                completing.complete(step.getKey(), step.getValue());
            }
        } else {
            completing.complete(completing.only(), String.valueOf(models.policy));
        }
        LogCompletion.write(log, completing.completed);
        completing.assumed.forEach(line -> progress.accept("assumed: " + line));
        progress.accept("wrote " + log);
        return ModelAudit.written(log, request, progress)
                .with(List.copyOf(completing.inputs))
                .of(completing.facts)
                .assuming(List.copyOf(completing.assumed))
                .titled(LogAudit.title(dump.files));
    }

    /** What is gathered while the steps are completed. */
    private final class Completing {
        private final AuditRequest request;
        private final TrainerDump texts;
        private final Set<String> assumed = new LinkedHashSet<>();
        private final Set<Provenance.Input> inputs = new LinkedHashSet<>();
        private final Map<String, String> facts = new LinkedHashMap<>();
        private final List<LogCompletion> completed = new ArrayList<>();

        Completing(AuditRequest request, TrainerDump texts) {
            this.request = request;
            this.texts = texts;
            assumed.addAll(texts.assumed());
        }

        @Nullable
        Long only() {
            Long step = dump.steps.choose(texts.steps());
            if (step != null && texts.drawsBeforeUpdate()) {
                assumed.add(
                        "the texts of step " + step + " were drawn by " + models.policy
                                + "; trainers write a step's texts before its update, so that they are of the checkpoint before");
            }
            return step;
        }

        Map<Long, String> paired(String pattern) {
            StepPolicies pairs =
                    StepPolicies.of(texts.steps(), texts.drawsBeforeUpdate(), CheckpointSeries.of(pattern));
            if (pairs.left() > 0) {
                progress.accept(String.format(
                        "warning: left out %,d steps, of which no checkpoint is there that drew them", pairs.left()));
            }
            if (pairs.late()) {
                assumed.add("a step's texts were drawn by the checkpoint of the same number, which is one update late");
            } else if (texts.drawsBeforeUpdate()) {
                assumed.add(
                        "a step's texts were drawn by the checkpoint before, for trainers write them before the update");
            }
            return pairs.bySteps();
        }

        void complete(@Nullable Long step, String policy) throws IOException {
            try (ModelPair pair = ModelPair.open(models.prior, policy, settings.end())) {
                ModelAudit audit = new ModelAudit(pair, settings, progress);
                LogCompletion completion = audit.completion(request, dump.reading, texts.begin(settings.begin()));
                texts.read(step, completion);
                completion.fill(request.seed());
                if (step != null) {
                    completion.label(step);
                }
                String of = step == null ? "" : "step " + step + ": ";
                completion.warnings().forEach(progress);
                completion.assumed().forEach(line -> assumed.add(of + line));
                progress.accept(of + completion.describe());
                completed.add(completion);
                inputs.addAll(pair.inputs());
                facts.put("end", pair.policy().describeEnds());
            }
        }
    }
}
