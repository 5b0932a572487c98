package dev.credence.data.rewards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rewards that programs and servers of the user's compute. */
class ProgramRewardsTest {
    private record Text(String prompt, String completion) implements ScoredText {
        @Override
        public int tokens() {
            return completion.length();
        }

        @Override
        public double field(String name) {
            throw new IllegalArgumentException(name);
        }
    }

    /** More than a pipe holds, so that a program which answers line by line must be read while it is fed. */
    private static final List<Text> TEXTS = IntStream.range(0, 20_000)
            .mapToObj(i -> new Text("p", i % 3 == 0 ? "love \"" + i + "\"\n" : "hate"))
            .toList();

    @BeforeEach
    void needsAShell() {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no /bin/sh here");
    }

    @Test
    void aProgramIsAskedOnceForAll() {
        String expression = "2*command:\"sed 's/.*love.*/1/;s/.*hate.*/-1/'\" + length";
        RewardExpression reward = RewardExpression.parseTogether(expression);
        double[] values = reward.evaluateAll(TEXTS);
        for (int i = 0; i < values.length; i++) {
            double expected = (i % 3 == 0 ? 2 : -2) + TEXTS.get(i).tokens();
            assertThat(values[i]).isEqualTo(expected);
        }
        assertThat(RewardExpression.parseTogether(reward.toString())).isEqualTo(reward);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            command:head -n 1      | gave 1 lines for 20000 texts; a reward is one number a line
            command:cat            | as line 1; a reward is one number a line
            command:cat; exit 3    | ended with exit code 3
            """)
    void aProgramThatFailsSaysHow(String expression, String message) {
        assertThatThrownBy(() -> RewardExpression.parseTogether(expression).evaluateAll(TEXTS))
                .hasMessageContaining(message);
    }

    @Test
    void aServerIsAskedInBatches() throws IOException {
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/reward", exchange -> {
            requests.incrementAndGet();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            byte[] answer = body.lines()
                    .map(line -> line.contains("love") ? "1" : "0")
                    .collect(Collectors.joining("\n"))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        try {
            String address = "http://localhost:" + server.getAddress().getPort();
            double[] values = RewardExpression.parseTogether("min(0.5," + address + "/reward)")
                    .evaluateAll(TEXTS.subList(0, 300));
            assertThat(values).hasSize(300).startsWith(0.5, 0, 0, 0.5);
            assertThat(requests).hasValue(2);
            assertThatThrownBy(() -> RewardExpression.parseTogether("http:" + address + "/other")
                            .evaluateAll(TEXTS.subList(0, 1)))
                    .hasMessageContaining("/other answered with status 404");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void anAddressIsAUrl() {
        assertThatThrownBy(() -> RewardExpression.parseTogether("http:nowhere"))
                .hasMessageContaining("the address is a URL such as");
    }
}
