package dev.credence.app.view;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.lab.audits.DepartedTexts;
import dev.credence.lab.audits.DepartedTexts.Pair;
import dev.credence.lab.audits.DepartedTexts.Text;
import dev.credence.lab.inputs.Inputs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Examples of texts for a report of an audited log: the largest departures, with their figures. */
public final class ReportTexts {
    private static final long MOST_RECORDS = 200_000;
    private static final int SHOWN = 5;
    private static final int LONGEST = 240;

    private ReportTexts() {}

    /** A text and what it was asked. */
    private record Of(String prompt, Text text) {}

    /** Two texts of one reward, and what they were asked. */
    private record PairOf(String prompt, Pair pair) {}

    /**
     * Looks for the texts in the log.
     *
     * @param audit of a log
     * @return tables of them; none where the audit is of no log, or of several, or the log is no longer what was audited
     */
    public static List<DataTable> of(AuditReport audit) {
        List<Provenance.Input> logs = audit.provenance().inputs().stream()
                .filter(input ->
                        input.name().toLowerCase(Locale.ROOT).matches(".+\\.(jsonl|ndjson|parquet)(\\.(gz|zst))?"))
                .filter(input -> !input.name().endsWith("prompts.jsonl"))
                .toList();
        if (logs.size() != 1 || !isThere(logs.get(0))) {
            return List.of();
        }
        try {
            return tables(DepartedTexts.read(logs.get(0).name(), DepartedTexts.Wanted.of(audit, MOST_RECORDS)));
        } catch (IOException | UncheckedIOException | InputException e) {
            return List.of(); // the figures stand without examples
        }
    }

    private static boolean isThere(Provenance.Input input) {
        try {
            Path file = Path.of(input.name());
            return Files.isRegularFile(file) && Inputs.of(file).sha256().equals(input.sha256());
        } catch (InvalidPathException | UncheckedIOException e) {
            return false;
        }
    }

    private static List<DataTable> tables(DepartedTexts texts) {
        List<PairOf> pairs = new ArrayList<>();
        List<Of> dropped = new ArrayList<>();
        for (Map.Entry<String, DepartedTexts.OfPrompt> prompt : texts.prompts().entrySet()) {
            prompt.getValue().atEqualReward().stream()
                    .limit(SHOWN)
                    .forEach(pair -> pairs.add(new PairOf(prompt.getKey(), pair)));
            prompt.getValue().dropped().stream()
                    .limit(SHOWN)
                    .forEach(text -> dropped.add(new Of(prompt.getKey(), text)));
        }
        pairs.sort(
                Comparator.comparingDouble((PairOf each) -> each.pair.spread()).reversed());
        dropped.sort(Comparator.comparingDouble((Of each) -> each.text.shares().posterior())
                .reversed());
        String part = texts.isWhole() ? "" : " Of the first " + FigureFormat.of((double) texts.records()) + " records.";
        List<DataTable> tables = new ArrayList<>();
        if (!pairs.isEmpty()) {
            DataTable.Builder table = table(
                    "The largest departures: texts of one reward, two and two (within a twentieth of its range where nearly all differ), whose log π/π0 are furthest apart; of a conditional on the"
                            + " reward they would be alike." + part);
            pairs.stream().limit(SHOWN).forEach(each -> {
                row(table, each.prompt, each.pair.highest());
                row(table, each.prompt, each.pair.lowest());
            });
            tables.add(table.build());
        }
        if (!dropped.isEmpty()) {
            DataTable.Builder table = table(
                    "Dropped: texts that the policy gives less than half of what the posterior does, the posterior's likeliest first."
                            + part);
            dropped.stream().limit(SHOWN).forEach(each -> row(table, each.prompt, each.text));
            tables.add(table.build());
        }
        return tables;
    }

    private static DataTable.Builder table(String title) {
        return DataTable.of(
                title, "prompt", "text", "reward", "log π/π0, nats", "share of the prior", "policy", "posterior");
    }

    private static void row(DataTable.Builder table, String prompt, Text text) {
        table.row(
                cut(prompt),
                cut(text.text()),
                text.reward(),
                text.logRatio(),
                text.shares().prior(),
                text.shares().policy(),
                text.shares().posterior());
    }

    private static String cut(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
    }
}
