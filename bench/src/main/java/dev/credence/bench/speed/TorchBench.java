package dev.credence.bench.speed;

import dev.credence.app.command.Subcommand;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.lab.models.ModelPrecision;
import dev.credence.lab.models.PrecisionError;
import dev.credence.torch.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code credence bench torch}: the speed of transformers beside PyTorch and the hub's own library. */
@Command(
        name = "torch",
        description =
                "Times rollouts, scoring and enumeration beside Python peers, turn by turn, and what scoring reaches"
                        + " of the speed of its matrix products.",
        footer = {
            "",
            "Examples:",
            "  credence bench torch --python venv/bin/python",
            "  credence bench torch --cases ../shared/cases --repeats 15 --json torch.json",
            "  credence bench torch --sizes /tmp/sizes --python venv/bin/python --repeats 3"
        })
public final class TorchBench extends Subcommand {
    private static final double WARM_SECONDS = 2;

    @Mixin
    private final CasesOptions cases = new CasesOptions();

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "9",
            description = "Turns of each, ours and the peer's alternating (default 9).")
    private int repeats;

    @Option(
            names = "--widths",
            paramLabel = "D",
            split = ",",
            defaultValue = "256,512",
            description = "Widths of models with random weights that are scored with too (default 256,512).")
    private List<Integer> widths = List.of();

    @Option(
            names = "--sizes",
            paramLabel = "DIR",
            description = "Measure the checkpoint folders in DIR instead: drawing and scoring, in fp32 and bf16,"
                    + " beside transformers in either (bench/peers/sizes.py writes such folders).")
    private @Nullable Path sizes;

    @Option(
            names = "--rows",
            paramLabel = "N",
            split = ",",
            defaultValue = "8,32",
            description = "Of --sizes: texts drawn at once (default 8,32).")
    private List<Integer> rows = List.of();

    @Option(
            names = "--scored",
            paramLabel = "N",
            defaultValue = "8",
            description = "Of --sizes: texts scored at once (default 8).")
    private int scored;

    @Option(
            names = "--precision",
            paramLabel = "WORD",
            split = ",",
            defaultValue = "fp32,bf16",
            description = "In what the folders of --sizes compute, here and beside us (default fp32,bf16).")
    private List<String> precisions = List.of();

    @Mixin
    private final PeerOptions peerOptions = new PeerOptions();

    /**
     * The command.
     *
     * @param console where it prints
     */
    public TorchBench(Console console) {
        super(console);
    }

    private static void requirePositive(String name, int number) {
        if (!(number >= 1)) {
            throw InputException.ofSetting(name, Integer.toString(number), "it must be at least 1");
        }
    }

    private void small(TorchTasks tasks) throws IOException {
        report("drawing, scoring and enumerating with the models in " + cases.folder());
        tasks.plays();
        tasks.letters();
        for (int width : widths) {
            report("scoring at width " + width);
            tasks.wider(width, common().seed());
        }
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        CasesOptions.requireRepeats(repeats);
        for (int width : widths) {
            if (!(width >= TorchTasks.HEAD_WIDTH && width % TorchTasks.HEAD_WIDTH == 0)) {
                throw InputException.ofSetting(
                        "widths", Integer.toString(width), "it must be a multiple of " + TorchTasks.HEAD_WIDTH);
            }
        }
        requirePositive("scored", scored);
        rows.forEach(number -> requirePositive("rows", number));
        List<ModelPrecision> asked = precisions.stream().map(ModelPrecision::of).toList();
        if (asked.contains(ModelPrecision.AUTO)) {
            throw InputException.ofSetting("precision", "auto", "what is compared is named: fp32, bf16 or both");
        }
        Backend backend = Backend.shared();
        TorchSpeed speed = new TorchSpeed(
                peerOptions, backend.choice().device(), backend.choice().threads(), repeats, WARM_SECONDS);
        TorchTasks tasks = new TorchTasks(speed, cases.folder(), this::report);
        if (sizes == null) {
            small(tasks);
        } else {
            for (Path folder : PrecisionError.folders(sizes)) {
                report("drawing and scoring with " + folder);
                tasks.size(folder, asked, rows, scored);
            }
        }
        TorchReport result = tasks.report(backend);
        if (printsText()) {
            result.print(console());
        }
        Provenance provenance = provenance(
                Map.of("repeats", Integer.toString(repeats), "widths", widths.toString(), "rows", rows.toString()),
                List.of());
        common().json().write(console(), out -> Json.write(result.document(provenance), out));
        return ExitCode.DONE;
    }
}
