package dev.credence.lab.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.audit.Gate;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.EndChoice;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelPrecisionTest {
    private static final String CHECKPOINTS = "../../shared/cases/checkpoints/";

    @ParameterizedTest
    @CsvSource({
        "qwen2, AUTO, bf16 (weights stored in bfloat16)",
        "qwen2, FP32, fp32 (weights stored in bfloat16)",
        "gpt2, AUTO, fp32 (weights stored in float32)",
        "gpt2, BF16, bf16 (weights stored in float32)",
        "neox-sequential, AUTO, fp32 (weights stored in float16)", // float16 is multiplied as it is stored, not in its
        // own arithmetic
    })
    void autoIsTheCheckpointsOwn(String model, ModelPrecision precision, String described) {
        try (OpenModel opened = OpenModel.open(CHECKPOINTS + model, EndChoice.AUTO, precision)) {
            assertThat(opened.describePrecision()).isEqualTo(described);
        }
    }

    @Test
    void aPairOfTwoStoredTypesIsAWarningAndOfOneIsNot() {
        String single = CHECKPOINTS + "gpt2";
        String half = CHECKPOINTS + "gpt2-sharded-bf16";
        try (ModelPair same = ModelPair.open(half, half, EndChoice.AUTO, ModelPrecision.AUTO)) {
            assertThat(same.precision().status()).isEqualTo(Gate.Status.PASS);
            assertThat(same.precision().reason()).isEqualTo("both compute in bf16 (weights stored in bfloat16)");
        }
        try (ModelPair mixed = ModelPair.open(single, half, EndChoice.AUTO, ModelPrecision.AUTO)) {
            assertThat(mixed.precision().status()).isEqualTo(Gate.Status.WARN);
            assertThat(mixed.precision().reason())
                    .startsWith(
                            "the prior computes in fp32 (weights stored in float32), the policy in fp32 (weights stored"
                                    + " in bfloat16)");
        }
    }

    @Test
    void otherWordsAreRefused() {
        assertThatThrownBy(() -> ModelPrecision.of("fp16"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("precision is fp16; it is auto, fp32 or bf16");
        assertThatThrownBy(() -> OpenModel.open("http://localhost:1/v1#m", EndChoice.AUTO, ModelPrecision.BF16))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("computes as it was started");
    }

    @Test
    void errorsOfAllCheckpointsOfAFolderAreMeasured() throws IOException {
        assertThat(PrecisionError.folders(Path.of(CHECKPOINTS))).hasSizeGreaterThan(5);
        PrecisionError error = PrecisionError.of(Path.of(CHECKPOINTS + "qwen2"));
        assertThat(error.asStored()).isLessThan(1e-6);
        assertThat(error.bf16()).isBetween(1e-4, 0.03);
        assertThat(error.describe()).endsWith("as stored (bfloat16)");
        assertThatThrownBy(() -> PrecisionError.folders(Path.of("../../shared/cases/letters/prior/none")))
                .isInstanceOf(InputException.class);
    }
}
