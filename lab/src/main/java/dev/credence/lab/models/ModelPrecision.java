package dev.credence.lab.models;

import dev.credence.core.provenance.InputException;
import dev.credence.hub.Checkpoint;
import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.architecture.Precision;
import java.util.Arrays;
import java.util.Locale;

/** In what precision models draw and score: one for all models of a run. */
public enum ModelPrecision {
    /** That of the checkpoint's own numbers; of the prior's, where there are two models. */
    AUTO,
    /** Single precision; weights stored in 16 bits stay so and are widened while they are multiplied, which is exact. */
    FP32,
    /** Weights and the rows they multiply rounded to bfloat16, sums in single precision. */
    BF16;

    /**
     * The precision that a word names.
     *
     * @param word auto, fp32 or bf16
     * @return the precision
     * @throws InputException for any other word
     */
    public static ModelPrecision of(String word) {
        return Arrays.stream(values())
                .filter(precision -> precision.word().equals(word))
                .findFirst()
                .orElseThrow(() -> InputException.ofSetting("precision", word, "it is auto, fp32 or bf16"));
    }

    /**
     * Whether a word names a precision.
     *
     * @param word as the user gave it
     * @return true for auto, fp32 and bf16
     */
    public static boolean isNamed(String word) {
        return Arrays.stream(values()).anyMatch(precision -> precision.word().equals(word));
    }

    /** {@return how the user names it} */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What it is for a checkpoint; AUTO is another for float16 than for bfloat16, since only the latter is multiplied as it is. */
    ModelPrecision resolved(Checkpoint checkpoint) {
        if (this != AUTO) {
            return this;
        }
        return checkpoint.storedPrecision() == Precision.BFLOAT16 ? BF16 : FP32;
    }

    /** How weights are held and multiplied for it. */
    Arithmetic arithmetic() {
        return this == BF16 ? Arithmetic.BFLOAT16 : Arithmetic.AS_STORED;
    }
}
