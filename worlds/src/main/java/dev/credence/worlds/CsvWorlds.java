package dev.credence.worlds;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.worlds.CsvRows.Row;
import dev.credence.worlds.RawPrompt.Cell;
import dev.credence.worlds.RawPrompt.RawTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From the rows of a CSV file to prompts: columns outcome, prior, and optionally prompt, reward (or reward.NAME for several),
 * policy, weight.
 */
final class CsvWorlds {
    private static final List<String> KNOWN =
            List.of("prompt", "outcome", "prior", "reward", "reward.NAME", "policy", "weight");
    private static final String REWARD = "reward.";

    private final String file;
    private final Row header;
    private final Map<String, RawPrompt> byPrompt = new LinkedHashMap<>();

    private CsvWorlds(String file, Row header) {
        this.file = file;
        this.header = header;
    }

    static Map<String, RawPrompt> prompts(String file, List<Row> rows, String required) {
        if (rows.isEmpty()) {
            throw new InputException(file, 0, "", "empty", "the first line names the columns: outcome,prior,reward");
        }
        CsvWorlds reader = new CsvWorlds(file, rows.get(0));
        reader.checkHeader(required);
        for (Row row : rows.subList(1, rows.size())) {
            reader.add(row);
        }
        if (reader.byPrompt.isEmpty()) {
            throw new InputException(file, 0, "", "no rows", "a table needs at least one outcome");
        }
        return reader.byPrompt;
    }

    private void checkHeader(String required) {
        List<String> names = header.cells();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            boolean known = KNOWN.contains(name) || (name.startsWith(REWARD) && name.length() > REWARD.length());
            if (!known) {
                throw new InputException(file, header.line(), name, "not a column", NearestName.hint(name, KNOWN));
            }
            if (names.indexOf(name) < i) {
                throw new InputException(file, header.line(), name, "given twice", "a column may stand only once");
            }
            if (name.startsWith(REWARD) && names.contains("reward")) {
                throw new InputException(
                        file,
                        header.line(),
                        name,
                        "beside 'reward'",
                        "give 'reward' or columns 'reward.NAME', not both");
            }
        }
        for (String name : List.of("outcome", required)) {
            if (!names.contains(name)) {
                throw new InputException(file, header.line(), name, "missing", "it must be one of the columns");
            }
        }
    }

    private void add(Row row) {
        if (row.cells().size() != header.cells().size()) {
            throw new InputException(
                    file,
                    row.line(),
                    "",
                    row.cells().size() + " cells",
                    "the header has " + header.cells().size() + " columns");
        }
        String prompt = textOf(row, "prompt", "");
        String outcome = textOf(row, "outcome", "");
        String path = header.cells().contains("prompt") ? "prompts." + prompt + "." : "";
        RawPrompt raw = byPrompt.computeIfAbsent(prompt, name -> new RawPrompt(path, row.line(), false));
        raw.prior = put(raw.prior, path + "prior", outcome, cell(row, "prior"));
        raw.policy = put(raw.policy, path + "policy", outcome, cell(row, "policy"));
        for (String column : header.cells()) {
            if (column.equals("reward") || column.startsWith(REWARD)) {
                String name = column.equals("reward") ? column : column.substring(REWARD.length());
                RawTable table = put(raw.rewards.get(name), path + column, outcome, cell(row, column));
                if (table != null) {
                    raw.rewards.put(name, table);
                }
            }
        }
        setWeight(raw, cell(row, "weight"));
    }

    private @Nullable RawTable put(@Nullable RawTable table, String path, String outcome, @Nullable Cell cell) {
        if (cell == null) {
            return table;
        }
        RawTable into = table == null ? new RawTable(path, cell.line()) : table;
        if (into.cells().put(outcome, cell) != null) {
            throw new InputException(
                    file, cell.line(), path + "." + outcome, "given twice", "an outcome may stand only once a prompt");
        }
        return into;
    }

    private void setWeight(RawPrompt raw, @Nullable Cell weight) {
        if (weight == null) {
            return;
        }
        if (raw.weight != null && !raw.weight.text().equals(weight.text())) {
            throw new InputException(
                    file,
                    weight.line(),
                    raw.path + "weight",
                    weight.text(),
                    "it must be the same on all rows of a prompt, and was " + raw.weight.text());
        }
        raw.weight = weight;
    }

    private @Nullable Cell cell(Row row, String column) {
        int at = header.cells().indexOf(column);
        return at < 0 ? null : new Cell(row.cells().get(at).strip(), row.line());
    }

    private String textOf(Row row, String column, String otherwise) {
        int at = header.cells().indexOf(column);
        return at < 0 ? otherwise : row.cells().get(at);
    }
}
