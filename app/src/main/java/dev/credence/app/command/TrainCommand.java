package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.options.KeptOutputs;
import dev.credence.app.options.ProcessOptions;
import dev.credence.app.options.RunFolder;
import dev.credence.app.options.TrainOptions;
import dev.credence.app.options.TypedSettings;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.processes.ProcessPlaces;
import dev.credence.lab.training.CorpusInput;
import dev.credence.lab.training.CorpusRun;
import dev.credence.lab.training.CorpusTrainingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains a transformer on a corpus. */
@Command(
        name = "train",
        header = "Trains a transformer on a corpus, from scratch or from a checkpoint.",
        description = {
            "",
            "CORPUS is text, JSON Lines or Parquet (one or several files), or a world whose prior draws the documents."
                    + " A document stands between end tokens; nothing is attended to across documents. DIR becomes the"
                    + " run's folder: what was asked, metrics, checkpoints, and in the end the model, in the hub's format,"
                    + " so that DIR is a MODEL for other commands and other tools. A run that was killed goes on with"
                    + " `credence resume DIR` and ends with the same bits.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence train plays.txt -o runs/plays --documents speeches --steps 1500",
            "  credence train more.jsonl -o runs/more --from runs/plays --lr 1e-4",
            "  credence train more.jsonl -o runs/adapter --from runs/plays --lora 8    # a MODEL: runs/plays+runs/adapter",
            "  credence train plays.txt -o runs/plays --processes 2",
            "  credence train corpus.parquet -o runs/small --config small.yaml"
        })
public final class TrainCommand extends ModelCommand {
    @Parameters(arity = "1..*", paramLabel = "CORPUS", description = "Files of documents, or one world.")
    private List<String> corpus = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "The run's folder, new or empty (default: a new one in runs).")
    private @Nullable String output;

    @Mixin
    private ProcessOptions processes = new ProcessOptions();

    @SuppressWarnings("UnusedVariable") // makes the options; the values typed are read from the parser
    @Mixin
    private TrainOptions settings = new TrainOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public TrainCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        Map<String, String> given = TypedSettings.typed(spec.commandLine().getParseResult());
        for (String folder : new String[] {"from", "tokenizer"}) {
            given.computeIfPresent(
                    folder,
                    (name, path) -> Path.of(path).toAbsolutePath().normalize().toString());
        }
        CorpusTrainingSettings asked = TypedSettings.of(given).settings();
        ProcessPlaces places = processes.places();
        CorpusRun.checkProcesses(places.number(), asked);
        common().json().refuseStandardOutput(places.isShared());
        List<String> files = CorpusInput.absolute(corpus);
        common().json().check(files);
        List<Provenance.Input> models = CorpusRun.inputs(asked);
        Corpus documents = CorpusInput.read(files, asked.corpus(), common().seed());
        List<Provenance.Input> inputs = new ArrayList<>(documents.inputs());
        inputs.addAll(models);
        Provenance made = provenance(TypedSettings.all(given), inputs);
        Path folder = output == null ? RunFolder.make(null, "train") : Path.of(output);
        StoredRun run = CorpusRun.begin(folder, files, made);
        KeptOutputs.of(common(), null).keep(run);
        CorpusRun training = new CorpusRun(run, asked, documents, this::report);
        return new TrainingSession(console(), common()).go(run, training.on(places));
    }
}
