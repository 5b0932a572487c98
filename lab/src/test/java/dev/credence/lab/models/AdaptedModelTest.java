package dev.credence.lab.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.AtomicFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code BASE+ADAPTER} wherever a model is named: against the other library's figures, merged or not, and never twice. */
class AdaptedModelTest {
    private static final Path CASES = Path.of("..", "..", "shared", "cases");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    private static Path base(String checkpoint) {
        return there(CASES.resolve("checkpoints").resolve(checkpoint));
    }

    private static Path adapter(String name) {
        return there(CASES.resolve("adapters").resolve(name));
    }

    private static Path there(Path made) {
        assumeTrue(Files.isDirectory(made), "the shared cases are not there");
        return made;
    }

    private static Path merged(Path base, Path adapter, Path target) throws IOException {
        try (OpenModel model = OpenModel.open(base + "+" + adapter)) {
            AtomicFolder.write(target, model::saveMerged);
            return target;
        }
    }

    /** The log-probabilities of an adapter's expected sequences, the first token of each given. */
    private static List<Double> scores(String model, JsonNode expected) {
        List<Continuation> sequences = new ArrayList<>();
        for (JsonNode sequence : expected) {
            int[] ids = MAPPER.convertValue(sequence.get("ids"), int[].class);
            sequences.add(new Continuation(Arrays.copyOf(ids, 1), Arrays.copyOfRange(ids, 1, ids.length)));
        }
        try (OpenModel opened = OpenModel.open(model)) {
            return Arrays.stream(opened.transformer().logProbs(sequences))
                    .map(terms -> Arrays.stream(terms).sum())
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource({"gpt2, gpt2-lora", "llama, llama-lora"})
    void scoresAreTheOtherLibrarysMergedOrNot(String checkpoint, String name) throws IOException {
        Path base = base(checkpoint);
        Path made = adapter(name);
        JsonNode expected =
                MAPPER.readTree(made.resolve("expected.json").toFile()).get("sequences");
        List<Double> beside = scores(base + "+" + made, expected);
        Path merged = merged(base, made, folder.resolve("merged"));
        List<Double> within = scores(merged.toString(), expected);
        List<Double> off = scores(base.toString(), expected);
        assertThat(beside).hasSize(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            double other = expected.get(i).get("logp").asDouble();
            assertThat(beside.get(i)).isCloseTo(other, within(1e-3));
            assertThat(within.get(i)).isCloseTo(beside.get(i), within(1e-4));
        }
        assertThat(off).as("the base alone is another model").isNotEqualTo(beside);
        assertThat(merged.resolve("merged_adapters.json")).exists();
        assertThat(merged.resolve("adapter_config.json")).doesNotExist();
    }

    @Test
    void anAdapterIsMergedOnce() throws IOException {
        Path merged = merged(base("gpt2"), adapter("gpt2-lora"), folder.resolve("merged"));
        refuses(merged + "+" + adapter("gpt2-lora"), "already part of the checkpoint");
        try (OpenModel plain = OpenModel.open(base("gpt2").toString())) {
            assertThatThrownBy(() -> plain.saveMerged(folder.resolve("none")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("it has no adapter");
        }
    }

    /** With the note that Credence leaves, and without it, as another tool merges: then the base must be at hand. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAdapterInTheReferenceIsNamed(boolean noted) throws IOException {
        Path base = base("llama");
        Path made = adapter("llama-lora");
        Path merged = merged(base, made, folder.resolve("merged"));
        if (!noted) {
            Files.delete(merged.resolve("merged_adapters.json"));
        }
        refusesPair(
                merged.toString(),
                base + "+" + made,
                "prior is " + merged + "; its weights hold the policy's adapter " + made);
        refusesPair(base.toString(), merged + "+" + made, "policy is " + merged, "so that it would count twice");
        if (noted) {
            refusesPair(merged.toString(), merged + "+" + made, "so that it would count twice");
        }
    }

    /** The base is found where the adapter's configuration says, though no argument names it. */
    @Test
    void anotherToolsMergeIsFoundThroughTheConfigurationsBase() throws IOException {
        Path base = base("llama");
        Path made = folder.resolve("adapter");
        copyWithBase(adapter("llama-lora"), made, base.toAbsolutePath().toString());
        Path merged = merged(base, made, folder.resolve("merged"));
        Files.delete(merged.resolve("merged_adapters.json"));
        refusesPair(merged.toString(), merged + "+" + made, "so that it would count twice");
        refuses(merged + "+" + made, made + "", "already part of the checkpoint " + merged);
    }

    /** A checkpoint and an adapter in one folder are one model where the weights are known to hold the adapter. */
    @Test
    void aFolderWithBothIsTheCheckpointWhereTheAdapterIsInIt() throws IOException {
        Path base = base("llama");
        Path merged = merged(base, adapter("llama-lora"), folder.resolve("merged"));
        Files.delete(merged.resolve("merged_adapters.json"));
        copyWithBase(adapter("llama-lora"), merged, "nowhere/to/be/found");
        refuses(merged.toString(), "a checkpoint and an adapter in one folder");
        copyWithBase(adapter("llama-lora"), merged, base.toAbsolutePath().toString());
        try (OpenModel model = OpenModel.open(merged.toString())) {
            assertThat(model.transformer().adapters()).isEmpty();
        }
        refusesPair(merged.toString(), merged.toString(), "prior is " + merged, "it is no reference");
    }

    @Test
    void anAdapterAloneIsNoModelAndOneThatIsNotThereIsNamed() {
        refuses(adapter("gpt2-lora").toString(), "an adapter (adapter_config.json) without its base", "write BASE+");
        refuses(base("gpt2") + "+nowhere", "nowhere", "BASE+ADAPTER names an adapter's folder");
    }

    private static void refuses(String model, String... words) {
        assertThatThrownBy(() -> OpenModel.open(model).close())
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(words);
    }

    private static void refusesPair(String prior, String policy, String... words) {
        assertThatThrownBy(() -> ModelPair.open(prior, policy).close())
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(words);
    }

    private static void copyWithBase(Path adapter, Path target, String base) throws IOException {
        Files.createDirectories(target);
        ObjectNode config = (ObjectNode)
                MAPPER.readTree(adapter.resolve("adapter_config.json").toFile());
        config.put("base_model_name_or_path", base);
        Files.write(target.resolve("adapter_config.json"), MAPPER.writeValueAsBytes(config));
        Files.copy(
                adapter.resolve("adapter_model.safetensors"),
                target.resolve("adapter_model.safetensors"),
                StandardCopyOption.REPLACE_EXISTING);
    }
}
