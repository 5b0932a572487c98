package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.options.EndOption;
import dev.credence.app.options.RunFolder;
import dev.credence.app.serve.Program;
import dev.credence.app.serve.WebService;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.serving.ModelService;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Serves the local web page, or a model to clients of the completions protocol. */
@Command(
        name = "serve",
        header = "The local web page; or a model behind the OpenAI completions protocol. On this machine alone.",
        description = {
            "",
            "Without --model: a page in the browser over RUNS, a folder of runs, audits and experiments. Open the address that is"
                    + " printed; its token opens the page for that browser. Runs as they go, audits with their texts, a log dropped"
                    + " on the page, experiments with other settings, worlds, audits side by side; the same as JSON under /api."
                    + " Nothing is fetched from a network, and no file outside RUNS is read or written. Work begun there ends with"
                    + " the server, and goes on later where it is kept.",
            "",
            "With --model clients draw texts and have given ones scored: POST /v1/completions with prompts as texts or token ids, n,"
                    + " temperature, top_k, top_p, min_p, seed, logprobs, echo, prompt_logprobs, return_token_ids; /tokenize"
                    + " and /detokenize. Requests for stop strings, penalties, biases or streams are refused. Where the"
                    + " environment has CREDENCE_API_KEY, requests must bear it. Ends with Ctrl-C.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence serve",
            "  credence serve /data/runs --port 8080",
            "  credence serve --model checkpoint",
            "  credence sample http://127.0.0.1:7777/v1 --prompt 'Once upon' -n 4"
        })
public final class ServeCommand extends ModelCommand {
    private static final int MOST_PORT = 65_535;

    @Parameters(
            arity = "0..1",
            paramLabel = "RUNS",
            description = "The folder that the page shows (default runs); made where it is not there.")
    private @Nullable String runs;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "Serve this one: a checkpoint folder, or BASE+ADAPTER.")
    private @Nullable String model;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "7777",
            description = "Of the loopback address (default 7777; 0: a free one).")
    private int port = 7777;

    @Mixin
    private EndOption end = new EndOption();

    private final Program program;

    /**
     * The command.
     *
     * @param console where it reads and prints
     * @param program whose commands the page uses
     */
    public ServeCommand(Console console, Program program) {
        super(console);
        this.program = program;
    }

    @Override
    protected int run() throws IOException {
        if (!(port >= 0 && port <= MOST_PORT)) {
            throw InputException.ofSetting("port", Integer.toString(port), "it must be from 0 to 65535");
        }
        try {
            if (model != null) {
                if (runs != null) {
                    throw InputException.ofSetting("RUNS", runs, "it is the page's folder; a model is served without");
                }
                serve(model);
            } else {
                if (end.isGiven()) {
                    throw InputException.ofSetting("end", "given", "it is about a model; name one");
                }
                show(runs == null ? RunFolder.RUNS : Path.of(runs));
            }
        } catch (BindException e) {
            throw InputException.ofSetting(
                    "port", Integer.toString(port), "something else listens there; choose another");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ExitCode.DONE;
    }

    private void serve(String named) throws IOException, InterruptedException {
        String key = System.getenv("CREDENCE_API_KEY");
        try (OpenModel opened = OpenModel.open(named, end.choice())) {
            opened.texts(); // whose tokenizer the protocol needs
            opened.warnings().forEach(this::report);
            try (ModelService service =
                    ModelService.start(opened, port, key == null ? "" : key.strip(), common().seed())) {
                console().line("serving " + opened.title() + " at " + service.address());
                console().out().flush();
                new CountDownLatch(1).await(); // until the process ends
            }
        }
    }

    private void show(Path folder) throws IOException, InterruptedException {
        try (WebService service =
                WebService.start(folder, port, program, provenance(Map.of(), List.of()), WebService.MOST_UPLOAD)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> service.close(this::report), "credence-served"));
            console().line("the page of " + folder + " is at " + service.address());
            console().line("open that in a browser; Ctrl-C ends it, and the work that was begun there");
            console().out().flush();
            new CountDownLatch(1).await(); // until the process ends
        }
    }
}
