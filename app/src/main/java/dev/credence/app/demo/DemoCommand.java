package dev.credence.app.demo;

import dev.credence.app.command.Subcommand;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.SideBySide;
import dev.credence.app.console.Style;
import dev.credence.app.options.OutputFile;
import dev.credence.app.view.AuditPrinter;
import dev.credence.app.view.Detail;
import dev.credence.app.view.MethodTableText;
import dev.credence.app.view.MethodTables;
import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.files.InputFiles;
import dev.credence.data.json.Json;
import dev.credence.data.json.RawJson;
import dev.credence.data.rollouts.LogRead;
import dev.credence.data.rollouts.ReadOptions;
import dev.credence.data.rollouts.RolloutLogReader;
import dev.credence.lab.audits.ComputedRange;
import dev.credence.lab.audits.LogAudit;
import dev.credence.lab.conditioning.Answer;
import dev.credence.lab.conditioning.AnswerJson;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.report.MethodTable;
import dev.credence.report.NamedAudit;
import dev.credence.report.ReportDocument;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main job on built-in inputs. */
@Command(
        name = "demo",
        header = "The main job on built-in inputs, offline: condition, audit, report.",
        description = {
            "",
            "Conditions a world of four outcomes in several ways and audits each exactly; then conditions a small language"
                    + " model, trained by `credence train`, and shows what it says; then audits the log of another one that"
                    + " was tuned by reinforcement learning; writes the audits as one HTML report.",
            ""
        },
        footer = {"", "Examples:", "  credence demo", "  credence demo -o /tmp/report.html --json demo.json"})
public final class DemoCommand extends Subcommand {
    private static final String WORLD = "t1";
    private static final int SHOWN = 3; // texts of each way

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "report.html",
            description = "The report (default report.html in this folder).")
    private String output = "report.html";

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public DemoCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        report("1/4  conditioning a world of four outcomes, exactly …");
        common().json().check(List.of());
        OutputFile.check("output", output, List.of());
        WorldInput world = WorldInput.read(WORLD);
        DemoWorld conditioning = new DemoWorld(world, common().seed());
        List<Answer> runs = conditioning.run();
        MethodTable table = MethodTables.table(runs);
        if (printsText()) {
            print(table);
        }
        report("2/4  conditioning a language model on warm words …");
        DemoTexts texts = DemoTexts.draw(common().seed());
        if (printsText()) {
            print(texts);
        }
        report("3/4  auditing 16,000 texts of a language model and its prior …");
        DemoLog log = DemoLog.audited(common().seed());
        Provenance provenance = provenance(settings(), List.of(world.input(), log.input()));
        AuditReport audit =
                new AuditReport(DemoLog.BETA, DemoLog.REWARD, RewardType.SCORE, List.of(log.audit()), provenance);
        if (printsText()) {
            print(log);
        }
        report("4/4  writing the report …");
        String json = json(provenance, AnswerJson.json(runs, conditioning.asked()), texts, audit);
        List<NamedAudit> audits = new ArrayList<>();
        audits.add(new NamedAudit(DemoLog.NAME, "the exact conditional: RLOO with its penalty in the reward", audit));
        Answer.Asked asked = conditioning.asked();
        audits.addAll(MethodTables.audits(runs, asked, provenance(settings(asked), List.of(world.input()))));
        OutputFile.writeHtml(new ReportDocument("Credence demo", table, audits, provenance, json), Path.of(output));
        if (printsText()) {
            console().line();
            console()
                    .line(
                            Style.BOLD,
                            "The report is in "
                                    + Path.of(output).toAbsolutePath().normalize());
        }
        common().json().write(console(), out -> out.write(json.getBytes(StandardCharsets.UTF_8)));
        return ExitCode.DONE;
    }

    /** Of what the methods were asked, which is not what the log's policy was. */
    private static Map<String, String> settings(Answer.Asked asked) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("world", WORLD);
        settings.put("beta", String.valueOf(asked.beta()));
        settings.put("reward", asked.rewardName());
        return settings;
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("world", WORLD);
        settings.put("log", DemoLog.NAME);
        settings.put("beta", String.valueOf(DemoLog.BETA));
        settings.put("reward", DemoLog.REWARD);
        settings.put("reward-range", ComputedRange.word(DemoLog.RANGE));
        return settings;
    }

    private void print(MethodTable table) {
        console()
                .line(
                        Style.BOLD,
                        "A world of four outcomes, conditioned in "
                                + table.rows().size() + " ways");
        console()
                .paragraph(
                        0,
                        "The prior gives a, b, c, d the probabilities .4, .3, .2, .1 and they have the rewards 0, 1, 2, 3."
                                + " Each method was asked for the posterior that has seen one copy of that reward.");
        console().line();
        new MethodTableText(console()).print(table);
        console().line();
        console()
                .paragraph(
                        0,
                        "Each method arrives at what it aims at, which is not always what was asked: best-of-n is the"
                                + " posterior of another evidence, filters and levels drop outcomes that the posterior keeps"
                                + " (KL from asked is infinite), five rounds of a soft filter are five copies.");
    }

    private void print(DemoTexts texts) {
        console().line();
        console().line(Style.BOLD, "A language model of 0.4 million parameters, asked for warm words");
        console()
                .paragraph(
                        0,
                        "It was trained by `credence train` on Shakespeare's plays and speaks as Romeo, at most 24 tokens."
                                + " The reward is half the number of warm words, at most 1; asked for is the posterior at β = "
                                + DemoTexts.BETA + ", the prior times e^(reward/β). Rejection draws from it exactly.");
        console().line();
        List<DemoTexts.Way> ways = texts.ways();
        SideBySide columns = new SideBySide(console(), ways.size());
        columns.row(Style.BOLD, ways.stream().map(DemoTexts.Way::name).toList());
        columns.row(
                Style.PLAIN,
                ways.stream()
                        .map(way -> String.format("mean reward %.2f", way.reward()))
                        .toList());
        for (int i = 0; i < SHOWN; i++) {
            int shown = i;
            console().line();
            columns.row(
                    Style.PLAIN,
                    ways.stream().map(way -> way.texts().get(shown)).toList());
        }
        console().line();
        console()
                .paragraph(
                        0,
                        "A prompt that asks is evidence of its own, best-of-" + DemoTexts.POOL
                                + " the posterior of being picked as best: only the last column is what was asked.");
    }

    private void print(DemoLog log) {
        console().line();
        console().line(Style.BOLD, "A language model, tuned by TRL's RLOO at β = 0.05: " + log.described());
        console()
                .paragraph(
                        0,
                        "A transformer of four layers, trained on Shakespeare's plays, was rewarded for warm words, 0 to 1 (half their number, at most 1). Did that"
                                + " condition it on warmth, as theory says of this method's optimum?");
        AuditPrinter printer = new AuditPrinter(console(), common().verbose() ? Detail.FULL : Detail.BRIEF);
        printer.summary(log.audit());
        if (log.audit().verdict().label() == Verdict.Label.CANNOT_TELL) {
            console().line();
            console()
                    .paragraph(
                            0,
                            "That verdict is meant: where the records cannot carry a figure it is withdrawn, with the reason,"
                                    + " rather than guessed. `credence audit` would end with exit code 3 here.");
        }
    }

    private static String json(Provenance provenance, Object methods, DemoTexts texts, AuditReport audit)
            throws IOException {
        Map<String, @Nullable Object> document = Json.document("credence.demo/1", provenance);
        document.put("methods", methods);
        document.put("texts", texts.json());
        document.put("audit", new RawJson(AuditJson.toString(audit)));
        document.put("provenance", Json.provenance(provenance));
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        Json.write(document, json);
        return json.toString(StandardCharsets.UTF_8);
    }

    /**
     * The log that ships with Credence: a small language model, tuned by TRL's RLOO at β = 0.05.
     *
     * @param described how many records of what
     * @param input its name and hash
     * @param audit of its only step
     */
    record DemoLog(String described, Provenance.Input input, StepAudit audit) {
        static final String NAME = "rloo-beta0.05.jsonl.zst";
        static final double BETA = 0.05;
        static final String REWARD = "reward";

        /** Half the number of warm words, at most 1. */
        static final AuditOptions.Range RANGE = new AuditOptions.Range(0, 1);

        private static final String RESOURCE = "/dev/credence/app/demo/" + NAME;

        static DemoLog audited(long seed) throws IOException {
            try (InputStream in = DemoLog.class.getResourceAsStream(RESOURCE)) {
                if (in == null) {
                    throw new IllegalStateException("resource " + RESOURCE + " is not in this build");
                }
                LogRead read =
                        new RolloutLogReader(ReadOptions.standard(seed), in).read(List.of(InputFiles.STANDARD_INPUT));
                RolloutLog log = read.steps().get(0).log();
                Provenance.Input stored = read.inputs().get(0);
                Provenance.Input input = new Provenance.Input("builtin:" + NAME, stored.bytes(), stored.sha256());
                AuditOptions options =
                        new AuditOptions(BETA, REWARD, RewardType.SCORE, List.of(REWARD), null, seed).within(RANGE);
                return new DemoLog(LogAudit.describe(read), input, Audit.of(log, options));
            }
        }
    }
}
