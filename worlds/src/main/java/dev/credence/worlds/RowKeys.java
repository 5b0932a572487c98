package dev.credence.worlds;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The keys of a table over variables: values in the variables' order, {@code "human, 3"}; a single value where there is one. */
final class RowKeys {
    /** Rows of one table at most. */
    private static final long MOST = 1L << 20;

    private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

    private final String file;
    private final List<List<String>> values; // (variables)(values)

    RowKeys(String file, List<List<String>> values) {
        this.file = file;
        this.values = values;
    }

    /** The table's entries in the order of the assignments, the last variable's values side by side. */
    List<YamlNode> rows(String field, YamlNode node) {
        List<String> keys = keys(field, node.line());
        Map<String, YamlNode> given = new HashMap<>();
        Set<String> known = new HashSet<>(keys);
        node.map(file, field).forEach((written, row) -> {
            String key = canonical(written);
            if (!known.contains(key)) {
                List<String> some = keys.subList(0, Math.min(keys.size(), 20));
                throw new InputException(
                        file,
                        row.line(),
                        field + "." + written,
                        "no row of this table",
                        "rows are named by values in the order given; " + NearestName.hint(key, some));
            }
            if (given.put(key, row) != null) {
                throw new InputException(file, row.line(), field + "." + written, "given twice", "a row stands once");
            }
        });
        List<YamlNode> rows = new ArrayList<>();
        for (String key : keys) {
            YamlNode row = given.get(key);
            if (row == null) {
                throw new InputException(
                        file, node.line(), field + "." + key, "missing", "every combination of values needs its row");
            }
            rows.add(row);
        }
        return rows;
    }

    /** All keys; an error where two assignments would have the same. */
    List<String> keys(String field, long line) {
        int[] sizes = values.stream().mapToInt(List::size).toArray();
        if (Factor.cells(sizes) > MOST) {
            throw new InputException(
                    file, line, field, Factor.cells(sizes) + " rows", "a table has at most " + MOST + " rows");
        }
        List<String> keys = new ArrayList<>(List.of(""));
        for (int k = 0; k < sizes.length; k++) {
            List<String> longer = new ArrayList<>();
            for (String key : keys) {
                for (String value : values.get(k)) {
                    longer.add(k == 0 ? canonical(value) : key + ", " + canonical(value));
                }
            }
            keys = longer;
        }
        Set<String> seen = new HashSet<>();
        for (String key : keys) {
            if (!seen.add(key)) {
                throw new InputException(
                        file,
                        line,
                        field + "." + key,
                        "the name of two rows",
                        "values with commas or spaces around them leave open which is meant: rename them");
            }
        }
        return keys;
    }

    private static String canonical(String key) {
        return COMMA.matcher(key.strip()).replaceAll(", ");
    }
}
