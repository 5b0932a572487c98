package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters that the hub's own library made, against what it computed; adapters written and read again. */
class AdapterTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource({"gpt2, gpt2-lora", "llama, llama-lora"})
    void agreesWithTheOtherLibrary(String checkpoint, String adapter) throws IOException {
        Path made = Cases.path("adapters/" + adapter);
        Checkpoint base = Checkpoint.open(Cases.path("checkpoints/" + checkpoint));
        JsonNode expected =
                MAPPER.readTree(made.resolve("expected.json").toFile()).get("sequences");
        List<Continuation> batch = continuations(expected);
        try (Transformer plain = base.load(Backend.shared());
                Transformer adapted = Adapter.open(made).on(plain, base);
                Transformer merged = adapted.merged();
                Transformer off = adapted.withoutAdapter()) {
            double[][] with = adapted.logProbs(batch);
            for (int i = 0; i < batch.size(); i++) {
                double[] tokens = MAPPER.convertValue(expected.get(i).get("token_logp"), double[].class);
                assertThat(with[i]).containsExactly(tokens, within(1e-4));
                assertThat(Arrays.stream(with[i]).sum())
                        .isCloseTo(expected.get(i).get("logp").asDouble(), within(1e-3));
                assertThat(merged.logProbs(batch)[i]).containsExactly(tokens, within(1e-4));
                assertThat(Arrays.stream(off.logProbs(batch)[i]).sum())
                        .isCloseTo(expected.get(i).get("logp_base").asDouble(), within(1e-3));
            }
        }
    }

    private static List<Continuation> continuations(JsonNode sequences) {
        List<Continuation> batch = new ArrayList<>();
        for (JsonNode sequence : sequences) {
            int[] ids = MAPPER.convertValue(sequence.get("ids"), int[].class);
            batch.add(new Continuation(Arrays.copyOf(ids, 1), Arrays.copyOfRange(ids, 1, ids.length)));
        }
        return batch;
    }

    @ParameterizedTest
    @CsvSource({"gpt2, gpt2-lora", "llama, llama-lora"})
    void isWrittenAsItWasRead(String checkpoint, String adapter) throws IOException {
        Path made = Cases.path("adapters/" + adapter);
        Checkpoint base = Checkpoint.open(Cases.path("checkpoints/" + checkpoint));
        try (Transformer plain = base.load(Backend.shared());
                Transformer adapted = Adapter.open(made).on(plain, base)) {
            new AdapterWriter(base).write(adapted, folder);
        }
        SafetensorsFile before = SafetensorsFile.open(made.resolve(Adapter.WEIGHTS));
        SafetensorsFile after = SafetensorsFile.open(folder.resolve(Adapter.WEIGHTS));
        assertThat(after.entries().keySet())
                .containsExactlyElementsOf(before.entries().keySet());
        byte[] old = Files.readAllBytes(made.resolve(Adapter.WEIGHTS));
        byte[] fresh = Files.readAllBytes(folder.resolve(Adapter.WEIGHTS));
        int oldHeader = before.preamble().remaining();
        int freshHeader = after.preamble().remaining();
        assertThat(Arrays.copyOfRange(fresh, freshHeader, fresh.length))
                .isEqualTo(Arrays.copyOfRange(old, oldHeader, old.length));
        JsonNode config = MAPPER.readTree(folder.resolve(AdapterConfig.NAME).toFile());
        JsonNode first = MAPPER.readTree(made.resolve(AdapterConfig.NAME).toFile());
        for (String field : List.of("r", "lora_alpha", "use_rslora", "fan_in_fan_out", "peft_type", "bias")) {
            assertThat(config.get(field)).as(field).isEqualTo(first.get(field));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "neox", "llama", "qwen3"})
    void whatWasTrainedIsReadAgain(String checkpoint) {
        Checkpoint base = Checkpoint.open(Cases.path("checkpoints/" + checkpoint));
        List<Continuation> batch = List.of(
                new Continuation(new int[] {3}, new int[] {5, 1, 7, 2}),
                new Continuation(new int[] {4, 9}, new int[] {8}));
        LoraSettings lora = new LoraSettings(3, 6, true, Pattern.compile("q_proj|attn|attention|mlp"));
        try (Transformer plain = base.load(Backend.shared());
                TransformerPolicy policy = TransformerPolicy.lora(
                        plain, lora, Optimiser.adamW(LearningRate.constant(0.05)), new SplittableRandom(1))) {
            for (int step = 0; step < 3; step++) {
                policy.step(batch, logProbs -> new double[][] {{1, 1, 1, 1}, {-1}});
            }
            new AdapterWriter(base).write(policy.transformer(), folder);
            try (Transformer again = Adapter.open(folder).on(plain, base)) {
                assertThat(again.logProbs(batch)).isDeepEqualTo(policy.logProbs(batch));
                assertThat(again.logProbs(batch)).isNotEqualTo(plain.logProbs(batch));
            }
        }
    }

    @Test
    void aMergedAdapterIsNotPutOnAgain() throws IOException {
        Path base = Cases.path("plays/prior");
        Path made = folder.resolve("adapter");
        Path merged = folder.resolve("merged");
        List<Continuation> batch = List.of(new Continuation(new int[] {0}, new int[] {5, 1, 7, 2}));
        try (HubModel model = HubModel.open(base, Backend.shared());
                TransformerPolicy policy = TransformerPolicy.lora(
                        model.transformer(),
                        LoraSettings.ofRank(2),
                        Optimiser.adamW(LearningRate.constant(0.05)),
                        new SplittableRandom(1))) {
            policy.step(batch, logProbs -> new double[][] {{1, 1, 1, 1}});
            new AdapterWriter(model.checkpoint()).write(policy.transformer(), made);
        }
        Adapter adapter = Adapter.open(made);
        double[][] with;
        try (HubModel model = HubModel.open(base, adapter, Backend.shared())) {
            with = model.transformer().logProbs(batch);
            assertThatThrownBy(() -> model.save(folder.resolve("unmerged")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the model has an adapter; merge it");
            model.saveMerged(adapter, merged);
        }
        assertThat(adapter.isPartOf(Checkpoint.open(merged), List.of())).isTrue();
        try (HubModel model = HubModel.open(merged, Backend.shared())) {
            assertThat(model.transformer().logProbs(batch)[0]).containsExactly(with[0], within(1e-5));
        }
        assertThatThrownBy(() -> HubModel.open(merged, adapter, Backend.shared()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("already part of the checkpoint");
    }

    /** Checkpoints that are the base with the adapter in it, with it and more, with other changes, and without it. */
    @ParameterizedTest
    @CsvSource({"gpt2, gpt2-lora", "llama, llama-lora"})
    void isFoundInWeightsThatHoldItAndInNoOthers(String checkpoint, String name) throws IOException {
        Path made = Cases.path("adapters/" + name);
        Checkpoint base = Checkpoint.open(Cases.path("checkpoints/" + checkpoint));
        Adapter adapter = Adapter.open(made);
        List<Continuation> batch = List.of(new Continuation(new int[] {3}, new int[] {5, 1, 7, 2}));
        try (Transformer plain = base.load(Backend.shared());
                Transformer adapted = adapter.on(plain, base);
                Transformer merged = adapted.merged();
                TransformerPolicy onward =
                        TransformerPolicy.of(merged, Trainable.all(), Optimiser.adamW(LearningRate.constant(1e-3)));
                TransformerPolicy tuned =
                        TransformerPolicy.of(plain, Trainable.all(), Optimiser.adamW(LearningRate.constant(0.02)))) {
            onward.step(batch, logProbs -> new double[][] {{1, 1, 1, 1}});
            tuned.step(batch, logProbs -> new double[][] {{1, 1, 1, 1}});
            base.save(merged, folder.resolve("merged"));
            base.save(onward.transformer(), folder.resolve("onward"));
            base.save(tuned.transformer(), folder.resolve("tuned"));
            base.save(plain, folder.resolve("same"));
        }
        List<Checkpoint> bases = List.of(base);
        for (String with : List.of("merged", "onward")) {
            Checkpoint checked = Checkpoint.open(folder.resolve(with));
            assertThat(adapter.isPartOf(checked, bases)).as(with).isTrue();
            assertThat(adapter.isPartOf(checked, List.of())).as(with).isFalse(); // no base, no answer
        }
        for (String without : List.of("tuned", "same")) {
            Checkpoint checked = Checkpoint.open(folder.resolve(without));
            assertThat(adapter.isPartOf(checked, bases)).as(without).isFalse();
        }
        Checkpoint merged = Checkpoint.open(folder.resolve("merged"));
        assertThat(adapter.isPartOf(base, List.of(merged))).isFalse(); // the other way round
        assertThat(adapter.isPartOf(merged, List.of(Checkpoint.open(Cases.path("checkpoints/neox")))))
                .as("a base of another architecture")
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "peft_type         | \"IA3\"            | 'IA3'; the only kind of adapter known is LORA",
                "use_dora          | true               | DoRA is not supported",
                "bias              | \"all\"            | a trained bias is not supported",
                "modules_to_save   | [\"lm_head\"]      | 'lm_head'; the file holds no such module",
                "kasa_config       | {\"beta\":1}       | this variant of LoRA is not supported",
                "init_lora_weights | \"pissa\"          | it changes the base's weights too",
                "r                 | 5                  | the rank of base_model"
            })
    void otherKindsAreRefusedByName(String field, String value, String message) throws IOException {
        Path made = Cases.path("adapters/llama-lora");
        ObjectNode config =
                (ObjectNode) MAPPER.readTree(made.resolve(AdapterConfig.NAME).toFile());
        config.set(field, MAPPER.readTree(value));
        Files.write(folder.resolve(AdapterConfig.NAME), MAPPER.writeValueAsBytes(config));
        Files.copy(made.resolve(Adapter.WEIGHTS), folder.resolve(Adapter.WEIGHTS));
        assertThatThrownBy(() -> Adapter.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(field)
                .hasMessageContaining(message);
    }

    @Test
    void anAdapterOfAnotherModelIsRefused() {
        Path made = Cases.path("adapters/llama-lora");
        Checkpoint base = Checkpoint.open(Cases.path("checkpoints/gpt2"));
        try (Transformer plain = base.load(Backend.shared())) {
            assertThatThrownBy(() -> Adapter.open(made).on(plain, base))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("the base model has no such projection");
        }
    }

    @Test
    void patternsGiveModulesTheirOwnRank() {
        String text =
                "{\"peft_type\":\"LORA\",\"r\":8,\"lora_alpha\":16,\"rank_pattern\":{\"q_proj\":4},\"alpha_pattern\":{\"1.v_proj\":2}}";
        AdapterConfig config = AdapterConfig.read(JsonFile.parse("memory", text.getBytes(StandardCharsets.UTF_8)));
        assertThat(config.rank("model.layers.0.q_proj")).isEqualTo(4);
        assertThat(config.scale("model.layers.0.q_proj")).isEqualTo(4);
        assertThat(config.scale("model.layers.1.v_proj")).isEqualTo(0.25);
        assertThat(config.scale("model.layers.0.v_proj")).isEqualTo(2);
    }
}
