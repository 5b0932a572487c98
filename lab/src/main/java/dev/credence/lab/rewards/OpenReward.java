package dev.credence.lab.rewards;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.hub.BeginToken;
import dev.credence.hub.RewardModelFolder;
import dev.credence.lab.models.FolderHash;
import dev.credence.lab.models.OpenModel;
import dev.credence.torch.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A reward model that a user named, loaded: prompt and completion, tokenised apart by its own tokenizer, to a logit. No end token
 * is added.
 */
public final class OpenReward implements RewardFunction, AutoCloseable {
    private static final int TOGETHER = 4096; // texts that are tokenised and scored at a time

    private final Path folder;
    private final RewardModelFolder model;

    private OpenReward(Path folder, RewardModelFolder model) {
        this.folder = folder;
        this.model = model;
    }

    /**
     * A text to score.
     *
     * @param prompt before it
     * @param completion the text
     */
    public record Text(String prompt, String completion) {}

    /**
     * Whether an argument is a reward model's folder.
     *
     * @param argument as the user gave it
     * @return true for a checkpoint folder whose head is a score
     * @throws InputException if it is a checkpoint folder, and broken
     */
    public static boolean isReward(String argument) {
        Path folder = OpenModel.folder(argument);
        try {
            return OpenModel.base(argument) == null
                    && Files.isRegularFile(folder.resolve("config.json"))
                    && Files.readString(folder.resolve("config.json")).contains("ForSequenceClassification")
                    && RewardModelFolder.check(folder) != null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Loads a folder; the native libraries are loaded at the first call.
     *
     * @param folder in the hub's sequence-classification form
     * @return the model; the caller closes it
     * @throws InputException if it is none, or its files are missing or broken
     */
    public static OpenReward open(Path folder) {
        return new OpenReward(folder, RewardModelFolder.open(folder, Backend.shared()));
    }

    /** {@return the folder} */
    public Path folder() {
        return folder;
    }

    /** {@return what a reader of the figures must know, a line each} */
    public List<String> warnings() {
        return model.checkpoint().warnings();
    }

    /** {@return the files that decide what the model is, with their hashes} */
    public List<Provenance.Input> inputs() {
        return FolderHash.of(folder);
    }

    /**
     * The ids of a text behind a prompt.
     *
     * @param prompt its text
     * @param completion behind it
     * @param begin whether the begin token comes in front
     * @return one id at least
     * @throws InputException if there is no tokenizer, or no begin token where one is needed
     * @throws IllegalArgumentException if the text has half a surrogate pair
     */
    public int[] ids(String prompt, String completion, BeginToken begin) {
        return ids(model.tokenizer().prompt(prompt, begin), completion);
    }

    /**
     * The ids of a text behind a prompt's.
     *
     * @param prompt one id at least
     * @param completion behind it
     * @return all ids
     */
    public int[] ids(int[] prompt, String completion) {
        return joined(prompt, model.tokenizer().behind(prompt, completion));
    }

    /**
     * The ids of a prompt.
     *
     * @param text the prompt
     * @param begin whether the begin token comes in front
     * @return one id at least
     */
    public int[] prompt(String text, BeginToken begin) {
        return model.tokenizer().prompt(text, begin);
    }

    /**
     * Two sequences as one.
     *
     * @param first ids
     * @param rest ids behind them
     * @return all of them
     */
    public static int[] joined(int[] first, int[] rest) {
        int[] all = Arrays.copyOf(first, first.length + rest.length);
        System.arraycopy(rest, 0, all, first.length, rest.length);
        return all;
    }

    /**
     * Checks that a text can be scored.
     *
     * @param ids of it
     * @throws ContextWindowException if it is longer than the model's context
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    public void check(int[] ids) {
        new Vocabulary(model.checkpoint().architecture().vocabulary(), Set.of()).check(ids);
        int context = model.checkpoint().architecture().context();
        if (ids.length > context) {
            throw new ContextWindowException(ids.length, context);
        }
    }

    /**
     * Scores of token sequences.
     *
     * @param texts one id at least each
     * @return (texts) logits
     * @throws ContextWindowException if one is longer than the model's context
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    public double[] scoresOfIds(List<int[]> texts) {
        return model.scores(texts);
    }

    /**
     * Scores of texts.
     *
     * @param texts any number
     * @return (texts) logits
     * @throws InputException if a text cannot be tokenised, or is longer than the model's context
     */
    public double[] scores(List<Text> texts) {
        double[] scores = new double[texts.size()];
        for (int from = 0; from < scores.length; from += TOGETHER) {
            int to = Math.min(scores.length, from + TOGETHER);
            List<int[]> ids = new ArrayList<>();
            for (Text text : texts.subList(from, to)) {
                ids.add(checked(text));
            }
            System.arraycopy(model.scores(ids), 0, scores, from, to - from);
        }
        return scores;
    }

    private int[] checked(Text text) {
        int[] ids;
        try {
            ids = ids(text.prompt, text.completion, BeginToken.AUTO);
        } catch (InputException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw cannot(text, String.valueOf(e.getMessage()));
        }
        int context = model.checkpoint().architecture().context();
        if (ids.length > context) {
            throw cannot(text, "it has " + ids.length + " tokens; the reward model reads " + context);
        }
        return ids;
    }

    private InputException cannot(Text text, String rule) {
        String shown = text.completion.length() <= 60 ? text.completion : text.completion.substring(0, 57) + "…";
        return new InputException(folder.toString(), 0, "completion", "'" + shown + "'", rule);
    }

    @Override
    public double reward(String prompt, String completion) {
        return scores(List.of(new Text(prompt, completion)))[0];
    }

    @Override
    public void close() {
        model.close();
    }
}
