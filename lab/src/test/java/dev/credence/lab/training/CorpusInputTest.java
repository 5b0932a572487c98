package dev.credence.lab.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.probability.Distribution;
import dev.credence.lab.inputs.WorldInput;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A world's corpus is drawn from its prior. */
class CorpusInputTest {
    @ParameterizedTest
    @ValueSource(strings = {"t1", "authors", "harmless"})
    void documentsAreDrawnFromThePrior(String world) throws IOException {
        List<String> documents =
                CorpusInput.read(List.of(world), CorpusSettings.standard(), 1).documents();
        assertThat(documents).hasSize(CorpusSettings.standard().draws());
        WorldInput input = WorldInput.read(world);
        for (String prompt : input.world().prior().prompts()) {
            Distribution prior = input.world().prior().given(prompt);
            for (int i = 0; i < prior.size(); i++) {
                String text = prompt + prior.outcome(i);
                double p = input.world().prior().weight(prompt) * prior.probability(i);
                double share = documents.stream().filter(text::equals).count() / (double) documents.size();
                assertThat(share).as(text).isCloseTo(p, within(4 * Math.sqrt(p * (1 - p) / documents.size()) + 1e-4));
            }
        }
    }
}
