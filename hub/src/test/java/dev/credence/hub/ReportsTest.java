package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.provenance.InputException;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints of public bug reports, against what the libraries that made them computed. */
class ReportsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    @Test
    void theFilesOwnHeadIsUsedWhateverTheConfigurationSays() throws IOException {
        Path report = Cases.path("reports/tied-config-untied-weights");
        try (HubModel model = HubModel.open(report.resolve("says-tied"), Backend.shared())) {
            assertThat(score(model, ids(report))).isCloseTo(-38.25430055183714, within(1e-4));
            assertThat(model.warnings()).anyMatch(line -> line.contains("ties the head to the embedding"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "auto, true, -29.2443",
        "tokenizer, true, -29.2443",
        "both, true, -29.2443",
        "<|im_end|>, true, -29.2443",
        "config, true, -30.2965",
        "<|endoftext|>, true, -30.2965",
        "auto, false, -24.1603"
    })
    void theEndThatWasChosenIsScored(String end, boolean finished, double right) throws IOException {
        Path report = Cases.path("reports/ends-differ");
        JsonNode text = texts(report).get(0);
        try (HubModel model = HubModel.open(report.resolve("model"), EndChoice.of(end), Backend.shared())) {
            int[] prompt = model.tokenizer().prompt(text.get("prompt").asText(), BeginToken.AUTO);
            Continuation scored =
                    model.continuation(prompt, text.get("completion").asText(), finished);
            assertThat(score(model, scored)).isCloseTo(right, within(1e-4));
            if (end.equals("auto")) {
                assertThat(model.warnings())
                        .singleElement()
                        .asString()
                        .contains("'<|im_end|>' (2)", "'<|endoftext|>' (0)", "choose by naming the end token");
            } else {
                assertThat(model.warnings()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"auto, 2", "both, 2", "config, 1", "tokenizer, 1"})
    void aDrawnTextStopsAtEveryEndThatCounts(String end, int ends) {
        Path report = Cases.path("reports/ends-differ");
        try (HubModel model = HubModel.open(report.resolve("model"), EndChoice.of(end), Backend.shared())) {
            int[] prompt = model.tokenizer().prompt("the lamp", BeginToken.AUTO);
            List<Sample> samples = model.transformer().sample(prompt, 4000, Sampling.upTo(8), new SplittableRandom(1));
            long seen = samples.stream()
                    .filter(Sample::finished)
                    .mapToInt(sample -> sample.tokens()[sample.tokens().length - 1])
                    .distinct()
                    .count();
            assertThat(seen).isEqualTo(ends);
            for (Sample sample : samples) {
                int[] tokens = sample.tokens();
                for (int i = 0; i + 1 < tokens.length; i++) {
                    assertThat(model.transformer().vocabulary().isEnd(tokens[i]))
                            .isFalse();
                }
            }
        }
    }

    @Test
    void anEndThatIsNoTokenIsRefused() {
        Path model = Cases.path("reports/ends-differ/model");
        assertThatThrownBy(() -> HubModel.open(model, EndChoice.of("nonsense"), Backend.shared()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("field 'end token' is 'nonsense', which makes 7 tokens");
    }

    @Test
    void aTextThatHoldsItsEndIsScoredWithItOnce() throws IOException {
        Path report = Cases.path("reports/text-holds-its-end");
        try (HubModel model = HubModel.open(report.resolve("model"), Backend.shared())) {
            for (JsonNode text : texts(report)) {
                int[] prompt = model.tokenizer().prompt(text.get("prompt").asText(), BeginToken.AUTO);
                Continuation scored =
                        model.continuation(prompt, text.get("completion").asText(), true);
                assertThat(score(model, scored)).isCloseTo(-29.3945, within(1e-4));
            }
            int[] prompt = model.tokenizer().prompt("the lamp", BeginToken.AUTO);
            assertThatThrownBy(() -> model.continuation(prompt, " was<|end|> lit", true))
                    .hasMessageContaining("the text goes on behind its end token 0 <|end|>");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "head", "head-and-attention", "embedding"})
    void adaptersOnHeadAndEmbeddingAreComputed(String name) throws IOException {
        Path report = Cases.path("reports/lora-on-head");
        JsonNode expected = MAPPER.readTree(report.resolve("expected.json").toFile());
        Path base = report.resolve("base");
        try (HubModel model = name.equals("base")
                ? HubModel.open(base, Backend.shared())
                : HubModel.open(base, Adapter.open(report.resolve(name)), Backend.shared())) {
            assertThat(score(model, ids(report))).isCloseTo(expected.get(name).asDouble(), within(1e-4));
            try (HubModel off = model.withoutAdapter()) {
                assertThat(score(off, ids(report)))
                        .isCloseTo(expected.get("base").asDouble(), within(1e-4));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"mlp-bias, model.layers.0.mlp.down_proj.bias", "more-layers, model.layers.2.input_layernorm.weight"})
    void aTensorThatIsNotAskedForIsRefusedByName(String name, String tensor) {
        assertThatThrownBy(() -> Checkpoint.open(Cases.path("reports/unused-tensors/" + name)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("field '" + tensor + "' is not asked for by config.json, nor are ");
    }

    @ParameterizedTest
    @CsvSource({
        "model.layers.7.mlp.up_proj.weight, 4x4, refused",
        "model.layers.0.self_attn.sinks, 4, refused",
        "layers.0.mlp.extra.weight, 4x4, refused",
        "model.embed_positions.weight, 4x4, refused",
        "lm_head.bias, 300, refused",
        "v_head.summary.weight, 4x4, named",
        "score.weight, 1x32, named",
        "model.layers.0.self_attn.rotary_emb.inv_freq, 4, passed over"
    })
    void tensorsOfTheDecoderAreRefusedOthersNamed(String tensor, String shape, String what) throws IOException {
        copy(Cases.path("reports/lora-on-head/base"));
        int[] sizes =
                Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
        Tensors.add(folder.resolve("model.safetensors"), tensor, sizes);
        if (what.equals("refused")) {
            assertThatThrownBy(() -> Checkpoint.open(folder))
                    .hasMessageContaining("field '" + tensor + "' is not asked");
        } else {
            List<String> warnings = Checkpoint.open(folder).warnings();
            assertThat(warnings.toString())
                    .isEqualTo(
                            what.equals("named")
                                    ? "[warning: left out what is not of the decoder: " + tensor + "]"
                                    : "[]");
        }
    }

    @Test
    void aCompletionGoesOnFromItsPromptWithoutASpace() throws IOException {
        Path report = Cases.path("reports/metaspace-completions");
        JsonNode text = texts(report).get(1);
        try (HubModel model = HubModel.open(report.resolve("model"), Backend.shared())) {
            TextTokenizer tokenizer = model.tokenizer();
            int[] prompt = tokenizer.prompt(text.get("prompt").asText(), BeginToken.AUTO);
            Continuation scored =
                    model.continuation(prompt, text.get("completion").asText(), false);
            assertThat(score(model, scored)).isCloseTo(-18.4947, within(1e-4));
            assertThat(Arrays.stream(scored.tokens())
                            .mapToObj(id -> tokenizer.decode(new int[] {id}, 1))
                            .toList())
                    .containsExactly("t", "he", " quay");
        }
    }

    /** What is written of a drawn text is the text: its ids come back wherever they are the text's own. */
    @Test
    void drawnTextsScoreAsTheyWereDrawn() {
        Path folder = Cases.path("reports/metaspace-completions/model");
        try (HubModel model = HubModel.open(folder, Backend.shared())) {
            TextTokenizer tokenizer = model.tokenizer();
            for (String text :
                    List.of("the quay", " the quay", "  two", "lamp", " on the quay", "\n", "été", " ", "道")) {
                int[] ids = tokenizer.completion(text);
                assertThat(tokenizer.decode(ids, ids.length)).isEqualTo(text);
            }
            int[] prompt = tokenizer.prompt("Q: lamp?\n", BeginToken.AUTO);
            int same = 0;
            for (Sample sample : model.transformer().sample(prompt, 400, Sampling.upTo(3), new SplittableRandom(1))) {
                String text = model.text(sample);
                if (text.indexOf('\uFFFD') < 0 && !text.contains("<unk>")) {
                    Continuation again = model.continuation(prompt, text, sample.finished());
                    assertThat(model.text(new Sample(
                                    again.tokens(),
                                    new double[again.tokens().length],
                                    new double[again.tokens().length],
                                    sample.finished())))
                            .isEqualTo(text);
                    if (Arrays.equals(again.tokens(), sample.tokens())) {
                        assertThat(score(model, again)).isCloseTo(sample.logProb(), within(1e-4));
                        same++;
                    }
                }
            }
            assertThat(same).isGreaterThan(50);
        }
    }

    @Test
    void halfACharacterIsRefused() {
        try (TextTokenizer tokenizer = TextTokenizer.open(Cases.path("checkpoints/gpt2"), 512)) {
            for (String text : List.of("a \uD83D", "\uDC00", "\uD83Da", "\uDE00\uD83D")) {
                assertThatThrownBy(() -> tokenizer.completion(text)).hasMessageContaining("half a surrogate pair");
                assertThatThrownBy(() -> tokenizer.prompt(text, BeginToken.NO))
                        .hasMessageContaining("half a surrogate pair");
            }
            assertThat(tokenizer.completion("a \uD83D\uDE00")).isNotEmpty();
        }
    }

    private void copy(Path from) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.write(folder.resolve(file.getFileName().toString()), Files.readAllBytes(file));
            }
        }
    }

    private static double score(HubModel model, Continuation text) {
        return Arrays.stream(model.transformer().logProbs(List.of(text))[0]).sum();
    }

    private static double score(HubModel model, int[] ids) {
        Transformer transformer = model.transformer();
        Continuation text = new Continuation(Arrays.copyOf(ids, 1), Arrays.copyOfRange(ids, 1, ids.length));
        return Arrays.stream(transformer.logProbs(List.of(text))[0]).sum();
    }

    private static int[] ids(Path report) throws IOException {
        return MAPPER.convertValue(texts(report).get(0).get("ids"), int[].class);
    }

    private static List<JsonNode> texts(Path report) throws IOException {
        try (Stream<String> lines = Files.lines(report.resolve("texts.jsonl"))) {
            return lines.map(ReportsTest::parse).toList();
        }
    }

    private static JsonNode parse(String line) {
        try {
            return MAPPER.readTree(line);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
