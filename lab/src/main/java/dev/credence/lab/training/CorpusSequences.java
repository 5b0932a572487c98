package dev.credence.lab.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.provenance.InputException;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.corpora.Sequences;
import dev.credence.hub.Checkpoint;
import dev.credence.hub.TextTokenizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a corpus becomes sequences of a model's tokens, to learn and held out, and what a model's loss on them is.
 *
 * @param settings of the corpus
 * @param length tokens of a sequence at most
 */
public record CorpusSequences(CorpusSettings settings, int length) {
    /**
     * The sequences.
     *
     * @param corpus its documents
     * @param tokenizer the model's
     * @param form the model's checkpoint
     * @param seed decides what is held out
     * @return to learn and held out
     * @throws InputException if the sequences are too long for the model, or its tokenizer is another model's
     */
    public Sequences of(Corpus corpus, TextTokenizer tokenizer, Checkpoint form, long seed) {
        int end = tokenizer
                .end()
                .orElseThrow(() -> new InputException(
                        form.folder().toString(), 0, "eos_token", "missing", "documents begin and end with a token"));
        int context = form.architecture().context();
        if (!(length - 1 <= context)) {
            throw InputException.ofSetting(
                    "length",
                    Integer.toString(length),
                    "it must be at most " + (context + 1) + ": the model has " + context
                            + " positions, and the last token is predicted only");
        }
        Sequences.Rules rules = new Sequences.Rules(end, length, settings.longOnes(), settings.validation());
        Sequences sequences = Sequences.of(corpus, tokenizer::document, rules, seed);
        checkVocabulary(sequences.train(), form);
        checkVocabulary(sequences.validation(), form);
        return sequences;
    }

    /**
     * The mean loss of a model over sequences.
     *
     * @param model any
     * @param sequences what it is to predict
     * @return null where there are none
     */
    public static TrainingOutcome.@Nullable Loss loss(PredictiveModel model, List<Continuation> sequences) {
        if (sequences.isEmpty()) {
            return null;
        }
        return new TrainingOutcome.Loss(TrainingLoop.loss(model, sequences), Sequences.tokens(sequences));
    }

    /** A tokenizer of another model gives ids that this one does not have. */
    private static void checkVocabulary(List<Continuation> sequences, Checkpoint form) {
        int size = form.architecture().vocabulary();
        for (Continuation sequence : sequences) {
            for (int id : sequence.tokens()) {
                if (id >= size) {
                    throw new InputException(
                            form.folder().resolve("tokenizer.json").toString(),
                            0,
                            "",
                            "of another model: it gives the id " + id,
                            "config.json says there are " + size + " tokens");
                }
            }
        }
    }
}
