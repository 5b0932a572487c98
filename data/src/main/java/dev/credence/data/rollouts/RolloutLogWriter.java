package dev.credence.data.rollouts;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.files.DuckDb;
import dev.credence.data.files.LinePacking;
import dev.credence.data.files.ScratchFile;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes rollout logs, whole or not at all: Parquet where the file's name ends so, else JSON Lines. */
public final class RolloutLogWriter {

    private static final JsonFactory FACTORY = new JsonFactory();

    private RolloutLogWriter() {}

    /** Takes records one after the other. */
    public interface Sink {
        /**
         * Takes a record.
         *
         * @param record the next one
         * @throws IOException if it cannot be written
         */
        void add(DrawnRecord record) throws IOException;
    }

    /** Gives records one after the other, so that they need not be in memory together. */
    @FunctionalInterface
    public interface Source {
        /**
         * Gives all records.
         *
         * @param sink takes them
         * @throws IOException if reading or writing fails
         */
        void give(Sink sink) throws IOException;
    }

    /**
     * Writes a log.
     *
     * @param file its name; its folder exists
     * @param records at least one; all name the same rewards
     * @throws IOException if writing fails; an older file then stays
     */
    public static void write(Path file, Collection<DrawnRecord> records) throws IOException {
        if (records.isEmpty()) {
            throw new IllegalArgumentException("records is empty; a log has at least one");
        }
        write(file, records.iterator().next().rewards().keySet(), sink -> {
            for (DrawnRecord record : records) {
                sink.add(record);
            }
        });
    }

    /**
     * Writes a log whose records come one after the other.
     *
     * @param file its name; its folder exists
     * @param rewards the names of every record's rewards
     * @param records gives them, at least one
     * @throws IOException if writing fails; an older file then stays
     */
    public static void write(Path file, Collection<String> rewards, Source records) throws IOException {
        ScratchFile.sweep(file); // what was left by a process that was killed
        if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".parquet")) {
            AtomicFile.write(file, out -> writeLines(records, RolloutLogWriter::kept, out));
            return;
        }
        try (ScratchFile lines = ScratchFile.beside(file);
                ScratchFile parquet = ScratchFile.beside(file)) {
            LongestLine measured = new LongestLine(lines.out());
            try (OutputStream buffered = new BufferedOutputStream(measured, 1 << 16)) {
                writeLines(records, RolloutLogWriter::keptBySource, buffered);
            }
            convert(lines.path(), measured.longest, parquet.path(), rewards);
            AtomicFile.write(file, out -> Files.copy(parquet.path(), out));
        }
    }

    /** How much room a line takes: DuckDB sets as much aside, twice, for each thread. */
    private static final class LongestLine extends FilterOutputStream {
        private long line;
        private long longest = 1;

        LongestLine(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            line = b == '\n' ? 0 : line + 1;
            longest = Math.max(longest, line);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            for (int i = from; i < from + length; i++) {
                line = bytes[i] == '\n' ? 0 : line + 1;
                longest = Math.max(longest, line);
            }
        }
    }

    /** Writes with what probability a record was kept. */
    @FunctionalInterface
    private interface KeptWriter {
        void write(DrawnRecord record, JsonGenerator json) throws IOException;
    }

    private static void writeLines(Source records, KeptWriter kept, OutputStream out) throws IOException {
        try (JsonGenerator json = FACTORY.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.setRootValueSeparator(null);
            records.give(record -> {
                write(record, kept, json);
                json.writeRaw('\n');
            });
        }
    }

    /** A number where only the own source's is known, else an object. */
    private static void kept(DrawnRecord record, JsonGenerator json) throws IOException {
        DrawnRecord.HowDrawn sampling = record.sampling();
        double own = record.source().equals("prior") ? sampling.keptPrior() : sampling.keptPolicy();
        double other = record.source().equals("prior") ? sampling.keptPolicy() : sampling.keptPrior();
        boolean ofTheTwo = record.source().equals("prior") || record.source().equals("policy");
        if (ofTheTwo && Double.isNaN(other)) {
            known(json, "kept", own);
        } else {
            keptBySource(record, json);
        }
    }

    /** Always an object: a column has one type. */
    private static void keptBySource(DrawnRecord record, JsonGenerator json) throws IOException {
        DrawnRecord.HowDrawn sampling = record.sampling();
        if (!Double.isNaN(sampling.keptPrior()) || !Double.isNaN(sampling.keptPolicy())) {
            json.writeObjectFieldStart("kept");
            known(json, "prior", sampling.keptPrior());
            known(json, "policy", sampling.keptPolicy());
            json.writeEndObject();
        }
    }

    private static void known(JsonGenerator json, String name, double value) throws IOException {
        if (!Double.isNaN(value)) {
            json.writeNumberField(name, value);
        }
    }

    private static void write(DrawnRecord record, KeptWriter kept, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("prompt", record.prompt());
        json.writeStringField("completion", record.completion());
        json.writeObjectFieldStart("reward");
        for (Map.Entry<String, Double> reward : record.rewards().entrySet()) {
            json.writeNumberField(reward.getKey(), reward.getValue());
        }
        json.writeEndObject();
        number(json, "logp_prior", record.logPrior());
        if (!Double.isNaN(record.logPolicy())) {
            number(json, "logp_policy", record.logPolicy());
        }
        known(json, "kl_tokens", record.tokenKl());
        json.writeNumberField("tokens", record.ids().length);
        json.writeBooleanField("finished", record.finished());
        json.writeStringField("source", record.source());
        json.writeNumberField("prompt_weight", record.weight());
        kept.write(record, json);
        known(json, "draws", record.sampling().draws());
        known(json, "lambda", record.sampling().lambda());
        known(json, "logp_source", record.sampling().logSource());
        if (!record.group().isEmpty()) {
            json.writeStringField("group", record.group());
        }
        json.writeFieldName("ids");
        json.writeArray(record.ids(), 0, record.ids().length);
        json.writeEndObject();
    }

    private static void number(JsonGenerator json, String name, double value) throws IOException {
        if (value == Double.NEGATIVE_INFINITY) {
            json.writeStringField(name, "-inf");
        } else {
            json.writeNumberField(name, value);
        }
    }

    private static void convert(Path lines, long longest, Path parquet, Collection<String> rewards) throws IOException {
        String struct = rewards.stream()
                .map(name -> '"' + name.replace("\"", "\"\"") + "\" DOUBLE")
                .collect(Collectors.joining(", ", "STRUCT(", ")"));
        String columns = "{prompt: 'VARCHAR', completion: 'VARCHAR', reward: " + DuckDb.quoted(struct)
                + ", logp_prior: 'DOUBLE', logp_policy: 'DOUBLE', kl_tokens: 'DOUBLE', tokens: 'INTEGER', finished: 'BOOLEAN',"
                + " source: 'VARCHAR', prompt_weight: 'DOUBLE',"
                + " kept: 'STRUCT(prior DOUBLE, policy DOUBLE)', draws: 'DOUBLE', 'lambda': 'DOUBLE', logp_source: 'DOUBLE', 'group': 'VARCHAR', ids: 'INTEGER[]'}";
        DuckDb.toParquet(lines, LinePacking.NONE, parquet, columns, 2 * longest);
    }
}
