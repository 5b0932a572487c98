package dev.credence.data.rollouts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.DuckDb;
import dev.credence.data.files.InputFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * The records of a log as they are, one after the other, for whoever adds to them: JSON Lines (plain, gzip or zstd) or the
 * rows of a Parquet file. Errors name the line.
 */
public final class RawRecords implements AutoCloseable {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private static final char MARK = '\uFEFF';

    private final String name;
    private final TextLines lines;
    private long line;
    private long passedOver;
    private @Nullable InputException firstPassedOver;

    private final @Nullable Path spool;

    private final @Nullable LogInput input; // null where it has been read whole into the spool

    private RawRecords(LogInput input, String name) {
        this(name, input, input.bytes(), null);
    }

    private RawRecords(String name, Path spool) throws IOException {
        this(name, null, Files.newInputStream(spool), spool);
    }

    private RawRecords(String name, @Nullable LogInput input, InputStream in, @Nullable Path spool) {
        this.name = name;
        this.input = input;
        this.lines = new TextLines(name, new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
        this.spool = spool;
    }

    /**
     * Opens a file.
     *
     * @param file its name, or {@code -}
     * @param standardInput what {@code -} stands for
     * @return its records; the caller closes it
     * @throws IOException if it cannot be read
     * @throws InputException if there is no such file
     */
    public static RawRecords open(String file, InputStream standardInput) throws IOException {
        boolean standard = file.equals(InputFiles.STANDARD_INPUT);
        if (!standard && !Files.isRegularFile(Path.of(file))) {
            throw new InputException(file, 0, "", "no such file", "it holds a JSON object a line");
        }
        LogInput input = standard ? new LogInput(file, standardInput) : new LogInput(file, Path.of(file));
        if (input.kind() == LogInput.Kind.LINES) {
            return new RawRecords(input, standard ? "standard input" : file);
        }
        try (input) {
            Path lines = unpacked(file, input);
            return new RawRecords(file, lines);
        }
    }

    /**
     * Opens a file of which no more than its first records are wanted; of a large Parquet file no more are unpacked.
     *
     * @param file its name
     * @param most records that are wanted
     * @return its records, that many at least where it has them; the caller closes it
     * @throws IOException if it cannot be read
     * @throws InputException if there is no such file
     */
    public static RawRecords first(String file, long most) throws IOException {
        boolean isPattern = file.matches(".*[*?\\[{].*"); // DuckDB would take such a name for one
        if (!isPattern && Files.isRegularFile(Path.of(file))) {
            try (LogInput input = new LogInput(file, Path.of(file))) {
                if (input.kind() != LogInput.Kind.LINES) {
                    Path lines = rows(file, Path.of(file), most);
                    return new RawRecords(file, lines);
                }
            }
        }
        return open(file, InputStream.nullInputStream());
    }

    /** The rows of a Parquet file as lines, in a file to be deleted. */
    private static Path unpacked(String name, LogInput parquet) throws IOException {
        Path rows = Files.createTempFile("credence", ".parquet");
        rows.toFile().deleteOnExit(); // where a signal ends the process
        try {
            Files.copy(parquet.bytes(), rows, StandardCopyOption.REPLACE_EXISTING);
            parquet.check();
            return rows(name, rows, Long.MAX_VALUE);
        } finally {
            Files.delete(rows);
        }
    }

    private static Path rows(String name, Path parquet, long most) throws IOException {
        Path lines = Files.createTempFile("credence", ".jsonl");
        lines.toFile().deleteOnExit(); // where a signal ends the process
        try (Connection connection = DuckDb.open(false, parquet, lines);
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT * FROM read_parquet(" + DuckDb.quoted(parquet.toString())
                    + ", hive_partitioning = false) LIMIT " + most + ") TO " + DuckDb.quoted(lines.toString())
                    + " (FORMAT json, USE_TMP_FILE false)");
            return lines;
        } catch (SQLException e) {
            Files.delete(lines);
            throw new InputException(
                    name, 0, "", "unreadable Parquet (" + DuckDb.cause(e) + ")", "the file must be whole");
        }
    }

    /**
     * The next record; empty lines are passed over.
     *
     * @return null at the end
     * @throws IOException if reading fails
     * @throws InputException if a line is no JSON object, or at the end the file is another than when it was opened
     */
    public @Nullable ObjectNode next() throws IOException {
        try {
            String text = nextLine();
            while (text != null) {
                line++;
                if (!text.isBlank()) {
                    return parse(text);
                }
                text = nextLine();
            }
        } catch (InputException e) {
            throw input == null ? e : input.cause(e);
        }
        if (input != null) {
            input.check();
        }
        return null;
    }

    /**
     * The next record, where lines that are none are passed over.
     *
     * @return null at the end
     * @throws IOException if reading fails
     * @throws InputException if nothing behind this line can be read
     */
    public @Nullable ObjectNode nextWhole() throws IOException {
        while (true) {
            long before = line;
            try {
                return next();
            } catch (InputException e) {
                if (line == before) {
                    throw e;
                }
                passedOver++;
                firstPassedOver = firstPassedOver == null ? e : firstPassedOver;
            }
        }
    }

    /** {@return how many lines were passed over} */
    public long passedOver() {
        return passedOver;
    }

    /** {@return what is wrong with the first of them; null where there is none} */
    public @Nullable InputException firstPassedOver() {
        return firstPassedOver;
    }

    /** The next line without byte order marks before it: files that were put together have them. */
    private @Nullable String nextLine() throws IOException {
        try {
            String text = lines.next();
            int from = 0;
            while (text != null && from < text.length() && text.charAt(from) == MARK) {
                from++;
            }
            return text == null ? null : text.substring(from);
        } catch (PackedDataException e) {
            throw e.refusal(name, line + 1);
        } catch (CharacterCodingException e) {
            throw new InputException(
                    name, line + 1, "", "bytes that are no UTF-8 in this line or a later one", "a log is UTF-8");
        }
    }

    private ObjectNode parse(String text) throws IOException {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return spelled(object);
            }
        } catch (MismatchedInputException e) {
            String rule = "a line is one JSON object, and nothing behind it";
            boolean isJoined = text.stripTrailing().indexOf('\r') >= 0;
            throw new InputException(
                    name,
                    line,
                    "",
                    "more than one JSON value",
                    isJoined ? rule + " (it has a carriage return inside; a line ends in a line feed)" : rule);
        } catch (JsonProcessingException e) {
            throw new InputException(
                    name,
                    line,
                    "",
                    "broken JSON (" + Cause.ofParser(e.getOriginalMessage()) + ")",
                    "a line is one JSON object");
        }
        throw new InputException(name, line, "", "no JSON object", "a line is one JSON object");
    }

    /** Infinities, of a Parquet file's numbers or as Python writes them, as the contract spells them. */
    private static ObjectNode spelled(ObjectNode row) {
        row.properties().forEach(field -> {
            double value = field.getValue().asDouble();
            if (field.getValue().isNumber() && Double.isInfinite(value)) {
                field.setValue(TextNode.valueOf(value > 0 ? "inf" : "-inf"));
            }
        });
        return row;
    }

    /**
     * A text of the last record that is to be tokenised.
     *
     * @param field its field
     * @param text the text
     * @return the text
     * @throws InputException if it holds half a surrogate pair, which no tokenizer and no UTF-8 file can hold
     */
    public String whole(String field, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (Character.isSurrogate(c) && !pair) {
                throw bad(
                        field,
                        String.format("half a surrogate pair (\\u%04x at position %d)", (int) c, i),
                        "a text whose characters were cut cannot be tokenised again; give its ids");
            }
            i += pair ? 1 : 0;
        }
        return text;
    }

    /** {@return the line of the last record, from 1} */
    public long line() {
        return line;
    }

    /**
     * An error in the last record.
     *
     * @param field its field, or empty
     * @param value what was found
     * @param rule what it should have been
     * @return the exception, to be thrown
     */
    public InputException bad(String field, String value, String rule) {
        return new InputException(name, line, field, value, rule);
    }

    @Override
    public void close() throws IOException {
        lines.close();
        if (spool != null) {
            Files.delete(spool);
        }
    }
}
