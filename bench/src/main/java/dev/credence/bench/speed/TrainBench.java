package dev.credence.bench.speed;

import dev.credence.app.command.Subcommand;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.hub.HubModel;
import dev.credence.torch.Backend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code credence bench train}: the speed of a training step beside PyTorch's. */
@Command(
        name = "train",
        description =
                "Times training steps (forward, backward, clipping, AdamW) beside PyTorch, eager and compiled: the"
                        + " same model and rows, the same number of threads, step by step in turns.",
        footer = {
            "",
            "Examples:",
            "  credence bench train --python venv/bin/python",
            "  credence bench train --repeats 20 --json train.json"
        })
public final class TrainBench extends Subcommand {
    @Mixin
    private final CasesOptions cases = new CasesOptions();

    @Option(names = "--batch", paramLabel = "N", defaultValue = "64", description = "Sequences of a step (default 64).")
    private int batch;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "96",
            description = "Tokens predicted in each (default 96).")
    private int length;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "12",
            description = "Steps that are timed, each of all in turn (default 12).")
    private int repeats;

    @Mixin
    private final PeerOptions peerOptions = new PeerOptions();

    /**
     * The command.
     *
     * @param console where it prints
     */
    public TrainBench(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        atLeastOne("batch", batch);
        atLeastOne("length", length);
        atLeastOne("repeats", repeats);
        Backend backend = Backend.shared();
        TrainReport result;
        try (HubModel model = HubModel.open(cases.plays(), backend)) {
            int[][] rows = rows(model);
            report("taking " + repeats + " steps, in turns");
            TrainSpeed speed = new TrainSpeed(model.transformer(), rows, repeats);
            result = speed.measure(peerOptions, cases.plays(), backend);
        }
        if (printsText()) {
            result.print(console());
        }
        Provenance provenance = provenance(
                Map.of(
                        "batch", Integer.toString(batch),
                        "length", Integer.toString(length),
                        "repeats", Integer.toString(repeats)),
                List.of());
        common().json().write(console(), out -> Json.write(result.document(provenance), out));
        return ExitCode.DONE;
    }

    /** (batch) (length + 1) ids of the corpus, one after the other. */
    private int[][] rows(HubModel model) throws IOException {
        Path corpus = cases.folder().resolve("corpora").resolve("tinyshakespeare.txt");
        if (!Files.isRegularFile(corpus)) {
            throw new InputException(corpus.toString(), 0, "", "missing", "the steps are taken on this text");
        }
        int context = model.transformer().architecture().context();
        if (!(length <= context)) {
            throw InputException.ofSetting(
                    "length", Integer.toString(length), "the model reads " + context + " tokens at most");
        }
        String text = Files.readString(corpus, StandardCharsets.UTF_8);
        int[] ids = model.tokenizer().completion(text.substring(0, Math.min(text.length(), 8 * batch * (length + 1))));
        int[][] rows = new int[batch][];
        for (int i = 0; i < batch; i++) {
            int from = i * (length + 1) % Math.max(1, ids.length - length - 1);
            rows[i] = Arrays.copyOfRange(ids, from, from + length + 1);
        }
        return rows;
    }

    private static void atLeastOne(String setting, int value) {
        if (!(value >= 1)) {
            throw InputException.ofSetting(setting, Integer.toString(value), "it must be 1 or more");
        }
    }
}
