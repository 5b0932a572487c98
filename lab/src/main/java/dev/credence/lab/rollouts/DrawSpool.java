package dev.credence.lab.rollouts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The texts drawn so far, a JSON line each, in a file beside the log that they are for: whatever ends the process, what was
 * drawn is there. A line that was being written at that moment is dropped when the file is opened again. The first line
 * holds what the texts depend on; only a draw with the same settings goes on, and only one at a time.
 */
final class DrawSpool implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String SETTINGS = "settings";

    /** Takes a text. */
    interface Sink {
        /** Takes the text that was drawn at a position. */
        void add(Rollout text) throws IOException;
    }

    private final Path file;
    private final FileChannel channel;
    private long size;

    private DrawSpool(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Where the texts of a log are while they are drawn. */
    static Path beside(Path log) {
        return log.resolveSibling(log.getFileName() + ".partial");
    }

    /** Whether a file holds a draw that these settings would go on with. */
    static boolean continues(Path file, Map<String, String> settings) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (DrawSpool spool = open(file, settings)) {
            return spool.size >= 0;
        } catch (InputException e) {
            return false;
        }
    }

    /**
     * Opens a file, a new one or one to go on with.
     *
     * @throws InputException if it holds another draw, or another process is writing it
     */
    static DrawSpool open(Path file, Map<String, String> settings) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        DrawSpool spool = new DrawSpool(file, channel);
        try {
            spool.lock();
            spool.begin(settings);
            return spool;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The lock ends with the channel; nothing else may open the file, since closing that would end it too. */
    private void lock() throws IOException {
        try {
            if (channel.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            throw bad(0, "", "in use", "another draw in this process is writing it", e);
        }
        throw bad(0, "", "in use", "another process is writing it", null);
    }

    private void begin(Map<String, String> settings) throws IOException {
        channel.truncate(whole());
        try (BufferedReader lines = lines()) {
            String first = lines.readLine();
            if (first == null) {
                ObjectNode header = MAPPER.createObjectNode().put("schema", "credence.draw/1");
                settings.forEach(header.putObject(SETTINGS)::put);
                write(header + "\n");
            } else {
                check(parse(first, 1).path(SETTINGS), settings);
                size = lines.lines().count();
            }
        }
    }

    private void check(JsonNode earlier, Map<String, String> settings) {
        settings.forEach((name, value) -> {
            if (!earlier.path(name).asText().equals(value)) {
                String rule = "texts were drawn into it with "
                        + earlier.path(name).asText() + "; take another name, or delete it";
                throw bad(1, name, value, rule, null);
            }
        });
    }

    /** The bytes up to the end of the last line that was written whole. */
    private long whole() throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        for (long end = channel.size(); end > 0; end--) {
            channel.read(one.clear(), end - 1);
            if (one.get(0) == '\n') {
                return end;
            }
        }
        return 0;
    }

    /** How many texts there are. */
    long size() {
        return size;
    }

    /** Adds texts; they are with the system when this returns. */
    void add(List<Rollout> texts) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Rollout text : texts) {
            lines.append(text.record()).append('\n');
        }
        write(lines.toString());
        size += texts.size();
    }

    private void write(String lines) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
        channel.position(channel.size());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Gives the texts from a position on, in the order in which they were drawn. */
    void read(long from, Sink sink) throws IOException {
        try (BufferedReader lines = lines()) {
            for (long line = 0; line <= size; line++) {
                String text = lines.readLine();
                if (text != null && line > from) {
                    sink.add(Rollout.of(parse(text, line + 1)));
                }
            }
        }
    }

    private JsonNode parse(String line, long number) {
        try {
            return MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw bad(number, "", "broken JSON (" + e.getOriginalMessage() + ")", "delete it to draw anew", e);
        }
    }

    private InputException bad(long line, String field, String value, String rule, @Nullable Exception cause) {
        InputException bad = new InputException(file.toString(), line, field, value, rule);
        if (cause != null) {
            bad.initCause(cause);
        }
        return bad;
    }

    private BufferedReader lines() {
        return new BufferedReader(new InputStreamReader(new FromStart(), StandardCharsets.UTF_8), 1 << 16);
    }

    /** Reads the channel from its beginning, apart from where it is written. */
    private final class FromStart extends InputStream {
        private long at;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int count = channel.read(ByteBuffer.wrap(into, from, length), at);
            at += Math.max(0, count);
            return count;
        }
    }

    /** Removes the file: the log is written. */
    void delete() throws IOException {
        channel.close();
        Files.delete(file);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
