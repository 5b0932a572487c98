package dev.credence.worlds;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * A map, a list or a scalar of a YAML file, with its line.
 *
 * @param line from 1
 * @param text the scalar as written, else null
 * @param fields the map's, else null
 * @param items the list's, else null
 */
record YamlNode(
        long line,
        @Nullable String text,
        @Nullable Map<String, YamlNode> fields,
        @Nullable List<YamlNode> items) {
    /** Reads the file's only document, which must be a map. */
    static Map<String, YamlNode> read(String file, InputStream in) throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE); // a table of a million outcomes is larger than the default
        try (JsonParser parser =
                YAMLFactory.builder().loaderOptions(options).build().createParser(in)) {
            JsonToken token = parser.nextToken();
            if (token != JsonToken.START_OBJECT) {
                throw new InputException(
                        file,
                        token == null ? 0 : line(parser),
                        "",
                        "no map of fields",
                        "a world begins with 'prior:', 'prompts:' or 'variables:'");
            }
            YamlNode root = new Reader(file, parser).map("");
            if (parser.nextToken() != null) {
                throw new InputException(file, line(parser), "", "a second document", "a file holds one world");
            }
            return root.map(file, "");
        } catch (JsonProcessingException e) {
            long line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            String cause = Cause.ofParser(e.getOriginalMessage())
                    .lines()
                    .filter(text -> !text.startsWith(" ")) // an excerpt and where it is
                    .limit(2)
                    .collect(Collectors.joining(", "));
            throw new InputException(file, line, "", "broken YAML (" + cause + ")", "the file must be YAML");
        }
    }

    /** The fields, where this is a map. */
    Map<String, YamlNode> map(String file, String field) {
        if (fields == null) {
            throw new InputException(
                    file, line, field, text != null ? text : words(), "it must be a map, such as {a: 0.4, b: 0.6}");
        }
        return fields;
    }

    /** The scalar, where this is one. */
    String scalar(String file, String field) {
        if (text == null) {
            throw new InputException(file, line, field, words(), "it must be a single value");
        }
        return text;
    }

    /** The items, where this is a list. */
    List<YamlNode> list(String file, String field) {
        if (items == null) {
            throw new InputException(file, line, field, words(), "it must be a list, such as [a, b]");
        }
        return items;
    }

    /** The scalars of a list of them. */
    List<String> scalars(String file, String field) {
        return list(file, field).stream().map(item -> item.scalar(file, field)).toList();
    }

    private String words() {
        return text != null ? "'" + text + "'" : fields != null ? "a map" : "a list";
    }

    private static long line(JsonParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }

    private record Reader(String file, JsonParser parser) {
        /** At START_OBJECT; ends at its END_OBJECT. */
        YamlNode map(String path) throws IOException {
            long line = line(parser);
            Map<String, YamlNode> fields = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                long nameLine = line(parser);
                String field = path.isEmpty() ? name : path + "." + name;
                parser.nextToken();
                if (fields.put(name, value(field)) != null) {
                    throw new InputException(file, nameLine, field, "given twice", "a name may stand only once");
                }
            }
            return new YamlNode(line, null, fields, null);
        }

        /** At START_ARRAY; ends at its END_ARRAY. */
        private YamlNode list(String field) throws IOException {
            long line = line(parser);
            List<YamlNode> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(field));
            }
            return new YamlNode(line, null, null, items);
        }

        private YamlNode value(String field) throws IOException {
            JsonToken token = parser.currentToken();
            if (token == JsonToken.START_OBJECT) {
                return map(field);
            }
            if (token == JsonToken.START_ARRAY) {
                return list(field);
            }
            return new YamlNode(line(parser), parser.getText(), null, null);
        }
    }
}
