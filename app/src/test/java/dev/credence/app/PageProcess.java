package dev.credence.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The local page in a process of its own, which may be killed, and a browser's requests to it. */
final class PageProcess {
    private static final Pattern ADDRESS = Pattern.compile("http://\\S+(?=\\R)");

    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final URI address;
    private final String cookie;

    private PageProcess(Process process, URI address) throws IOException, InterruptedException {
        this.process = process;
        this.address = address;
        HttpRequest opening = HttpRequest.newBuilder(address).build();
        this.cookie = client.send(opening, HttpResponse.BodyHandlers.ofString())
                .headers()
                .firstValue("Set-Cookie")
                .orElse("")
                .replaceFirst(";.*", "");
    }

    /** A page over a folder, once it has told its address. */
    static PageProcess start(Path runs, Path log) throws IOException, InterruptedException {
        Files.deleteIfExists(log);
        Process process =
                Cli.process(log, "serve", runs.toString(), "--port", "0").start();
        while (process.isAlive()) {
            Matcher told = ADDRESS.matcher(Files.readString(log));
            if (told.find()) {
                return new PageProcess(process, URI.create(told.group()));
            }
            Thread.sleep(10);
        }
        throw new IOException("no page: " + Files.readString(log));
    }

    Process process() {
        return process;
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return json(HttpRequest.newBuilder(address.resolve(path)));
    }

    JsonNode post(String path, String body) throws IOException, InterruptedException {
        return json(HttpRequest.newBuilder(address.resolve(path)).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private JsonNode json(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                client.send(request.header("Cookie", cookie).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(answer.body());
        }
        return new ObjectMapper().readTree(answer.body());
    }

    /** A log of which one half comes, and then nothing more. */
    Socket half(String name, byte[] log) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort());
        String head = String.join(
                "\r\n",
                "POST /api/logs?name=" + name + " HTTP/1.1",
                "Host: 127.0.0.1:" + address.getPort(),
                "Cookie: " + cookie,
                "Content-Length: " + log.length,
                "",
                "");
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().write(log, 0, log.length / 2);
        socket.getOutputStream().flush();
        return socket;
    }
}
