package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.options.EndOption;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.serving.ModelService;
import java.io.IOException;
import java.net.BindException;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves a model to clients of the completions protocol. */
@Command(
        name = "serve",
        header = "A model behind the OpenAI completions protocol, on this machine alone.",
        description = {
            "",
            "Clients draw texts and have given ones scored: POST /v1/completions with prompts as texts or token ids, n,"
                    + " temperature, top_k, top_p, min_p, seed, logprobs, echo, prompt_logprobs, return_token_ids; /tokenize"
                    + " and /detokenize. Requests for stop strings, penalties, biases or streams are refused. Where the"
                    + " environment has CREDENCE_API_KEY, requests must bear it. Ends with Ctrl-C.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence serve --model checkpoint",
            "  credence sample http://127.0.0.1:7777/v1 --prompt 'Once upon' -n 4"
        })
public final class ServeCommand extends Subcommand {
    private static final int MOST_PORT = 65_535;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "MODEL",
            description = "A checkpoint folder, or BASE+ADAPTER.")
    private String model = "";

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "7777",
            description = "Of the loopback address (default 7777; 0: a free one).")
    private int port = 7777;

    @Mixin
    private EndOption end = new EndOption();

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public ServeCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        if (!(port >= 0 && port <= MOST_PORT)) {
            throw InputException.ofSetting("port", Integer.toString(port), "it must be from 0 to 65535");
        }
        String key = System.getenv("CREDENCE_API_KEY");
        try (OpenModel opened = OpenModel.open(model, end.choice())) {
            opened.texts(); // whose tokenizer the protocol needs
            opened.warnings().forEach(this::report);
            try (ModelService service =
                    ModelService.start(opened, port, key == null ? "" : key.strip(), common().seed())) {
                console().line("serving " + opened.title() + " at " + service.address());
                console().out().flush();
                new CountDownLatch(1).await(); // until the process ends
            } catch (BindException e) {
                throw InputException.ofSetting(
                        "port", Integer.toString(port), "something else listens there; choose another");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return ExitCode.DONE;
    }
}
