package dev.credence.worlds;

import dev.credence.core.probability.Distribution;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.worlds.RawPrompt.Cell;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** From the field {@code variables} of a network's file to variables, parents before children. */
final class VariablesReader {
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_.-]*");
    private static final List<String> FIELDS = List.of("hidden", "given", "values", "table");

    private final String file;
    private final WorldBuilder numbers;
    private final Map<String, Declared> declared = new LinkedHashMap<>();

    VariablesReader(String file) {
        this.file = file;
        this.numbers = new WorldBuilder(file);
    }

    /** A variable before its rows are read. */
    private record Declared(YamlNode node, String field, boolean hidden, List<String> given, List<String> values) {}

    List<Variable> read(YamlNode node) {
        node.map(file, "variables").forEach((name, each) -> declared.put(name, declare(name, each)));
        if (declared.isEmpty()) {
            throw new InputException(file, node.line(), "variables", "empty", "a network needs at least one variable");
        }
        declared.values().forEach(this::checkGiven);
        List<String> order = order();
        List<Variable> variables = new ArrayList<>();
        for (String name : order) {
            Declared each = found(name);
            int[] parents = each.given.stream().mapToInt(order::indexOf).toArray();
            variables.add(new Variable(name, each.hidden, each.values, parents, rows(each)));
        }
        return variables;
    }

    private Declared declare(String name, YamlNode node) {
        String field = "variables." + name;
        if (!NAME.matcher(name).matches()) {
            throw new InputException(
                    file,
                    node.line(),
                    field,
                    "a name that cannot be used",
                    "a variable's name is a letter or _, then letters, digits, _, . and -");
        }
        Map<String, YamlNode> fields = node.map(file, field);
        requireKnown(file, fields, field + ".", FIELDS);
        YamlNode given = fields.get("given");
        List<String> parents = given == null ? List.of() : given.scalars(file, field + ".given");
        return new Declared(node, field, isHidden(fields, field), parents, values(node, fields, field));
    }

    private boolean isHidden(Map<String, YamlNode> fields, String field) {
        YamlNode node = fields.get("hidden");
        if (node == null) {
            return false;
        }
        String text = node.scalar(file, field + ".hidden");
        if (!text.equals("true") && !text.equals("false")) {
            throw new InputException(
                    file, node.line(), field + ".hidden", "'" + text + "'", "it must be true or false");
        }
        return text.equals("true");
    }

    private List<String> values(YamlNode variable, Map<String, YamlNode> fields, String variableField) {
        YamlNode node = fields.get("values");
        String field = variableField + ".values";
        if (node == null) {
            throw new InputException(
                    file, variable.line(), field, "missing", "values: {a: 0.4, b: 0.6}, or values: [a, b] and a table");
        }
        Collection<String> values =
                node.fields() != null ? node.map(file, field).keySet() : node.scalars(file, field);
        if (values.isEmpty()) {
            throw new InputException(file, node.line(), field, "empty", "a variable needs at least one value");
        }
        Set<String> seen = new HashSet<>();
        for (String value : values) {
            if (!seen.add(value)) {
                throw new InputException(file, node.line(), field, "'" + value + "' twice", "a value may stand once");
            }
        }
        return List.copyOf(values);
    }

    private void checkGiven(Declared each) {
        YamlNode node = each.node.map(file, each.field).get("given");
        Set<String> seen = new HashSet<>();
        for (String parent : each.given) {
            String field = each.field + ".given";
            long line = Objects.requireNonNull(node).line();
            if (!declared.containsKey(parent)) {
                throw new InputException(
                        file,
                        line,
                        field,
                        "'" + parent + "'",
                        "there is no such variable; " + NearestName.hint(parent, declared.keySet()));
            }
            if (!seen.add(parent)) {
                throw new InputException(file, line, field, "'" + parent + "' twice", "a variable may stand once");
            }
        }
    }

    /** Parents first, otherwise as in the file. */
    private List<String> order() {
        Set<String> placed = new LinkedHashSet<>();
        while (placed.size() < declared.size()) {
            String next = null;
            for (Map.Entry<String, Declared> entry : declared.entrySet()) {
                if (!placed.contains(entry.getKey()) && placed.containsAll(entry.getValue().given)) {
                    next = entry.getKey();
                    break;
                }
            }
            if (next == null) {
                throw cycle(placed);
            }
            placed.add(next);
        }
        return new ArrayList<>(placed);
    }

    /** From any variable that is left, a way back along unplaced parents must meet itself. */
    private InputException cycle(Set<String> placed) {
        String at = declared.keySet().stream()
                .filter(name -> !placed.contains(name))
                .findFirst()
                .orElseThrow();
        List<String> way = new ArrayList<>();
        while (!way.contains(at)) {
            way.add(0, at);
            at = found(at).given.stream()
                    .filter(parent -> !placed.contains(parent))
                    .findFirst()
                    .orElseThrow();
        }
        List<String> circle = new ArrayList<>(way.subList(0, way.indexOf(at) + 1));
        circle.add(0, at);
        Declared first = found(at);
        long line = Objects.requireNonNull(first.node.map(file, first.field).get("given"))
                .line();
        return new InputException(
                file,
                line,
                first.field + ".given",
                "a cycle: " + String.join(" -> ", circle),
                "what a variable" + " depends on may not depend on it");
    }

    private double[] rows(Declared each) {
        Map<String, YamlNode> fields = each.node.map(file, each.field);
        YamlNode values = Objects.requireNonNull(fields.get("values"));
        YamlNode table = fields.get("table");
        String field = each.field + ".table";
        if (values.fields() != null) {
            if (table != null || !each.given.isEmpty()) {
                throw new InputException(
                        file,
                        values.line(),
                        each.field + ".values",
                        "probabilities beside " + (table != null ? "'table'" : "'given'"),
                        "they stand under 'values' of a variable that depends on nothing, else in the rows of 'table'");
            }
            return row(each, each.field + ".values", values);
        }
        if (table == null) {
            throw new InputException(file, each.node.line(), field, "missing", "every value needs its probability");
        }
        if (each.given.isEmpty()) {
            return row(each, field, table);
        }
        List<List<String>> of =
                each.given.stream().map(parent -> found(parent).values).toList();
        List<String> keys = new RowKeys(file, of).keys(field, table.line());
        List<YamlNode> rows = new RowKeys(file, of).rows(field, table);
        int size = each.values.size();
        double[] log = new double[Math.multiplyExact(rows.size(), size)];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(row(each, field + "." + keys.get(i), rows.get(i)), 0, log, i * size, size);
        }
        return log;
    }

    /** Log-probabilities of one row, a list in the order of the values or a map from them. */
    private double[] row(Declared each, String field, YamlNode node) {
        List<YamlNode> cells = node.fields() != null
                ? new RowKeys(file, List.of(each.values)).rows(field, node)
                : node.list(file, field);
        if (cells.size() != each.values.size()) {
            throw new InputException(
                    file,
                    node.line(),
                    field,
                    cells.size() + " numbers",
                    "there are " + each.values.size() + " values: " + String.join(", ", each.values));
        }
        double[] row = new double[cells.size()];
        double sum = 0;
        for (int i = 0; i < row.length; i++) {
            String text = cells.get(i).scalar(file, field);
            row[i] = numbers.number(field, new Cell(text, cells.get(i).line()));
            if (!(row[i] >= 0 && row[i] <= 1)) {
                throw new InputException(file, cells.get(i).line(), field, text, "a probability must be in [0, 1]");
            }
            sum += row[i];
        }
        if (!(Math.abs(sum - 1) <= Distribution.SUM_TOLERANCE)) {
            throw new InputException(file, node.line(), field, "a sum of " + sum, "a row must sum to 1 (within 1e-9)");
        }
        for (int i = 0; i < row.length; i++) {
            row[i] = Math.log(row[i] / sum);
        }
        return row;
    }

    static void requireKnown(String file, Map<String, YamlNode> fields, String path, Collection<String> known) {
        fields.forEach((name, node) -> {
            if (!known.contains(name)) {
                throw new InputException(
                        file, node.line(), path + name, "not a field of a world", NearestName.hint(name, known));
            }
        });
    }

    private Declared found(String name) {
        return Objects.requireNonNull(declared.get(name));
    }
}
