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
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
        /** Some answer 200 and say in the body that they refuse. */
        boolean isGood() {
            return status == 200 && !body.hasNonNull("error");
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
                HttpResponse<byte[]> response = whole(request);
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

    /** An answer to its last byte: a request's own timeout ends when an answer begins. */
    private HttpResponse<byte[]> whole(HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> asked =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
        try {
            return asked.get(settings.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("the answer did not end");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException) {
                throw (IOException) e.getCause();
            }
            throw e.getCause() instanceof RuntimeException
                    ? (RuntimeException) e.getCause()
                    : new IllegalStateException(e.getCause());
        } finally {
            asked.cancel(true);
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

    private Answer answer(URI to, HttpResponse<byte[]> response) {
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

    /** What a server says, without the key, which some repeat. */
    private String shortened(String text) {
        String open = settings.key().isEmpty() ? text : text.replace(settings.key(), "(the key)");
        String line = open.replaceAll("\\p{Cntrl}+", " ").strip();
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
        double most = settings.patience().toMillis() / 1e3;
        seconds =
                Math.max(seconds, Math.min(told.map(EndpointConnection::seconds).orElse(0.0), most));
        try {
            Thread.sleep((long) (1000 * seconds));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** The pause that a server names: seconds, or a date (RFC 9110, 10.2.3); 0 for what is neither. */
    static double seconds(String told) {
        if (told.matches("\\d{1,9}(\\.\\d+)?")) {
            return Double.parseDouble(told);
        }
        try {
            Instant then = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(told));
            return Math.max(0, Duration.between(Instant.now(), then).toMillis() / 1e3);
        } catch (DateTimeException e) {
            return 0;
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
