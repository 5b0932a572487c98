package dev.credence.data.audits;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.AtomicFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Audits as JSON, schema {@code credence.audit/1}: the contract's fields in the contract's order, then {@code reward},
 * {@code reward_type}, {@code verdicts}, {@code plots} and {@code provenance}. Infinities are the strings {@code "inf"} and
 * {@code "-inf"}, what has no number is null. An audit of several steps has {@code steps} in the place of the five fields
 * from {@code findings} to {@code verdict}.
 */
public final class AuditJson {
    /** Name of the schema, the first field. */
    public static final String SCHEMA = "credence.audit/1";

    private static final JsonFactory FACTORY = new JsonFactory();
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private AuditJson() {}

    /**
     * Writes a report into a file, atomically.
     *
     * @param report the report
     * @param file the file
     * @throws UncheckedIOException if writing fails; an older file then stays
     */
    public static void write(AuditReport report, Path file) {
        try {
            AtomicFile.write(file, out -> write(report, out));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /**
     * Writes a report to a stream, which stays open.
     *
     * @param report the report
     * @param out where to
     * @throws IOException if writing fails
     */
    public static void write(AuditReport report, OutputStream out) throws IOException {
        try (JsonGenerator json = FACTORY.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            write(report, json);
        }
        out.write('\n');
    }

    /**
     * A report as a text.
     *
     * @param report the report
     * @return its JSON
     */
    public static String toString(AuditReport report) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            write(report, json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(AuditReport report, JsonGenerator json) throws IOException {
        json.useDefaultPrettyPrinter();
        new AuditWriter(json).write(report);
    }

    /**
     * Reads a report from a file.
     *
     * @param file the file
     * @return the report
     * @throws InputException if it is no audit of this schema
     * @throws UncheckedIOException if reading fails
     */
    public static AuditReport read(Path file) {
        try {
            return read(file.toString(), Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new InputException(file.toString(), 0, "", "not UTF-8", "an audit is a JSON object");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads a report from a text.
     *
     * @param name what to call the text in an error
     * @param text its JSON
     * @return the report
     * @throws InputException if it is no audit of this schema
     */
    public static AuditReport read(String name, String text) {
        try {
            JsonNode root = MAPPER.readTree(text);
            return new AuditReader(name).read(root);
        } catch (InputException e) {
            throw e;
        } catch (IllegalArgumentException e) { // what no audit can say, such as an interval without its estimate
            throw new InputException(
                    name, 0, "", "no audit (" + e.getMessage() + ")", "what it says must agree with itself");
        } catch (JsonProcessingException e) {
            long line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new InputException(
                    name,
                    line,
                    "",
                    "no JSON (" + Cause.ofParser(e.getOriginalMessage()) + ")",
                    "an audit is a JSON object");
        }
    }
}
