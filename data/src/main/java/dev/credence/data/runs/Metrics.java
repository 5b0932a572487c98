package dev.credence.data.runs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The metrics of a run: JSON Lines that are only ever appended to. A line is {@code {"step": n, NAME: number, …}}, or
 * {@code {"resumed": n}} where a run went on from its checkpoint of step n: what was measured beyond it before is then
 * measured again, and {@link #read} gives each step once. A last line that a kill cut short is no line.
 */
public final class Metrics {
    private static final String STEP = "step";
    private static final String RESUMED = "resumed";
    private static final ObjectMapper MAPPER = Json.reader();

    private final Path file;

    /** Those in a file, which need not be there. */
    Metrics(Path file) {
        this.file = file;
    }

    /**
     * What was measured at one step.
     *
     * @param step how many steps had been taken
     * @param values by name
     */
    public record Point(long step, Map<String, Double> values) {}

    /** {@return whether a run has begun to take its steps: then the file is there, if only empty} */
    public boolean exists() {
        return Files.exists(file);
    }

    /**
     * Reads all.
     *
     * @return by step; none where there is no file
     * @throws IOException if the file cannot be read
     * @throws InputException if a whole line is not as the run writes it
     */
    public List<Point> read() throws IOException {
        List<Point> points = new ArrayList<>();
        if (!Files.isRegularFile(file)) {
            return points;
        }
        String text = text(Files.readAllBytes(file));
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        long line = 0;
        for (String each : whole.lines().toList()) {
            line++;
            JsonNode node = parse(each, line);
            if (node.has(RESUMED)) {
                long from = node.get(RESUMED).asLong();
                points.removeIf(point -> point.step > from);
            } else {
                points.add(point(node));
            }
        }
        return points;
    }

    private String text(byte[] bytes) throws IOException {
        ByteBuffer read = ByteBuffer.wrap(bytes);
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer text = CharBuffer.allocate(bytes.length);
        if (decoder.decode(read, text, true).isError()) {
            long line = 1;
            for (int i = 0; i < read.position(); i++) {
                line += bytes[i] == '\n' ? 1 : 0;
            }
            throw new InputException(file.toString(), line, "", "no UTF-8", "a run writes one object a line");
        }
        return text.flip().toString();
    }

    /**
     * Opens the file to append; a last line that was cut short is taken away.
     *
     * @return to be closed
     * @throws IOException if the file cannot be written to
     */
    public Appender append() throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            channel.position(dropTorn(channel));
            return new Appender(file, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Where the last whole line ends; what is behind it is cut off. */
    private static long dropTorn(FileChannel channel) throws IOException {
        long end = channel.size();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (end > 0) {
            one.clear();
            channel.read(one, end - 1);
            if (one.get(0) == '\n') {
                break;
            }
            end--;
        }
        if (end < channel.size()) {
            channel.truncate(end);
        }
        return end;
    }

    private JsonNode parse(String text, long line) {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node.isObject() && (node.has(STEP) || node.has(RESUMED))) {
                return node;
            }
        } catch (JsonProcessingException e) {
            throw new InputException(file.toString(), line, "", "broken JSON", "a run writes one object a line");
        }
        throw new InputException(file.toString(), line, STEP, "missing", "a line is of a step");
    }

    private static Point point(JsonNode node) {
        Map<String, Double> values = new LinkedHashMap<>();
        node.properties().forEach(field -> {
            if (!field.getKey().equals(STEP)) {
                JsonNode value = field.getValue();
                values.put(field.getKey(), value.isNumber() ? value.asDouble() : Double.NaN);
            }
        });
        return new Point(node.get(STEP).asLong(), values);
    }

    /** Appends lines, each in one write. */
    public static final class Appender implements MetricSink {
        private final Path file;
        private final FileChannel channel;

        private Appender(Path file, FileChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        /**
         * Notes that a run goes on.
         *
         * @param step of the checkpoint that it goes on from
         * @throws IOException if the file cannot be written
         */
        public void resumed(long step) throws IOException {
            line(MAPPER.createObjectNode().put(RESUMED, step));
        }

        @Override
        public void log(Point point) throws IOException {
            ObjectNode node = MAPPER.createObjectNode().put(STEP, point.step());
            point.values().forEach((name, value) -> {
                if (Double.isFinite(value)) {
                    node.put(name, value);
                } else {
                    node.putNull(name); // JSON has no word for it
                }
            });
            line(node);
        }

        /**
         * Forces what was appended to the disk.
         *
         * @throws IOException if that fails
         */
        public void force() throws IOException {
            try {
                channel.force(false);
            } catch (IOException e) {
                throw AtomicFile.named(file, e);
            }
        }

        private void line(ObjectNode node) throws IOException {
            ByteBuffer bytes =
                    ByteBuffer.wrap((MAPPER.writeValueAsString(node) + "\n").getBytes(StandardCharsets.UTF_8));
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                throw AtomicFile.named(file, e);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
