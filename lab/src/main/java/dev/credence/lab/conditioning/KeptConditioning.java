package dev.credence.lab.conditioning;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.processes.ProcessPlaces;
import dev.credence.lab.processes.RunProcess;
import dev.credence.lab.runs.RunFiles;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.training.TrainedConditioner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Conditioning of a model by one method, kept in a run's folder from its first step to its audit. */
public final class KeptConditioning {
    private final StoredRun run;
    private final ConditioningPlan plan;

    /**
     * A run.
     *
     * @param run its folder
     * @param plan what is asked
     */
    public KeptConditioning(StoredRun run, ConditioningPlan plan) {
        this.run = run;
        this.plan = plan;
    }

    /**
     * Takes the steps that are left, audits, and writes the result: from then on the run is done.
     *
     * @param conditioning the model, loaded
     * @param method the method
     * @param given its settings as typed
     * @return what came of it
     * @throws IOException if something cannot be written
     */
    public Answer go(ModelConditioning conditioning, TrainedConditioner method, MethodOptions given)
            throws IOException {
        return RunFiles.alone(run, () -> {
            Answer made = conditioning.train(method, given, plan.care(), run);
            finish(made, conditioning.asked());
            return made;
        });
    }

    private void finish(Answer made, Answer.Asked asked) throws IOException {
        Provenance provenance = run.asked().provenance();
        Map<String, @Nullable Object> document = Json.document("credence.condition/1", provenance);
        document.put("run", run.path().toString());
        document.put("methods", AnswerJson.json(List.of(made), asked));
        document.put("provenance", Json.provenance(provenance));
        run.finish(out -> Json.write(document, out));
    }

    /**
     * What came of a run that went on.
     *
     * @param title the prior's
     * @param provenance of the run, as it began
     * @param asked what was asked
     * @param answer what the method came to
     */
    public record Resumed(String title, Provenance provenance, Answer.Asked asked, Answer answer) {}

    /**
     * Goes on with a run that was broken off.
     *
     * @param run its folder
     * @param report takes lines of progress and warnings
     * @return what came of it
     * @throws IOException if something cannot be written
     * @throws InputException if it diverged, or an input is not what it was
     */
    public static Resumed resume(StoredRun run, Consumer<String> report) throws IOException {
        return resume(run, ProcessPlaces.here(1), report);
    }

    /**
     * Goes on in several processes with a run that was broken off, in however many it was begun.
     *
     * @param run its folder
     * @param processes that share the steps: how many, and where
     * @param report takes lines of progress and warnings
     * @return what came of it
     * @throws IOException if something cannot be written
     * @throws InputException if it diverged, or an input is not what it was
     */
    public static Resumed resume(StoredRun run, ProcessPlaces processes, Consumer<String> report) throws IOException {
        RunRecord record = run.asked();
        refuseDiverged(run);
        ConditioningPlan plan = ConditioningPlan.of(record);
        Prompts prompts = Prompts.read(plan.prompts());
        try (ModelConditioning conditioning = new ModelConditioning(plan.question(prompts), processes, report)) {
            MethodOptions given = ConditioningPlan.given(record);
            RunFiles.checkInputs(run, conditioning.inputs(prompts, given));
            Answer made = new KeptConditioning(run, plan).go(conditioning, ConditioningPlan.method(record), given);
            return new Resumed(conditioning.prior().title(), record.provenance(), conditioning.asked(), made);
        }
    }

    /** Takes part in a run that another process keeps. */
    static void share(StoredRun run, RunProcess place) throws IOException {
        RunRecord record = run.asked();
        ConditioningPlan plan = ConditioningPlan.of(record);
        try (ModelConditioning conditioning = new ModelConditioning(
                plan.question(Prompts.read(plan.prompts())), ProcessPlaces.here(place.perMachine()), line -> {})) {
            conditioning.share(
                    ConditioningPlan.method(record), ConditioningPlan.given(record), plan.care(), run, place);
        }
    }

    static void refuseDiverged(StoredRun run) {
        if (run.hasDiverged()) {
            throw new InputException(
                    run.divergence().toString(),
                    0,
                    "",
                    "a run that diverged",
                    "it would diverge again; what to try is in the file, and its last good checkpoint is a MODEL: "
                            + StoredRun.model(run.path()));
        }
    }

    /**
     * Begins a run in a folder and goes to its end.
     *
     * @param folder a new one, or an empty one
     * @param plan model, prompts, reward
     * @param method with its settings
     * @param version of the program, for the record
     * @param report takes lines of progress and warnings
     * @return what came of it
     * @throws IOException if something cannot be written; the last checkpoint then stays
     */
    public static Answer begin(
            Path folder, ConditioningPlan plan, TrainedConditioner method, String version, Consumer<String> report)
            throws IOException {
        plan.requireAgreement(method);
        Prompts prompts = Prompts.read(plan.prompts());
        MethodOptions given = DemonstrationFile.in(
                new MethodOptions(method.settings(), plan.asking().rewardType()));
        try (ModelConditioning conditioning = new ModelConditioning(plan.question(prompts), report)) {
            List<Provenance.Input> inputs = conditioning.inputs(prompts, given);
            Provenance made = new Provenance(version, "Credence.condition", plan.seed(), Map.of(), inputs);
            StoredRun run = StoredRun.begin(folder, plan.record(method, given, made));
            return new KeptConditioning(run, plan).go(conditioning, method, given);
        }
    }
}
