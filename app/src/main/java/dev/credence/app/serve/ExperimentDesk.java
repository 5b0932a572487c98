package dev.credence.app.serve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.app.view.ExperimentPages;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.lab.experiments.Effort;
import dev.credence.lab.experiments.Experiment;
import dev.credence.lab.experiments.ExperimentFile;
import dev.credence.lab.experiments.ExperimentKey;
import dev.credence.lab.experiments.ExperimentRun;
import dev.credence.lab.experiments.ExperimentSettings;
import dev.credence.lab.experiments.Experiments;
import dev.credence.report.PageParts;
import dev.credence.worlds.TableWorlds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Experiments: what there is, one run with other settings, and the pages of those that were run. */
final class ExperimentDesk {
    private static final String FIGURES = "figures.json";
    private static final int MOST_LISTED = 200;
    /** Keys that name files or folders, which may lie outside the one that is served. */
    private static final Set<String> FILES = Set.of("model", "prompts", "save", "policy", "prior");

    private final Map<String, Map<String, @Nullable Object>> known = new ConcurrentHashMap<>();

    private final ServedFolder folder;
    private final WebJobs jobs;
    private final Provenance made;

    ExperimentDesk(ServedFolder folder, WebJobs jobs, Provenance made) {
        this.folder = folder;
        this.jobs = jobs;
        this.made = made;
    }

    void addTo(Map<String, WebService.Handler> handlers) {
        handlers.put("GET /api/experiments", request -> WebAnswer.json(list()));
        handlers.put(
                "POST /api/experiments",
                request -> WebJobs.answer(start(request.json(List.of("name", "quick", "settings")))));
        handlers.put(
                "GET /api/experiment",
                request -> WebAnswer.json(read(request.query("file")).document()));
        handlers.put("GET /part/experiment", request -> {
            ExperimentRun run = read(request.query("file"));
            return WebAnswer.html(
                    PageParts.experiment(ExperimentPages.shown(run.experiment().name(), run)));
        });
    }

    private Map<String, @Nullable Object> list() {
        Map<String, @Nullable Object> document = Json.document("credence.experiments/1", made);
        List<Map<String, @Nullable Object>> experiments = new ArrayList<>();
        for (Experiment experiment : Experiments.all()) {
            Map<String, @Nullable Object> facts = new LinkedHashMap<>();
            facts.put("name", experiment.name());
            facts.put("question", experiment.question());
            Map<String, String> quick = ExperimentSettings.of(
                            experiment, new Effort(Effort.Size.QUICK, false), Map.of())
                    .written();
            List<Map<String, @Nullable Object>> keys = new ArrayList<>();
            for (ExperimentKey key : experiment.settings()) {
                if (FILES.contains(key.key())) {
                    continue;
                }
                Map<String, @Nullable Object> one = new LinkedHashMap<>();
                one.put("key", key.key());
                one.put("standard", key.standard());
                one.put("quick", quick.get(key.key()));
                one.put("rule", key.rule());
                one.put("help", key.help());
                keys.add(one);
            }
            facts.put("settings", keys);
            experiments.add(facts);
        }
        document.put("experiments", experiments);
        List<Map<String, @Nullable Object>> past = new ArrayList<>();
        for (Path file : folder.files(FIGURES::equals)) {
            if (past.size() < MOST_LISTED) {
                past.add(known.computeIfAbsent(file + " " + ServedFolder.changed(file), any -> past(file)));
            }
        }
        document.put("past", past);
        return document;
    }

    /** What tells one of the same name from another: the settings that are neither the usual ones nor those of a quick run. */
    private Map<String, @Nullable Object> past(Path file) {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("file", folder.name(file));
        facts.put("changed", ServedFolder.changed(file));
        try {
            ExperimentRun run = ExperimentFile.read(file);
            Map<String, String> standard = different(run, Effort.Size.STANDARD);
            Map<String, String> quick = different(run, Effort.Size.QUICK);
            boolean isQuick = quick.size() < standard.size();
            facts.put("experiment", run.experiment().name());
            facts.put("quick", isQuick);
            facts.put("settings", isQuick ? quick : standard);
        } catch (IOException | InputException e) {
            facts.put("reason", e.getMessage());
        }
        return facts;
    }

    private static Map<String, String> different(ExperimentRun run, Effort.Size size) {
        Map<String, String> usual = ExperimentSettings.of(run.experiment(), new Effort(size, false), Map.of())
                .written();
        Map<String, String> different = new LinkedHashMap<>(run.settings().written());
        different.entrySet().removeIf(each -> each.getValue().equals(usual.get(each.getKey())));
        return different;
    }

    private ExperimentRun read(String name) throws IOException {
        Path file = folder.existing(name);
        if (!Files.isRegularFile(file) || !String.valueOf(file.getFileName()).equals(FIGURES)) {
            throw WebRefusal.absent("experiment " + name);
        }
        return ExperimentFile.read(file);
    }

    private WebJobs.Job start(JsonNode asked) throws IOException {
        Experiment experiment = Experiments.byName(asked.path("name").asText(""));
        boolean quick = asked.path("quick").asBoolean();
        Map<String, String> given = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> setting : asked.path("settings").properties()) {
            if (FILES.contains(setting.getKey())) {
                throw InputException.ofSetting(
                        setting.getKey(), setting.getValue().asText(), "it names files, and is for the command line");
            }
            given.put(
                    setting.getKey(),
                    allowed(setting.getKey(), setting.getValue().asText()));
        }
        Effort effort = new Effort(quick ? Effort.Size.QUICK : Effort.Size.STANDARD, false);
        ExperimentSettings.of(experiment, effort, given); // a broken rule is told now
        Path output = folder.make(experiment.name());
        List<String> arguments = new ArrayList<>(List.of("run", experiment.name(), "-o", output.toString()));
        if (quick) {
            arguments.add("--quick");
        }
        given.forEach((key, value) -> arguments.add("--set=" + key + "=" + value));
        return jobs.start(new WebJobs.Asked("experiment", experiment.name(), arguments, folder.name(output)));
    }

    /**
     * A setting as the process is given it. Whatever it means, one typed into a page runs no program and reads no file but a world of
     * the folder served.
     */
    private String allowed(String key, String value) {
        LogPages.local(key, value);
        boolean isFile =
                isWorld(key) && !value.isBlank() && !TableWorlds.builtIn().contains(value.strip());
        return isFile ? folder.existing(value.strip()).toString() : value;
    }

    private static boolean isWorld(String key) {
        return key.equals("world") || key.endsWith(".world");
    }
}
