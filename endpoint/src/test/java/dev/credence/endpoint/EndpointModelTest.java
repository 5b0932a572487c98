package dev.credence.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointModelTest {
    private static final int[] PROMPT = {1, 2};

    private static EndpointSettings settings(String key) {
        return new EndpointSettings(4, 5, .001, Duration.ofSeconds(20), key);
    }

    private static EndpointModel open(StubServer server) {
        return EndpointModel.open(server.url(), settings(""), EndpointModel.Tokens.UNKNOWN);
    }

    private static double logProb(int[] prompt, int[] tokens) {
        double sum = 0;
        int[] whole = new Continuation(prompt, tokens).whole();
        for (int i = prompt.length; i < whole.length; i++) {
            sum += StubServer.next(Arrays.copyOf(whole, i))[whole[i]];
        }
        return sum;
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "VLLM"})
    void drawsAndScoresAreTheModelsOwn(StubServer.Kind kind) throws IOException {
        try (StubServer server = new StubServer(kind, StubServer.Fault.NONE);
                EndpointModel model = open(server)) {
            assertThat(model.vocabulary().size()).isEqualTo(StubServer.SIZE);
            assertThat(model.vocabulary().ends()).containsExactly(StubServer.END);
            assertThat(model.context()).isEqualTo(StubServer.CONTEXT);
            assertThat(model.warnings()).isEmpty();
            List<Sample> drawn = model.sample(PROMPT, 60, Sampling.upTo(5), new SplittableRandom(3));
            for (Sample sample : drawn) {
                assertThat(sample.logProb()).isCloseTo(logProb(PROMPT, sample.tokens()), within(1e-12));
                assertThat(sample.finished()).isEqualTo(sample.tokens()[sample.tokens().length - 1] == StubServer.END);
            }
            double[][] scored = model.logProbs(drawn.stream()
                    .map(sample -> new Continuation(PROMPT, sample.tokens()))
                    .toList());
            for (int i = 0; i < scored.length; i++) {
                assertThat(Arrays.stream(scored[i]).sum())
                        .isCloseTo(drawn.get(i).logProb(), within(1e-12));
            }
            assertThat(drawn.stream().anyMatch(s -> s.tokens()[s.tokens().length - 1] == StubServer.HALF))
                    .as("a text cut within a character")
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "VLLM"})
    void everyRequestSwitchesOffWhatBendsTheDistribution(StubServer.Kind kind) throws IOException {
        try (StubServer server = new StubServer(kind, StubServer.Fault.NONE);
                EndpointModel model = open(server)) {
            model.sample(PROMPT, 3, Sampling.upTo(4), new SplittableRandom(1));
            model.logProbs(List.of(new Continuation(PROMPT, new int[] {3, 4, 0})));
            assertThat(server.requests().stream().filter(line -> line.contains("completion")))
                    .isNotEmpty()
                    .allMatch(line -> line.contains("\"temperature\":1,\"top_p\":1,\"top_k\":0,\"min_p\":0"));
        }
    }

    @Test
    void processedLogProbabilitiesAreRefused() throws IOException {
        refuses(StubServer.Fault.PROCESSES, "nats a token from the scores of the same tokens", "processed");
    }

    /** At opening, by a message that has all of this. */
    private static void refuses(StubServer.Fault fault, String... said) throws IOException {
        try (StubServer server = new StubServer(StubServer.Kind.VLLM, fault)) {
            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(InputException.class)
                    .satisfies(e -> assertThat(e.getMessage()).contains(said));
        }
    }

    /** A tail that is cut and shared out again raises each log-probability, by less than two programs may differ: it is told by its sign. */
    @Test
    void aSmallGapToOneSideIsRefused() throws IOException {
        refuses(
                StubServer.Fault.RAISES,
                "0.020 nats a token from the scores of the same tokens, nearly all to one side");
    }

    @Test
    void aTokenThatIsDrawnAndCannotBeIsRefused() throws IOException {
        refuses(StubServer.Fault.IMPOSSIBLE, "token_logprobs", "a token that is drawn has a probability above 0");
    }

    @Test
    void aPromptOfAnotherLengthIsRefused() throws IOException {
        refuses(
                StubServer.Fault.LENGTHENS,
                "usage.prompt_tokens",
                "were given; a server neither cuts a prompt nor adds to it");
    }

    @Test
    void aRefusalWithinAGoodAnswerIsToldInTheServersWords() throws IOException {
        refuses(StubServer.Fault.REFUSES_IN_200, "refused (200: the model is asleep)");
    }

    /** A request's own timeout ends with an answer's first byte. */
    @Test
    @Timeout(30)
    void anAnswerThatDoesNotEndIsGivenUp() throws IOException {
        EndpointSettings hasty = new EndpointSettings(2, 2, .01, Duration.ofMillis(300), "");
        try (StubServer server = new StubServer(StubServer.Kind.VLLM, StubServer.Fault.STALLS)) {
            assertThatThrownBy(() -> EndpointModel.open(server.url(), hasty, EndpointModel.Tokens.UNKNOWN))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("no answer in time, asked 2 times");
        }
    }

    @Test
    void aKeyThatTheServerRepeatsIsNotShown() throws IOException {
        EndpointSettings keyed = new EndpointSettings(2, 2, .01, Duration.ofSeconds(10), "sk-secret");
        try (StubServer server = new StubServer(StubServer.Kind.VLLM, StubServer.Fault.REPEATS_KEY)) {
            assertThatThrownBy(() -> EndpointModel.open(server.url(), keyed, EndpointModel.Tokens.UNKNOWN))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("Incorrect API key provided: Bearer (the key)")
                    .hasMessageNotContaining("sk-secret");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sk-one\nX-Header: two", "sk one", "schl\u00FCssel"})
    void aKeyThatIsNoneIsRefusedWithoutBeingShown(String key) {
        assertThatThrownBy(() -> EndpointSettings.key(key))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("CREDENCE_API_KEY is not shown here")
                .hasMessageNotContaining(key.substring(0, 4));
        assertThat(EndpointSettings.key(" sk-one \n")).isEqualTo("sk-one");
        assertThat(EndpointSettings.key(null)).isEmpty();
    }

    @Test
    void aPauseIsSecondsOrADate() {
        assertThat(EndpointConnection.seconds("7")).isEqualTo(7);
        assertThat(EndpointConnection.seconds("0.25")).isEqualTo(.25);
        assertThat(EndpointConnection.seconds("soon")).isZero();
        assertThat(EndpointConnection.seconds("Wed, 21 Oct 2015 07:28:00 GMT")).isZero();
        String later = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(3600));
        assertThat(EndpointConnection.seconds(later)).isBetween(3500.0, 3600.0);
    }

    @Test
    void aServerThatTellsNoIdsIsRefused() throws IOException {
        try (StubServer server = new StubServer(StubServer.Kind.BARE, StubServer.Fault.NONE)) {
            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("logprobs.tokens")
                    .hasMessageContaining("a text is known by its token ids");
        }
    }

    @Test
    void aWayOfScoringThatLosesTokensIsNotTaken() throws IOException {
        try (StubServer server = new StubServer(StubServer.Kind.VLLM, StubServer.Fault.SHORTENS);
                EndpointModel model = open(server)) {
            assertThat(model.facts()).containsEntry("scoring", "echo");
            assertThat(model.logProbs(List.of(new Continuation(PROMPT, new int[] {3, 0})))[0])
                    .containsExactly(
                            new double[] {StubServer.next(PROMPT)[3], StubServer.next(new int[] {1, 2, 3})[0]},
                            within(1e-12));
        }
    }

    @Test
    void aStopStringIsNoEnd() throws IOException {
        try (StubServer server = new StubServer(StubServer.Kind.VLLM, StubServer.Fault.STOPS_AT_STRING)) {
            assertThatThrownBy(() -> open(server))
                    .hasMessageContaining("stop_reason")
                    .hasMessageContaining("ended by a token");
        }
    }

    @Test
    void whatMayPassIsAskedAgainAndWhatDoesNotIsTold() throws IOException {
        try (StubServer busy = new StubServer(StubServer.Kind.LLAMA, StubServer.Fault.BUSY);
                EndpointModel model = open(busy)) {
            assertThat(model.facts()).containsEntry("server", "llama.cpp");
        }
        try (StubServer broken = new StubServer(StubServer.Kind.LLAMA, StubServer.Fault.BROKEN)) {
            assertThatThrownBy(() -> open(broken))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("/v1/models")
                    .hasMessageContaining("refused (500: later)");
        }
    }

    /** Many threads' requests, tries among them, keep to the limit together. */
    @Test
    void requestsKeepToTheLimitOfTheirNumber() throws IOException {
        double rate = 100;
        EndpointSettings limited = new EndpointSettings(8, 5, 0, Duration.ofSeconds(20), "", rate);
        try (StubServer busy = new StubServer(StubServer.Kind.LLAMA, StubServer.Fault.BUSY)) {
            long start = System.nanoTime();
            try (EndpointModel model = EndpointModel.open(busy.url(), limited, EndpointModel.Tokens.UNKNOWN)) {
                model.sample(PROMPT, 20, Sampling.upTo(2), new SplittableRandom(1));
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            int asked = busy.keys().size();
            assertThat(asked).isGreaterThan(20);
            assertThat(seconds).isGreaterThan((asked - 1) / rate);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "NaN", "Infinity", "fast", "1,5"})
    void aLimitThatIsNoneIsRefused(String word) {
        assertThatThrownBy(() -> EndpointSettings.rate(word))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("CREDENCE_API_RATE is " + word);
    }

    @Test
    void theLimitIsTheEnvironments() {
        assertThat(EndpointSettings.rate(null)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(EndpointSettings.rate(" ")).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(EndpointSettings.rate(" 2.5 ")).isEqualTo(2.5);
    }

    @Test
    void nobodyThereIsSaidWithTheAddress() throws IOException {
        EndpointUrl url;
        try (StubServer gone = new StubServer(StubServer.Kind.LLAMA, StubServer.Fault.NONE)) {
            url = gone.url();
        }
        assertThatThrownBy(() -> EndpointModel.open(url, settings(""), EndpointModel.Tokens.UNKNOWN))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(url.toString())
                .hasMessageContaining("nobody answers there, asked 3 times")
                .hasMessageNotContaining("Exception");
    }

    @Test
    void aServerThatGoesDuringTheWorkIsAFailureNotABadInput() throws IOException {
        try (StubServer server = new StubServer(StubServer.Kind.LLAMA, StubServer.Fault.NONE);
                EndpointModel model = open(server)) {
            server.stop();
            assertThatThrownBy(() -> model.sample(PROMPT, 2, Sampling.upTo(2), new SplittableRandom(1)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("/completion")
                    .hasMessageContaining("asked 5 times");
        }
    }

    @Test
    void theKeyIsSentAndNeverWritten() throws IOException {
        try (StubServer server = new StubServer(StubServer.Kind.LLAMA, StubServer.Fault.LOCKED)) {
            assertThatThrownBy(() -> open(server))
                    .hasMessageContaining("401")
                    .hasMessageContaining("CREDENCE_API_KEY, which is empty");
            try (EndpointModel model =
                    EndpointModel.open(server.url(), settings("open"), EndpointModel.Tokens.UNKNOWN)) {
                assertThat(server.keys()).contains("Bearer open");
                assertThat(model.facts().toString() + settings("open") + model.url())
                        .doesNotContain("open");
            }
            assertThatThrownBy(() -> EndpointModel.open(server.url(), settings("secret"), EndpointModel.Tokens.UNKNOWN))
                    .hasMessageNotContaining("secret");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "VLLM"})
    void textsBeyondTheWindowAreRefused(StubServer.Kind kind) throws IOException {
        try (StubServer server = new StubServer(kind, StubServer.Fault.NONE);
                EndpointModel model = open(server)) {
            assertThatThrownBy(
                            () -> model.sample(PROMPT, 1, Sampling.upTo(StubServer.CONTEXT), new SplittableRandom(1)))
                    .isInstanceOf(ContextWindowException.class);
            int[] long1 = new int[StubServer.CONTEXT];
            Arrays.fill(long1, 3);
            assertThatThrownBy(() -> model.logProbs(List.of(new Continuation(PROMPT, long1))))
                    .isInstanceOf(ContextWindowException.class);
        }
    }

    @Test
    void otherDistributionsThanTheModelsOwnAreRefused() throws IOException {
        try (StubServer server = new StubServer(StubServer.Kind.VLLM, StubServer.Fault.NONE);
                EndpointModel model = open(server)) {
            assertThatThrownBy(() ->
                            model.sample(PROMPT, 1, Sampling.upTo(2).withTemperature(.5), new SplittableRandom(1)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("temperature");
            assertThatThrownBy(() -> model.nextLogProbs(List.of(PROMPT)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("no whole next-token distributions");
        }
    }

    @Test
    void wholeDistributionsAreLlamasToGive() throws IOException {
        try (StubServer server = new StubServer(StubServer.Kind.LLAMA, StubServer.Fault.NONE);
                EndpointModel model = open(server)) {
            double[][] next = model.nextLogProbs(List.of(PROMPT, new int[] {4, 5, 1}));
            assertThat(next[0]).containsExactly(StubServer.next(PROMPT), within(1e-12));
            assertThat(next[1]).containsExactly(StubServer.next(new int[] {4, 5, 1}), within(1e-12));
            assertThatThrownBy(() -> model.nextLogProbs(List.of(new int[] {StubServer.SIZE})))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void anotherEndThanTheServersIsRefused() throws IOException {
        try (StubServer server = new StubServer(StubServer.Kind.LLAMA, StubServer.Fault.NONE);
                EndpointModel model = open(server)) {
            EndpointModel other = model.ending(Set.of(4));
            assertThatThrownBy(() -> other.sample(PROMPT, 50, Sampling.upTo(8), new SplittableRandom(1)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("end is [4]")
                    .hasMessageContaining("end texts at the same tokens");
        }
    }

    @Test
    void seedsOfAPromptAreAllDifferent() {
        Set<Integer> seeds = new HashSet<>();
        for (int draw = 0; draw < 200_000; draw++) {
            int seed = EndpointModel.seed(0x9E3779B97F4A7C15L, draw);
            assertThat(seed).isNotNegative();
            seeds.add(seed);
        }
        assertThat(seeds).hasSize(200_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user:pass@host/v1",
                "http:///v1",
                "http://host/v1?key=1",
                "http://ho st/v1",
                "http://host:8080"
            })
    void addressesThatAreNoneOrHoldASecretAreRefused(String argument) {
        assertThatThrownBy(() -> EndpointUrl.of(argument))
                .isInstanceOf(InputException.class)
                .hasMessageNotContaining("pass@");
    }

    @Test
    void anAddressIsReadAndWritten() {
        EndpointUrl url = EndpointUrl.of("http://127.0.0.1:8080/v1/#org/name");
        assertThat(url.model()).isEqualTo("org/name");
        assertThat(url).hasToString("http://127.0.0.1:8080/v1#org/name");
        assertThat(url.root()).hasToString("http://127.0.0.1:8080");
        assertThat(EndpointUrl.isEndpoint("checkpoints/http")).isFalse();
    }
}
