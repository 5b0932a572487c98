package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.data.corpora.Division;
import dev.credence.data.corpora.Sequences;
import dev.credence.lab.training.CorpusSettings;
import java.util.Map;
import picocli.CommandLine.Option;

/** How a corpus becomes documents to learn and documents held out. */
public final class CorpusOptions {
    private static final String DEFAULT = TrainOptions.DEFAULT;

    @Option(
            names = "--documents",
            paramLabel = "RULE",
            defaultValue = "paragraphs",
            description =
                    "How a text file falls into documents: paragraphs (between empty lines), speeches (those whose"
                            + " first line ends with a colon), lines, file, or separator:LINE" + DEFAULT)
    private String documents = "paragraphs";

    @Option(
            names = "--field",
            paramLabel = "NAME",
            defaultValue = "text",
            description = "The field or column that holds the document, in JSON Lines and Parquet" + DEFAULT)
    private String field = "text";

    @Option(
            names = "--draws",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Documents drawn from a world, where the corpus is one" + DEFAULT)
    private int draws = 10000;

    @Option(
            names = "--validation",
            paramLabel = "SHARE",
            defaultValue = "0.05",
            description =
                    "Share of the documents that is held out to measure the validation loss; 0 for none" + DEFAULT)
    private double validation = 0.05;

    @Option(
            names = "--long",
            paramLabel = "split|cut",
            defaultValue = "split",
            description = "Documents longer than --length go on in further sequences (split), or lose the rest (cut)"
                    + DEFAULT)
    private String longOnes = "split";

    /** For the parser, which fills the fields. */
    public CorpusOptions() {}

    /**
     * The typed settings.
     *
     * @return each as it was typed, or its default
     * @throws InputException naming the setting, its value and the rule
     */
    public CorpusSettings settings() {
        return new CorpusSettings(Division.of(documents), field, draws, validation, longOnes());
    }

    private Sequences.Overlong longOnes() {
        return switch (longOnes) {
            case "split" -> Sequences.Overlong.SPLIT;
            case "cut" -> Sequences.Overlong.CUT;
            default -> throw InputException.ofSetting("long", longOnes, "it is split or cut");
        };
    }

    /**
     * Writes down what was asked.
     *
     * @param settings takes each by its name
     */
    public void describe(Map<String, String> settings) {
        settings.put("documents", documents);
        settings.put("field", field);
        settings.put("draws", Integer.toString(draws));
        settings.put("validation", Double.toString(validation));
        settings.put("long", longOnes);
    }
}
