package dev.credence.lab.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.NaiveTokenDivergence;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.NewCheckpoint;
import dev.credence.hub.TokenizerTrainer;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.OpenModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorldCorpusTest {
    @TempDir
    Path folder;

    private OpenModel model(List<String> documents, int context) throws IOException {
        Path tokenizer = folder.resolve("tokenizer");
        TokenizerTrainer.train(documents, 260, tokenizer);
        Path model = folder.resolve("model");
        NewCheckpoint.write(model, new NewCheckpoint.Sizes(1, 8, 2, context), tokenizer, 3);
        return OpenModel.open(model.toString());
    }

    /** The world against the model, token by token over every document, is the distance; the world against itself is none. */
    @Test
    void theDistanceIsTheKlOverAllDocuments() throws IOException {
        TableModel world = WorldInput.read("harmless").world().prior();
        try (OpenModel opened = model(List.of("recipekind: answers", "chemistrycurt: hedges"), 64)) {
            int vocabulary = opened.transformer().vocabulary().size();
            WorldCorpus corpus = WorldCorpus.of(world, opened.texts().tokenizer(), vocabulary);
            WorldCorpus.Distance distance = corpus.distance(opened.transformer());
            NaiveTokenDivergence steps = new NaiveTokenDivergence(opened.transformer(), corpus.model());
            int end = opened.texts().tokenizer().end().orElseThrow();
            double kl = 0;
            double entropy = 0;
            double tokens = 0;
            for (String prompt : world.prompts()) {
                for (String text : world.given(prompt).outcomes()) {
                    double p = world.weight(prompt) * world.given(prompt).probability(text);
                    int[] ids = opened.texts().tokenizer().document(prompt + text);
                    int[] document = Arrays.copyOf(ids, ids.length + 1);
                    document[ids.length] = end;
                    kl += p
                            * steps.of(List.of(new Continuation(new int[] {end}, document)))
                                    .get(0)
                                    .kl();
                    entropy -= p * Math.log(p);
                    tokens += p * document.length;
                }
            }
            assertThat(distance.tokens()).isCloseTo(tokens, within(1e-9));
            assertThat(distance.least()).isCloseTo(entropy / tokens, within(1e-9));
            assertThat(distance.distance()).isCloseTo(kl / tokens, within(1e-4)).isGreaterThan(1);
            assertThat(distance.loss()).isCloseTo(distance.least() + distance.distance(), within(1e-12));
            WorldCorpus.Distance none = corpus.distance(corpus.model());
            assertThat(none.distance()).isCloseTo(0, within(1e-12));
            assertThat(none.loss()).isCloseTo(distance.least(), within(1e-12));
        }
    }

    /** The mass of a text is its prompt's weight times its own; 1e-400 is no number of a double. */
    @Test
    void aTextOfNoMassIsLeftOut() throws IOException {
        Path file = folder.resolve("world.yaml");
        Files.writeString(file, """
                prompts:
                  p: {prior: {a: 1, b: 1e-300}, reward: {a: 0, b: 1}, weight: 1e-100}
                  q: {prior: {a: 0.5, b: 0.5}, reward: {a: 0, b: 1}}
                """);
        try (OpenModel opened = model(List.of("pa", "qb"), 8)) {
            WorldCorpus corpus = WorldCorpus.of(
                    WorldInput.read(file.toString()).world().prior(),
                    opened.texts().tokenizer(),
                    opened.transformer().vocabulary().size());
            WorldCorpus.Distance distance = corpus.distance(opened.transformer());
            assertThat(distance.least()).isCloseTo(Math.log(2) / distance.tokens(), within(1e-9));
            assertThat(distance.loss()).isGreaterThan(distance.least());
        }
    }

    @Test
    void aTextThatSpellsTheEndIsRefused() throws IOException {
        Path file = folder.resolve("world.yaml");
        Files.writeString(file, "prior: {'a<|endoftext|>b': 0.5, b: 0.5}\nreward: {'a<|endoftext|>b': 0, b: 1}\n");
        try (OpenModel opened = model(List.of("a b"), 8)) {
            int vocabulary = opened.transformer().vocabulary().size();
            assertThatThrownBy(() -> WorldCorpus.read(
                            List.of(file.toString()), opened.texts().tokenizer(), vocabulary, 8))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("text of the world is 'a<|endoftext|>b'; the tokenizer reads its end token");
        }
    }

    @Test
    void onlyWorldsThatCanBeScoredHaveOne() throws IOException {
        try (OpenModel opened = model(List.of("a b c d"), 8)) {
            int vocabulary = opened.transformer().vocabulary().size();
            assertThat(WorldCorpus.read(List.of("t1"), opened.texts().tokenizer(), vocabulary, 8))
                    .isPresent();
            assertThat(WorldCorpus.read(List.of("camera"), opened.texts().tokenizer(), vocabulary, 8))
                    .as("longer than the model reads")
                    .isEmpty();
            Path file = folder.resolve("notes.txt");
            Files.writeString(file, "a\n\nb\n");
            assertThat(WorldCorpus.read(List.of(file.toString()), opened.texts().tokenizer(), vocabulary, 8))
                    .isEmpty();
        }
    }
}
