package dev.credence.data.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveMetricsTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(1_700_000_000_500L));

    @TempDir
    private Path folder;

    private static Metrics.Point point() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", 2.5);
        values.put("learning_rate", 1e-3);
        return new Metrics.Point(300, values);
    }

    /** The masked checksum of the length field 24 that every file of version "brain.Event:2" begins with, by its formula. */
    @Test
    void checksumsAreCastagnolisMasked() {
        // CRC-32C of "123456789" is 0xE3069283 (RFC 3720, B.4 uses the same polynomial); mask: rotate right by 15, add
        int crc = 0xE3069283;
        assertThat(EventFile.masked("123456789".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(((crc >>> 15) | (crc << 17)) + 0xa282ead8);
    }

    @Test
    void anEventFileHoldsWhatWasLogged() throws IOException {
        try (EventFile file = EventFile.in(folder.resolve("tb"), CLOCK)) {
            file.log(point());
        }
        List<byte[]> records = records(folder.resolve("tb/events.out.tfevents.1700000000500.credence"));
        assertThat(records).hasSize(2);
        Map<Integer, List<Object>> first = message(records.get(0));
        assertThat(first.get(3)).hasSize(1);
        assertThat(text(first.get(3).get(0))).isEqualTo("brain.Event:2");
        assertThat(first.get(1)).containsExactly(1_700_000_000.5);
        Map<Integer, List<Object>> second = message(records.get(1));
        assertThat(second.get(2)).containsExactly(300L);
        List<Object> values = message((byte[]) second.get(5).get(0)).get(1);
        assertThat(values).hasSize(2);
        Map<Integer, List<Object>> loss = message((byte[]) values.get(0));
        assertThat(text(loss.get(1).get(0))).isEqualTo("loss");
        assertThat(loss.get(2)).containsExactly(2.5f);
        assertThat(text(message((byte[]) values.get(1)).get(1).get(0))).isEqualTo("learning_rate");
    }

    /** Reads records as the format describes them, checksums checked. */
    private static List<byte[]> records(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> records = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] length = new byte[8];
            bytes.get(length);
            assertThat(bytes.getInt()).isEqualTo(EventFile.masked(length));
            byte[] data = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            bytes.get(data);
            assertThat(bytes.getInt()).isEqualTo(EventFile.masked(data));
            records.add(data);
        }
        return records;
    }

    /** Fields of a protocol-buffer message by number. */
    private static Map<Integer, List<Object>> message(byte[] data) {
        ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        Map<Integer, List<Object>> fields = new LinkedHashMap<>();
        while (bytes.hasRemaining()) {
            int key = (int) varint(bytes);
            Object value = switch (key & 7) {
                case 0 -> varint(bytes);
                case 1 -> bytes.getDouble();
                case 2 -> {
                    byte[] own = new byte[(int) varint(bytes)];
                    bytes.get(own);
                    yield own;
                }
                case 5 -> bytes.getFloat();
                default -> throw new AssertionError("wire type " + (key & 7));
            };
            fields.computeIfAbsent(key >>> 3, fresh -> new ArrayList<>()).add(value);
        }
        return fields;
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }

    @Test
    void aServerIsToldOfTheRun() throws IOException {
        Map<String, List<JsonNode>> asked = new LinkedHashMap<>();
        HttpServer server = server(asked, 404);
        try {
            String url = "http://localhost:" + server.getAddress().getPort() + "/";
            MlflowServer.Shown shown = new MlflowServer.Shown("credence", "plays", Map.of("steps", "10"));
            try (MlflowServer mlflow = MlflowServer.begin(url, shown, CLOCK)) {
                mlflow.log(point());
            }
        } finally {
            server.stop(0);
        }
        assertThat(asked.keySet())
                .containsExactly(
                        "experiments/get-by-name",
                        "experiments/create",
                        "runs/create",
                        "runs/log-batch",
                        "runs/update");
        assertThat(asked.get("runs/create").get(0).path("experiment_id").asText())
                .isEqualTo("e1");
        assertThat(asked.get("runs/create").get(0).path("run_name").asText()).isEqualTo("plays");
        JsonNode parameters = asked.get("runs/log-batch").get(0);
        assertThat(parameters.path("params").toString()).isEqualTo("[{\"key\":\"steps\",\"value\":\"10\"}]");
        JsonNode metrics = asked.get("runs/log-batch").get(1);
        assertThat(metrics.path("run_id").asText()).isEqualTo("r1");
        assertThat(metrics.path("metrics").get(0).toString())
                .isEqualTo("{\"key\":\"loss\",\"value\":2.5,\"timestamp\":1700000000500,\"step\":300}");
        assertThat(asked.get("runs/update").get(0).path("status").asText()).isEqualTo("FINISHED");
    }

    @Test
    void aServerThatRefusesIsQuoted() throws IOException {
        HttpServer server = server(new LinkedHashMap<>(), 500);
        String url = "http://localhost:" + server.getAddress().getPort();
        MlflowServer.Shown shown = new MlflowServer.Shown("credence", "plays", Map.of());
        try {
            assertThatThrownBy(() -> MlflowServer.begin(url, shown, CLOCK))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("MLflow answers 500 to experiments/get-by-name: {");
        } finally {
            server.stop(0);
        }
        assertThatThrownBy(() -> MlflowServer.begin(url, shown, CLOCK)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> MlflowServer.begin("no server", shown, CLOCK))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("not an address of a server: no server");
    }

    private static HttpServer server(Map<String, List<JsonNode>> asked, int byName) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ObjectMapper mapper = new ObjectMapper();
        server.createContext("/api/2.0/mlflow/", exchange -> {
            String path = exchange.getRequestURI().getPath().substring("/api/2.0/mlflow/".length());
            byte[] body = exchange.getRequestBody().readAllBytes();
            asked.computeIfAbsent(path, fresh -> new ArrayList<>())
                    .add(body.length == 0 ? mapper.createObjectNode() : mapper.readTree(body));
            byte[] answer = """
                    {"experiment_id": "e1", "run": {"info": {"run_id": "r1"}}}""".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(path.endsWith("get-by-name") ? byName : 200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }
}
