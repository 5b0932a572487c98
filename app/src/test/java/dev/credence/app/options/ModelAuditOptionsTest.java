package dev.credence.app.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.models.ModelPrecision;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** One option is a number or a word: the width at which drawing ends, and the precision of both models. */
class ModelAuditOptionsTest {
    @Command
    private static final class Host {
        @Mixin
        private final ModelAuditOptions options = new ModelAuditOptions();
    }

    private static ModelAuditOptions parsed(String... arguments) {
        Host host = new Host();
        new CommandLine(host).parseArgs(arguments);
        return host.options;
    }

    @Test
    void aNumberIsAWidthAndAWordIsThePrecision() {
        assertThat(parsed().precision()).isEqualTo(ModelPrecision.FP32);
        assertThat(parsed().settings().precision()).isNull();
        ModelAuditOptions both = parsed("--precision", "0.03", "--precision", "bf16");
        assertThat(both.precision()).isEqualTo(ModelPrecision.BF16);
        assertThat(both.settings().precision()).isEqualTo(0.03);
        assertThat(parsed("--precision", "auto").settings().precision()).isNull();
    }

    @Test
    void whatIsNeitherOrTwiceIsRefused() {
        assertThatThrownBy(() -> parsed("--precision", "fp8").check(false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("precision is fp8; it is a number above 0, or auto, fp32 or bf16");
        assertThatThrownBy(() ->
                        parsed("--precision", "bf16", "--precision", "fp32").check(false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("these contradict each other");
        assertThatThrownBy(() -> parsed("--precision", "bf16").check(false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("name them with --prior, --policy");
        assertThatThrownBy(() -> parsed("--precision", "-1").check(true)).isInstanceOf(InputException.class);
    }
}
