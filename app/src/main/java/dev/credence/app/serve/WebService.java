package dev.credence.app.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The local web page over a folder of runs. It listens on the loopback address alone and answers who came by the printed address.
 *
 * <p>The JDK's server is enough for one person's browser: a framework would add a servlet container and twenty jars to every
 * start of the program.
 */
public final class WebService implements AutoCloseable {
    /** Bytes of a log that may be dropped on the page. */
    public static final long MOST_UPLOAD = 8L << 30;

    private static final int WORKERS = 256; // threads, made when needed: a browser has six connections at most
    private static final int LONGEST_REQUEST = 600; // seconds until all of it has come, an upload included
    private static final long LINGER = 8L << 20; // bytes
    private static final long SOON = 2; // seconds, for requests at work when it ends

    static {
        // A request that is refused with its body unread would else hold a thread until that has come.
        System.setProperty("sun.net.httpserver.drainAmount", "0");
        // One that never comes to its end would hold a thread for ever, whoever sends it.
        System.setProperty("sun.net.httpserver.maxReqTime", Integer.toString(LONGEST_REQUEST));
    }

    private final HttpServer server;
    private final ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
    private final WebGuard guard;
    private final WebJobs jobs = new WebJobs();
    private final Map<String, Handler> handlers = new HashMap<>();

    /** Answers one kind of request. */
    interface Handler {
        WebAnswer answer(WebRequest request) throws IOException;
    }

    private WebService(HttpServer server, ServedFolder folder, Program program, Provenance made, long mostUpload) {
        this.server = server;
        this.guard = new WebGuard(server.getAddress());
        WebAssets.ALL.forEach((path, asset) -> handlers.put("GET " + path, request -> asset.answer()));
        new RunPages(folder, jobs, made).addTo(handlers);
        new AuditPages(folder, made).addTo(handlers);
        new LogPages(folder, jobs, made, mostUpload).addTo(handlers);
        new TextPages(folder, made).addTo(handlers);
        new ExperimentDesk(folder, jobs, made).addTo(handlers);
        new WorldDesk(program, made).addTo(handlers);
        handlers.put("GET /api/jobs", request -> WebAnswer.json(jobs.document()));
        handlers.put("POST /api/jobs/stop", request -> {
            request.json();
            jobs.stop(request.query("id"));
            return WebAnswer.json(jobs.document());
        });
    }

    /**
     * Starts to serve.
     *
     * @param runs the folder of runs, made where it is not there
     * @param port of the loopback address; 0 for a free one
     * @param program whose commands the page uses
     * @param made version and command of the program, for documents
     * @param mostUpload bytes of a log that may be dropped on the page
     * @return the service; closing ends it and the work that it began, which can go on later where it is kept
     * @throws IOException if the port is taken
     * @throws InputException if the folder is none, or cannot be made
     */
    public static WebService start(Path runs, int port, Program program, Provenance made, long mostUpload)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        ServedFolder folder;
        try {
            folder = ServedFolder.of(runs); // made only where it can be served
        } catch (RuntimeException e) {
            server.stop(0);
            throw e;
        }
        WebService service = new WebService(server, folder, program, made, mostUpload);
        server.setExecutor(service.workers);
        server.createContext("/", service::handle);
        server.start();
        return service;
    }

    /** {@return what to open in a browser, with the token that opens it} */
    public URI address() {
        return URI.create("http://" + host() + "/?token=" + guard.token());
    }

    private String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!hasBody(exchange)) {
                exchange.getRequestBody().readAllBytes(); // sees its end, so that the connection is kept
            }
            WebGuard.dress(exchange.getResponseHeaders());
            WebAnswer answer = answer(exchange);
            send(exchange, answer);
            if (answer.status() != 401 && answer.status() != 403) {
                linger(exchange.getRequestBody());
            }
        }
    }

    /** A body that was refused for its length is still on its way: a connection closed at once would take the answer along. */
    private static void linger(InputStream body) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long left = LINGER;
        for (int read = 0; read >= 0 && left > 0; left -= read) {
            read = body.read(buffer);
        }
    }

    private static boolean hasBody(HttpExchange exchange) {
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        return exchange.getRequestHeaders().containsKey("Transfer-Encoding")
                || (length != null && !length.strip().equals("0"));
    }

    private WebAnswer answer(HttpExchange exchange) {
        WebRequest request = new WebRequest(exchange);
        try {
            guard.check(exchange, request);
            Handler handler = handlers.get(exchange.getRequestMethod() + " " + request.path());
            if (handler == null) {
                throw WebRefusal.absent("such page");
            }
            return handler.answer(request);
        } catch (WebRefusal e) {
            String why = String.valueOf(e.getMessage());
            boolean isShut = e.status() == 401 && WebGuard.wantsPage(exchange.getRequestHeaders());
            return isShut ? WebAnswer.shut(why) : WebAnswer.error(e.status(), why);
        } catch (InputException e) {
            String message = e.isOfSetting() ? e.field() + " is " + e.value() + "; " + e.rule() : e.getMessage();
            return WebAnswer.error(400, String.valueOf(message));
        } catch (NoPosteriorException e) {
            return WebAnswer.error(400, String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            return WebAnswer.error(500, Cause.of(e));
        } catch (OutOfMemoryError e) {
            return WebAnswer.error(500, "out of memory; allow more, such as CREDENCE_JAVA_OPTS=-Xmx8g");
        }
    }

    private static void send(HttpExchange exchange, WebAnswer answer) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        if (answer.name() != null) {
            String name = URLEncoder.encode(answer.name(), StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Disposition", "attachment; filename*=UTF-8''" + name);
        }
        int length = answer.content().length;
        exchange.sendResponseHeaders(answer.status(), length == 0 ? -1 : length);
        if (length > 0) {
            exchange.getResponseBody().write(answer.content());
            exchange.getResponseBody().flush();
        }
    }

    @Override
    public void close() {
        close(line -> {});
    }

    /**
     * Ends it.
     *
     * @param report takes what is to be said where the work that it began takes longer to end
     */
    public void close(Consumer<String> report) {
        server.stop(0);
        workers.shutdownNow();
        jobs.close(report);
        try {
            boolean unused = workers.awaitTermination(SOON, TimeUnit.SECONDS); // of uploads what half came is removed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
