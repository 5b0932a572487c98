package dev.credence.lab.rollouts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.json.Json;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was drawn so far, in a file beside the log that it is for: whatever ends the process, it is there. The first line
 * holds what the texts depend on; only a draw with the same settings goes on, and only one at a time. Then come the rounds,
 * a JSON line each with what is to be drawn, and behind it a line for each chunk of draws with the texts that were kept of
 * it. A line that was being written at the end is dropped when the file is opened again.
 */
final class DrawSpool implements AutoCloseable {
    private static final ObjectMapper MAPPER = Json.reader();
    private static final String SCHEMA = "credence.draw/2";
    private static final String SETTINGS = "settings";
    private static final String MACHINE = "machine";

    /** Takes what was drawn. */
    interface Sink {
        /** Takes the next chunk. */
        void add(Chunk chunk) throws IOException;
    }

    private final Path file;
    private final FileChannel channel;
    private final List<DrawRound> rounds = new ArrayList<>();
    private final Map<String, String> machine = new LinkedHashMap<>();
    private long draws;
    private long kept;

    private DrawSpool(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Where the texts of a log are while they are drawn. */
    static Path beside(Path log) {
        return log.resolveSibling(log.getFileName() + ".partial");
    }

    /** Whether a file holds a draw that these settings and this reward would go on with. */
    static boolean continues(Path file, Map<String, String> settings, Map<String, String> now, String reward)
            throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (DrawSpool spool = open(file, settings, now)) {
            spool.checkReward(reward);
            return true;
        } catch (InputException e) {
            return false;
        }
    }

    /**
     * Opens a file, a new one or one to go on with.
     *
     * @param settings what the texts depend on
     * @param now what their last digits depend on beside that, which is kept where the draw begins
     * @throws InputException if it holds another draw, or another process is writing it
     */
    static DrawSpool open(Path file, Map<String, String> settings, Map<String, String> now) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        DrawSpool spool = new DrawSpool(file, channel);
        try {
            spool.lock();
            spool.begin(settings, now);
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

    private void begin(Map<String, String> settings, Map<String, String> now) throws IOException {
        channel.truncate(whole());
        try (BufferedReader lines = lines()) {
            String first = lines.readLine();
            if (first == null) {
                ObjectNode header = MAPPER.createObjectNode().put("schema", SCHEMA);
                settings.forEach(header.putObject(SETTINGS)::put);
                now.forEach(header.putObject(MACHINE)::put);
                machine.putAll(now);
                write(header);
                return;
            }
            JsonNode header = parse(first, 1);
            if (!header.path("schema").asText().equals(SCHEMA)) {
                throw bad(1, "schema", header.path("schema").asText(), "it must be " + SCHEMA + "; delete it", null);
            }
            check(header.path(SETTINGS), settings);
            header.path(MACHINE)
                    .properties()
                    .forEach(one -> machine.put(one.getKey(), one.getValue().asText()));
            long number = 1;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                count(parse(line, ++number));
            }
        }
    }

    private void count(JsonNode line) {
        if (DrawRound.isRound(line)) {
            rounds.add(DrawRound.read(line));
        } else {
            draws += line.path("to").asLong() - line.path("from").asLong();
            kept += line.path(Chunk.TEXTS).size();
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

    /**
     * Checks that what was left out was left out for this reward.
     *
     * @throws InputException if it was another one
     */
    void checkReward(String reward) {
        for (DrawRound round : rounds) {
            if (round.thins() && !round.reward().equals(reward)) {
                String rule = "texts were left out of it by the reward " + round.reward()
                        + "; take another name, or delete it";
                throw bad(0, "reward", reward, rule, null);
            }
        }
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

    /** What the machine was when the draw began; empty where that was not written down. */
    Map<String, String> machine() {
        return Collections.unmodifiableMap(machine);
    }

    /** How many texts were drawn, those that were not kept included. */
    long draws() {
        return draws;
    }

    /** How many of them were kept. */
    long kept() {
        return kept;
    }

    /** The rounds that were begun. */
    List<DrawRound> rounds() {
        return List.copyOf(rounds);
    }

    /** Begins a round. */
    void add(DrawRound round) throws IOException {
        ObjectNode line = MAPPER.createObjectNode();
        round.write(line);
        write(line);
        rounds.add(round);
    }

    /** Adds a chunk; it is with the system when this returns. */
    void add(Chunk chunk) throws IOException {
        write(chunk.line());
        draws += chunk.to() - chunk.from();
        kept += chunk.kept().size();
    }

    private void write(ObjectNode line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            channel.position(channel.size());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw AtomicFile.named(file, e);
        }
    }

    /** Gives the chunks but for the first so many, in the order in which they were drawn. */
    void read(long skipped, Sink sink) throws IOException {
        try (BufferedReader lines = lines()) {
            lines.readLine(); // settings
            long chunks = 0;
            long number = 1;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode parsed = parse(line, ++number);
                if (!DrawRound.isRound(parsed) && ++chunks > skipped) {
                    sink.add(Chunk.of(parsed));
                }
            }
        }
    }

    private JsonNode parse(String line, long number) {
        try {
            return MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw bad(
                    number,
                    "",
                    "broken JSON (" + Cause.ofParser(e.getOriginalMessage()) + ")",
                    "delete it to draw anew",
                    e);
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
