package dev.credence.lab.experiments;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import java.io.ByteArrayInputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * An experiment and the settings that it is run with, many at once: a grid, which is every combination of its values, a list of
 * settings, or both, each of the list with each of the grid.
 *
 * <pre>
 * experiment: amplification
 * branching: 3                                  # for all cells
 * grid: {transmission: [.2, .4], own: [.01, .1]}
 * list: [{depth: 5}, {depth: 20}]
 * figures: [contamination.depth]                # those to draw; all are kept
 * </pre>
 *
 * A value that is itself a list stands in brackets of its own: {@code weights: [[.5, .5], [.9, .1]]}.
 *
 * @param experiment which
 * @param effort how much of it is run
 * @param given key to value, for all cells, beside the file
 * @param varied the keys that differ between cells, in the file's order
 * @param cells key to value of each, the fixed ones among them; their settings keep the rules
 * @param figures ids of the figures to draw; empty for those that vary
 * @param source the file's bytes
 */
@SuppressWarnings("ArrayRecordComponent")
public record SweepPlan(
        Experiment experiment,
        Effort effort,
        Map<String, String> given,
        List<String> varied,
        List<Map<String, String>> cells,
        List<String> figures,
        byte[] source) {
    private static final String EXPERIMENT = "experiment";
    private static final String GRID = "grid";
    private static final String LIST = "list";
    private static final String FIGURES = "figures";
    private static final int MOST = 100_000; // cells

    /**
     * Reads a plan.
     *
     * @param file its place
     * @param effort how much of the experiment is run
     * @param given key to value, for all cells; they go before those of the file
     * @return the plan, every cell's settings checked
     * @throws IOException if it cannot be read
     * @throws InputException naming file, line, key, value and rule
     */
    public static SweepPlan read(Path file, Effort effort, Map<String, String> given) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file.toString(), 0, "", "no such file", "a sweep is a YAML file");
        }
        byte[] source = Files.readAllBytes(file);
        try (JsonParser yaml = new YAMLFactory().createParser(new ByteArrayInputStream(source))) {
            Reader reader = new Reader(file.toString(), yaml);
            reader.read();
            return reader.plan(effort, given, source);
        } catch (JsonProcessingException e) {
            long line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            String first = Cause.of(new IOException(Cause.ofParser(e.getOriginalMessage())));
            throw new InputException(file.toString(), line, "", "broken YAML (" + first + ")", "the file must be YAML");
        } catch (CharConversionException e) {
            throw new InputException(file.toString(), 0, "", "not UTF-8", "the file must be YAML");
        }
    }

    /** A key's value as the settings take it, and where it stands. */
    private record Value(String text, long line) {}

    private static final class Reader {
        private final String file;
        private final JsonParser yaml;
        private final Map<String, Value> fixed = new LinkedHashMap<>();
        private final Map<String, List<Value>> grid = new LinkedHashMap<>();
        private final List<Map<String, Value>> list = new ArrayList<>();
        private final List<String> figures = new ArrayList<>();

        Reader(String file, JsonParser yaml) {
            this.file = file;
            this.yaml = yaml;
        }

        void read() throws IOException {
            if (yaml.nextToken() != JsonToken.START_OBJECT) {
                throw refused("", "no map", "a sweep begins with `experiment: NAME`");
            }
            while (yaml.nextToken() == JsonToken.FIELD_NAME) {
                String key = yaml.currentName();
                boolean twice = fixed.containsKey(key)
                        || (key.equals(GRID) && !grid.isEmpty())
                        || (key.equals(LIST) && !list.isEmpty());
                if (twice) {
                    throw refused(key, "given twice", "a key may stand only once");
                }
                yaml.nextToken();
                switch (key) {
                    case GRID -> grid();
                    case LIST -> list();
                    case FIGURES -> values(FIGURES).forEach(value -> figures.add(value.text));
                    default -> fixed.put(key, value(key));
                }
            }
        }

        private void grid() throws IOException {
            if (yaml.currentToken() != JsonToken.START_OBJECT) {
                throw refused(GRID, shown(), "it is a map of keys to lists of values");
            }
            while (yaml.nextToken() == JsonToken.FIELD_NAME) {
                String key = yaml.currentName();
                yaml.nextToken();
                List<Value> values = values(key);
                if (values.isEmpty()) {
                    throw refused(key, "[]", "a key of the grid has one value or more");
                }
                if (grid.put(key, values) != null) {
                    throw refused(key, "given twice", "a key may stand only once");
                }
            }
        }

        private void list() throws IOException {
            if (yaml.currentToken() != JsonToken.START_ARRAY) {
                throw refused(LIST, shown(), "it is a list of maps, each of keys to a value");
            }
            while (yaml.nextToken() != JsonToken.END_ARRAY) {
                if (yaml.currentToken() != JsonToken.START_OBJECT) {
                    throw refused(LIST, shown(), "each of the list is a map of keys to a value");
                }
                Map<String, Value> cell = new LinkedHashMap<>();
                while (yaml.nextToken() == JsonToken.FIELD_NAME) {
                    String key = yaml.currentName();
                    yaml.nextToken();
                    if (cell.put(key, value(key)) != null) {
                        throw refused(key, "given twice", "a key may stand only once");
                    }
                }
                list.add(cell);
            }
        }

        private List<Value> values(String key) throws IOException {
            List<Value> values = new ArrayList<>();
            if (yaml.currentToken() != JsonToken.START_ARRAY) {
                throw refused(key, shown(), "it is a list of values");
            }
            while (yaml.nextToken() != JsonToken.END_ARRAY) {
                values.add(value(key));
            }
            return values;
        }

        /** A scalar, or scalars with commas between. */
        private Value value(String key) throws IOException {
            long line = yaml.currentTokenLocation().getLineNr();
            if (yaml.currentToken() != JsonToken.START_ARRAY) {
                return new Value(scalar(key), line);
            }
            StringJoiner joined = new StringJoiner(",");
            while (yaml.nextToken() != JsonToken.END_ARRAY) {
                joined.add(scalar(key));
            }
            return new Value(joined.toString(), line);
        }

        private String scalar(String key) throws IOException {
            if (!yaml.currentToken().isScalarValue()) {
                throw refused(key, shown(), "a key has one value, or a list of values");
            }
            return yaml.currentToken() == JsonToken.VALUE_NULL ? "" : yaml.getText();
        }

        private String shown() throws IOException {
            return switch (yaml.currentToken()) {
                case START_OBJECT -> "a map";
                case START_ARRAY -> "a list";
                default -> yaml.getText();
            };
        }

        private InputException refused(String key, String value, String rule) {
            return new InputException(file, yaml.currentTokenLocation().getLineNr(), key, value, rule);
        }

        SweepPlan plan(Effort effort, Map<String, String> given, byte[] source) {
            Value name = fixed.remove(EXPERIMENT);
            if (name == null) {
                throw new InputException(file, 0, EXPERIMENT, "missing", "the file names the experiment");
            }
            Experiment experiment;
            try {
                experiment = Experiments.byName(name.text);
            } catch (InputException e) {
                throw new InputException(file, name.line, EXPERIMENT, name.text, e.rule());
            }
            ExperimentSettings.of(experiment, given);
            fixed.forEach((key, value) -> check(experiment, key, value));
            grid.forEach((key, values) -> values.forEach(value -> check(experiment, key, value)));
            list.forEach(cell -> cell.forEach((key, value) -> check(experiment, key, value)));
            List<String> varied = varied(given);
            if (varied.isEmpty()) {
                throw new InputException(file, 0, GRID, "missing", "a sweep has a grid, a list, or both");
            }
            List<Map<String, String>> cells = cells(given);
            return new SweepPlan(
                    experiment,
                    effort,
                    Collections.unmodifiableMap(new LinkedHashMap<>(given)),
                    varied,
                    cells,
                    List.copyOf(figures),
                    source);
        }

        private void check(Experiment experiment, String key, Value value) {
            try {
                ExperimentSettings.of(experiment, Map.of(key, value.text));
            } catch (InputException e) {
                throw new InputException(file, value.line, key, value.text, e.rule());
            }
        }

        private List<String> varied(Map<String, String> given) {
            List<String> varied = new ArrayList<>();
            list.forEach(cell -> cell.forEach((key, value) -> note(key, value.line, varied, given)));
            grid.forEach((key, values) -> {
                if (varied.contains(key)) {
                    throw new InputException(file, values.get(0).line, key, "given twice", "it is in the list as well");
                }
                note(key, values.get(0).line, varied, given);
            });
            return varied;
        }

        private void note(String key, long line, List<String> varied, Map<String, String> given) {
            if (fixed.containsKey(key) || given.containsKey(key)) {
                throw new InputException(file, line, key, "given twice", "a key is fixed for all cells or varied");
            }
            if (!varied.contains(key)) {
                varied.add(key);
            }
        }

        private List<Map<String, String>> cells(Map<String, String> given) {
            List<Map<String, String>> cells = new ArrayList<>();
            Map<String, String> all = new LinkedHashMap<>();
            fixed.forEach((key, value) -> all.put(key, value.text));
            all.putAll(given);
            long count = Math.max(1, list.size());
            for (List<Value> values : grid.values()) {
                count *= values.size();
                if (count > MOST) {
                    throw new InputException(file, 0, GRID, "more than " + MOST + " cells", "a sweep has fewer");
                }
            }
            for (Map<String, Value> one : list.isEmpty() ? List.of(Map.<String, Value>of()) : list) {
                List<Map<String, String>> grown = List.of(with(all, one));
                for (Map.Entry<String, List<Value>> key : grid.entrySet()) {
                    List<Map<String, String>> next = new ArrayList<>();
                    for (Map<String, String> cell : grown) {
                        key.getValue().forEach(value -> next.add(with(cell, Map.of(key.getKey(), value))));
                    }
                    grown = next;
                }
                cells.addAll(grown);
            }
            return List.copyOf(cells);
        }

        private static Map<String, String> with(Map<String, String> cell, Map<String, Value> more) {
            Map<String, String> grown = new LinkedHashMap<>(cell);
            more.forEach((key, value) -> grown.put(key, value.text));
            return grown;
        }
    }
}
