package dev.credence.app;

import dev.credence.lab.models.OpenModel;
import dev.credence.lab.serving.ModelService;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The servers that a reader of the documents has: one of each model, at an address of their own. */
final class ReadersServers implements AutoCloseable {
    private static final String ADDRESS = "http://127.0.0.1:8080/v1";
    private static final int TRIES = 600;

    private final List<OpenModel> models;
    private final ModelService base;
    private final ModelService tuned;

    private ReadersServers(List<OpenModel> models, ModelService base, ModelService tuned) {
        this.models = models;
        this.base = base;
        this.tuned = tuned;
    }

    static ReadersServers of(Path given) throws IOException {
        OpenModel base = OpenModel.open(given.resolve("base").toString());
        OpenModel tuned = OpenModel.open(given.resolve("tuned").toString());
        base.texts(); // the tokenizer, which the protocol needs
        tuned.texts();
        return new ReadersServers(
                List.of(base, tuned), ModelService.start(base, 0, "", 1), ModelService.start(tuned, 0, "", 1));
    }

    /** The words with the address of the server that is there, by the model that is named. */
    List<String> at(List<String> words) {
        return words.stream()
                .map(word -> word.replace(
                        ADDRESS,
                        (word.endsWith("#base") ? base : tuned).address().toString()))
                .toList();
    }

    /** A command that serves until it is ended: at a port that is free, until it has answered. */
    static Cli serve(List<String> words) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> typed = new ArrayList<>(words);
        typed.set(words.indexOf("--port") + 1, Integer.toString(port));
        FutureTask<Cli> task = new FutureTask<>(() -> Cli.run(typed.toArray(String[]::new)));
        Thread server = new Thread(task);
        server.start();
        try {
            if (answers(URI.create("http://127.0.0.1:" + port + "/v1/models"), task)) {
                server.interrupt();
            }
            return task.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IOException(e);
        }
    }

    private static boolean answers(URI address, FutureTask<Cli> task) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address).build();
        for (int i = 0; i < TRIES && !task.isDone(); i++) {
            try {
                int status = HttpClient.newHttpClient()
                        .send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                if (status != 200) {
                    throw new IOException(address + " answers with status " + status);
                }
                return true;
            } catch (ConnectException e) {
                Thread.sleep(50); // not there yet
            }
        }
        if (task.isDone()) {
            return false;
        }
        throw new IOException(address + " does not answer");
    }

    @Override
    public void close() {
        base.close();
        tuned.close();
        models.forEach(OpenModel::close);
    }
}
