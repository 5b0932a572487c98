package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Saved folders byte for byte, and what is said of damaged ones. */
class CheckpointFilesTest {
    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(
            strings = {"gpt2", "gpt2-sharded-bf16", "neox-oldconfig", "neox-sequential", "llama3-rope", "qwen2", "qwen3"
            })
    void savesEveryFileByteForByte(String name) throws IOException {
        Path source = Cases.path("checkpoints/" + name);
        Path target = temporary.resolve("saved");
        Checkpoint checkpoint = Checkpoint.open(source);
        try (Transformer model = checkpoint.load(Backend.shared())) {
            checkpoint.save(model, target);
        }
        assertThat(names(target)).isEqualTo(names(source));
        for (String file : names(source)) {
            assertThat(Files.mismatch(source.resolve(file), target.resolve(file)))
                    .as(file)
                    .isEqualTo(-1);
        }
    }

    @Test
    void aBaseModelsNamesWithoutPrefixAreTheSameModel() throws IOException {
        Path folder = copy("gpt2");
        rewrite(folder.resolve("model.safetensors"), header -> header.replace("transformer.", ""), 0, 0);
        int[] ids = {0, 17, 300};
        try (Transformer bare = Checkpoint.open(folder).load(Backend.shared());
                Transformer whole =
                        Checkpoint.open(Cases.path("checkpoints/gpt2")).load(Backend.shared())) {
            assertThat(bare.nextLogProbs(List.of(ids))[0]).isEqualTo(whole.nextLogProbs(List.of(ids))[0]);
        }
    }

    @Test
    void aTiedHeadThatWasStoredIsSavedAsTheEmbedding() throws IOException {
        Path folder = copy("gpt2");
        Path weights = folder.resolve("model.safetensors");
        SafetensorsFile.Entry embedding =
                SafetensorsFile.open(weights).entries().get("transformer.wte.weight");
        long end = SafetensorsFile.open(weights).entries().values().stream()
                .mapToLong(SafetensorsFile.Entry::end)
                .max()
                .orElseThrow();
        long size = embedding.end() - embedding.begin();
        String head = "\"lm_head.weight\":{\"dtype\":\"F32\",\"shape\":[512,64],\"data_offsets\":[" + end + ","
                + (end + size) + "]}";
        rewrite(weights, header -> header.strip().replaceFirst("}$", "," + head + "}"), embedding.begin(), size);
        byte[] right = Files.readAllBytes(weights);
        Path target = temporary.resolve("saved");
        Checkpoint checkpoint = Checkpoint.open(folder);
        assertThat(checkpoint.architecture().wiring().tiedHead()).isTrue();
        assertThat(checkpoint.warnings()).isEmpty();
        try (Transformer model = checkpoint.load(Backend.shared())) {
            checkpoint.save(model, target);
            assertThatThrownBy(() -> checkpoint.save(model, folder))
                    .hasMessageEndingWith("a checkpoint is not written over itself");
        }
        assertThat(target.resolve("model.safetensors")).hasBinaryContent(right);
    }

    @Test
    void aHeadOfItsOwnIsUsedAndSavedAndTheCopySaysSo() throws IOException {
        Path target = temporary.resolve("saved");
        Path source = Cases.path("reports/tied-config-untied-weights/says-tied");
        Checkpoint checkpoint = Checkpoint.open(source);
        assertThat(checkpoint.warnings()).hasSize(1).first().asString().contains("a head of its own");
        List<int[]> prefixes = List.of(new int[] {84, 258, 261});
        try (Transformer model = checkpoint.load(Backend.shared())) {
            checkpoint.save(model, target);
            assertThat(target.resolve("model.safetensors")).hasSameBinaryContentAs(source.resolve("model.safetensors"));
            Checkpoint saved = Checkpoint.open(target);
            assertThat(saved.warnings()).isEmpty();
            assertThat(target.resolve("config.json")).content().contains("\"tie_word_embeddings\":false");
            try (Transformer again = saved.load(Backend.shared())) {
                assertThat(again.nextLogProbs(prefixes)).isDeepEqualTo(model.nextLogProbs(prefixes));
            }
        }
    }

    @Test
    void anUnknownArchitectureIsNamed() throws IOException {
        Path folder = copy("gpt2");
        edit(folder.resolve("config.json"), "\"model_type\": \"gpt2\"", "\"model_type\": \"gpt22\"");
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "config.json: field 'model_type' is 'gpt22'; no architecture of this name can be read; "
                                + "did you mean 'gpt2'? known are: gpt2, ");
    }

    @Test
    void aWrongShapeNamesFileTensorAndBothShapes() throws IOException {
        Path folder = copy("gpt2");
        edit(folder.resolve("config.json"), "\"n_positions\": 128", "\"n_positions\": 100");
        assertThatThrownBy(() -> Checkpoint.open(folder).load(Backend.shared()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("model.safetensors: field 'transformer.wpe.weight' is of shape [128, 64]; "
                        + "the configuration asks for [100, 64]");
    }

    @Test
    void aMissingTensorIsNamed() throws IOException {
        Path folder = copy("llama");
        edit(folder.resolve("config.json"), "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
        assertThatThrownBy(() -> Checkpoint.open(folder).load(Backend.shared()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("model.safetensors: field 'model.layers.2.")
                .hasMessageContaining("is missing; the configuration asks for this tensor, and there are ");
    }

    @Test
    void aTruncatedFileIsNamed() throws IOException {
        Path folder = copy("gpt2");
        Path weights = folder.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length - 1));
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("model.safetensors: field 'transformer.")
                .hasMessageContaining("it is truncated");
        Files.write(weights, Arrays.copyOf(bytes, 100));
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("in a file of 100; not safetensors, or cut");
        Files.write(weights, new byte[3]);
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("it is truncated");
    }

    @Test
    void aMissingShardOrFolderIsNamed() throws IOException {
        Path folder = copy("gpt2-sharded-bf16");
        Files.delete(folder.resolve("model-00002-of-00004.safetensors"));
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("field 'weight_map' is 'model-00002-of-00004.safetensors'");
        assertThatThrownBy(() -> Checkpoint.open(temporary.resolve("nowhere")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("not a folder; a model is a checkpoint folder");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"rms_norm_eps\": 1e-06 | \"rms_norm_eps\": -1 | field 'rms_norm_eps' is -1.0; it must be in [0, 1)",
                "\"rms_norm_eps\": 1e-06 | \"rms_norm_eps\": 1e-06, \"rms_norm_eps\": 0.5 | Duplicate field 'rms_norm_eps'",
                "\"max_position_embeddings\": 128 | \"max_position_embeddings\": 100000000 | no more than 16777216 are tabulated",
                "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 1000000000 | 1000000000 layers; the weights are 21 tensors",
                "\"vocab_size\": 512 | \"vocab_size\": 2000000000 | the configuration asks for a vocabulary of 2000000000",
                "\"use_cache\": true | \"layer_types\": \"x\" | field 'layer_types' is \"x\"; it must be a list",
            })
    void aConfigurationIsNotBelieved(String from, String to, String message) throws IOException {
        Path folder = copy("llama");
        edit(folder.resolve("config.json"), from, to);
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatFollowsTheConfigurationIsRefused() throws IOException {
        Path folder = copy("llama");
        Path config = folder.resolve("config.json");
        String text = Files.readString(config);
        Files.writeString(config, text + "{}");
        assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining("something follows the object");
        Files.writeString(config, text + "\n\n");
        assertThat(Checkpoint.open(folder).warnings()).isEmpty();
    }

    @Test
    void tensorsThatShareBytesOrOutgrowNumbersAreRefused() throws IOException {
        Path folder = copy("llama");
        Path weights = folder.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(weights);
        SafetensorsFile file = SafetensorsFile.open(weights);
        SafetensorsFile.Entry one = file.entries().get("model.layers.0.self_attn.q_proj.weight");
        SafetensorsFile.Entry two = file.entries().get("model.layers.1.self_attn.q_proj.weight");
        rewrite(weights, header -> header.replace(places(two), places(one)), 0, 0);
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no byte may be two tensors'");
        Files.write(weights, whole);
        rewrite(weights, header -> header.replaceFirst("\\[512, ?64\\]", "[1099511627776,1099511627776]"), 0, 0);
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("they do not agree");
    }

    private static String places(SafetensorsFile.Entry entry) {
        return "[" + entry.begin() + "," + entry.end() + "]";
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aWeightThatIsNoNumberIsRefusedByItsPlace(float value) throws IOException {
        Path folder = copy("llama");
        Path weights = folder.resolve("model.safetensors");
        SafetensorsFile file = SafetensorsFile.open(weights);
        String name = "model.layers.0.self_attn.q_proj.weight"; // attention would hide it
        long at = file.offset(file.entries().get(name)) + (3 * 64 + 5) * Float.BYTES;
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(weights)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putFloat((int) at, value);
        Files.write(weights, bytes.array());
        assertThatThrownBy(() -> Checkpoint.open(folder).load(Backend.shared()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("model.safetensors: field '" + name + "' is " + (double) value
                        + " at [3, 5]; a weight is a finite number");
    }

    @Test
    void soIsOneOfSixteenBits() throws IOException {
        Path folder = copy("gpt2-sharded-bf16");
        Path weights = folder.resolve("model-00001-of-00004.safetensors");
        SafetensorsFile file = SafetensorsFile.open(weights);
        SafetensorsFile.Entry entry = file.entries().values().iterator().next();
        byte[] bytes = Files.readAllBytes(weights);
        int at = (int) file.offset(entry);
        bytes[at] = (byte) 0xc0;
        bytes[at + 1] = 0x7f;
        Files.write(weights, bytes);
        for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
            assertThatThrownBy(() -> Checkpoint.open(folder).load(new Transformer.Compute(Backend.shared(), precision)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("is NaN at [0");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<no>\",\"type_id\":0}}],\"pair\":[],\"special_tokens\":{}}"
                        + " | post_processor.single",
                "{\"type\":\"Sequence\",\"processors\":[{\"type\":\"TemplateProcessing\",\"single\":[],\"pair\":[{\"SpecialToken\":{\"id\":\"<no>\",\"type_id\":0}}],\"special_tokens\":{}}]}"
                        + " | post_processor.processors[0].pair",
                "{\"type\":\"TemplateProcessing\",\"single\":[],\"pair\":[],\"special_tokens\":{\"a\":{\"id\":\"a\",\"ids\":[1],\"tokens\":[]}}}"
                        + " | post_processor.special_tokens.a",
            })
    void rulesThatWouldEndTheProcessAreRefused(String rules, String field) throws IOException {
        Path folder = copy("llama");
        Path tokenizer = folder.resolve("tokenizer.json");
        Files.writeString(
                tokenizer,
                Files.readString(tokenizer)
                        .replaceFirst(
                                "(?s)\"post_processor\": \\{.*?\\n  \\},",
                                "\"post_processor\": " + rules.replace("\\", "\\\\") + ","));
        assertThat(tokenizer).content().contains(rules);
        assertThatThrownBy(() -> TextTokenizer.open(folder, 512))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer.json: field '" + field + "' is ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"AAAA", "%%%", "CAAAAAAAAAAAAAAA", "BAAAAAAEAAA="})
    void aBrokenTableOfReplacementsIsRefused(String table) throws IOException {
        Path folder = copy("llama");
        Path tokenizer = folder.resolve("tokenizer.json");
        edit(
                tokenizer,
                "\"normalizer\": null",
                "\"normalizer\": {\"type\":\"Precompiled\",\"precompiled_charsmap\":\"" + table + "\"}");
        assertThatThrownBy(() -> TextTokenizer.open(folder, 512))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer.json: ");
    }

    private Path copy(String name) throws IOException {
        Path folder = Files.createDirectories(temporary.resolve(name));
        for (String file : names(Cases.path("checkpoints/" + name))) {
            Files.write(
                    folder.resolve(file),
                    Files.readAllBytes(Cases.path("checkpoints/" + name).resolve(file)));
        }
        return folder;
    }

    /** Another header, and some of the numbers once more at the end. */
    private static void rewrite(Path file, UnaryOperator<String> change, long from, long bytes) throws IOException {
        ByteBuffer old = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) old.getLong(0);
        byte[] data = Arrays.copyOfRange(old.array(), Long.BYTES + length, old.capacity());
        byte[] header = change.apply(new String(old.array(), Long.BYTES, length, StandardCharsets.UTF_8))
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer fresh = ByteBuffer.allocate(Long.BYTES + header.length + data.length + (int) bytes)
                .order(ByteOrder.LITTLE_ENDIAN);
        fresh.putLong(header.length).put(header).put(data).put(data, (int) from, (int) bytes);
        Files.write(file, fresh.array());
    }

    private static void edit(Path file, String from, String to) throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to), StandardCharsets.UTF_8);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
