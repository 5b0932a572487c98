package dev.credence.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What real servers once answered, replayed: llama.cpp's whole session, vLLM's scores. */
class RecordedServerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final EndpointSettings ONCE = new EndpointSettings(4, 1, 0, Duration.ofSeconds(20), "");
    private static final Path VLLM = Path.of("../../shared/endpoint/vllm-answers.txt");
    private static final int[] PROMPT = {353, 346, 299};
    private static final int[] GIVEN = {452, 188, 199}; // the middle one is a part of a character

    /**
     * What is asked of a server with the plays' prior; another order or another word of a request is never answered.
     *
     * @param drawn texts
     * @param scored the same scored
     * @param given nats of the tokens given
     * @param ids of a text
     * @param text of the ids
     */
    record Session(List<Sample> drawn, double[][] scored, double[] given, int[] ids, String text) {
        static Session with(EndpointModel model) {
            List<Sample> drawn = model.sample(PROMPT, 6, Sampling.upTo(5), new SplittableRandom(1));
            double[][] scored = model.logProbs(drawn.stream()
                    .map(sample -> new Continuation(PROMPT, sample.tokens()))
                    .toList());
            double[] given = model.logProbs(List.of(new Continuation(PROMPT, GIVEN)))[0];
            int[] ids = model.encode("The king said");
            return new Session(drawn, scored, given, ids, model.decode(ids));
        }
    }

    @Test
    void llamaCppsAnswersAreReadAsTheyWereMeant() throws IOException {
        try (RecordedServer server = new RecordedServer("llama-cpp.jsonl");
                EndpointModel model = EndpointModel.open(server.url("prior"), ONCE, EndpointModel.Tokens.UNKNOWN)) {
            assertThat(model.facts())
                    .containsEntry("server", "llama.cpp")
                    .containsEntry("tokens", "512")
                    .containsEntry("ends", "[0]");
            Session session = Session.with(model);
            assertThat(session.drawn).hasSize(6);
            for (int i = 0; i < session.scored.length; i++) {
                assertThat(Arrays.stream(session.scored[i]).sum())
                        .isCloseTo(session.drawn.get(i).logProb(), within(5e-3 * session.scored[i].length));
            }
            // what vLLM says of the same tokens and weights, which is the checkpoint's to 1e-5
            assertThat(session.given)
                    .containsExactly(
                            new double[] {-6.8894362449646, -9.847150802612305, -1.2471156120300293}, within(5e-3));
            assertThat(session.ids).containsExactly(353, 346, 299, 261, 65, 352);
            assertThat(session.text).isEqualTo("The king said");
            assertThatThrownBy(() -> model.logProbs(List.of(new Continuation(PROMPT, new int[] {7}))))
                    .as("a request that was never made has no answer")
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("never asked");
        }
    }

    /** The file with what vLLM answered: a line with the request, and one with the answer. */
    private static JsonNode answered(String title) throws IOException {
        List<String> lines = Files.readAllLines(VLLM);
        String answer = lines.get(lines.indexOf("## " + title) + 2);
        assertThat(answer).startsWith("-> 200 {");
        return JSON.readTree(answer.substring("-> 200 ".length()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"score: prompt_logprobs=0, max_tokens=1", "score: echo, logprobs=0, max_tokens=0"})
    void vllmsScoresAreReadAsTheyWereMeant(String title) throws IOException {
        boolean echoes = title.contains("echo");
        byte[] good = JSON.writeValueAsBytes(answered(title));
        byte[] bad = "{\"error\": {\"message\": \"not this way\"}}".getBytes(StandardCharsets.UTF_8);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            JsonNode asked = JSON.readTree(exchange.getRequestBody());
            boolean isMeant = asked.path("echo").asBoolean() == echoes
                    && asked.path("prompt").toString().equals("[353,346,299,452,188,199]");
            exchange.sendResponseHeaders(isMeant ? 200 : 400, isMeant ? good.length : bad.length);
            exchange.getResponseBody().write(isMeant ? good : bad);
            exchange.close();
        });
        server.start();
        EndpointUrl url =
                EndpointUrl.of("http://127.0.0.1:" + server.getAddress().getPort() + "/v1#prior");
        try (EndpointConnection connection = new EndpointConnection(url, ONCE)) {
            CompletionsServer vllm = new CompletionsServer(connection, JSON.readTree("{\"id\": \"prior\"}"), "vllm");
            vllm.probe(PROMPT, new Server.Drawn(GIVEN, new double[3], false));
            assertThat(vllm.scoring()).isEqualTo(echoes ? "echo" : "prompt_logprobs");
            assertThat(vllm.score(new Continuation(PROMPT, GIVEN)))
                    .containsExactly(-6.8894362449646, -9.847150802612305, -1.2471156120300293);
        } finally {
            server.stop(0);
        }
    }
}
