package dev.credence.data.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.provenance.NearestName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a record has, said where a field that every record has is not in it. */
final class LineFields {
    private static final ObjectMapper TREES = new ObjectMapper(JsonRecordParser.JSON);
    private static final int NAMED = 12;

    private LineFields() {}

    /**
     * The complaint of a line, with its own fields or that the field is there and null.
     *
     * @param bad says which is missing
     * @param b the chunk
     * @param from start of the line, which holds one JSON object
     * @param to its end
     * @param map where fields are looked for
     * @return the same complaint, with more to go by
     */
    static BadRecord beside(BadRecord bad, byte[] b, int from, int to, FieldMap map) {
        JsonNode line;
        try {
            line = TREES.readTree(b, from, to - from);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String place : map.paths().getOrDefault(Field.of(bad.field()), List.of())) {
            JsonNode there = line.get(place);
            if (there != null && there.isNull()) {
                return ofNull(bad.field());
            }
        }
        List<String> names = new ArrayList<>();
        line.fieldNames().forEachRemaining(names::add);
        return among(bad, names, map);
    }

    /** The complaint about a field that is there without a value. */
    static BadRecord ofNull(String field) {
        return new BadRecord(field, "null", "every record has a value there");
    }

    /**
     * The complaint with what the record has in place of the field.
     *
     * @param bad says which is missing
     * @param names what it has
     * @param map where fields are looked for
     * @return the same complaint, with more to go by
     */
    static BadRecord among(BadRecord bad, List<String> names, FieldMap map) {
        if (names.isEmpty()) {
            return bad;
        }
        String listed = names.stream().limit(NAMED).map(BadRecord::shown).collect(Collectors.joining(", "));
        String more = names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "";
        String rule = bad.rule() + "; this one has " + listed + more + meant(bad.field(), names, map);
        return new BadRecord(bad.field(), bad.value(), rule);
    }

    /** The name that was probably meant, of those that are no field's. */
    private static String meant(String field, List<String> names, FieldMap map) {
        List<String> unread = names.stream()
                .filter(name -> map.paths().values().stream().noneMatch(places -> places.contains(name)))
                .toList();
        String near = NearestName.of(field, unread);
        return near == null ? "" : "; did you mean '" + BadRecord.shown(near) + "'?";
    }
}
