package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.model.Continuation;
import dev.credence.torch.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollouts that another library drew and scored, scored here from their texts. */
class RolloutsTest {
    private static final int RECORDS = 400;

    @ParameterizedTest
    @ValueSource(strings = {"rloo-beta0.05", "filtered-sft"})
    void scoresOfTextsAgree(String name) throws IOException {
        List<JsonNode> records = new ArrayList<>();
        Path file = Cases.path("plays/rollouts/" + name + ".jsonl");
        try (Stream<String> lines = Files.lines(file)) {
            for (String line : (Iterable<String>) lines.limit(RECORDS)::iterator) {
                records.add(new ObjectMapper().readTree(line));
            }
        }
        compare("plays/prior", "logp_prior", records);
        compare("plays/" + name, "logp_policy", records);
    }

    private static void compare(String folder, String field, List<JsonNode> records) {
        try (HubModel model = HubModel.open(Cases.path(folder), Backend.shared())) {
            List<Continuation> continuations = new ArrayList<>();
            List<Double> recorded = new ArrayList<>();
            for (JsonNode record : records) {
                int[] prompt = model.tokenizer().prompt(record.get("prompt").asText(), BeginToken.YES);
                Continuation continuation = model.continuation(
                        prompt,
                        record.get("completion").asText(),
                        record.get("finished").asBoolean());
                // The same text may have been drawn as other tokens; only those drawn as the tokenizer writes it
                // compare.
                if (continuation.tokens().length == record.get("tokens").asInt()) {
                    continuations.add(continuation);
                    recorded.add(record.get(field).asDouble());
                }
            }
            double[][] scored = model.transformer().logProbs(continuations);
            int agree = 0;
            for (int i = 0; i < scored.length; i++) {
                double gap = Math.abs(Arrays.stream(scored[i]).sum() - recorded.get(i));
                agree += gap < 1e-3 ? 1 : 0;
                // A few were drawn as as many, but other, tokens: those are far off, never a little.
                assertThat(gap)
                        .satisfiesAnyOf(
                                g -> assertThat(g).isLessThan(1e-3),
                                g -> assertThat(g).isGreaterThan(0.05));
            }
            assertThat(continuations).hasSizeGreaterThan(RECORDS / 2);
            assertThat((double) agree / scored.length).isGreaterThan(0.95);
        }
    }
}
