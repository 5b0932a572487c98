package dev.credence.lab.training;

import dev.credence.data.corpora.Corpus;
import dev.credence.data.files.AtomicFolder;
import dev.credence.hub.NewCheckpoint;
import dev.credence.hub.TokenizerTrainer;
import java.io.IOException;
import java.nio.file.Path;

/** The model that a run from scratch begins with: a function of the settings, the corpus and the seed. */
public final class NewModel {
    private NewModel() {}

    /**
     * Writes it; under its name it is whole.
     *
     * @param folder not there yet
     * @param settings its sizes, and the tokenizer where there is one
     * @param corpus what a tokenizer is trained on where there is none
     * @param seed of the weights
     * @throws IOException if writing fails
     */
    public static void write(Path folder, Start.FromScratch settings, Corpus corpus, long seed) throws IOException {
        NewCheckpoint.Sizes sizes =
                new NewCheckpoint.Sizes(settings.layers(), settings.width(), settings.heads(), settings.context());
        Path given = settings.tokenizer();
        AtomicFolder.write(folder, into -> {
            if (given == null) {
                TokenizerTrainer.train(corpus.documents(), settings.vocabulary(), into);
            }
            NewCheckpoint.write(into, sizes, given == null ? into : given, seed);
        });
    }
}
