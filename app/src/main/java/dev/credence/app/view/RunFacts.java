package dev.credence.app.view;

import dev.credence.data.runs.Metrics;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.conditioning.KeptMethods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where runs stand, as lists of runs have it. */
public final class RunFacts {
    private RunFacts() {}

    /**
     * Where a run stands.
     *
     * @param run the run
     * @return its name, kind, status, steps and last figures
     * @throws IOException if its files cannot be read
     */
    public static Map<String, @Nullable Object> of(StoredRun run) throws IOException {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("run", run.path().toString());
        facts.put("kind", run.asked().kind());
        facts.put("started", run.asked().started());
        List<StoredRun> methods = methods(run);
        boolean hasDiverged = run.hasDiverged() || haveAllDiverged(run, methods);
        facts.put("status", run.isDone() ? "done" : hasDiverged ? "diverged" : "resumable");
        List<Metrics.Point> points = run.metrics().read();
        String cells = run.asked().provenance().settings().get("cells");
        facts.put(
                "step",
                cells != null
                        ? done(run)
                        : points.isEmpty() ? 0L : points.get(points.size() - 1).step());
        long last = run.checkpoints().last().orElse(-1);
        facts.put("checkpoint", last < 0 ? null : (Object) last);
        facts.put(
                "steps",
                cells != null ? cells : run.asked().provenance().settings().get("steps"));
        facts.put("loss", last(points, "loss"));
        facts.put("validation_loss", last(points, "validation_loss"));
        facts.put("reward", last(points, "reward"));
        facts.put("kl", last(points, "kl"));
        return facts;
    }

    /**
     * The runs of methods that train, of several that are one run.
     *
     * @param run any
     * @return none where it is another kind of run
     * @throws IOException if the folder cannot be read
     */
    public static List<StoredRun> methods(StoredRun run) throws IOException {
        return run.asked().kind().equals(KeptMethods.KIND) ? StoredRun.in(run.path()) : List.of();
    }

    /** Where another method can go on, so can the run of all. */
    private static boolean haveAllDiverged(StoredRun run, List<StoredRun> methods) {
        String asked = run.asked().provenance().settings().getOrDefault("method", "");
        return !methods.isEmpty()
                && methods.size() == asked.split(",", -1).length
                && methods.stream().allMatch(StoredRun::hasDiverged);
    }

    /** The cells of a sweep that are there. */
    private static long done(StoredRun run) throws IOException {
        Path cells = run.path().resolve("cells");
        if (!Files.isDirectory(cells)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(cells)) {
            return files.filter(file -> file.toString().endsWith(".json")).count();
        }
    }

    private static @Nullable Double last(List<Metrics.Point> points, String name) {
        Double last = null;
        for (Metrics.Point point : points) {
            last = point.values().getOrDefault(name, last);
        }
        return last;
    }
}
