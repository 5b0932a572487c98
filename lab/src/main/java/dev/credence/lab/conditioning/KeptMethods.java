package dev.credence.lab.conditioning;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.data.runs.RunLock;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.processes.ProcessPlaces;
import dev.credence.lab.runs.RunFiles;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.training.TrainedConditioner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Conditioning of a model by several methods in one run's folder, each in a folder of its name below: killed at any moment, it
 * goes on with the method that was training and those behind it, and all come to one table. A method that has trained does not
 * train again; its audit, and methods that draw, are made again from their seeds. One that diverges or is refused does not keep the
 * others from going on.
 */
public final class KeptMethods {
    /** What a run's record says it is. */
    public static final String KIND = "methods";

    private final StoredRun run;
    private final ConditioningPlan plan;
    private final List<Conditioner> methods;
    private final MethodOptions given;

    private KeptMethods(StoredRun run, ConditioningPlan plan, List<Conditioner> methods, MethodOptions given) {
        this.run = run;
        this.plan = plan;
        this.methods = List.copyOf(methods);
        this.given = given;
    }

    /**
     * Begins; no method is run yet.
     *
     * @param folder new or empty
     * @param plan what is asked of all
     * @param methods in their order
     * @param given their settings as typed
     * @param record of the run, by {@link ConditioningPlan#record(List, MethodOptions, Provenance)}
     * @return the methods in their folder
     * @throws InputException if a setting breaks its rule, or there is something in the folder
     */
    public static KeptMethods begin(
            Path folder, ConditioningPlan plan, List<Conditioner> methods, MethodOptions given, RunRecord record) {
        methods.forEach(method -> method.with(only(given, method)));
        return new KeptMethods(StoredRun.begin(folder, record), plan, methods, given);
    }

    /**
     * Opens what was begun.
     *
     * @param run its folder
     * @return the methods in their folder
     * @throws InputException if all methods diverged
     */
    public static KeptMethods resume(StoredRun run) {
        RunRecord record = run.asked();
        ConditioningPlan plan = ConditioningPlan.of(record);
        List<Conditioner> methods = ConditioningPlan.methods(record);
        KeptMethods kept = new KeptMethods(run, plan, methods, ConditioningPlan.given(record));
        if (methods.stream().allMatch(kept::hasDiverged)) {
            KeptConditioning.refuseDiverged(StoredRun.open(kept.folder(methods.get(0))));
        }
        return kept;
    }

    private boolean hasDiverged(Conditioner method) {
        Path own = folder(method);
        return StoredRun.isThere(own) && StoredRun.open(own).hasDiverged();
    }

    /** {@return the run's folder} */
    public StoredRun run() {
        return run;
    }

    /**
     * Loads the model.
     *
     * @param processes that share the steps of methods that train: how many, and where
     * @param report takes lines of progress and warnings
     * @return the model with what is asked of it
     * @throws InputException if it, the prompts or the texts to imitate are not what they were when the run began
     */
    public ModelConditioning open(ProcessPlaces processes, Consumer<String> report) {
        Prompts prompts = Prompts.read(plan.prompts());
        ModelConditioning conditioning = new ModelConditioning(plan.question(prompts), processes, report);
        try {
            RunFiles.checkInputs(run, conditioning.inputs(prompts, DemonstrationFile.in(given)));
            return conditioning;
        } catch (InputException e) {
            conditioning.close();
            throw e;
        }
    }

    /**
     * Runs the methods: takes the steps that are left, and audits each. One that diverged before the run was broken off does not run
     * again.
     *
     * @param conditioning the model, loaded
     * @param report takes a line for each that fails
     * @return what came of them
     * @throws IOException if something cannot be written
     * @throws dev.credence.lab.runs.InterruptedRunException if the process was asked to end; a checkpoint is written
     * @throws InputException if a method cannot do what is asked, before any begins; or if none came to its end
     */
    public MethodAnswers go(ModelConditioning conditioning, Consumer<String> report) throws IOException {
        RunLock lock = RunLock.take(run.path());
        try {
            methods.forEach(method -> conditioning.require(method, only(given, method)));
            MethodTurns turns = new MethodTurns(methods.size(), report);
            for (Conditioner method : methods) {
                if (hasDiverged(method)) {
                    turns.failed(method, only(given, method), cause(StoredRun.open(folder(method))));
                } else {
                    MethodTurns.Turn turn = turn(conditioning, method);
                    turns.take(method, only(given, method), turn);
                }
            }
            return turns.end();
        } catch (InputException e) {
            if (StoredRun.in(run.path()).isEmpty()) {
                run.discard(); // none ever began, and the name is free again
            }
            throw e;
        } finally {
            lock.close();
        }
    }

    /** What the folder of a run that diverged says of it. */
    private static String cause(StoredRun diverged) throws IOException {
        JsonNode said = Json.reader().readTree(Files.readAllBytes(diverged.divergence()));
        return "training diverged at step " + said.path("step").asLong() + ": "
                + said.path("words").asText() + "; " + said.path("advice").asText();
    }

    /** What is no method's own fault, such as another run in its place, is found here, and ends all. */
    private MethodTurns.Turn turn(ModelConditioning conditioning, Conditioner method) {
        MethodOptions own = only(given, method);
        Path folder = folder(method);
        if (!(method instanceof TrainedConditioner trained)) {
            return () -> conditioning.untrained(method, own, folder.resolve("rollouts.parquet"));
        }
        Provenance made = run.asked().provenance();
        List<Provenance.Input> inputs = conditioning.inputs(Prompts.read(plan.prompts()), own);
        RunRecord record = plan.record(
                trained, own, new Provenance(made.version(), made.command(), made.seed(), Map.of(), inputs));
        KeptConditioning kept = new KeptConditioning(begun(folder, record), plan);
        return () -> kept.go(conditioning, trained, own);
    }

    /** The method's own run: a new one, or the one that was begun when the process was killed. */
    private static StoredRun begun(Path folder, RunRecord record) {
        if (!StoredRun.isThere(folder)) {
            return StoredRun.begin(folder, record);
        }
        StoredRun there = StoredRun.open(folder);
        boolean isSame = there.asked().kind().equals(record.kind())
                && new HashSet<>(there.asked().arguments()).equals(new HashSet<>(record.arguments()));
        if (!isSame) {
            throw new InputException(
                    folder.toString(),
                    0,
                    "arguments",
                    there.asked().arguments().toString(),
                    "the run of all methods asks for " + record.arguments() + "; another run was put in its place");
        }
        return there;
    }

    private Path folder(Conditioner method) {
        return run.path().resolve(method.card().name());
    }

    /**
     * Writes the result: from then on the run is done.
     *
     * @param asked what each was asked
     * @param answers what came of them
     * @throws IOException if it cannot be written
     */
    public void finish(Answer.Asked asked, MethodAnswers answers) throws IOException {
        Provenance provenance = run.asked().provenance();
        Map<String, @Nullable Object> document = Json.document("credence.condition/1", provenance);
        document.put("run", run.path().toString());
        AnswerJson.put(document, answers, asked);
        document.put("provenance", Json.provenance(provenance));
        run.finish(out -> Json.write(document, out));
    }

    /**
     * The settings that a method has, of all that were given for several.
     *
     * @param given for all
     * @param method one of them
     * @return its own, with the texts of the file that they name
     */
    public static MethodOptions only(MethodOptions given, Conditioner method) {
        MethodOptions own = MethodOptions.none().with(given.rewardType()).with(given.rewards());
        for (var option : method.card().options()) {
            if (given.has(option.name())) {
                own = own.with(option.name(), given.text(option));
            }
        }
        return DemonstrationFile.in(own);
    }

    /** The settings that any of the methods has. */
    static Map<String, String> typed(MethodOptions given, List<Conditioner> methods) {
        Map<String, String> typed = new LinkedHashMap<>();
        methods.forEach(method -> method.card().options().forEach(option -> {
            if (given.has(option.name())) {
                typed.put(option.name(), given.text(option));
            }
        }));
        return typed;
    }
}
