package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Progress;
import dev.credence.app.options.BeginOption;
import dev.credence.app.options.EndOption;
import dev.credence.app.options.NetworkOptions;
import dev.credence.app.options.OutputFile;
import dev.credence.app.options.PrecisionOption;
import dev.credence.app.options.SamplingOptions;
import dev.credence.app.view.LineOutput;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.RecordOrigins;
import dev.credence.data.json.Json;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.Prompts;
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

/** Draws texts from a model. */
@Command(
        name = "sample",
        header = "Texts drawn from a model or a world, with their log-probabilities.",
        description = {
            "",
            "Out come JSON Lines: prompt, completion, ids, finished, logp and token_logp under the model itself, and"
                    + " sampled_logp and token_sampled_logp under the distribution that was really drawn from (tempered,"
                    + " truncated). The same seed gives the same texts.",
            "",
            "Of a world: prompt, completion, logp and the rewards, and of a network the hidden and the visible values"
                    + " behind the text; -n texts of every prompt, unless prompts are named.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence sample checkpoint --prompt 'Once upon' -n 4 --max-new-tokens 40",
            "  credence sample checkpoint --prompts prompts.jsonl -n 64 --temperature 0.7 --top-p 0.9 -o drawn.jsonl",
            "  credence sample authors -n 100 --given humans"
        })
public final class SampleCommand extends ModelCommand {
    @Parameters(
            paramLabel = "MODEL|WORLD",
            description = "A checkpoint folder, or a server's http://HOST:PORT/v1#MODEL; or a world's file or name.")
    private String model = "";

    @Option(names = "--prompt", paramLabel = "P", description = "A prompt. May be given several times.")
    private List<String> given = new ArrayList<>();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "Prompts, one a line: text, or JSON strings, or objects with prompt.")
    private @Nullable String promptFile;

    @Option(
            names = {"-n", "--number"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Texts a prompt (default 1).")
    private int number = 1;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the lines there, not to standard output.")
    private @Nullable String output;

    @Mixin
    private NetworkOptions network = new NetworkOptions();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private BeginOption begin = new BeginOption();

    @Mixin
    private EndOption end = new EndOption();

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    private long tokens;

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public SampleCommand(Console console) {
        super(console);
    }

    @SuppressWarnings("try") // that the progress is open is all it does
    @Override
    protected int run() throws IOException {
        List<String> files = promptFile == null ? List.of() : List.of(promptFile);
        common().json().check(files);
        if (output != null) {
            OutputFile.check("output", output, files);
        }
        Sampling how = sampling.sampling();
        if (!(number >= 1)) {
            throw InputException.ofSetting("number", Integer.toString(number), "it must be 1 or more");
        }
        List<Provenance.Input> inputs = new ArrayList<>();
        if (WorldInput.isWorld(model)) {
            precision.refuse(model);
            return world(how, inputs);
        }
        network.refuse(model);
        List<String> prompts = prompts(inputs);
        try (OpenModel opened = OpenModel.open(model, end.choice(), precision.precision());
                Progress progress = working("drawing from " + opened.title())) {
            opened.warnings().forEach(this::report);
            long start = System.nanoTime();
            List<Object> results = new LineOutput(console(), common().json(), output)
                    .write(lines -> draw(opened, prompts, how, lines));
            double seconds = (System.nanoTime() - start) / 1e9;
            report(String.format(
                    "drew %,d texts, %,d tokens, in %.1f s (%,.0f tokens a second)",
                    (long) number * prompts.size(), tokens, seconds, tokens / seconds));
            if (output != null) {
                report("wrote " + output);
            }
            if (common().json().file() != null) {
                inputs.addAll(opened.inputs());
            }
            Provenance provenance = provenance(settings(how, opened), inputs);
            Map<String, @Nullable Object> document = Json.document("credence.sample/1", provenance);
            document.put("results", results);
            document.put("provenance", Json.provenance(provenance));
            common().json().write(console(), out -> Json.write(document, out));
        }
        return ExitCode.DONE;
    }

    private int world(Sampling how, List<Provenance.Input> inputs) throws IOException {
        Sampling plain = new SamplingOptions().sampling();
        if (!how.equals(plain)) {
            throw InputException.ofSetting(
                    "temperature", "or another such option given", "it is about a model's tokens");
        }
        WorldDraws draws = new WorldDraws(model, network);
        inputs.add(draws.input());
        List<String> prompts = draws.prompts(named(inputs));
        List<Object> results = new LineOutput(console(), common().json(), output)
                .write(lines -> draws.write(prompts, number, common().seed(), lines));
        if (output != null) {
            report("wrote " + output);
        }
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("number", Integer.toString(number));
        network.describe(settings);
        Provenance provenance = provenance(settings, inputs);
        Map<String, @Nullable Object> document = Json.document("credence.sample/1", provenance);
        document.put("results", results);
        document.put("provenance", Json.provenance(provenance));
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    private List<String> named(List<Provenance.Input> inputs) {
        List<String> prompts = new ArrayList<>(given);
        if (promptFile != null) {
            Prompts read = Prompts.read(promptFile);
            prompts.addAll(read.texts());
            inputs.add(read.input());
        }
        return prompts;
    }

    private List<String> prompts(List<Provenance.Input> inputs) {
        List<String> prompts = named(inputs);
        if (prompts.isEmpty()) {
            throw InputException.ofSetting(
                    "prompt", "missing", "give --prompt TEXT or --prompts FILE; --prompt '' begins from nothing");
        }
        return prompts;
    }

    /** Every prompt has a stream of its own, so that its texts do not depend on the other prompts. */
    private void draw(OpenModel opened, List<String> prompts, Sampling how, LineOutput.Lines lines) throws IOException {
        for (String prompt : prompts) {
            int[] ids = opened.prompt(prompt, begin.begin());
            List<Sample> samples = opened.draw(ids, number, how, common().seed());
            List<String> texts = opened.texts(samples);
            for (int i = 0; i < samples.size(); i++) {
                tokens += samples.get(i).tokens().length;
                lines.add(line(opened.title(), prompt, texts.get(i), samples.get(i)));
            }
        }
    }

    private static Map<String, @Nullable Object> line(String model, String prompt, String text, Sample sample) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("prompt", prompt);
        line.put("completion", text);
        line.put("finished", sample.finished());
        line.put("logp", sample.logProb());
        line.put("sampled_logp", sample.sampledLogProb());
        line.put("tokens", sample.tokens().length);
        line.put("ids", sample.tokens());
        line.put("token_logp", sample.logProbs());
        line.put("token_sampled_logp", sample.sampledLogProbs());
        line.put(RecordOrigins.GENERATED_BY, model);
        return line;
    }

    private Map<String, String> settings(Sampling how, OpenModel opened) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("number", Integer.toString(number));
        settings.put("bos", begin.word());
        EndOption.describe(opened, settings);
        PrecisionOption.describe(opened, settings);
        sampling.describe(how, settings);
        return settings;
    }
}
