package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.options.JsonTarget;
import dev.credence.app.options.OutputFile;
import dev.credence.app.view.Audited;
import dev.credence.app.view.GithubAnnotations;
import dev.credence.app.view.Guard;
import dev.credence.app.view.ReportTexts;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.provenance.InputException;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.audits.JunitXml;
import dev.credence.data.audits.PromptsFile;
import dev.credence.lab.audits.AuditTracking;
import dev.credence.report.HtmlReport;
import dev.credence.report.ReportDocument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What an audit writes beside its text: the report, and what the pipeline that called it reads. */
final class AuditOutputs {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Also write the report, one HTML file.")
    private @Nullable String output;

    @Option(
            names = "--prompts-file",
            paramLabel = "FILE",
            description =
                    "Also write the figures of every prompt, a row each: Parquet or JSON Lines, as the name ends (.parquet,"
                            + " .jsonl, .jsonl.gz or .jsonl.zst). Of more than 1,000 prompts the JSON and the report hold only those that tell most.")
    private @Nullable String promptsFile;

    @Option(
            names = "--junit",
            paramLabel = "FILE",
            description = "Also write JUnit's XML: a test case for each threshold and one for the verdict.")
    private @Nullable String junit;

    @Option(
            names = "--tensorboard",
            paramLabel = "DIR",
            description = "Also write the figures, by step, as TensorBoard's events into this folder.")
    private @Nullable String tensorboard;

    @Option(
            names = "--mlflow",
            paramLabel = "URL",
            description =
                    "Also send figures, settings and the report to an MLflow server, such as http://localhost:5000, as a run"
                            + " of the experiment credence; without the server the audit goes on.")
    private @Nullable String mlflow;

    @Option(
            names = "--annotations",
            paramLabel = "WHERE",
            description = "github or none: whether what makes the exit code 3 or 4 is also written as GitHub's workflow"
                    + " commands, on standard error (default: where GITHUB_ACTIONS is true).")
    private @Nullable String annotations;

    /**
     * Refuses, before any work, files that cannot be written.
     *
     * @param inputs what the command reads
     * @param others what else it writes, by option; null where it does not
     */
    void check(List<String> inputs, Map<String, @Nullable String> others) {
        GithubAnnotations.areWanted(annotations, Map.of());
        if (promptsFile != null) {
            PromptsFile.check(promptsFile);
        }
        Map<String, @Nullable String> targets = new LinkedHashMap<>(others);
        targets.put("output", output);
        targets.put("junit", junit);
        targets.put("prompts-file", promptsFile);
        List<String> taken = new ArrayList<>();
        targets.forEach((option, file) -> {
            if (file == null || file.equals(JsonTarget.STANDARD_OUTPUT)) {
                return;
            }
            OutputFile.check(option, file, inputs);
            boolean device = Files.exists(Path.of(file)) && !Files.isRegularFile(Path.of(file));
            if (!device && OutputFile.isAmong(file, taken)) {
                throw InputException.ofSetting(option, file, "another output goes there already");
            }
            taken.add(file);
        });
        if (tensorboard != null && Files.exists(Path.of(tensorboard)) && !Files.isDirectory(Path.of(tensorboard))) {
            throw InputException.ofSetting("tensorboard", tensorboard, "it is a file; name a folder for event files");
        }
        for (String file : new String[] {output, junit}) {
            if (JsonTarget.STANDARD_OUTPUT.equals(file)) {
                throw InputException.ofSetting(
                        file.equals(junit) ? "junit" : "output", file, "name a file; only --json goes to - ");
            }
        }
    }

    /** Where the figures of every prompt go, or null. */
    @Nullable
    Path promptsFile() {
        return promptsFile == null ? null : Path.of(promptsFile);
    }

    /** Writes the files. */
    void write(Audited audited, Consumer<String> progress) throws IOException {
        AuditReport report = audited.report();
        if (promptsFile != null) {
            progress.accept("wrote " + promptsFile);
        }
        if (output != null || mlflow != null) {
            ReportDocument page = new ReportDocument(
                    "Audit of " + audited.title(),
                    null,
                    List.of(audited.named().with(ReportTexts.of(report))),
                    report.provenance(),
                    AuditJson.toString(report));
            if (output != null) {
                OutputFile.writeHtml(page, Path.of(output));
                progress.accept("wrote " + output);
            }
            if (mlflow != null) {
                send(audited.title(), report, page, mlflow, progress);
            }
        }
        if (tensorboard != null) {
            AuditTracking.events(report, Path.of(tensorboard));
            progress.accept("wrote events into " + tensorboard);
        }
        if (junit != null) {
            OutputFile.write(Path.of(junit), out -> JunitXml.write(audited.title(), report, out));
            progress.accept("wrote " + junit);
        }
    }

    /** A server that is gone or refuses takes no audit away. */
    private static void send(
            String title, AuditReport report, ReportDocument page, String url, Consumer<String> progress) {
        StringBuilder html = new StringBuilder();
        try {
            HtmlReport.write(page, html);
            boolean isKept =
                    AuditTracking.mlflow(report, title, url, html.toString().getBytes(StandardCharsets.UTF_8));
            progress.accept("sent the figures to " + url
                    + (isKept ? ", with the report" : "; the report stays here, for the server takes no files itself"));
        } catch (IOException e) {
            progress.accept("warning: no figures to " + url + ": "
                    + (e.getMessage() == null ? "it cannot be reached" : e.getMessage()));
        }
    }

    /**
     * Says why the exit code is not 0; this is no progress, so that it is said to those too who want none.
     *
     * @param audited what it is about
     * @return the exit code
     */
    int complain(Audited audited, Console console) {
        Guard guard = Guard.of(audited.report());
        guard.complaints().forEach(complaint -> console.report(complaint.line()));
        if (GithubAnnotations.areWanted(annotations, System.getenv())) {
            GithubAnnotations.write(audited.title(), guard, console.err());
        }
        return guard.code();
    }
}
