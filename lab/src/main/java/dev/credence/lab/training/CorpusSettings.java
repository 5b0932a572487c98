package dev.credence.lab.training;

import dev.credence.data.corpora.Division;
import dev.credence.data.corpora.Sequences;
import java.util.Map;

/**
 * How a corpus becomes documents to learn and documents held out.
 *
 * @param documents how a text file falls into documents; standard: paragraphs
 * @param field the field or column that holds the document, in JSON Lines and Parquet; standard: text
 * @param draws documents drawn from a world, where the corpus is one; 1 or more, standard: 10,000
 * @param validation share of the documents held out to measure the validation loss, in [0, 1); standard: 0.05
 * @param longOnes what becomes of documents longer than a sequence; standard: they go on in further ones
 */
public record CorpusSettings(
        Division documents, String field, int draws, double validation, Sequences.Overlong longOnes) {
    /**
     * Checks each setting.
     *
     * @param documents as above
     * @param field as above
     * @param draws as above
     * @param validation as above
     * @param longOnes as above
     * @throws dev.credence.core.provenance.InputException naming the setting, its value and the rule
     */
    public CorpusSettings {
        CorpusTrainingSettings.require(draws >= 1, "draws", draws, "it must be 1 or more");
        CorpusTrainingSettings.require(
                validation >= 0 && validation < 1, "validation", validation, "it must be in [0, 1)");
    }

    /** {@return the standard of each} */
    public static CorpusSettings standard() {
        return new CorpusSettings(Division.of("paragraphs"), "text", 10_000, 0.05, Sequences.Overlong.SPLIT);
    }

    /**
     * The same but for how files fall into documents.
     *
     * @param other how
     * @return the settings
     */
    public CorpusSettings documents(Division other) {
        return new CorpusSettings(other, field, draws, validation, longOnes);
    }

    /**
     * The same but for the field that holds the document.
     *
     * @param other its name
     * @return the settings
     */
    public CorpusSettings field(String other) {
        return new CorpusSettings(documents, other, draws, validation, longOnes);
    }

    /**
     * The same but for the documents drawn from a world.
     *
     * @param other how many
     * @return the settings
     */
    public CorpusSettings draws(int other) {
        return new CorpusSettings(documents, field, other, validation, longOnes);
    }

    /**
     * The same but for what is held out.
     *
     * @param other share of the documents
     * @return the settings
     */
    public CorpusSettings validation(double other) {
        return new CorpusSettings(documents, field, draws, other, longOnes);
    }

    /**
     * The same but for documents longer than a sequence.
     *
     * @param other what becomes of them
     * @return the settings
     */
    public CorpusSettings longOnes(Sequences.Overlong other) {
        return new CorpusSettings(documents, field, draws, validation, other);
    }

    /** What {@link #nameIn} wrote. */
    static CorpusSettings ofNamed(NamedSettings of) {
        CorpusSettings standard = standard();
        return new CorpusSettings(
                Division.of(of.text("documents", standard.documents.text())),
                of.text("field", standard.field),
                of.number("draws", standard.draws),
                of.real("validation", standard.validation),
                of.text("long", "split").equals("cut") ? Sequences.Overlong.CUT : Sequences.Overlong.SPLIT);
    }

    /** Writes each down by its name in a run's record. */
    void nameIn(Map<String, String> settings) {
        settings.put("documents", documents.text());
        settings.put("field", field);
        settings.put("draws", Integer.toString(draws));
        settings.put("validation", Double.toString(validation));
        settings.put("long", longOnes == Sequences.Overlong.SPLIT ? "split" : "cut");
    }
}
