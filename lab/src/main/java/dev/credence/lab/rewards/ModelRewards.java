package dev.credence.lab.rewards;

import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardKind;
import dev.credence.data.rewards.ScoredText;
import dev.credence.hub.RewardModelFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Rewards {@code model:DIR}. A folder is checked when it is named, and its weights are read when a text is first scored; they
 * stay, as one command names its reward in several places.
 */
public final class ModelRewards implements RewardKind {
    private static final Map<Key, OpenReward> OPENED = new ConcurrentHashMap<>();

    /** For the service loader. */
    public ModelRewards() {}

    /** A folder as it was: one that was written anew is another model. */
    private record Key(Path folder, FileTime written) {
        static Key of(Path folder) {
            try {
                Path real = folder.toRealPath();
                Path config = real.resolve("config.json");
                return new Key(real, Files.getLastModifiedTime(config));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + folder + ": " + e.getMessage(), e);
            }
        }
    }

    @Override
    public String word() {
        return "model";
    }

    @Override
    public Scores of(String argument) {
        Path folder = Path.of(argument);
        if (!Files.isDirectory(folder)) {
            throw InputException.ofSetting(
                    "reward", word() + ":" + argument, "it names a reward model's folder; there is none of this name");
        }
        RewardModelFolder.check(folder);
        if (!Files.isRegularFile(folder.resolve("tokenizer.json"))) {
            throw new InputException(
                    folder.resolve("tokenizer.json").toString(),
                    0,
                    "",
                    "missing",
                    "texts need a tokenizer; ids do not");
        }
        return texts -> opened(folder).scores(texts(texts));
    }

    private static OpenReward opened(Path folder) {
        return OPENED.computeIfAbsent(Key.of(folder), key -> OpenReward.open(key.folder));
    }

    private static List<OpenReward.Text> texts(List<? extends ScoredText> texts) {
        return texts.stream()
                .map(text -> new OpenReward.Text(text.prompt(), text.completion()))
                .toList();
    }
}
