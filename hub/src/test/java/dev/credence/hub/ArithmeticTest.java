package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.model.Continuation;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Arithmetic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each family's checkpoint with its weights as stored, and in bfloat16, beside another library's float64. */
class ArithmeticTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {"gpt2", "gpt2-sharded-bf16", "neox", "neox-sequential", "llama", "llama3-rope", "qwen2", "qwen3"
            })
    void weightsAsStoredGiveTheSameFiguresAndBfloat16NearbyOnes(String name) throws IOException {
        Path path = Cases.path("checkpoints/" + name);
        List<Continuation> texts = new ArrayList<>();
        List<double[]> exact = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper();
        for (JsonNode sequence :
                mapper.readTree(path.resolve("expected.json").toFile()).get("sequences")) {
            int[] ids = mapper.convertValue(sequence.get("ids"), int[].class);
            texts.add(new Continuation(Arrays.copyOf(ids, 1), Arrays.copyOfRange(ids, 1, ids.length)));
            exact.add(mapper.convertValue(sequence.get("token_logp"), double[].class));
        }
        double[][] single = scores(path, Arithmetic.SINGLE, texts);
        double[][] stored = scores(path, Arithmetic.AS_STORED, texts);
        double[][] rounded = scores(path, Arithmetic.BFLOAT16, texts);
        double off = 0;
        int tokens = 0;
        for (int i = 0; i < single.length; i++) {
            assertThat(stored[i]).containsExactly(exact.get(i), within(1e-4));
            assertThat(stored[i]).containsExactly(single[i], within(1e-5));
            for (int t = 0; t < single[i].length; t++) {
                off += Math.abs(rounded[i][t] - single[i][t]);
                tokens++;
            }
        }
        assertThat(off / tokens).isBetween(1e-4, 0.03); // 0.002 to 0.008 by `doctor --models`
    }

    @Test
    void whatWasMappedIsSavedByteByByte() throws IOException {
        Path from = Cases.path("checkpoints/gpt2-sharded-bf16");
        try (HubModel model =
                HubModel.open(from, EndChoice.AUTO, new Transformer.Compute(Backend.shared(), Arithmetic.AS_STORED))) {
            model.save(folder.resolve("saved"));
        }
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".safetensors"))
                    .toList()) {
                assertThat(folder.resolve("saved").resolve(file.getFileName())).hasSameBinaryContentAs(file);
            }
        }
    }

    private static double[][] scores(Path path, Arithmetic arithmetic, List<Continuation> texts) {
        try (Transformer model = Checkpoint.open(path).load(new Transformer.Compute(Backend.shared(), arithmetic))) {
            return model.logProbs(texts);
        }
    }
}
