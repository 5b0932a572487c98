package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.app.options.AuditQuestion;
import dev.credence.app.options.LogOptions;
import dev.credence.app.options.Names;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.InputFiles;
import dev.credence.data.json.Json;
import dev.credence.lab.audits.AuditOutcome;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.LogAudit;
import dev.credence.lab.audits.Pilot;
import dev.credence.lab.audits.PilotPlan;
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

/** From a pilot log, the records that a wanted width of an interval takes. */
@Command(
        name = "plan",
        header = "How many records a figure takes to be known to a wanted width, from a pilot log.",
        description = {
            "",
            "The pilot is audited again as though its records had come two, four, eight … times, until the interval is as"
                    + " narrow as wanted; the mix of prompts and sources stays the pilot's. Of a log with several steps the"
                    + " last is the pilot. A figure of the population (bayes_fraction.population) takes more prompts.",
            ""
        },
        footer = {
            "",
            "Exit code: 3 when the figure is withdrawn in the pilot: what limits it then is printed.",
            "",
            "Examples:",
            "  credence plan pilot.jsonl --figure bayes_fraction --width 0.05 --beta 0.05",
            "  credence plan pilot.jsonl --figure kl.departure --width 0.2 --json plan.json"
        })
public final class PlanCommand extends Subcommand {
    private static final int ROWS = 15;

    @Parameters(arity = "1..*", paramLabel = "LOG", description = "The pilot's rollout logs.")
    private List<String> inputs = new ArrayList<>();

    @Option(
            names = "--figure",
            required = true,
            paramLabel = "ID",
            completionCandidates = Names.OfFigures.class,
            description = "The figure, such as bayes_fraction.")
    private String figure = "";

    @Option(
            names = "--width",
            required = true,
            paramLabel = "W",
            description = "Full width wanted of its 95 %% interval, in the figure's unit.")
    private double width;

    @Mixin
    private AuditQuestion question = new AuditQuestion();

    @Mixin
    private LogOptions reading = new LogOptions();

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public PlanCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        PilotPlan.requireWidth(width);
        AuditRequest request = question.request(null, common().seed());
        common().json().check(InputFiles.expand(inputs));
        Pilot drawn = new LogAudit(inputs, console().in(), reading.reading(), this::report).pilot(request);
        AuditOutcome outcome = drawn.outcome();
        StepAudit pilot = drawn.audit();
        PilotPlan plan = drawn.plan(figure, width);
        if (printsText()) {
            print(pilot, plan);
        }
        Map<String, String> settings = question.settings(outcome.reward());
        settings.put("figure", figure);
        settings.put("width", String.valueOf(width));
        reading.describe(settings);
        write(pilot, plan, provenance(settings, withConfig(outcome.inputs())));
        return plan.finding().stands() ? ExitCode.DONE : ExitCode.WITHDRAWN;
    }

    private void print(StepAudit pilot, PilotPlan plan) {
        Finding finding = plan.finding();
        console().line(Style.BOLD, "Plan for " + figure + ", " + FigureFormat.of(width) + " wide");
        console()
                .line("  pilot: " + FindingFormat.of(finding) + " " + finding.unit()
                        + (finding.stands() ? "" : " (withdrawn)"));
        if (!plan.isPossible()) {
            console().line("  no interval of it holds in the pilot, so none can be planned");
        } else {
            String of = plan.unit().word();
            console()
                    .line("  " + FigureFormat.of(plan.growth()) + " times the pilot's " + of
                            + (plan.growth() <= 1 ? ": the pilot has enough " + of : ""));
            if (plan.unit() == PilotPlan.Unit.PROMPTS) {
                console()
                        .line(String.format(
                                "  %,d prompts in the place of %,d, with as many records each",
                                plan.prompts(pilot), pilot.prompts().size()));
            } else {
                table(pilot, plan);
            }
        }
        plan.limits().forEach(limit -> console().paragraph(2, (finding.stands() ? "But: " : "Why: ") + limit));
    }

    private void table(StepAudit pilot, PilotPlan plan) {
        TextTable table = new TextTable(2)
                .texts("prompt", 40)
                .numbers("prior")
                .numbers("policy")
                .numbers("in the pilot");
        pilot.prompts().stream()
                .limit(common().verbose() ? Integer.MAX_VALUE : ROWS)
                .forEach(prompt -> table.row(
                        Style.PLAIN,
                        prompt.prompt().isEmpty() ? "(empty)" : prompt.prompt(),
                        String.format("%,d", plan.needed(prompt.priorRecords())),
                        String.format("%,d", plan.needed(prompt.policyRecords())),
                        String.format("%,d + %,d", prompt.priorRecords(), prompt.policyRecords())));
        table.row(
                Style.BOLD, "all", "", String.format("%,d", plan.total(pilot)), String.format("%,d", recorded(pilot)));
        table.print(console());
    }

    private static long recorded(StepAudit pilot) {
        return pilot.prompts().stream()
                .mapToLong(prompt -> (long) prompt.priorRecords() + prompt.policyRecords())
                .sum();
    }

    private void write(StepAudit pilot, PilotPlan plan, Provenance provenance) throws IOException {
        Map<String, @Nullable Object> document = Json.document("credence.plan/1", provenance);
        document.put("figure", figure);
        document.put("wanted", width);
        document.put("pilot", Json.findings(Map.of(figure, plan.finding())).get(figure));
        document.put("growth", plan.growth());
        document.put("of", plan.unit().word());
        document.put("prompts_needed", plan.isPossible() ? plan.prompts(pilot) : null);
        Map<String, @Nullable Object> prompts = new LinkedHashMap<>();
        for (PromptAudit prompt : pilot.prompts()) {
            Map<String, @Nullable Object> records = new LinkedHashMap<>();
            records.put("prior", plan.isPossible() ? plan.needed(prompt.priorRecords()) : null);
            records.put("policy", plan.isPossible() ? plan.needed(prompt.policyRecords()) : null);
            prompts.put(prompt.prompt(), records);
        }
        document.put("prompts", prompts);
        document.put("records", plan.isPossible() ? plan.total(pilot) : null);
        document.put("limits", plan.limits());
        document.put("provenance", Json.provenance(provenance));
        common().json().write(console(), out -> Json.write(document, out));
    }
}
