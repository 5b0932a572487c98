package dev.credence.app.serve;

import dev.credence.app.view.RunFacts;
import dev.credence.app.view.RunReport;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.ShellWord;
import dev.credence.data.json.Json;
import dev.credence.data.runs.StoredRun;
import dev.credence.report.PageParts;
import dev.credence.report.TrainingCurves;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs: the list, one run's curves as they grow, and the buttons of those that were started here. */
final class RunPages {
    /** Where commands look for runs by their names. */
    private static final Path BY_NAME = Path.of("runs");

    private static final int MOST_COMPARED = 12;

    private final ServedFolder folder;
    private final WebJobs jobs;
    private final Provenance made;

    RunPages(ServedFolder folder, WebJobs jobs, Provenance made) {
        this.folder = folder;
        this.jobs = jobs;
        this.made = made;
    }

    void addTo(Map<String, WebService.Handler> handlers) {
        handlers.put("GET /api/runs", request -> WebAnswer.json(list()));
        handlers.put("GET /api/run", request -> WebAnswer.json(document(request.all("name"))));
        handlers.put("GET /part/run", request -> WebAnswer.html(PageParts.training(curves(request.query("name")))));
        handlers.put("GET /part/runs", request -> WebAnswer.html(compared(request.all("name"))));
        handlers.put("POST /api/runs/resume", request -> {
            request.json();
            return WebJobs.answer(resume(request.query("name")));
        });
    }

    private Map<String, @Nullable Object> list() throws IOException {
        Map<String, @Nullable Object> document = Json.document("credence.runs/1", made);
        List<Map<String, @Nullable Object>> runs = new ArrayList<>();
        for (Path each : StoredRun.folders(folder.root())) {
            if (folder.holds(each)) {
                runs.add(facts(each));
            }
        }
        document.put("runs", runs);
        return document;
    }

    /** What another process is writing may be half there; the list goes on without it. */
    private Map<String, @Nullable Object> facts(Path path) {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        try {
            facts.putAll(RunFacts.of(StoredRun.open(path)));
            Map<String, String> shown = new LinkedHashMap<>();
            facts.forEach((name, value) -> {
                if (value instanceof Double number) {
                    shown.put(name, FigureFormat.of(number));
                }
            });
            facts.put("shown", shown);
        } catch (IOException | InputException | UncheckedIOException e) {
            facts.put("status", "unreadable");
            facts.put("reason", e.getMessage());
        }
        facts.put("run", folder.name(path));
        facts.put("changed", ServedFolder.changed(path.resolve("metrics.jsonl")));
        return facts;
    }

    private static List<String> few(List<String> names) {
        if (names.isEmpty() || names.size() > MOST_COMPARED) {
            throw new WebRefusal(400, "name 1 to " + MOST_COMPARED + " runs");
        }
        return names.stream().distinct().toList();
    }

    private String compared(List<String> names) throws IOException {
        List<TrainingCurves> runs = new ArrayList<>();
        for (String name : few(names)) {
            runs.add(curves(name));
        }
        return PageParts.runs(runs);
    }

    private TrainingCurves curves(String name) throws IOException {
        StoredRun run = open(name);
        return RunReport.curves(name, run, run.metrics().read());
    }

    private Map<String, @Nullable Object> document(List<String> names) throws IOException {
        Map<String, @Nullable Object> document = Json.document("credence.report/1", made);
        List<Object> runs = new ArrayList<>();
        for (String name : few(names)) {
            runs.add(one(name));
        }
        document.put("runs", runs);
        return document;
    }

    private Map<String, @Nullable Object> one(String name) throws IOException {
        StoredRun run = open(name);
        Map<String, @Nullable Object> facts = RunReport.facts(run, run.metrics().read());
        facts.put("run", name);
        facts.put("resume", "credence resume " + ShellWord.of(word(run, name)));
        return facts;
    }

    /** What a command calls the run: its name where runs are looked for by name, else its place. */
    private String word(StoredRun run, String name) {
        try {
            return Files.isSameFile(BY_NAME, folder.root()) ? name : run.path().toString();
        } catch (IOException e) { // there is no such folder
            return run.path().toString();
        }
    }

    private StoredRun open(String name) {
        Path path = folder.existing(name);
        if (!StoredRun.isThere(path)) {
            throw WebRefusal.absent("run of the name " + name);
        }
        return StoredRun.open(path);
    }

    /** Who else may be working on a run cannot be known, unless it was started here. */
    private WebJobs.Job resume(String name) throws IOException {
        StoredRun run = open(name);
        WebJobs.Job last = jobs.of(name);
        if (last == null) {
            throw new WebRefusal(
                    409,
                    "the run was not started here, and another process may be at work on it; where none is: credence"
                            + " resume " + ShellWord.of(word(run, name)));
        }
        if (last.isRunning()) {
            throw new WebRefusal(409, "the run is going on");
        }
        if (run.isDone()) {
            throw new WebRefusal(409, "the run is done");
        }
        List<String> arguments = List.of("resume", run.path().toString());
        return jobs.start(new WebJobs.Asked("resume", name, arguments, name));
    }
}
