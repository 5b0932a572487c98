package dev.credence.app.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.app.Main;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A page over a folder, and a browser's requests to it. */
final class Served implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();
    static final long MOST_UPLOAD = 200_000;

    private final WebService service;
    private final HttpClient client = HttpClient.newHttpClient();
    private final String cookie;

    Served(Path runs) throws IOException {
        Provenance made = new Provenance("test", "credence serve", 1, Map.of(), List.of());
        this.service = WebService.start(runs, 0, Main::run, made, MOST_UPLOAD);
        this.cookie = opened();
    }

    /** What a browser that comes by the printed address is given. */
    String opened() {
        HttpResponse<String> page = send(HttpRequest.newBuilder(service.address()));
        return page.headers().firstValue("Set-Cookie").orElse("").replaceFirst(";.*", "");
    }

    URI address() {
        return service.address();
    }

    int port() {
        return service.address().getPort();
    }

    String cookie() {
        return cookie;
    }

    HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(address().resolve(path)).header("Cookie", cookie));
    }

    HttpResponse<String> post(String path, String body) {
        return send(HttpRequest.newBuilder(address().resolve(path))
                .header("Cookie", cookie)
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    JsonNode json(String path) {
        return parsed(get(path));
    }

    JsonNode json(String path, String body) {
        return parsed(post(path, body));
    }

    static JsonNode parsed(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(answer.body(), e);
        }
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A request as it stands, such as no client of good manners sends; the first line of the answer. */
    String raw(String... lines) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.lines().findFirst().orElse("");
        }
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** A job, once it is as wanted. */
    JsonNode job(String id, Predicate<JsonNode> wanted) throws InterruptedException {
        JsonNode found = null;
        for (int turn = 0; turn < 1200; turn++) {
            for (JsonNode job : json("/api/jobs").path("jobs")) {
                found = job.path("id").asText().equals(id) ? job : found;
            }
            if (found != null && wanted.test(found)) {
                return found;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("the job is still " + found);
    }

    static boolean ended(JsonNode job) {
        return !List.of("running", "stopping").contains(job.path("state").asText());
    }

    /** Two prompts, texts of two rewards, a policy that prefers one of two texts of equal reward. */
    static void writeLog(Path file, @Nullable String markup) throws IOException {
        StringBuilder lines = new StringBuilder();
        double[] prior = {0.4, 0.3, 0.2, 0.1};
        double[] policy = {0.2, 0.15, 0.6, 0.05};
        double[] reward = {0, 0, 1, 1};
        String[] texts = {"one", "two", markup == null ? "three" : markup, "four"};
        for (String prompt : List.of("first prompt", "second prompt")) {
            for (int i = 0; i < texts.length; i++) {
                for (int k = 0; k < 200 * prior[i]; k++) {
                    lines.append(line(prompt, texts[i], reward[i], prior[i], policy[i], "prior"));
                }
                for (int k = 0; k < 200 * policy[i]; k++) {
                    lines.append(line(prompt, texts[i], reward[i], prior[i], policy[i], "policy"));
                }
            }
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, lines);
    }

    private static String line(String prompt, String text, double reward, double prior, double policy, String source)
            throws IOException {
        return JSON.writeValueAsString(JSON.createObjectNode()
                        .put("prompt", prompt)
                        .put("completion", text)
                        .put("reward", reward)
                        .put("logp_prior", Math.log(prior))
                        .put("logp_policy", Math.log(policy))
                        .put("source", source))
                + "\n";
    }

    @Override
    public void close() {
        service.close();
    }

    void close(Consumer<String> report) {
        service.close(report);
    }
}
