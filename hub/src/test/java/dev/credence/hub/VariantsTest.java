package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Precision;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Settings and adapters that change what a model computes, against what transformers and peft computed in float64 of the same
 * small random models ({@code bench/peers/torch_variants.py} made them; it rounds
 * angles to float32); and settings that are refused.
 */
class VariantsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Transformer.Compute EXACT = new Transformer.Compute(Backend.shared(), Precision.FLOAT64);

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @MethodSource("models")
    void settingsAreComputed(String family, String variant) throws IOException {
        JsonNode made = find(
                "models", node -> family(node).equals(family) && variant(node).equals(variant));
        try (Transformer model =
                checkpoint(family, (ObjectNode) made.get("config")).load(EXACT)) {
            assertThat(model.logProbs(List.of(text(expected().get("ids"))))[0])
                    .containsExactly(logProbs(made), within(1e-4));
        }
    }

    static Stream<Arguments> models() throws IOException {
        return StreamSupport.stream(expected().get("models").spliterator(), false)
                .map(node -> Arguments.of(family(node), variant(node)));
    }

    /** Each setting of the fixture is one that can be told: without it the numbers are others. */
    @ParameterizedTest
    @CsvSource({"llama, yarn", "llama, linear", "llama, llama3", "gpt_neox, yarn", "gpt2, by-layer", "gpt2, unscaled"})
    void settingsMatter(String family, String variant) throws IOException {
        double[] plain = logProbs(find(
                "models", node -> family(node).equals(family) && variant(node).isEmpty()));
        double[] other = logProbs(find(
                "models", node -> family(node).equals(family) && variant(node).equals(variant)));
        assertThat(Math.abs(Arrays.stream(plain).sum() - Arrays.stream(other).sum()))
                .isGreaterThan(1e-2);
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void adaptersOfAnyModuleAreComputed(String name) throws IOException {
        JsonNode made = find("adapters", node -> node.get("name").asText().equals(name));
        String variant = variant(made);
        JsonNode base = find(
                "models", node -> family(node).equals("llama") && variant(node).equals(variant));
        Checkpoint checkpoint = checkpoint("llama", (ObjectNode) base.get("config"));
        Adapter adapter = Adapter.open(resource("adapters/" + name));
        Continuation text = text(made.get("ids"));
        try (Transformer plain = checkpoint.load(EXACT);
                Transformer adapted = adapter.on(plain, checkpoint);
                Transformer merged = adapted.merged()) {
            assertThat(adapted.logProbs(List.of(text))[0]).containsExactly(logProbs(made), within(1e-4));
            assertThat(merged.logProbs(List.of(text))[0]).containsExactly(logProbs(made), within(1e-4));
            assertThat(plain.logProbs(List.of(text(expected().get("ids"))))[0])
                    .containsExactly(logProbs(base), within(1e-4));
            assertThat(adapter.replaces(checkpoint)).isEqualTo(name.contains("saved") || name.contains("resized"));
            Path target = folder.resolve("merged");
            if (merged.architecture().equals(checkpoint.architecture())) {
                adapter.saveMerged(adapted, checkpoint, target);
                try (Transformer again = Checkpoint.open(target).load(EXACT)) {
                    assertThat(again.logProbs(List.of(text))[0]).containsExactly(logProbs(made), within(1e-4));
                }
            } else {
                assertThatThrownBy(() -> adapter.saveMerged(adapted, checkpoint, target))
                        .hasMessageContaining("it cannot be written into the form of");
            }
        }
    }

    static Stream<String> adapters() throws IOException {
        return StreamSupport.stream(expected().get("adapters").spliterator(), false)
                .map(node -> node.get("name").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "llama    | quantization_config     | {\"quant_method\":\"gptq\",\"bits\":4}  | 'gptq'; quantised weights are not read",
                "llama    | rope_scaling            | {\"rope_type\":\"longrope\"}            | 'longrope'; the scalings known are",
                "llama    | rope_scaling            | {\"type\":\"dynamic\",\"alpha\":1000.0,\"factor\":1.0} | 'alpha' is 1000.0; no such key of rotary",
                "llama    | rope_scaling            | {\"rope_type\":\"default\",\"type\":\"mrope\",\"mrope_section\":[1]} | type says 'mrope'",
                "llama    | rope_scaling            | \"yarn\"                                | it must be an object",
                "llama    | partial_rotary_factor   | 0.5                                     | this family turns whole heads",
                "llama    | sliding_window          | 16                                      | sliding-window attention is not supported",
                "llama    | mlp_bias                | true                                    | mlp.gate_proj.bias' is missing",
                "llama    | attention_bias          | true                                    | self_attn.q_proj.bias' is missing",
                "llama    | final_logit_softcapping | 30.0                                    | no such key of this family is known",
                "llama    | embedding_multiplier    | 12.0                                    | no such key of this family is known",
                "llama    | auto_map                | {\"AutoModelForCausalLM\":\"a.B\"}      | a model with code of its own",
                "llama    | pruned_heads            | {\"0\":[1]}                             | no such key of this family is known",
                "llama    | is_encoder_decoder      | true                                    | no such key of this family is known",
                "llama    | num_hidden_layers       | 1                                       | not asked for by config.json",
                "qwen3    | use_sliding_window      | true                                    | sliding-window attention is not supported",
                "qwen3    | layer_types             | [\"full_attention\",\"sliding_attention\"] | the only kind of layer known",
                "qwen3    | mlp_bias                | true                                    | feed-forward parts have no biases",
                "gpt2     | add_cross_attention     | true                                    | no such key of this family is known",
                "gpt2     | sliding_window          | 16                                      | no such key of this family is known",
                "gpt_neox | partial_rotary_factor   | 0.5                                     | no such key of this family is known",
                "gpt_neox | rope_theta              | 50.0                                    | no such key of this family is known",
            })
    void whatIsNotComputedIsRefusedByName(String family, String field, String value, String message)
            throws IOException {
        JsonNode plain = find(
                "models", node -> family(node).equals(family) && variant(node).isEmpty());
        ObjectNode config = plain.get("config").deepCopy();
        config.set(field, MAPPER.readTree(value));
        if (field.equals("use_sliding_window")) {
            config.put("sliding_window", 16).put("max_window_layers", 1);
        }
        assertThatThrownBy(() -> checkpoint(family, config).load(EXACT).close())
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    /** Whatever key is not known, with whatever value that may switch something on. */
    @Test
    void noUnknownKeyIsPassedOver() throws IOException {
        for (String family : List.of("llama", "qwen3", "gpt_neox", "gpt2")) {
            JsonNode plain = find(
                    "models",
                    node -> family(node).equals(family) && variant(node).isEmpty());
            for (String value : List.of("true", "1", "0.5", "\"on\"", "[1]", "{\"a\":1}")) {
                ObjectNode config = plain.get("config").deepCopy();
                config.set("key_that_nobody_knows", MAPPER.readTree(value));
                assertThatThrownBy(() -> checkpoint(family, config))
                        .hasMessageContaining("field 'key_that_nobody_knows' is " + value);
            }
            for (String value : List.of("false", "null", "[]", "{}")) {
                ObjectNode config = plain.get("config").deepCopy();
                config.set("key_that_nobody_knows", MAPPER.readTree(value));
                assertThat(checkpoint(family, config).warnings()).isEmpty();
            }
        }
    }

    private Checkpoint checkpoint(String family, ObjectNode config) throws IOException {
        Path made = Files.createTempDirectory(folder, family);
        Files.write(made.resolve("config.json"), MAPPER.writeValueAsBytes(config));
        byte[] weights = Files.readAllBytes(resource(family).resolve("model.safetensors"));
        Files.write(made.resolve("model.safetensors"), weights);
        if (config.path("tie_word_embeddings").asBoolean()) {
            Tensors.remove(made.resolve("model.safetensors"), "lm_head.weight");
        }
        return Checkpoint.open(made);
    }

    private static JsonNode find(String list, Predicate<JsonNode> wanted) throws IOException {
        return StreamSupport.stream(expected().get(list).spliterator(), false)
                .filter(wanted)
                .findFirst()
                .orElseThrow();
    }

    private static String family(JsonNode node) {
        return node.get("family").asText();
    }

    private static String variant(JsonNode node) {
        return node.get("variant").asText();
    }

    private static double[] logProbs(JsonNode node) {
        return MAPPER.convertValue(node.get("token_logp"), double[].class);
    }

    private static Continuation text(JsonNode node) {
        int[] ids = MAPPER.convertValue(node, int[].class);
        return new Continuation(Arrays.copyOf(ids, 1), Arrays.copyOfRange(ids, 1, ids.length));
    }

    private static JsonNode expected() throws IOException {
        return MAPPER.readTree(resource("expected.json").toFile());
    }

    private static Path resource(String name) {
        URL url = Objects.requireNonNull(VariantsTest.class.getResource("/variants/" + name), name);
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
