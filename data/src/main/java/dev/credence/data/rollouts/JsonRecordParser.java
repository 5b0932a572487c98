package dev.credence.data.rollouts;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.credence.core.provenance.Cause;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads one line with Jackson. It knows every rule and words every error; it is the oracle of the template scanner. */
final class JsonRecordParser {
    static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private static final String ONE_OBJECT = "a line holds one JSON object";

    private final PathIndex paths;
    private final RecordFields fields;

    JsonRecordParser(PathIndex paths, RecordFields fields) {
        this.paths = paths;
        this.fields = fields;
    }

    /** Whether there is nothing but white space. */
    static boolean isBlank(byte[] b, int from, int to) {
        for (int p = from; p < to; p++) {
            if (b[p] != ' ' && b[p] != '\t' && b[p] != '\r') {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads a line that is not blank.
     *
     * @param b the chunk
     * @param from start of the line
     * @param to its end, without the newline
     * @param record what to fill
     * @throws BadRecord if the line breaks a rule
     */
    void parse(byte[] b, int from, int to, RolloutRecord record) throws BadRecord {
        checkBytes(b, from, to);
        record.clear(b);
        fields.begin();
        try (JsonParser json = JSON.createParser(b, from, to - from)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw line(b, from, to, ONE_OBJECT + OtherForms.hint(JsonBytes.decode(b, from, to, false)));
            }
            readObject(json, "", record);
            if (json.nextToken() != null) {
                throw line(b, from, to, ONE_OBJECT + ", and nothing behind it" + returns(b, from, to));
            }
        } catch (JsonParseException | StreamConstraintsException e) {
            boolean cut = e.getOriginalMessage().startsWith("Unexpected end-of-input");
            String cause = cut
                    ? "; this one is cut, or goes on in the next line"
                    : " (" + Cause.ofParser(e.getOriginalMessage()) + ")";
            String hint = OtherForms.hint(JsonBytes.decode(b, from, to, false));
            throw line(b, from, to, ONE_OBJECT + (hint.isEmpty() ? cause : hint));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        finish(b, from, to, record);
    }

    /** What only the whole record tells; where a field is missing the line's own are named. */
    private void finish(byte[] b, int from, int to, RolloutRecord record) throws BadRecord {
        try {
            fields.finish(record);
        } catch (BadRecord bad) {
            throw bad.isMissing() ? LineFields.beside(bad, b, from, to, paths.fields()) : bad;
        }
    }

    /** Lines that end in carriage returns, as none has done for long, are one line here: said, since an editor shows them as many. */
    private static String returns(byte[] b, int from, int to) {
        for (int p = from; p < to - 1; p++) {
            if (b[p] == '\r') {
                return " (it has a carriage return inside; a line ends in a line feed)";
            }
        }
        return "";
    }

    private static void checkBytes(byte[] b, int from, int to) throws BadRecord {
        int invalid = JsonBytes.invalidUtf8(b, from, to);
        if (invalid >= 0) {
            String found =
                    String.format("byte 0x%02x at position %d of the line", b[invalid] & 0xff, invalid - from + 1);
            throw new BadRecord("", found, "a log is UTF-8" + OtherForms.ofBytes(b, from, to));
        }
        for (int p = from; p < to; p++) {
            if (b[p] == 0) {
                throw new BadRecord(
                        "",
                        "byte 0x00 at position " + (p - from + 1) + " of the line",
                        "a log is UTF-8 text" + OtherForms.ofBytes(b, from, to));
            }
        }
    }

    private static BadRecord line(byte[] b, int from, int to, String rule) {
        return new BadRecord(
                "",
                "record " + BadRecord.shown(JsonBytes.decode(b, from, to, false).strip()),
                rule);
    }

    private void readObject(JsonParser json, String prefix, RolloutRecord record) throws IOException, BadRecord {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String path = prefix.isEmpty() ? json.currentName() : prefix + "." + json.currentName();
            json.nextToken();
            readPlace(json, path, record);
        }
    }

    /** What is wanted inside an object or array that has not been read as a whole. */
    private void readInside(JsonParser json, String path, RolloutRecord record) throws IOException, BadRecord {
        if (json.currentToken() == JsonToken.START_OBJECT && paths.hasInside(path)) {
            readObject(json, path, record);
        } else if (json.currentToken() == JsonToken.START_ARRAY && paths.hasInside(path)) {
            readArray(json, path, record);
        } else {
            json.skipChildren();
        }
    }

    private void readArray(JsonParser json, String prefix, RolloutRecord record) throws IOException, BadRecord {
        for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
            readPlace(json, prefix + "." + i, record);
        }
    }

    private void readPlace(JsonParser json, String path, RolloutRecord record) throws IOException, BadRecord {
        PathIndex.Target target = paths.at(path);
        if (target != null) {
            readTarget(json, target, record);
        }
        readInside(json, path, record);
    }

    private void readTarget(JsonParser json, PathIndex.Target target, RolloutRecord record)
            throws IOException, BadRecord {
        if (target.extra() >= 0) {
            fields.extra(target.extra(), json, record);
        }
        Field field = target.field();
        if (field != null && json.currentToken() != JsonToken.VALUE_NULL && fields.prefers(field, target.rank())) {
            fields.read(field, target.rank(), json, record);
        }
    }
}
