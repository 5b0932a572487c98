package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.model.Continuation;
import dev.credence.core.probability.LogMath;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that another library made, against the logits and log-probabilities it computed in float64. */
class CheckpointsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt2",
                "gpt2-sharded-bf16",
                "neox",
                "neox-oldconfig",
                "neox-sequential",
                "llama",
                "llama3-rope",
                "llama3-rope-oldconfig",
                "qwen2",
                "qwen3"
            })
    void agreesWithTheOtherLibrary(String name) throws IOException {
        Path folder = Cases.path("checkpoints/" + name);
        JsonNode expected =
                new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        try (Transformer model = Checkpoint.open(folder).load(Backend.shared())) {
            List<int[]> prefixes = new ArrayList<>();
            List<Continuation> continuations = new ArrayList<>();
            for (JsonNode sequence : expected.get("sequences")) {
                int[] ids = new ObjectMapper().convertValue(sequence.get("ids"), int[].class);
                prefixes.add(ids);
                continuations.add(new Continuation(Arrays.copyOf(ids, 1), Arrays.copyOfRange(ids, 1, ids.length)));
            }
            double[][] next = model.nextLogProbs(prefixes);
            double[][] tokens = model.logProbs(continuations);
            int i = 0;
            for (JsonNode sequence : expected.get("sequences")) {
                double[] logits = new ObjectMapper().convertValue(sequence.get("last_logits"), double[].class);
                double shift = logits[0] - next[i][0]; // logits are log-probabilities up to a constant, their logsumexp
                for (int v = 0; v < logits.length; v++) {
                    assertThat(next[i][v] + shift).isCloseTo(logits[v], within(1e-4));
                }
                double logSum = LogMath.logSumExp(logits);
                assertThat(shift).isCloseTo(logSum, within(1e-4));
                double[] logp = new ObjectMapper().convertValue(sequence.get("token_logp"), double[].class);
                assertThat(tokens[i]).containsExactly(logp, within(1e-4));
                assertThat(Arrays.stream(tokens[i]).sum())
                        .isCloseTo(sequence.get("sum_logp").asDouble(), within(1e-3));
                i++;
            }
        }
    }
}
