package dev.credence.bench.speed;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Speed of methods that train beside TRL's, for people and for programs.
 *
 * @param backend what computed here
 * @param steps steps of both
 * @param paths ways to the posterior
 */
record MethodsReport(String backend, List<TorchPairs> steps, List<MethodsPath> paths) {
    static final double NEAR = 0.1; // nats
    static final double ARRIVED = 0.01; // nats

    /** Copies the lists. */
    MethodsReport {
        steps = List.copyOf(steps);
        paths = List.copyOf(paths);
    }

    void print(Console console) {
        console.line(Style.BOLD, backend);
        if (!steps.isEmpty()) {
            TorchReport.print(steps, console);
            console.line();
        }
        if (paths.isEmpty()) {
            return;
        }
        TextTable table = new TextTable(2)
                .words("seconds of training until KL(posterior‖policy) is", 60)
                .numbers("0.1")
                .numbers("0.01")
                .numbers("least KL")
                .numbers("steps")
                .numbers("seconds");
        for (MethodsPath path : paths) {
            if (path.points().isEmpty()) {
                table.row(Style.DIM, path.title(), "skipped");
                table.note(path.skipped());
                continue;
            }
            MethodsPath.Point last = path.points().get(path.points().size() - 1);
            table.row(
                    Style.PLAIN,
                    path.title(),
                    seconds(path.secondsTo(NEAR)),
                    seconds(path.secondsTo(ARRIVED)),
                    String.format(Locale.ROOT, "%.4f", path.least()),
                    Integer.toString(last.steps()),
                    seconds(last.seconds()));
        }
        table.print(console);
    }

    private static String seconds(double seconds) {
        return seconds < Double.POSITIVE_INFINITY ? String.format(Locale.ROOT, "%.2f", seconds) : "never";
    }

    Map<String, @Nullable Object> document(Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.bench.methods/1", provenance);
        document.put("backend", backend);
        document.put("steps", steps.stream().map(TorchPairs::fields).toList());
        document.put("paths", paths.stream().map(MethodsPath::fields).toList());
        document.put("provenance", Json.provenance(provenance));
        return document;
    }
}
