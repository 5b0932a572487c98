package dev.credence.app.training;

import dev.credence.data.corpora.Corpus;
import dev.credence.hub.NewCheckpoint;
import dev.credence.hub.TokenizerTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** The model that a run from scratch begins with: a function of the settings, the corpus and the seed. */
final class NewModel {
    private NewModel() {}

    /** Writes it aside, then under its name, so that what is there is whole. */
    static void write(Path folder, TrainSettings settings, Corpus corpus, long seed) throws IOException {
        Path aside = folder.resolveSibling("." + folder.getFileName() + ".writing");
        delete(aside);
        Files.createDirectories(aside);
        Path tokenizer;
        if (settings.tokenizer() == null) {
            TokenizerTrainer.train(corpus.documents(), settings.vocabulary(), aside);
            tokenizer = aside;
        } else {
            tokenizer = Path.of(settings.tokenizer());
        }
        NewCheckpoint.Sizes sizes =
                new NewCheckpoint.Sizes(settings.layers(), settings.width(), settings.heads(), settings.context());
        NewCheckpoint.write(aside, sizes, tokenizer, seed);
        Files.move(aside, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
