package dev.credence.app.command;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.conditioning.Answer;
import dev.credence.lab.conditioning.DemonstrationFile;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.runs.RunFiles;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.training.TrainedConditioner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Conditioning of a model by one method, kept in a run's folder from its first step to its audit. */
final class KeptConditioning {
    private final StoredRun run;
    private final ConditionPlan plan;

    KeptConditioning(StoredRun run, ConditionPlan plan) {
        this.run = run;
        this.plan = plan;
    }

    /** Takes the steps that are left, audits, and writes the result: from then on the run is done. */
    Answer go(ModelConditioning conditioning, TrainedConditioner method, MethodOptions given) throws IOException {
        Answer made;
        try {
            made = conditioning.train(method, given, plan.care(), run);
        } catch (InputException e) {
            if (run.checkpoints().last().isEmpty()) {
                run.discard(); // it never began, and its name is free again
            }
            throw e;
        }
        Provenance provenance = run.asked().provenance();
        Map<String, @Nullable Object> document = Json.document("credence.condition/1", provenance);
        document.put("run", run.path().toString());
        document.put("methods", MethodTables.json(List.of(made), conditioning.asked()));
        document.put("provenance", Json.provenance(provenance));
        run.finish(out -> Json.write(document, out));
        return made;
    }

    /** Goes on with a run that was broken off, and says what came of it. */
    static void resume(StoredRun run, ConditionOutput output, Consumer<String> report) throws IOException {
        RunRecord record = run.asked();
        if (run.hasDiverged()) {
            throw new InputException(
                    run.divergence().toString(),
                    0,
                    "",
                    "a run that diverged",
                    "it would diverge again; what to try is in the file, and its last good checkpoint is a MODEL: "
                            + StoredRun.model(run.path()));
        }
        ConditionPlan plan = ConditionPlan.of(record);
        Prompts prompts = Prompts.read(plan.prompts());
        try (ModelConditioning conditioning = new ModelConditioning(plan.question(prompts), report)) {
            List<Provenance.Input> inputs = new ArrayList<>(conditioning.prior().inputs());
            inputs.add(prompts.input());
            MethodOptions given = ConditionPlan.given(record);
            inputs.addAll(DemonstrationFile.inputs(given.demonstrations()));
            RunFiles.checkInputs(run, inputs);
            Answer made = new KeptConditioning(run, plan).go(conditioning, ConditionPlan.method(record), given);
            output.write(conditioning.prior().title(), record.provenance(), conditioning.asked(), List.of(made));
        }
    }
}
