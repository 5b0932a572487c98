package dev.credence.data.settings;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that is a map of names to values, walked once from its first line to its last: each entry is judged before the next is
 * read, so that the first mistake of a file is the one that is told.
 *
 * @param file its place
 * @param what what such a file is, to end a sentence, such as {@code a configuration is a YAML file}
 * @param line what one of its lines looks like, such as {@code a line is `steps: 1000`}
 * @param once that a name may stand only once, in the file's words
 */
public record YamlMap(Path file, String what, String line, String once) {
    /** Judges and takes one entry after the other. */
    @FunctionalInterface
    public interface Taker {
        /**
         * Takes an entry.
         *
         * @param entry the next one
         * @throws IOException if a file that it names cannot be read
         */
        void take(Entry entry) throws IOException;
    }

    /**
     * A name with its value.
     *
     * @param file where it stands
     * @param line from 1, of the name
     * @param name of the entry
     * @param shape one value, a list or a map
     * @param items the one value, those of the list (of maps in it each pair), or the pairs of the map
     */
    public record Entry(Path file, long line, String name, Shape shape, List<Item> items) {
        /** How the values stand there. */
        public enum Shape {
            /** A single value. */
            VALUE,
            /** A list of values, some of which may be maps. */
            LIST,
            /** A map. */
            MAP
        }

        /**
         * The mistake of this entry.
         *
         * @param value what was wrong
         * @param rule what would be right
         * @return an exception that names file, line and entry
         */
        public InputException wrong(String value, String rule) {
            return new InputException(file.toString(), line, name, value, rule);
        }

        /**
         * The mistake of one of its items, on its own line.
         *
         * @param item one of them
         * @param value what was wrong
         * @param rule what would be right
         * @return an exception that names file, line and entry
         */
        public InputException wrong(Item item, String value, String rule) {
            return new InputException(file.toString(), item.line, name, value, rule);
        }
    }

    /**
     * One value of an entry.
     *
     * @param line from 1
     * @param key its key where it is of a map, else null
     * @param text as written; null where it is itself a list or a map
     * @param isMissing whether nothing, or {@code null}, is written there
     */
    public record Item(
            long line, @Nullable String key, @Nullable String text, boolean isMissing) {}

    /**
     * Walks the file.
     *
     * @param taker judges and takes the entries
     * @return false where the file is empty
     * @throws IOException if it cannot be read
     * @throws InputException if it is not there, is no such map, has a name twice, or an entry is refused
     */
    public boolean walk(Taker taker) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file.toString(), 0, "", "no such file", what);
        }
        try (InputStream in = Files.newInputStream(file);
                JsonParser yaml = new YAMLFactory().createParser(in)) {
            JsonToken first = yaml.nextToken();
            if (first == null) {
                return false;
            }
            if (first != JsonToken.START_OBJECT) {
                throw noMap();
            }
            Set<String> names = new HashSet<>();
            while (yaml.nextToken() == JsonToken.FIELD_NAME) {
                Entry entry = entry(yaml);
                taker.take(entry);
                if (!names.add(entry.name)) {
                    throw entry.wrong("given twice", once);
                }
            }
            if (yaml.nextToken() != null) {
                throw new InputException(file.toString(), lineOf(yaml), "", "a second document", "the file is one map");
            }
            return true;
        } catch (JsonProcessingException e) {
            long at = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            String why = Cause.of(new IOException(Cause.ofParser(e.getOriginalMessage())));
            throw new InputException(file.toString(), at, "", "broken YAML (" + why + ")", "the file must be YAML");
        } catch (CharConversionException e) {
            throw new InputException(file.toString(), 0, "", "not UTF-8", "the file must be YAML");
        }
    }

    /** {@return the mistake of a file that holds something else} */
    public InputException noMap() {
        return new InputException(file.toString(), 1, "", "no map", line);
    }

    private Entry entry(JsonParser yaml) throws IOException {
        String name = yaml.currentName();
        long at = lineOf(yaml);
        List<Item> items = new ArrayList<>();
        JsonToken token = yaml.nextToken();
        if (token == JsonToken.START_OBJECT) {
            pairs(yaml, items);
            return new Entry(file, at, name, Entry.Shape.MAP, items);
        }
        if (token != JsonToken.START_ARRAY) {
            items.add(item(yaml, null));
            return new Entry(file, at, name, Entry.Shape.VALUE, items);
        }
        while (yaml.nextToken() != JsonToken.END_ARRAY) {
            if (yaml.currentToken() == JsonToken.START_OBJECT) {
                pairs(yaml, items);
            } else {
                items.add(item(yaml, null));
            }
        }
        return new Entry(file, at, name, Entry.Shape.LIST, items);
    }

    private static void pairs(JsonParser yaml, List<Item> items) throws IOException {
        while (yaml.nextToken() == JsonToken.FIELD_NAME) {
            String key = yaml.currentName();
            yaml.nextToken();
            items.add(item(yaml, key));
        }
    }

    private static Item item(JsonParser yaml, @Nullable String key) throws IOException {
        JsonToken token = yaml.currentToken();
        long at = lineOf(yaml);
        if (!token.isScalarValue()) {
            yaml.skipChildren();
            return new Item(at, key, null, false);
        }
        return new Item(at, key, yaml.getText(), token == JsonToken.VALUE_NULL);
    }

    private static long lineOf(JsonParser yaml) {
        return yaml.currentTokenLocation().getLineNr();
    }
}
