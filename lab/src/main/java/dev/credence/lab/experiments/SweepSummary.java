package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is seen over the cells of a sweep: a table, a drawing of each figure against the key that varies most, and words. */
public final class SweepSummary {
    private static final int FIGURES = 6; // that are drawn unless some are named
    private static final int LINES = 8; // of a drawing

    private final SweepPlan plan;
    private final List<Sweep.Cell> cells;
    private final List<String> figures;

    /**
     * Looks over the cells.
     *
     * @param plan what was run
     * @param cells what came of it
     */
    public SweepSummary(SweepPlan plan, List<Sweep.Cell> cells) {
        this.plan = plan;
        this.cells = List.copyOf(cells);
        this.figures = plan.figures().isEmpty() ? varying() : plan.figures();
    }

    /** {@return the cells that failed} */
    public long failed() {
        return cells.stream().filter(cell -> cell.run() == null).count();
    }

    private List<String> varying() {
        Map<String, Set<String>> values = new LinkedHashMap<>();
        Map<String, Long> counts = new LinkedHashMap<>();
        cells.forEach(cell -> findings(cell).forEach((id, finding) -> {
            values.computeIfAbsent(id, any -> new LinkedHashSet<>()).add(FigureFormat.of(finding.estimate()));
            counts.merge(id, 1L, Long::sum);
        }));
        Comparator<String> mostCells = Comparator.comparing(counts::get, Comparator.reverseOrder());
        return values.entrySet().stream()
                .filter(each -> each.getValue().size() > 1)
                .map(Map.Entry::getKey)
                .sorted(mostCells) // stable: the experiment's own order among those
                .limit(FIGURES)
                .toList();
    }

    private static Map<String, Finding> findings(Sweep.Cell cell) {
        ExperimentRun run = cell.run();
        return run == null ? Map.of() : run.result().findings();
    }

    private static @Nullable Finding standing(Sweep.Cell cell, String id) {
        Finding finding = findings(cell).get(id);
        return finding != null && finding.stands() && Double.isFinite(finding.estimate()) ? finding : null;
    }

    /** {@return a row a cell: what varies, the drawn figures, and why it failed where it did} */
    public DataTable table() {
        List<String> columns = new ArrayList<>(List.of("cell"));
        columns.addAll(plan.varied());
        columns.addAll(figures);
        boolean anyFailed = failed() > 0;
        if (anyFailed) {
            columns.add("failed because");
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Sweep.Cell cell : cells) {
            List<@Nullable Object> row = new ArrayList<>();
            row.add((long) cell.number());
            plan.varied().forEach(key -> row.add(Sweep.value(cell.settings().get(key))));
            for (String id : figures) {
                Finding finding = findings(cell).get(id);
                row.add(finding == null || !finding.stands() ? null : (Object) finding.estimate());
            }
            if (anyFailed) {
                row.add(cell.cause());
            }
            rows.add(row);
        }
        return new DataTable("The cells", columns, rows);
    }

    /** {@return a drawing of each figure, where a key that varies is a number} */
    public List<Picture> pictures() {
        String across = plan.varied().stream()
                .filter(key -> cells.stream()
                        .allMatch(cell -> Sweep.value(cell.settings().get(key)) instanceof Double))
                .max(Comparator.comparingLong(this::distinct))
                .orElse(null);
        if (across == null || distinct(across) < 2) {
            return List.of();
        }
        List<Picture> pictures = new ArrayList<>();
        for (String id : figures) {
            Map<String, NavigableMap<Double, Finding>> lines = lines(across, id);
            if (!lines.isEmpty()) {
                pictures.add(picture(across, id, lines));
            }
        }
        return pictures;
    }

    private long distinct(String key) {
        return cells.stream().map(cell -> cell.settings().get(key)).distinct().count();
    }

    private Map<String, NavigableMap<Double, Finding>> lines(String across, String id) {
        Map<String, NavigableMap<Double, Finding>> lines = new LinkedHashMap<>();
        for (Sweep.Cell cell : cells) {
            Finding finding = standing(cell, id);
            if (finding != null && Sweep.value(cell.settings().get(across)) instanceof Double x) {
                lines.computeIfAbsent(words(cell, across), any -> new TreeMap<>())
                        .put(x, finding);
            }
        }
        return lines;
    }

    private static Picture picture(String across, String id, Map<String, NavigableMap<Double, Finding>> lines) {
        List<Picture.Series> series = new ArrayList<>();
        String unit = "";
        for (Map.Entry<String, NavigableMap<Double, Finding>> line :
                lines.entrySet().stream().limit(LINES).toList()) {
            List<Finding> findings = List.copyOf(line.getValue().values());
            unit = findings.get(0).unit();
            double[] x = line.getValue().keySet().stream()
                    .mapToDouble(Double::doubleValue)
                    .toArray();
            double[] y = findings.stream().mapToDouble(Finding::estimate).toArray();
            Picture.Series one = Picture.Series.line(line.getKey().isEmpty() ? id : line.getKey(), x, y);
            series.add(
                    findings.stream().allMatch(FindingFormat::hasInterval)
                            ? one.within(
                                    findings.stream()
                                            .mapToDouble(Finding::lower)
                                            .toArray(),
                                    findings.stream()
                                            .mapToDouble(Finding::upper)
                                            .toArray())
                            : one);
        }
        String left = lines.size() > LINES ? " The first " + LINES + " of " + lines.size() + " lines are drawn." : "";
        String question = Objects.requireNonNull(
                        lines.values().iterator().next().firstEntry())
                .getValue()
                .question();
        return Picture.of(
                "figure-" + id.replaceAll("[^A-Za-z0-9]+", "-"),
                id + " against " + across,
                question + left,
                Picture.Axis.linear(across),
                Picture.Axis.linear(unit.isEmpty() ? id : id + ", " + unit),
                series);
    }

    /** What a cell's settings are, without one. */
    private String words(Sweep.Cell cell, String without) {
        return plan.varied().stream()
                .filter(key -> !key.equals(without) && cell.settings().containsKey(key))
                .map(key -> key + "=" + cell.settings().get(key))
                .collect(Collectors.joining(", "));
    }

    /** {@return what follows: how many cells there are, and where the drawn figures are least and greatest} */
    public String conclusion() {
        StringJoiner words = new StringJoiner(" ");
        long failed = failed();
        words.add(String.format(
                Locale.ROOT,
                "%,d cells%s.",
                cells.size(),
                failed == 0 ? "" : String.format(Locale.ROOT, ", of which %,d failed", failed)));
        for (String id : figures) {
            List<Sweep.Cell> with =
                    cells.stream().filter(cell -> standing(cell, id) != null).toList();
            if (with.isEmpty()) {
                words.add(id + " stands in none of them.");
                continue;
            }
            Comparator<Sweep.Cell> order = Comparator.comparingDouble(
                    cell -> Objects.requireNonNull(standing(cell, id)).estimate());
            Sweep.Cell least = with.stream().min(order).orElseThrow();
            Sweep.Cell most = with.stream().max(order).orElseThrow();
            long without = cells.size() - failed - with.size();
            String rest = without == 0 ? "" : "; it is infinite, withdrawn or not asked for in " + without + " cells";
            words.add(
                    shown(least, id).equals(shown(most, id))
                            ? id + " is " + shown(least, id) + " in each" + rest + "."
                            : id + " goes from " + shown(least, id) + " (" + words(least, "") + ") to "
                                    + shown(most, id) + " (" + words(most, "") + ")" + rest + ".");
        }
        return words.toString();
    }

    private static String shown(Sweep.Cell cell, String id) {
        Finding finding = Objects.requireNonNull(standing(cell, id));
        String value = FigureFormat.of(finding.estimate());
        return FindingFormat.hasInterval(finding) ? value + " " + FindingFormat.interval(finding) : value;
    }
}
