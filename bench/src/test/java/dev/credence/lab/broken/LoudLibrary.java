package dev.credence.lab.broken;

import dev.credence.lab.broken.inner.LooksBack;
import dev.credence.report.NamedAudit;
import dev.credence.torch.layers.Rows;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Breaks the rules of a library, to show that they can fail; nothing calls it. */
public final class LoudLibrary {
    @Option(names = "loud")
    private int typed;

    private @Nullable LooksBack around;
    private @Nullable Tensor held;
    private @Nullable Rows inside;
    private @Nullable NamedAudit shown;

    /** {@return what no seed decides} */
    public int drawn() {
        return new Random().nextInt();
    }

    /** Prints, and ends the process. */
    public void end() {
        System.out.println(Objects.hash(typed, around, held, inside, shown));
        System.exit(typed);
    }
}
