package dev.credence.data.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

/**
 * Metrics as a run on an MLflow server, through its REST interface: one experiment, one run, values in batches.
 *
 * <p>Spoken with the JDK's client because five requests do not need the official one, which brings another HTTP client,
 * protocol buffers and a logging bridge along.
 */
public final class MlflowServer implements MetricSink {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int NOT_FOUND = 404;
    private static final String PROXIED = "mlflow-artifacts:";
    private static final int LONGEST_VALUE = 500; // of a parameter; older servers refuse more

    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final String base;
    private final InstantSource clock;
    private String run = "";
    private String artifacts = ""; // where the server says that the run's files go

    private MlflowServer(String base, InstantSource clock) {
        this.base = base;
        this.clock = clock;
    }

    /**
     * What is shown of a run on the server.
     *
     * @param experiment its experiment, made if it is not there
     * @param name of the run
     * @param settings its parameters
     */
    public record Shown(String experiment, String name, Map<String, String> settings) {}

    /**
     * Begins a run on a server.
     *
     * @param url of the server, such as {@code http://localhost:5000}
     * @param shown what is shown there
     * @param clock each value carries its time
     * @return to be closed, which ends the run there
     * @throws IOException if the server cannot be reached or refuses
     */
    public static MlflowServer begin(String url, Shown shown, InstantSource clock) throws IOException {
        MlflowServer server = new MlflowServer(url.replaceFirst("/+$", "") + "/api/2.0/mlflow/", clock);
        String experiment = server.experiment(shown.experiment());
        ObjectNode asked = MAPPER.createObjectNode();
        asked.put("experiment_id", experiment).put("run_name", shown.name()).put("start_time", clock.millis());
        JsonNode info = server.post("runs/create", asked).at("/run/info");
        server.run = info.path("run_id").asText();
        server.artifacts = info.path("artifact_uri").asText("");
        ObjectNode batch = MAPPER.createObjectNode().put("run_id", server.run);
        ArrayNode parameters = batch.putArray("params");
        shown.settings()
                .forEach((key, value) -> parameters
                        .addObject()
                        .put("key", key)
                        .put("value", value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) : value));
        server.post("runs/log-batch", batch);
        return server;
    }

    private String experiment(String name) throws IOException {
        String query = "experiments/get-by-name?experiment_name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
        HttpResponse<String> found = send(HttpRequest.newBuilder(uri(query)).GET());
        if (found.statusCode() != NOT_FOUND) {
            return checked(query, found).at("/experiment/experiment_id").asText();
        }
        ObjectNode asked = MAPPER.createObjectNode().put("name", name);
        return post("experiments/create", asked).path("experiment_id").asText();
    }

    @Override
    public void log(Metrics.Point point) throws IOException {
        ObjectNode batch = MAPPER.createObjectNode().put("run_id", run);
        ArrayNode metrics = batch.putArray("metrics");
        point.values().forEach((key, value) -> {
            if (Double.isFinite(value)) {
                metrics.addObject()
                        .put("key", key)
                        .put("value", value)
                        .put("timestamp", clock.millis())
                        .put("step", point.step());
            }
        });
        post("runs/log-batch", batch);
    }

    /**
     * Gives the run a file.
     *
     * @param name of the file
     * @param content its bytes
     * @return whether the server takes files itself; else they go to a store of its own, which is not spoken to here
     * @throws IOException if it cannot be reached or refuses
     */
    public boolean keep(String name, byte[] content) throws IOException {
        if (!artifacts.startsWith(PROXIED)) {
            return false;
        }
        String folder = artifacts.substring(PROXIED.length()).replaceFirst("^/+[^/]*:[0-9]+/|^/+", "");
        String root = base.replaceFirst("mlflow/$", "mlflow-artifacts/artifacts/");
        String path = folder + "/" + name;
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(root + path))
                .header("Content-Type", "application/octet-stream")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(content));
        checked(path, send(request));
        return true;
    }

    @Override
    public void close() throws IOException {
        ObjectNode ended = MAPPER.createObjectNode().put("run_id", run);
        post("runs/update", ended.put("status", "FINISHED").put("end_time", clock.millis()));
    }

    private JsonNode post(String path, ObjectNode body) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(MAPPER.writeValueAsString(body)));
        return checked(path, send(request));
    }

    private URI uri(String path) throws IOException {
        try {
            return URI.create(base + path);
        } catch (IllegalArgumentException e) {
            throw new IOException("not an address of a server: " + base, e);
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return client.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking " + base, e);
        }
    }

    private static JsonNode checked(String path, HttpResponse<String> answer) throws IOException {
        if (answer.statusCode() != 200) {
            String said = answer.body().lines().findFirst().orElse("");
            throw new IOException(
                    "MLflow answers " + answer.statusCode() + " to " + path.replaceFirst("\\?.*", "") + ": " + said);
        }
        return MAPPER.readTree(answer.body());
    }
}
