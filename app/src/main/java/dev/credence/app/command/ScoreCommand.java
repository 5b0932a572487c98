package dev.credence.app.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Progress;
import dev.credence.app.options.BeginOption;
import dev.credence.app.options.EndOption;
import dev.credence.app.options.OutputFile;
import dev.credence.app.options.PrecisionOption;
import dev.credence.app.view.LineOutput;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.data.rollouts.RawRecords;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.rewards.OpenReward;
import dev.credence.lab.rewards.RewardTexts;
import dev.credence.lab.rollouts.TextToScore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Log-probabilities of given texts. */
@Command(
        name = "score",
        header = "Log-probabilities of given texts under a model.",
        description = {
            "",
            "FILE is JSON Lines (- for standard input): records with prompt and completion, tokenised apart, the end"
                    + " token scored unless finished is false; or with prompt and ids, the completion's tokens; or with"
                    + " ids alone, of which the first is given and the rest scored, which needs no tokenizer. Out come"
                    + " JSON Lines in the same order: prompt, completion, finished and ids as they came, and logp (nats,"
                    + " summed), token_logp, tokens. A reward model's folder gives"
                    + " score, a logit, in the place of logp: of prompt and completion, or of all ids, no end token added.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence score checkpoint texts.jsonl",
            "  credence score checkpoint texts.jsonl --bos yes -o scored.jsonl",
            "  credence sample checkpoint --prompt 'Once' -n 8 | credence score other -"
        })
public final class ScoreCommand extends ModelCommand {
    /** Records scored together: enough for every thread, few enough to be forgotten soon. */
    private static final int BATCH = 1024;

    /** What tells a text, kept beside its figures. */
    private static final List<String> KEPT = List.of("prompt", "completion", "finished", "ids");

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "A checkpoint folder, a reward model's, or a server's http://HOST:PORT/v1#MODEL.")
    private String model = "";

    @Parameters(index = "1", paramLabel = "FILE", description = "What to score, as JSON Lines, or -.")
    private String file = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the lines there, not to standard output.")
    private @Nullable String output;

    @Mixin
    private BeginOption begin = new BeginOption();

    @Mixin
    private EndOption end = new EndOption();

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    private long records;
    private long tokens;
    private double total;

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public ScoreCommand(Console console) {
        super(console);
    }

    @SuppressWarnings("try") // that the progress is open is all it does
    @Override
    protected int run() throws IOException {
        common().json().check(List.of(file));
        if (output != null) {
            OutputFile.check("output", output, List.of(file));
        }
        if (OpenReward.isReward(model)) {
            return rewards();
        }
        try (RawRecords source = RawRecords.open(file, console().in());
                OpenModel opened = OpenModel.open(model, end.choice(), precision.precision());
                Progress progress = working("scoring " + file)) {
            opened.warnings().forEach(this::report);
            long start = System.nanoTime();
            List<Object> results =
                    new LineOutput(console(), common().json(), output).write(lines -> score(source, opened, lines));
            double seconds = (System.nanoTime() - start) / 1e9;
            report(String.format(
                    "scored %,d texts, %,d tokens, in %.1f s; %s nats a token",
                    records, tokens, seconds, FigureFormat.exact(-total / Math.max(1, tokens))));
            if (output != null) {
                report("wrote " + output);
            }
            Map<String, @Nullable Object> document = document(opened, results);
            common().json().write(console(), out -> Json.write(document, out));
        }
        return ExitCode.DONE;
    }

    /** A reward model gives a text one number. */
    @SuppressWarnings("try") // that the progress is open is all it does
    private int rewards() throws IOException {
        try (RawRecords source = RawRecords.open(file, console().in());
                OpenReward opened = OpenReward.open(OpenModel.folder(model));
                Progress progress = working("scoring " + file)) {
            opened.warnings().forEach(this::report);
            List<Object> results =
                    new LineOutput(console(), common().json(), output).write(lines -> score(source, opened, lines));
            report(String.format(
                    Locale.ROOT,
                    "scored %,d texts; mean %s",
                    records,
                    FigureFormat.exact(total / Math.max(1, records))));
            if (output != null) {
                report("wrote " + output);
            }
            List<Provenance.Input> inputs = common().json().file() == null ? List.of() : opened.inputs();
            Provenance provenance = provenance(new LinkedHashMap<>(Map.of("bos", begin.word())), inputs);
            Map<String, @Nullable Object> document = Json.document("credence.score/1", provenance);
            document.put("records", records);
            document.put("mean_score", records == 0 ? null : (Object) (total / records));
            document.put("results", results);
            document.put("provenance", Json.provenance(provenance));
            common().json().write(console(), out -> Json.write(document, out));
        }
        return ExitCode.DONE;
    }

    private void score(RawRecords source, OpenReward opened, LineOutput.Lines lines) throws IOException {
        RewardTexts texts = new RewardTexts(opened, begin.begin());
        List<int[]> batch = new ArrayList<>();
        List<Map<String, @Nullable Object>> told = new ArrayList<>();
        for (ObjectNode record = source.next(); record != null; record = source.next()) {
            batch.add(texts.of(record, source));
            told.add(kept(record));
            if (batch.size() == BATCH) {
                write(opened, batch, told, lines);
            }
        }
        write(opened, batch, told, lines);
    }

    private static Map<String, @Nullable Object> kept(ObjectNode record) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        KEPT.stream()
                .filter(record::hasNonNull)
                .forEach(field -> line.put(field, Json.reader().convertValue(record.get(field), Object.class)));
        return line;
    }

    private void write(
            OpenReward opened, List<int[]> batch, List<Map<String, @Nullable Object>> told, LineOutput.Lines lines)
            throws IOException {
        double[] scores = opened.scoresOfIds(batch);
        for (int i = 0; i < scores.length; i++) {
            Map<String, @Nullable Object> line = told.get(i);
            line.put("score", scores[i]);
            line.put("tokens", batch.get(i).length);
            lines.add(line);
            records++;
            total += scores[i];
        }
        batch.clear();
        told.clear();
    }

    private void score(RawRecords source, OpenModel opened, LineOutput.Lines lines) throws IOException {
        TextToScore texts = new TextToScore(opened, begin.begin());
        List<Continuation> batch = new ArrayList<>();
        List<Map<String, @Nullable Object>> told = new ArrayList<>();
        for (ObjectNode record = source.next(); record != null; record = source.next()) {
            batch.add(texts.of(record, source));
            told.add(kept(record));
            if (batch.size() == BATCH) {
                write(opened, batch, told, lines);
            }
        }
        write(opened, batch, told, lines);
    }

    private void write(
            OpenModel opened,
            List<Continuation> batch,
            List<Map<String, @Nullable Object>> told,
            LineOutput.Lines lines)
            throws IOException {
        int at = 0;
        for (double[] terms : opened.model().logProbs(batch)) {
            double sum = Arrays.stream(terms).sum();
            Map<String, @Nullable Object> line = told.get(at++);
            line.put("logp", sum);
            line.put("token_logp", terms);
            line.put("tokens", terms.length);
            lines.add(line);
            records++;
            tokens += terms.length;
            total += sum;
        }
        batch.clear();
        told.clear();
    }

    private Map<String, @Nullable Object> document(OpenModel opened, List<Object> results) {
        List<Provenance.Input> inputs = common().json().file() == null ? List.of() : opened.inputs();
        Map<String, String> settings = new LinkedHashMap<>(Map.of("bos", begin.word()));
        EndOption.describe(opened, settings);
        PrecisionOption.describe(opened, settings);
        Provenance provenance = provenance(settings, inputs);
        Map<String, @Nullable Object> document = Json.document("credence.score/1", provenance);
        document.put("records", records);
        document.put("tokens", tokens);
        document.put("logp", total);
        document.put("results", results);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }
}
