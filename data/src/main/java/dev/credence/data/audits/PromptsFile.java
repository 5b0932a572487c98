package dev.credence.data.audits;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.files.DuckDb;
import dev.credence.data.files.LinePacking;
import dev.credence.data.files.ScratchFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the figures of prompts into a file of their own, a row a prompt and step, whole or not at all: Parquet where its name ends in
 * {@code .parquet}, JSON Lines where it ends in {@code .jsonl}, packed with {@code .gz} or {@code .zst} behind that. A row has {@code step} (of a log with steps), {@code prompt},
 * {@code weight}, {@code prior_records}, {@code policy_records} and {@code findings}: by id {@code lower}, {@code estimate}, {@code upper},
 * {@code grade} and {@code reason}, as in the JSON of an audit, which says what each id asks and its unit.
 */
public final class PromptsFile {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();
    private static final int TOGETHER = 256; // prompts that are written out at once, each by a thread of its own
    private static final String COLUMNS =
            "{step: 'BIGINT', prompt: 'VARCHAR', weight: 'DOUBLE', prior_records: 'BIGINT', policy_records: 'BIGINT', findings:"
                    + " 'MAP(VARCHAR, STRUCT(lower DOUBLE, estimate DOUBLE, upper DOUBLE, grade VARCHAR, reason VARCHAR))'}";
    private static final long BESIDES = 1 << 24; // bytes of a line besides the prompt, more than there are
    private static final long ESCAPED = 6; // bytes at most of a char in JSON

    private final List<Row> waiting = new ArrayList<>();
    private long longest;

    private PromptsFile() {}

    private record Row(@Nullable Long step, PromptAudit prompt) {}

    /** Takes prompts one after the other. */
    public interface Sink {
        /**
         * Takes a prompt.
         *
         * @param step of the log, or null where it has none
         * @param prompt its figures
         * @throws UncheckedIOException if it cannot be written
         */
        void add(@Nullable Long step, PromptAudit prompt);
    }

    /** Gives prompts one after the other, so that they need not be in memory together. */
    @FunctionalInterface
    public interface Source {
        /**
         * Gives all prompts.
         *
         * @param sink takes them
         */
        void give(Sink sink);
    }

    /**
     * Refuses a name that says no format, before any work.
     *
     * @param file the name
     * @throws InputException unless it ends in {@code .jsonl}, {@code .jsonl.gz}, {@code .jsonl.zst} or {@code .parquet}
     */
    public static void check(String file) {
        if (!isParquet(file) && LinePacking.ofLines(file) == null) {
            throw InputException.ofSetting(
                    "prompts-file", file, "its name must end in .jsonl or .parquet, or .gz or .zst behind .jsonl");
        }
    }

    private static boolean isParquet(String file) {
        return file.toLowerCase(Locale.ROOT).endsWith(".parquet");
    }

    /**
     * Writes the file.
     *
     * @param file its name, which says the format; its folder exists
     * @param prompts gives them; if it throws, an older file stays
     * @throws InputException if the name says no format
     * @throws UncheckedIOException if writing fails; an older file then stays
     */
    public static void write(Path file, Source prompts) {
        check(file.toString());
        try {
            new PromptsFile().into(file, prompts);
        } catch (UncheckedIOException e) {
            throw failed(file, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static UncheckedIOException failed(Path file, IOException e) {
        return e instanceof FileSystemException
                ? new UncheckedIOException(e) // it names the file
                : new UncheckedIOException("cannot write " + file, e);
    }

    private void into(Path file, Source prompts) throws IOException {
        LinePacking packing = LinePacking.ofLines(file.toString());
        if (packing != null) {
            AtomicFile.write(file, out -> lines(prompts, packing, out));
            return;
        }
        // packed, which is a seventh of the bytes: of a hundred thousand prompts there are gigabytes
        try (ScratchFile lines = ScratchFile.beside(file);
                ScratchFile parquet = ScratchFile.beside(file)) {
            OutputStream out = new BufferedOutputStream(lines.out(), 1 << 16);
            lines(prompts, LinePacking.ZSTD, out);
            DuckDb.toParquet(lines.path(), LinePacking.ZSTD, parquet.path(), COLUMNS, BESIDES + 2 * ESCAPED * longest);
            AtomicFile.write(file, whole -> Files.copy(parquet.path(), whole));
        }
    }

    private void lines(Source prompts, LinePacking packing, OutputStream out) throws IOException {
        try (OutputStream packed = packing.over(out)) {
            prompts.give((step, prompt) -> {
                longest = Math.max(longest, prompt.prompt().length());
                waiting.add(new Row(step, prompt));
                if (waiting.size() == TOGETHER) {
                    write(packed);
                }
            });
            write(packed);
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    /** Writes those that wait, in order: they are turned into text side by side. */
    private void write(OutputStream out) {
        List<byte[]> rows = waiting.parallelStream().map(PromptsFile::row).toList();
        waiting.clear();
        try {
            for (byte[] row : rows) {
                out.write(row);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] row(Row row) {
        try (ByteArrayBuilder bytes = new ByteArrayBuilder()) {
            try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
                row(json, row.step, row.prompt);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void row(JsonGenerator json, @Nullable Long step, PromptAudit prompt) throws IOException {
        json.writeStartObject();
        if (step != null) {
            json.writeNumberField("step", step);
        }
        json.writeStringField("prompt", prompt.prompt());
        AuditWriter.number(json, "weight", prompt.weight());
        json.writeNumberField("prior_records", prompt.priorRecords());
        json.writeNumberField("policy_records", prompt.policyRecords());
        json.writeObjectFieldStart("findings");
        for (Map.Entry<String, Finding> entry : prompt.findings().entrySet()) {
            Finding finding = entry.getValue();
            json.writeObjectFieldStart(entry.getKey());
            AuditWriter.number(json, "lower", finding.lower());
            AuditWriter.number(json, "estimate", finding.estimate());
            AuditWriter.number(json, "upper", finding.upper());
            json.writeStringField("grade", AuditWriter.word(finding.grade()));
            if (finding.reason() != null) {
                json.writeStringField("reason", finding.reason());
            }
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeEndObject();
        json.writeRaw('\n');
    }
}
