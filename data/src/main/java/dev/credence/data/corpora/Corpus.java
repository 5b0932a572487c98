package dev.credence.data.corpora;

import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.RecordOrigins;
import java.util.List;

/**
 * Documents to train on.
 *
 * @param documents texts, at least one, in the order of the files
 * @param inputs the files they came from, with the hashes of their bytes
 */
public record Corpus(List<String> documents, List<Provenance.Input> inputs) {
    /**
     * Copies the lists.
     *
     * @param documents as above
     * @param inputs as above
     */
    public Corpus {
        documents = List.copyOf(documents);
        inputs = List.copyOf(inputs);
    }

    /** {@return where the records of all files say that they come from} */
    public RecordOrigins origins() {
        return inputs.stream().map(Provenance.Input::origins).reduce(RecordOrigins.NONE, RecordOrigins::and);
    }
}
