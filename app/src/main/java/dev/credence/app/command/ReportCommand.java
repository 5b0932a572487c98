package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.options.OutputFile;
import dev.credence.app.view.AuditsReport;
import dev.credence.app.view.ExperimentMarkdown;
import dev.credence.app.view.ExperimentPages;
import dev.credence.app.view.ReportTexts;
import dev.credence.app.view.RunFacts;
import dev.credence.app.view.RunReport;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.json.Json;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.experiments.ExperimentFile;
import dev.credence.lab.experiments.ExperimentRun;
import dev.credence.lab.inputs.Inputs;
import dev.credence.report.LatexTable;
import dev.credence.report.NamedAudit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Turns audits, kept as JSON, into one HTML file. */
@Command(
        name = "report",
        header = "One HTML file from audits that were kept as JSON, from training runs, or from experiments.",
        description = {
            "",
            "RUN is a folder: of a training run, whose figures are drawn (several side by side), of experiments (of `run NAME` or `run all`), or of"
                    + " audits, each *.json in it. With --markdown experiments also become pages of Markdown with drawings.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence report audit.json",
            "  credence report before.json after.json -o compared.html",
            "  credence report rloo.json grpo.json -o compared.html --latex table.tex",
            "  credence report runs/plays -o losses.html",
            "  credence report runs/ppo runs/grpo",
            "  credence report runs/experiments --markdown pages"
        })
public final class ReportCommand extends Subcommand {
    @Parameters(arity = "1..*", paramLabel = "FILE|RUN", description = "Audits written by --json, or folders of them.")
    private List<String> inputs = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "report.html",
            description = "The HTML file (default report.html).")
    private String output = "report.html";

    @Option(
            names = "--markdown",
            paramLabel = "DIR",
            description = "A folder for pages of Markdown (experiments only).")
    private @Nullable String markdown;

    @Option(
            names = "--latex",
            paramLabel = "FILE",
            description =
                    "The table of the audits as LaTeX, too (audits only): a row each, figures with their intervals.")
    private @Nullable String latex;

    @Option(names = "--title", paramLabel = "TEXT", description = "Heading of the page.")
    private @Nullable String title;

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public ReportCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        List<Path> experiments = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (String input : inputs) {
            List<Path> found = ExperimentPages.figures(ResumeCommand.folder(input));
            experiments.addAll(found);
            if (found.isEmpty()) {
                others.add(input);
            }
        }
        if (!experiments.isEmpty()) {
            if (!others.isEmpty()) {
                throw new InputException(
                        others.get(0),
                        0,
                        "",
                        "no experiment",
                        "a page shows experiments, training runs or audits, not several of these");
            }
            refuseLatex("experiments");
            return experiments(experiments);
        }
        if (markdown != null) {
            throw InputException.ofSetting("markdown", markdown, "it is for experiments; these are none");
        }
        List<String> runs = inputs.stream()
                .map(input -> ResumeCommand.folder(input).toString())
                .filter(RunReport::isRun)
                .toList();
        if (!runs.isEmpty()) {
            refuseLatex("training runs");
            return losses(runs);
        }
        List<Path> files = files();
        List<String> names = files.stream().map(Path::toString).toList();
        common().json().check(names);
        OutputFile.check("output", output, names);
        if (latex != null) {
            OutputFile.check("latex", latex, names);
            String json = common().json().file();
            if (OutputFile.isAmong(latex, json == null ? List.of(output) : List.of(output, json))) {
                throw InputException.ofSetting("latex", latex, "it is the name of another result too");
            }
        }
        List<NamedAudit> audits = new ArrayList<>();
        List<Provenance.Input> hashes = new ArrayList<>();
        for (Path file : files) {
            hashes.add(Inputs.of(file));
            AuditReport audit = AuditJson.read(file);
            audits.add(new NamedAudit(name(file), audit).with(ReportTexts.of(audit)));
        }
        Provenance provenance = provenance(Map.of("output", output), hashes);
        Map<String, @Nullable Object> document = AuditsReport.document(audits, provenance);
        document.put("output", output);
        if (latex != null) {
            document.put("latex", latex);
        }
        String heading = title != null ? title : AuditsReport.title(audits);
        OutputFile.writeHtml(AuditsReport.page(heading, audits, provenance, document), Path.of(output));
        if (latex != null) {
            byte[] table = LatexTable.of(audits).getBytes(StandardCharsets.UTF_8);
            OutputFile.write(Path.of(latex), out -> out.write(table));
        }
        if (printsText()) {
            String wrote = latex == null ? output : output + " and " + latex;
            console().line("wrote " + wrote + ": " + FigureFormat.counted(audits.size(), "audit"));
        }
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    private void refuseLatex(String shown) {
        if (latex != null) {
            throw InputException.ofSetting("latex", latex, "it is for audits; these are " + shown);
        }
    }

    private int experiments(List<Path> figures) throws IOException {
        List<String> names = figures.stream().map(Path::toString).toList();
        common().json().check(names);
        OutputFile.check("output", output, names);
        List<ExperimentRun> runs = new ArrayList<>();
        for (Path file : figures) {
            runs.add(ExperimentFile.read(file));
        }
        String heading = title != null ? title : ExperimentPages.title(runs);
        ExperimentPages.write(Path.of(output), heading, runs);
        if (markdown != null) {
            ExperimentMarkdown.write(runs, ExperimentPages.machine(), Path.of(markdown));
        }
        if (printsText()) {
            console().line("wrote " + output + ": " + FigureFormat.counted(runs.size(), "experiment"));
        }
        common().json().write(console(), out -> Json.write(ExperimentPages.document(runs), out));
        return ExitCode.DONE;
    }

    private int losses(List<String> runs) throws IOException {
        if (runs.size() < inputs.size()) {
            throw new InputException(
                    runs.get(0), 0, "", "a training run", "a page shows training runs or audits, not both");
        }
        List<String> shown = new ArrayList<>();
        for (String run : runs) {
            List<StoredRun> methods = RunFacts.methods(StoredRun.open(Path.of(run)));
            shown.addAll(
                    methods.isEmpty()
                            ? List.of(run)
                            : methods.stream().map(own -> own.path().toString()).toList());
        }
        common().json().check(shown);
        OutputFile.check("output", output, shown);
        String names = String.join(
                ", ",
                runs.stream()
                        .map(run -> String.valueOf(Path.of(run).getFileName()))
                        .toList());
        Provenance provenance = provenance(Map.of("output", output), List.of());
        byte[] json =
                RunReport.write(shown, title != null ? title : "Training of " + names, provenance, Path.of(output));
        if (printsText()) {
            console().line("wrote " + output + ": " + FigureFormat.counted(shown.size(), "run"));
        }
        common().json().write(console(), out -> out.write(json));
        return ExitCode.DONE;
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        for (String input : inputs) {
            Path path = Path.of(input);
            if (Files.isDirectory(path)) {
                List<Path> found = audits(path);
                if (found.isEmpty()) {
                    throw new InputException(input, 0, "", "no audit found", "a run's folder holds *.json");
                }
                files.addAll(found);
            } else if (Files.exists(path)) {
                files.add(path);
            } else {
                throw new InputException(input, 0, "", "no such file", "give an audit written by --json, or a folder");
            }
        }
        return files;
    }

    private static List<Path> audits(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString().replaceFirst("\\.json$", "");
    }
}
