package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.models.ModelPrecision;
import dev.credence.lab.models.OpenModel;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In what precision a model draws and scores. */
public final class PrecisionOption {
    @Option(
            names = "--precision",
            paramLabel = "auto|fp32|bf16",
            completionCandidates = Names.OfPrecisions.class,
            description =
                    "In what the model computes: fp32 (the default; weights stored in 16 bits stay so in memory and are"
                            + " multiplied exactly), bf16 (weights and what they multiply rounded to bfloat16, sums in single"
                            + " precision), or auto, the checkpoint's own type (bf16 for bfloat16, fp32 for any other).")
    private @Nullable String precision;

    /** For the parser, which fills the fields. */
    public PrecisionOption() {}

    /** {@return the precision} */
    public ModelPrecision precision() {
        return precision == null ? ModelPrecision.FP32 : ModelPrecision.of(precision);
    }

    /**
     * Refuses the option beside what is no model.
     *
     * @param world what is named
     * @throws InputException if it is given
     */
    public void refuse(String world) {
        if (precision != null) {
            throw InputException.ofSetting("precision", precision, "it is about a model; " + world + " is none");
        }
    }

    /**
     * What the provenance says of a model's precision.
     *
     * @param model the model
     * @param settings of the provenance, added to
     */
    public static void describe(OpenModel model, Map<String, String> settings) {
        settings.put("model-precision", model.describePrecision());
    }
}
