package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Progress;
import dev.credence.app.options.CorpusOptions;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.corpora.Sequences;
import dev.credence.data.json.Json;
import dev.credence.hub.Checkpoint;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.training.CorpusInput;
import dev.credence.lab.training.CorpusSequences;
import dev.credence.lab.training.CorpusSettings;
import dev.credence.lab.training.TrainingOutcome.Loss;
import dev.credence.lab.training.WorldCorpus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The loss of a model on a corpus. */
@Command(
        name = "loss",
        header = "The next-token loss of a model on a corpus, in nats a token.",
        description = {
            "",
            "Measured as `train` measures it: a document stands between end tokens, of which the first is given. With the"
                    + " settings and the seed of a run the documents held out are the run's. Of a world the model's distance"
                    + " from the exact distribution of its texts is told too: what the loss is above the least there can be.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence loss runs/plays plays.txt --documents speeches",
            "  credence loss runs/plays+runs/adapter letters.jsonl --validation 0"
        })
public final class LossCommand extends ModelCommand {
    private static final int STANDARD = 128;

    @Parameters(index = "0", paramLabel = "MODEL", description = "A checkpoint folder, or BASE+ADAPTER.")
    private String model = "";

    @Parameters(index = "1", arity = "1..*", paramLabel = "CORPUS", description = "Files of documents, or one world.")
    private List<String> corpus = new ArrayList<>();

    @Mixin
    private CorpusOptions settings = new CorpusOptions();

    @Option(
            names = "--length",
            paramLabel = "N",
            description =
                    "Tokens of a sequence at most, its first one, which is given, included (default 128, or what a"
                            + " model of fewer positions reads).")
    private @Nullable Integer length;

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public LossCommand(Console console) {
        super(console);
    }

    @SuppressWarnings("try") // that the progress is open is all it does
    @Override
    protected int run() throws IOException {
        CorpusSettings asked = settings.settings();
        if (length != null && length < 2) {
            throw InputException.ofSetting("length", length.toString(), "it must be 2 or more");
        }
        List<String> files = CorpusInput.absolute(corpus);
        common().json().check(files);
        Corpus documents = CorpusInput.read(files, asked, common().seed());
        try (OpenModel opened = OpenModel.open(model);
                Progress progress = working("measuring " + opened.title())) {
            Checkpoint form = Checkpoint.open(opened.folder());
            int most = length != null
                    ? length
                    : Math.min(STANDARD, form.architecture().context() + 1);
            Sequences sequences = new CorpusSequences(asked, most)
                    .of(documents, opened.texts().tokenizer(), form, common().seed());
            Loss train = CorpusSequences.loss(opened.transformer(), sequences.train());
            Loss heldOut = CorpusSequences.loss(opened.transformer(), sequences.validation());
            WorldCorpus.@Nullable Distance distance = WorldCorpus.read(
                            files,
                            opened.texts().tokenizer(),
                            form.architecture().vocabulary(),
                            form.architecture().context())
                    .map(world -> world.distance(opened.transformer()))
                    .orElse(null);
            if (printsText()) {
                console()
                        .line(String.format(
                                "%s on %,d documents",
                                opened.title(), documents.documents().size()));
                print(heldOut == null ? "loss" : "loss on training documents", train);
                print("loss on held-out documents", heldOut);
                if (distance != null) {
                    console()
                            .line(String.format(
                                    "  from the world itself: %s nats a token (exact loss %s, of which %s is the least)",
                                    FigureFormat.exact(distance.distance()),
                                    FigureFormat.exact(distance.loss()),
                                    FigureFormat.exact(distance.least())));
                }
            }
            Map<String, @Nullable Object> document = document(opened, documents, most, train, heldOut);
            if (distance != null) {
                document.put("world_loss", distance.loss());
                document.put("world_least_loss", distance.least());
                document.put("world_distance", distance.distance());
            }
            common().json().write(console(), out -> Json.write(document, out));
        }
        return ExitCode.DONE;
    }

    private void print(String what, @Nullable Loss loss) {
        if (loss != null) {
            console()
                    .line(String.format(
                            "  %s: %s nats a token (%,d tokens)",
                            what, FigureFormat.exact(loss.value()), loss.tokens()));
        }
    }

    private Map<String, @Nullable Object> document(
            OpenModel opened, Corpus documents, int most, @Nullable Loss train, @Nullable Loss heldOut) {
        Map<String, String> asked = new LinkedHashMap<>();
        settings.describe(asked);
        asked.put("length", Integer.toString(most));
        List<Provenance.Input> inputs = new ArrayList<>(opened.inputs());
        inputs.addAll(documents.inputs());
        Provenance provenance = provenance(asked, inputs);
        Map<String, @Nullable Object> document = Json.document("credence.loss/1", provenance);
        document.put("documents", documents.documents().size());
        put(document, "train_loss", train);
        put(document, "validation_loss", heldOut);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }

    private static void put(Map<String, @Nullable Object> document, String name, @Nullable Loss loss) {
        if (loss != null) {
            document.put(name, loss.value());
            document.put(name + "_tokens", loss.tokens());
        }
    }
}
