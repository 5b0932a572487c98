package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Progress;
import dev.credence.app.console.Style;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.AtomicFolder;
import dev.credence.data.json.Json;
import dev.credence.lab.models.OpenModel;
import dev.credence.torch.architecture.AdapterPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Adds an adapter into the weights of its base. */
@Command(
        name = "merge",
        header = "Writes a checkpoint with an adapter added into its weights.",
        description = {
            "",
            "DIR becomes a checkpoint folder in BASE's form (the same files, names and number types) that other tools load"
                    + " without knowing of the adapter. Its merged_adapters.json says which adapter its weights hold, so"
                    + " that the same one is never put on again.",
            ""
        },
        footer = {"", "Examples:", "  credence merge runs/plays+runs/adapter -o runs/merged"})
public final class MergeCommand extends Subcommand {
    @Parameters(paramLabel = "BASE+ADAPTER", description = "A checkpoint folder and an adapter's.")
    private String model = "";

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "DIR",
            description = "The merged checkpoint's folder, new or empty.")
    private String output = "";

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public MergeCommand(Console console) {
        super(console);
    }

    @SuppressWarnings("try") // that the progress is open is all it does
    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        Path target = Path.of(output);
        checkTarget(target);
        if (OpenModel.base(model) == null) {
            throw new InputException(model, 0, "", "no BASE+ADAPTER", "an adapter is merged into its base: name both");
        }
        try (OpenModel opened = OpenModel.open(model);
                Progress progress = working("merging " + opened.title())) {
            AtomicFolder.write(target, opened::saveMerged);
            List<AdapterPart> parts = opened.transformer().adapters();
            Provenance provenance = provenance(Map.of(), opened.inputs());
            Map<String, @Nullable Object> document = Json.document("credence.merge/1", provenance);
            document.put("folder", target.toString());
            document.put("weights", parts.stream().map(AdapterPart::weight).toList());
            document.put("provenance", Json.provenance(provenance));
            if (printsText()) {
                console()
                        .line(
                                Style.BOLD,
                                "The merged model is in "
                                        + target.toAbsolutePath().normalize());
                console().line(String.format("  %,d weights hold the adapter now", parts.size()));
            }
            common().json().write(console(), out -> Json.write(document, out));
        }
        return ExitCode.DONE;
    }

    private static void checkTarget(Path target) throws IOException {
        boolean isFree = !Files.exists(target);
        if (Files.isDirectory(target)) {
            try (Stream<Path> files = Files.list(target)) {
                isFree = files.findAny().isEmpty();
            }
        }
        if (!isFree) {
            throw InputException.ofSetting(
                    "output", target.toString(), "there is something already; name a folder that is new or empty");
        }
    }
}
