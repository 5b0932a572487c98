package dev.credence.lab.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.audit.Finding;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.BeginToken;
import dev.credence.lab.Credence;
import dev.credence.lab.conditioning.Answer;
import dev.credence.lab.conditioning.ConditioningPlan;
import dev.credence.lab.models.EmbeddedModel;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.OpenModel;
import dev.credence.methods.BestOfN;
import dev.credence.methods.Conditioner;
import dev.credence.methods.Quantilizer;
import dev.credence.methods.Rejection;
import dev.credence.methods.Smc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The model that ships, served, and opened again as a server's. */
class ModelServiceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PROMPT = "ROMEO:\n";

    private static EmbeddedModel files;
    private static OpenModel model;
    private static ModelService service;

    @BeforeAll
    static void start() throws IOException {
        files = EmbeddedModel.unpack();
        model = OpenModel.open(files.folder().toString());
        service = ModelService.start(model, 0, "", 1);
    }

    @AfterAll
    static void stop() {
        service.close();
        model.close();
        files.close();
    }

    private static HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        URI to = service.address().resolve(path);
        HttpRequest request = HttpRequest.newBuilder(to)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aServedModelDrawsAndScoresAsTheModel() {
        try (OpenModel served = OpenModel.open(service.address().toString())) {
            assertThat(served.isServed()).isTrue();
            assertThat(served.title()).isEqualTo(EmbeddedModel.NAME);
            assertThat(served.warnings()).isEmpty();
            int[] prompt = model.prompt(PROMPT, BeginToken.NO);
            assertThat(served.prompt(PROMPT, BeginToken.NO)).isEqualTo(prompt);
            List<Sample> drawn = served.draw(prompt, 12, Sampling.upTo(10), 5);
            assertThat(served.texts(drawn)).isEqualTo(model.texts(drawn));
            for (Sample sample : drawn) {
                double own = model.model()
                        .logProbs(List.of(new dev.credence.core.model.Continuation(prompt, sample.tokens())))[0][0];
                assertThat(sample.logProbs()[0]).isCloseTo(own, within(1e-5));
            }
            assertThat(served.score(PROMPT, "Good night"))
                    .containsExactly(model.score(PROMPT, "Good night"), within(1e-5));
        }
    }

    @Test
    void aPairOfFolderAndServerReadsPromptsAlike() {
        try (ModelPair pair =
                ModelPair.open(service.address().toString(), files.folder().toString())) {
            assertThat(pair.hasDistributions()).isFalse();
            assertThat(pair.prior().isServed()).isTrue();
            assertThat(pair.prompt(PROMPT, BeginToken.YES, 8)).isEqualTo(model.prompt(PROMPT, BeginToken.YES));
            assertThatThrownBy(pair::transformers)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("this needs a checkpoint folder")
                    .hasMessageContaining(service.address().toString());
        }
    }

    @Test
    void anEchoScoresAPromptAndDrawsNothing() throws IOException, InterruptedException {
        int[] ids = model.prompt(PROMPT, BeginToken.YES);
        JsonNode answer = JSON.readTree(post(
                        "/v1/completions",
                        "{\"prompt\":" + JSON.writeValueAsString(ids)
                                + ",\"max_tokens\":0,\"echo\":true,\"logprobs\":2,"
                                + "\"return_tokens_as_token_ids\":true}")
                .body());
        JsonNode logProbs = answer.path("choices").path(0).path("logprobs");
        assertThat(logProbs.path("tokens").path(0).asText()).isEqualTo("token_id:" + ids[0]);
        assertThat(logProbs.path("token_logprobs").path(0).isNull()).isTrue();
        double[][] next = model.model().nextLogProbs(List.of(new int[] {ids[0]}));
        assertThat(logProbs.path("token_logprobs").path(1).doubleValue()).isCloseTo(next[0][ids[1]], within(1e-5));
        assertThat(logProbs.path("top_logprobs").path(1).size()).isBetween(2, 3);
        assertThat(answer.path("usage").path("completion_tokens").intValue()).isZero();
    }

    @Test
    void theSameSeedGivesTheSameTexts() throws IOException, InterruptedException {
        String body = "{\"prompt\":\"The king\",\"max_tokens\":6,\"n\":3,\"seed\":9}";
        assertThat(post("/v1/completions", body).body())
                .isEqualTo(post("/v1/completions", body).body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"prompt\":\"a\",\"stop\":[\"b\"]}|stop",
                "{\"prompt\":\"a\",\"presence_penalty\":1}|there are no penalties",
                "{\"prompt\":\"a\",\"logit_bias\":{\"0\":100}}|logit_bias",
                "{\"prompt\":\"a\",\"stream\":true}|stream",
                "{\"prompt\":\"a\",\"max_tokens\":0}|max_tokens is 0; a whole number, at least 1",
                "{\"prompt\":\"a\",\"max_tokens\":100000}|context window",
                "{\"prompt\":[]}|prompt is []",
                "{\"prompt\":[999999]}|ids are in",
                "{\"prompt\":\"a\",\"temperature\":-1}|temperature is -1",
                "{\"prompt\":\"a\",\"model\":\"other\"}|the model 'other' is not here",
                "{\"prompt\":\"a\",\"logprobs\":21}|20 at most",
                "[1]|a request is a JSON object",
                "{|a request is a JSON object"
            })
    void whatIsNotGivenIsRefusedByName(String body, String said) throws IOException, InterruptedException {
        HttpResponse<String> answer = post("/v1/completions", body);
        assertThat(answer.statusCode()).isBetween(400, 404);
        assertThat(answer.body()).contains(said);
    }

    @Test
    void aKeyIsAskedFor() throws IOException {
        try (ModelService locked = ModelService.start(model, 0, "key", 1)) {
            assertThatThrownBy(() -> OpenModel.open(locked.address().toString()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("401")
                    .hasMessageContaining("CREDENCE_API_KEY");
        }
    }

    /** The same methods on the model and on its server, within each other's intervals; what needs its inside is refused. */
    @Test
    void aServedModelIsConditionedByDraws(@TempDir Path folder) throws IOException {
        Path prompts = Files.writeString(folder.resolve("prompts.jsonl"), "\"ROMEO:\\n\"\n");
        ConditioningPlan here = ConditioningPlan.of(files.folder().toString(), prompts.toString(), "contains:e")
                .atKl(0.5)
                .upTo(8)
                .drawing(500)
                .auditing(40);
        ConditioningPlan there = ConditioningPlan.of(service.address().toString(), prompts.toString(), "contains:e")
                .atKl(0.5)
                .upTo(8)
                .drawing(500)
                .auditing(40);
        Conditioner[] methods = {BestOfN.of(2), Rejection.atKl(0.5), Quantilizer.of(0.5)};
        List<Answer> own = Credence.condition(here, line -> {}, methods);
        List<Answer> served = Credence.condition(there, line -> {}, methods);
        for (int i = 0; i < methods.length; i++) {
            Finding one = own.get(i).findings().get("kl.policy_prior");
            Finding other = served.get(i).findings().get("kl.policy_prior");
            assertThat(one.stands() && other.stands()).as(own.get(i).label()).isTrue();
            assertThat(Math.max(one.lower(), other.lower()))
                    .as("%s: %s and %s", own.get(i).label(), one, other)
                    .isLessThanOrEqualTo(Math.min(one.upper(), other.upper()));
        }
        assertThatThrownBy(() -> Credence.condition(there, line -> {}, Smc.of(4).atKl(0.5)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a server draws texts and scores given ones, and no more");
    }
}
