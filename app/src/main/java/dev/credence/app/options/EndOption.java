package dev.credence.app.options;

import dev.credence.hub.EndChoice;
import dev.credence.lab.models.OpenModel;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which tokens end a text. */
public final class EndOption {
    @Option(
            names = "--end",
            paramLabel = "TOKEN|tokenizer|config|both",
            defaultValue = "auto",
            description =
                    "What ends a text: a token, the tokenizer's end token, the configuration's, or either (drawn texts"
                            + " stop at either, finished ones are scored with the tokenizer's: the default, with a warning where"
                            + " they differ).")
    private String end = "auto";

    /** For the parser, which fills the fields. */
    public EndOption() {}

    /** {@return whether something else was asked for than the standard} */
    public boolean isGiven() {
        return !end.equals("auto");
    }

    /** {@return what ends a text} */
    public EndChoice choice() {
        return EndChoice.of(end);
    }

    /**
     * What the provenance says of a model: its end tokens, and what its files say that is not so.
     *
     * @param model the model
     * @param settings of the provenance, added to
     */
    public static void describe(OpenModel model, Map<String, String> settings) {
        settings.put("end", model.describeEnds());
        if (!model.warnings().isEmpty()) {
            settings.put("model-warnings", String.join("; ", model.warnings()));
        }
    }
}
