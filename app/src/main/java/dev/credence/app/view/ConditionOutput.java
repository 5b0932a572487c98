package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.app.options.CommonOptions;
import dev.credence.app.options.OutputFile;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.Gate;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.lab.conditioning.Answer;
import dev.credence.lab.conditioning.AnswerJson;
import dev.credence.lab.conditioning.MethodAnswers;
import dev.credence.methods.TrainingEnd;
import dev.credence.report.MethodTable;
import dev.credence.report.ReportDocument;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is said of methods that conditioned: the table, the JSON, the page. */
public final class ConditionOutput {
    private static final List<String> HEADLINES = List.of("bayes_fraction", "copies.moment_match", "kl.policy_asked");

    private final Console console;
    private final CommonOptions common;
    private final Consumer<String> report;
    private final @Nullable String page;

    /**
     * Where it is said.
     *
     * @param console to print on
     * @param common options
     * @param report takes a line of progress
     * @param page file of the report, or null
     */
    public ConditionOutput(Console console, CommonOptions common, Consumer<String> report, @Nullable String page) {
        this.console = console;
        this.common = common;
        this.report = report;
        this.page = page;
    }

    /**
     * Says it.
     *
     * @param name of the prior
     * @param provenance of the run
     * @param asked what was asked
     * @param answers method by method
     * @return the exit code: failed where a method came to nothing, each with a line of its cause
     * @throws IOException if writing fails
     */
    public int write(String name, Provenance provenance, Answer.Asked asked, MethodAnswers answers) throws IOException {
        List<Answer> runs = answers.answers();
        MethodTable methods = MethodTables.table(answers, asked);
        if (!common.json().takesStandardOutput()) {
            String kind = asked.evidence() == null ? "reward" : "evidence";
            console.line(Style.BOLD, name + ", " + kind + " '" + asked.rewardName() + "'");
            if (asked.evidence() != null) {
                console.paragraph(0, "What a method calls the reward is the log-likelihood of the evidence, in nats.");
            }
            new MethodTableText(console).print(methods);
            drawn(runs);
            particles(runs);
            costs(runs);
            aims(runs);
        }
        Map<String, @Nullable Object> document = Json.document("credence.condition/1", provenance);
        AnswerJson.put(document, answers, asked);
        document.put("provenance", Json.provenance(provenance));
        common.json().write(console, out -> Json.write(document, out));
        if (page != null) {
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            Json.write(document, json);
            ReportDocument report = new ReportDocument(
                    name + ", conditioned",
                    methods,
                    MethodTables.audits(runs, asked, provenance),
                    provenance,
                    json.toString(StandardCharsets.UTF_8));
            OutputFile.writeHtml(report, Path.of(page));
            this.report.accept("wrote " + page);
        }
        answers.failed()
                .forEach(one -> console.report("credence: " + one.method() + " came to nothing: " + one.cause()));
        return answers.failed().isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }

    /** What texts were drawn for has intervals, and gates that say why a verdict is no better. */
    private void drawn(List<Answer> runs) {
        List<Answer> estimated = runs.stream()
                .filter(run -> HEADLINES.stream()
                        .map(run.findings()::get)
                        .anyMatch(finding -> finding != null && FindingFormat.hasInterval(finding)))
                .toList();
        if (estimated.isEmpty()) {
            return;
        }
        console.line();
        console.line(Style.BOLD, "By texts that were drawn, 95 % intervals");
        TextTable table = new TextTable(0)
                .words("method", 30)
                .words("Bayes fraction", 18)
                .words("copies", 18)
                .words("KL(π‖asked)", 20);
        for (Answer run : estimated) {
            table.row(
                    Style.PLAIN,
                    run.label(),
                    interval(run, HEADLINES.get(0)),
                    interval(run, HEADLINES.get(1)),
                    interval(run, HEADLINES.get(2)));
            for (Gate gate : run.audit().gates()) {
                if (gate.status() != Gate.Status.PASS) {
                    table.note(gate.id() + ": " + gate.reason());
                }
            }
        }
        table.print(console);
    }

    /** What runs of sequential Monte Carlo say of log Z, and of themselves. */
    private void particles(List<Answer> runs) {
        List<Answer> particles = runs.stream()
                .filter(run -> run.findings().containsKey("resamplings"))
                .toList();
        if (particles.isEmpty()) {
            return;
        }
        console.line();
        console.line(Style.BOLD, "By particles: log Z between the bounds of their runs");
        TextTable table = new TextTable(0)
                .words("method", 30)
                .words("log Z, nats", 24)
                .numbers("at least")
                .numbers("at most")
                .numbers("ess")
                .numbers("resamplings");
        for (Answer run : particles) {
            Finding logZ = run.findings().get("log_z");
            table.row(
                    Style.PLAIN,
                    run.label(),
                    logZ == null ? "–" : FigureFormat.of(logZ.estimate()),
                    logZ == null ? "–" : FigureFormat.of(logZ.lower()),
                    logZ == null || Double.isNaN(logZ.upper()) ? "–" : FigureFormat.of(logZ.upper()),
                    shown(run, "ess"),
                    shown(run, "resamplings"));
            if (logZ != null && logZ.reason() != null) {
                table.note(logZ.reason());
            }
        }
        table.print(console);
    }

    /** What methods that drew from a model took, and what best-of-n's own figures say. */
    private void costs(List<Answer> runs) {
        List<Answer> drew = runs.stream()
                .filter(run -> run.cost().drawsPerText().isPresent()
                        && run.cost().modelCalls().isPresent())
                .toList();
        if (drew.isEmpty()) {
            return;
        }
        console.line();
        console.line(Style.BOLD, "What they took of the model");
        TextTable table = new TextTable(0)
                .words("method", 30)
                .numbers("draws a text")
                .numbers("accepted")
                .numbers("texts computed")
                .numbers("seconds");
        for (Answer run : drew) {
            table.row(
                    Style.PLAIN,
                    run.label(),
                    FigureFormat.of(run.cost().drawsPerText().getAsDouble()),
                    shown(run, "acceptance"),
                    String.format(Locale.ROOT, "%,d", run.cost().modelCalls().getAsLong()),
                    FigureFormat.of(run.cost().seconds()));
            Finding subsets = run.findings().get("kl.policy_prior.subsets");
            if (subsets != null) {
                table.note("KL(π‖π0) over all subsets of the pool's draws: " + FindingCells.estimate(subsets)
                        + " nats; log n − (n − 1)/n, without ties, is " + shown(run, "kl.policy_prior.bound"));
            }
        }
        table.print(console);
    }

    private static String interval(Answer run, String id) {
        Finding finding = run.findings().get(id);
        return finding == null
                ? "–"
                : !finding.stands()
                        ? "withdrawn"
                        : FindingFormat.hasInterval(finding) ? FindingFormat.interval(finding) : "exact";
    }

    private void aims(List<Answer> runs) {
        console.line();
        console.line(Style.BOLD, "How each meets its own aim");
        TextTable table =
                new TextTable(0).words("method", 30).numbers("KL(π‖aimed)").numbers("KL(aimed‖π)");
        for (Answer run : runs) {
            table.row(Style.PLAIN, run.label(), atMost(run, "kl.policy_aimed"), atMost(run, "kl.aimed_policy"));
            table.note("minimises on the way: " + run.aim().divergence());
            if (run.aim().noPosterior() != null) {
                table.note("aims at no posterior: " + run.aim().noPosterior());
                if (run.findings().containsKey("kl.policy_limit")) {
                    table.note("KL(π‖what it tends to instead): " + shown(run, "kl.policy_limit"));
                }
            }
            notes(run).forEach(table::note);
        }
        table.print(console);
    }

    /** The figure, or a bound of it where only that is known. */
    private static String atMost(Answer run, String id) {
        Finding bound = run.findings().get(id + ".bound");
        return bound == null || run.findings().containsKey(id) ? shown(run, id) : "≤ " + FindingCells.estimate(bound);
    }

    /** How a training ended that was to run to its limit, or in which groups taught nothing. */
    private static List<String> notes(Answer run) {
        List<String> notes = new ArrayList<>();
        TrainingEnd end = run.training();
        if (end == null) {
            return notes;
        }
        if (end.toLimit()) {
            String reached = end.reached() ? "limit reached: " : "limit not reached: ";
            notes.add(
                    end.distance().isPresent()
                            ? reached + "total variation from it " + shown(run, "limit.distance")
                            : (end.reached() ? "came to rest, limit not stated: " : "did not come to rest: ")
                                    + "norm of the gradient " + shown(run, "limit.gradient"));
        }
        if (end.isMostlyEqual()) {
            String share = FigureFormat.of(100 * end.equalGroups().orElse(0)) + " %";
            notes.add("in " + share
                    + " of the groups all texts were rewarded alike: nothing was learnt of the reward there");
        }
        return notes;
    }

    private static String shown(Answer run, String id) {
        Finding finding = run.findings().get(id);
        return finding == null ? "–" : FindingCells.estimate(finding);
    }
}
