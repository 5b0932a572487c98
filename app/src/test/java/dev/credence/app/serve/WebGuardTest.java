package dev.credence.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is answered, and what is out of reach for who is. */
class WebGuardTest {
    @TempDir
    private static Path folder;

    private static Path runs;
    private static Served page;

    @BeforeAll
    static void start() throws IOException {
        runs = Files.createDirectories(folder.resolve("runs"));
        page = new Served(runs);
        Served.writeLog(runs.resolve("inside.jsonl"), null);
        Served.writeLog(folder.resolve("outside.jsonl"), null);
        Files.writeString(folder.resolve("outside.json"), "{\"schema\":\"credence.audit/1\"}");
        Files.createSymbolicLink(runs.resolve("link.jsonl"), folder.resolve("outside.jsonl"));
        Files.createSymbolicLink(runs.resolve("linked"), folder);
    }

    @AfterAll
    static void stop() {
        page.close();
    }

    private static String host() {
        return "Host: 127.0.0.1:" + page.port();
    }

    private static String cookie() {
        return "Cookie: " + page.cookie();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/api/runs", "/?token=another"})
    void aBrowserWithoutTheTokenIsToldTheWayInAndAProgramGetsJson(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(page.address().resolve(path));
        HttpResponse<String> shown = page.send(request.copy().header("Accept", "text/html,*/*;q=0.8"));
        assertThat(shown.statusCode()).isEqualTo(401);
        assertThat(shown.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        assertThat(shown.body()).contains("open the address that the program printed", "credence serve");

        HttpResponse<String> told = page.send(request.copy().header("Accept", "*/*"));
        assertThat(told.statusCode()).isEqualTo(401);
        assertThat(told.body()).startsWith("{\"error\":");
    }

    @Test
    void thePrintedAddressOpensThePageByACookieThatIsNotTheToken() {
        HttpResponse<String> first = page.send(HttpRequest.newBuilder(page.address()));
        assertThat(first.statusCode()).isEqualTo(200);
        String cookie = first.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie).contains("HttpOnly").contains("SameSite=Strict").contains("Path=/");
        assertThat(cookie).doesNotContain(page.address().getQuery().substring("token=".length()));
        assertThat(page.get("/api/runs").statusCode()).isEqualTo(200);
    }

    @Test
    void withoutTheTokenNothingIsAnswered() throws IOException {
        String wrong = page.address().getQuery().replaceFirst(".$", "-wrong");
        for (String path : List.of("/", "/?token=", "/?" + wrong, "/assets/page.mjs", "/api/runs", "/api/jobs")) {
            assertThat(page.raw("GET " + path + " HTTP/1.1", host())).as(path).contains(" 401 ");
        }
        assertThat(page.raw("GET /api/runs HTTP/1.1", host(), "Cookie: credence-" + page.port() + "=guess"))
                .contains(" 401 ");
        String token = page.address().getQuery();
        assertThat(page.raw("GET /api/runs?" + token + " HTTP/1.1", host()))
                .as("the token opens the page alone")
                .contains(" 401 ");
        assertThat(page.raw("GET /api/runs HTTP/1.1", host(), cookie())).contains(" 200 ");
    }

    @Test
    void namesThatPointHereFromElsewhereAreNotAnswered() throws IOException {
        for (String other :
                List.of("evil.example:" + page.port(), "127.0.0.1", "127.0.0.1:1", "localhost.evil:" + page.port())) {
            assertThat(page.raw("GET /api/runs HTTP/1.1", "Host: " + other, cookie()))
                    .as(other)
                    .contains(" 403 ");
        }
        assertThat(page.raw("GET /api/runs HTTP/1.1", "Host: localhost:" + page.port(), cookie()))
                .contains(" 200 ");
    }

    @Test
    void otherOriginsAreNotAnswered() throws IOException {
        for (String origin :
                List.of("http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:" + page.port())) {
            assertThat(page.raw("GET /api/runs HTTP/1.1", host(), cookie(), "Origin: " + origin))
                    .as(origin)
                    .contains(" 403 ");
        }
        assertThat(page.raw("GET /api/runs HTTP/1.1", host(), cookie(), "Origin: http://127.0.0.1:" + page.port()))
                .contains(" 200 ");
        String[] posts = {
            "POST /api/jobs/stop?id=1 HTTP/1.1", host(), cookie(), "Content-Length: 0", "Sec-Fetch-Site: cross-site"
        };
        assertThat(page.raw(posts)).contains(" 403 ");
    }

    @Test
    void aRequestThatDoesNotComeWholeIsItsSendersFault() throws IOException {
        String[] pieces = {
            "POST /api/posterior HTTP/1.1", host(), cookie(), "Transfer-Encoding: chunked", "", "zz", "{}", "0", ""
        };
        assertThat(page.raw(pieces)).contains(" 400 ");
        assertThat(page.raw("POST /api/logs?name=half.jsonl HTTP/1.1", host(), cookie(), "Content-Length: 500"))
                .contains(" 400 ");
        assertThat(runs.resolve("dropped-half")).doesNotExist();
    }

    @Test
    void requestsThatNeverEndKeepNobodyWaiting() throws IOException {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < 60; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), page.port());
                socket.getOutputStream().write("GET /api/runs HTTP/1.1\r\nHost: 1".getBytes(StandardCharsets.US_ASCII));
                open.add(socket);
            }
            assertThat(page.get("/api/runs").statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void noAnswerLetsAnythingInFromElsewhere() throws IOException {
        for (String path : List.of("/", "/api/runs", "/assets/page.css", "/nothing")) {
            var headers = page.get(path).headers();
            String policy = headers.firstValue("Content-Security-Policy").orElseThrow();
            assertThat(policy).contains("default-src 'none'").doesNotContain("unsafe");
            assertThat(headers.firstValue("Access-Control-Allow-Origin")).isEmpty();
            assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
        }
        try (InputStream in = WebService.class.getResourceAsStream("index.html")) {
            String page = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(page).doesNotContainPattern("<script(?![^>]*src=)|<style|style=|\\son\\w+=|https?:");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../outside.jsonl",
                "..%2Foutside.jsonl",
                "x/../../outside.jsonl",
                "link.jsonl",
                "linked/outside.jsonl",
                "%2Fetc%2Fpasswd",
                "inside.jsonl%00",
                "..",
                "."
            })
    void noFileOutsideTheFolderIsRead(String name) {
        for (String path :
                List.of("/api/log", "/api/audit", "/part/audit", "/api/experiment", "/api/texts", "/report")) {
            assertThat(page.get(path + "?file=" + name).statusCode()).as(path).isEqualTo(404);
        }
        assertThat(page.get("/api/run?name=" + name).statusCode()).isEqualTo(404);
        assertThat(page.get("/assets/" + name).statusCode()).isEqualTo(404);
        assertThat(page.post(
                                "/api/audits",
                                "{\"log\":\"" + name.replace("%2F", "/").replace("%00", "\\u0000") + "\"}")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void aFileInsideIs() {
        assertThat(page.get("/api/log?file=inside.jsonl").statusCode()).isEqualTo(200);
        assertThat(page.json("/api/audits").path("logs").findValuesAsText("file"))
                .as("links are not listed")
                .contains("inside.jsonl")
                .noneMatch(name -> name.contains("link"));
    }

    @Test
    void onlyTheLoopbackIsListenedAt() throws IOException {
        for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress address : Collections.list(network.getInetAddresses())) {
                if (!address.isLoopbackAddress()) {
                    try (Socket socket = new Socket()) {
                        socket.connect(new InetSocketAddress(address, page.port()), 500);
                        throw new AssertionError(address + " is listened at");
                    } catch (IOException e) {
                        assertThat(e).hasMessageNotContaining("is listened at");
                    }
                }
            }
        }
    }

    @Test
    void anUploadThatIsTooLargeLeavesNothing() throws IOException {
        byte[] large = new byte[(int) Served.MOST_UPLOAD + 1];
        HttpRequest.Builder whole = HttpRequest.newBuilder(page.address().resolve("/api/logs?name=large.jsonl"))
                .header("Cookie", page.cookie());
        String declared = page.raw(
                "POST /api/logs?name=large.jsonl HTTP/1.1", host(), cookie(), "Content-Length: " + large.length);
        assertThat(declared).contains(" 413 ");
        HttpRequest.BodyPublisher chunked =
                HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofByteArray(large));
        assertThat(page.send(whole.POST(chunked)).statusCode()).isEqualTo(413);
        try (Stream<Path> files = Files.list(runs)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.contains("large") || name.contains(".part"));
        }
    }

    @Test
    void anUploadIsALogUnderAPlainName() {
        assertThat(page.post("/api/logs?name=page.html", "x").statusCode()).isEqualTo(400);
        assertThat(page.post("/api/logs?name=log.csv", "x").body()).contains("pandas.read_csv");
        assertThat(page.post("/api/logs?name=log.json", "[]").body()).contains("jq -c");
        String name = Served.encoded("../../a b\u0000.jsonl");
        var kept = page.json("/api/logs?name=" + name, "{}\n");
        assertThat(kept.path("file").asText()).matches("dropped-[\\w.+-]+/[\\w.+-]+\\.jsonl");
        assertThat(runs.resolve(kept.path("file").asText())).exists();
    }

    /** What was copied here is deleted, with its folder where nothing else came into it; nothing else is. */
    @Test
    void onlyADroppedLogIsRemoved() throws IOException {
        String file =
                page.json("/api/logs?name=mine.jsonl", "{}\n").path("file").asText();
        Path own = Files.writeString(runs.resolve("own.jsonl"), "{}\n");
        Path below = Files.writeString(
                Files.createDirectories(runs.resolve("dropped-else/deeper")).resolve("own.jsonl"), "{}\n");
        for (String kept : List.of("own.jsonl", "dropped-else/deeper/own.jsonl")) {
            assertThat(page.post("/api/logs/remove", "{\"file\":\"" + kept + "\"}")
                            .statusCode())
                    .isEqualTo(403);
        }
        for (String none : List.of("../own.jsonl", "no.jsonl", "dropped-mine")) {
            assertThat(page.post("/api/logs/remove", "{\"file\":\"" + none + "\"}")
                            .statusCode())
                    .isEqualTo(404);
        }
        assertThat(page.post("/api/logs/remove", "{}").statusCode()).isEqualTo(400);
        Path audit = Files.writeString(runs.resolve(file).resolveSibling("mine.audit.json"), "{}");
        assertThat(page.json("/api/logs/remove", "{\"file\":\"" + file + "\"}")
                        .path("removed")
                        .asText())
                .isEqualTo(file);
        assertThat(runs.resolve(file)).doesNotExist();
        assertThat(audit).exists();
        String alone =
                page.json("/api/logs?name=alone.jsonl", "{}\n").path("file").asText();
        page.json("/api/logs/remove", "{\"file\":\"" + alone + "\"}");
        assertThat(runs.resolve(alone).getParent()).doesNotExist();
        assertThat(own).exists();
        assertThat(below).exists();
    }

    @Test
    void aBodyThatNeverComesHoldsNothingUp() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), page.port())) {
            socket.setSoTimeout(10_000);
            String request =
                    "POST /api/logs?name=half.jsonl HTTP/1.1\r\n" + host() + "\r\nContent-Length: 1000000\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void requestsAreBounded() throws IOException {
        String large = "{\"yaml\":\"" + "x".repeat(WebRequest.MOST_BYTES) + "\"}";
        assertThat(page.post("/api/posterior", large).statusCode()).isEqualTo(413);
        assertThat(page.post("/api/posterior", "no json").statusCode()).isEqualTo(400);
        assertThat(page.raw("DELETE /api/runs HTTP/1.1", host(), cookie())).contains(" 404 ");
    }
}
