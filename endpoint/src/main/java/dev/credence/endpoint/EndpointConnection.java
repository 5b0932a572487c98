package dev.credence.endpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one server, several at a time. What may pass (no answer, too many requests, a server that is not ready) is asked again with
 * growing pauses, or after the pause that the server names; a server's refusal is told in its own words. Where nobody has ever answered it is
 * given up sooner.
 */
final class EndpointConnection implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SPREAD = 8;
    private static final int SHOWN = 300; // characters of a server's message
    private static final int STRANGER =
            3; // tries where nobody has ever answered: an address may be wrong, a server on its way up

    private final EndpointUrl url;
    private final EndpointSettings settings;
    private final HttpClient client;
    private final ExecutorService workers;
    private final RequestPace pace;
    private volatile boolean everAnswered;

    EndpointConnection(EndpointUrl url, EndpointSettings settings) {
        this.url = url;
        this.settings = settings;
        this.pace = new RequestPace(settings.rate());
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER) // the key goes to no other server
                .connectTimeout(settings.patience())
                .build();
        this.workers = Executors.newFixedThreadPool(settings.inFlight(), work -> {
            Thread thread = new Thread(work, "endpoint");
            thread.setDaemon(true);
            return thread;
        });
    }

    EndpointUrl url() {
        return url;
    }

    /** An answer, or the server's refusal. */
    record Answer(int status, JsonNode body, String message) {
        boolean isGood() {
            return status == 200;
        }
    }

    static ObjectNode body() {
        return JSON.createObjectNode();
    }

    /** Asks what must be answered. */
    JsonNode post(URI to, ObjectNode body) {
        Answer answer = ask(to, body);
        if (!answer.isGood()) {
            throw refused(to, answer);
        }
        return answer.body;
    }

    /** The path below the protocol's own address. */
    URI protocol(String path) {
        return URI.create(url.base() + path);
    }

    /** The path beside the protocol's own address. */
    URI beside(String path) {
        return URI.create(url.root() + path);
    }

    /**
     * Asks.
     *
     * @param body what is posted; null: a plain look
     * @return the answer, which may be a refusal
     * @throws UncheckedIOException if there is none, after all tries
     */
    Answer ask(URI to, @Nullable ObjectNode body) {
        HttpRequest request = request(to, body);
        for (int tries = 1; ; tries++) {
            try {
                pace.await();
                HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                everAnswered = true;
                if (!passes(response.statusCode()) || tries == settings.tries()) {
                    return answer(to, response);
                }
                rest(tries, response.headers().firstValue("retry-after"));
            } catch (IOException e) {
                boolean stranger = e instanceof ConnectException && !everAnswered;
                if (tries == settings.tries() || (stranger && tries == STRANGER)) {
                    throw new UncheckedIOException(
                            new IOException(to + ": " + said(e) + ", asked " + tries + " times", e));
                }
                rest(tries, Optional.empty());
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    private HttpRequest request(URI to, @Nullable ObjectNode body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(to).timeout(settings.patience());
        if (!settings.key().isEmpty()) {
            request.header("Authorization", "Bearer " + settings.key());
        }
        if (body == null) {
            return request.GET().build();
        }
        return request.header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString(), StandardCharsets.UTF_8))
                .build();
    }

    private static boolean passes(int status) {
        return status == 429 || status == 408 || status >= 500;
    }

    private static Answer answer(URI to, HttpResponse<byte[]> response) {
        String text = new String(response.body(), StandardCharsets.UTF_8);
        try {
            JsonNode body = JSON.readTree(text);
            JsonNode message = body.path("error").path("message");
            String said = message.isTextual() ? message.textValue() : text;
            return new Answer(response.statusCode(), body, shortened(said));
        } catch (JsonProcessingException e) {
            if (response.statusCode() == 200) {
                throw new InputException(to.toString(), 0, "", "'" + shortened(text) + "'", "a server answers in JSON");
            }
            return new Answer(response.statusCode(), JSON.missingNode(), shortened(text));
        }
    }

    private static String shortened(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
    }

    InputException refused(URI to, Answer answer) {
        String rule = answer.status == 401 || answer.status == 403
                ? "the key comes from the environment's CREDENCE_API_KEY"
                        + (settings.key().isEmpty() ? ", which is empty" : "")
                : "the server's own words";
        return new InputException(
                to.toString(), 0, "", "refused (" + answer.status + ": " + answer.message + ")", rule);
    }

    private static String said(IOException e) {
        if (e instanceof ConnectException) {
            return "nobody answers there";
        }
        return e instanceof HttpTimeoutException ? "no answer in time" : "the connection broke off";
    }

    private void rest(int tries, Optional<String> told) {
        double apart =
                1 + Thread.currentThread().getId() % SPREAD / (4.0 * SPREAD); // not all workers at the same moment
        double seconds = settings.pause() * Math.pow(2, tries - 1) * apart;
        if (told.isPresent() && told.get().matches("\\d{1,4}")) {
            seconds = Math.max(seconds, Integer.parseInt(told.get()));
        }
        try {
            Thread.sleep((long) (1000 * seconds));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Several questions side by side; answers in their order. The first that fails is thrown, and no further ones are asked. */
    <T> List<T> all(List<Callable<T>> questions) {
        List<Future<T>> asked = new ArrayList<>();
        for (Callable<T> question : questions) {
            asked.add(workers.submit(question));
        }
        try {
            List<T> answers = new ArrayList<>(asked.size());
            for (Future<T> one : asked) {
                answers.add(one.get());
            }
            return answers;
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException) {
                throw (RuntimeException) e.getCause();
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            asked.forEach(one -> one.cancel(true));
        }
    }

    private static UncheckedIOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new UncheckedIOException(new IOException("interrupted while a server was asked", e));
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
