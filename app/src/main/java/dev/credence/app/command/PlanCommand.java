package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.app.options.AuditQuestion;
import dev.credence.app.options.LogOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.IntervalPlan;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.InputFiles;
import dev.credence.data.json.Json;
import dev.credence.lab.audits.AuditOutcome;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.LogAudit;
import dev.credence.lab.audits.Threshold;
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
            "Intervals shrink with the root of the records, on the figure's own scale; the mix of prompts and sources"
                    + " stays the pilot's. Of a log with several steps the last is the pilot.",
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

    @Option(names = "--figure", required = true, paramLabel = "ID", description = "The figure, such as bayes_fraction.")
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
        if (!(width > 0 && width < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("width", String.valueOf(width), "it must be positive and finite");
        }
        AuditRequest request = question.request(null, common().seed());
        common().json().check(InputFiles.expand(inputs));
        AuditOutcome outcome = new LogAudit(inputs, console().in(), reading.reading(), this::report).audit(request);
        StepAudit pilot = outcome.last();
        Finding finding = finding(pilot);
        double growth = growth(finding);
        List<String> limits = limits(pilot, finding);
        if (printsText()) {
            print(pilot, finding, growth, limits);
        }
        Map<String, String> settings = question.settings(outcome.reward());
        settings.put("figure", figure);
        settings.put("width", String.valueOf(width));
        reading.describe(settings);
        write(pilot, finding, growth, limits, provenance(settings, outcome.inputs()));
        return finding.stands() ? ExitCode.DONE : ExitCode.WITHDRAWN;
    }

    private Finding finding(StepAudit pilot) {
        try {
            return Threshold.among(figure, pilot.findings());
        } catch (InputException e) {
            throw InputException.ofSetting("figure", e.value(), e.rule());
        }
    }

    /** How many times the pilot's records; 1 where the figure is known exactly, NaN where nothing can be planned. */
    private double growth(Finding finding) {
        if (!finding.stands()) {
            return Double.NaN; // its interval does not hold, so neither would a plan
        }
        if (finding.lower() == finding.upper()) {
            return 1;
        }
        boolean interval = Double.isFinite(finding.lower()) && Double.isFinite(finding.upper());
        return interval ? IntervalPlan.of(finding).growth(width) : Double.NaN;
    }

    /** What records alone do not mend. */
    private List<String> limits(StepAudit pilot, Finding finding) {
        List<String> limits = new ArrayList<>();
        for (Gate gate : pilot.gates()) {
            if (gate.status() != Gate.Status.PASS && gate.withdraws().contains(finding.id())) {
                limits.add("gate " + gate.id() + ": " + gate.reason());
            }
        }
        if (!finding.stands() && limits.isEmpty()) {
            limits.add(String.valueOf(finding.reason()));
        }
        Finding population = pilot.findings().get(figure + ".population");
        if (finding.stands() && population != null && population.upper() - population.lower() > width) {
            double prompts =
                    pilot.prompts().size() * IntervalPlan.of(population).growth(width);
            limits.add(String.format(
                    "this interval speaks of these %d prompts; for the population they come from it is %s wide, which"
                            + " takes more prompts (about %s), not more records of each",
                    pilot.prompts().size(),
                    FigureFormat.of(population.upper() - population.lower()),
                    FigureFormat.of(Math.ceil(prompts))));
        }
        return limits;
    }

    private static long needed(int records, double growth) {
        return records == 0 ? 0 : Math.max(2, (long) Math.ceil(records * growth - 1e-6));
    }

    private void print(StepAudit pilot, Finding finding, double growth, List<String> limits) {
        console().line(Style.BOLD, "Plan for " + figure + ", " + FigureFormat.of(width) + " wide");
        console()
                .line("  pilot: " + FindingFormat.of(finding) + " " + finding.unit()
                        + (finding.stands() ? "" : " (withdrawn)"));
        if (Double.isNaN(growth)) {
            console().line("  no interval of it holds in the pilot, so none can be planned");
        } else {
            console()
                    .line("  " + FigureFormat.of(growth) + " times the pilot's records"
                            + (growth <= 1 ? ": the pilot has enough records" : ""));
            table(pilot, growth);
        }
        limits.forEach(limit -> console().paragraph(2, "But: " + limit));
    }

    private void table(StepAudit pilot, double growth) {
        TextTable table = new TextTable(2)
                .words("prompt", 40)
                .numbers("prior")
                .numbers("policy")
                .numbers("in the pilot");
        pilot.prompts().stream()
                .limit(common().verbose() ? Integer.MAX_VALUE : ROWS)
                .forEach(prompt -> table.row(
                        Style.PLAIN,
                        prompt.prompt().isEmpty() ? "(empty)" : prompt.prompt(),
                        String.format("%,d", needed(prompt.priorRecords(), growth)),
                        String.format("%,d", needed(prompt.policyRecords(), growth)),
                        String.format("%,d + %,d", prompt.priorRecords(), prompt.policyRecords())));
        table.row(
                Style.BOLD,
                "all",
                "",
                String.format("%,d", total(pilot, growth)),
                String.format("%,d", total(pilot, 1)));
        table.print(console());
    }

    private static long total(StepAudit pilot, double growth) {
        return pilot.prompts().stream()
                .mapToLong(p -> needed(p.priorRecords(), growth) + needed(p.policyRecords(), growth))
                .sum();
    }

    private void write(StepAudit pilot, Finding finding, double growth, List<String> limits, Provenance provenance)
            throws IOException {
        Map<String, @Nullable Object> document = Json.document("credence.plan/1", provenance);
        document.put("figure", figure);
        document.put("wanted", width);
        document.put("pilot", Json.findings(Map.of(figure, finding)).get(figure));
        document.put("growth", growth);
        Map<String, @Nullable Object> prompts = new LinkedHashMap<>();
        for (PromptAudit prompt : pilot.prompts()) {
            Map<String, @Nullable Object> records = new LinkedHashMap<>();
            records.put("prior", Double.isNaN(growth) ? null : needed(prompt.priorRecords(), growth));
            records.put("policy", Double.isNaN(growth) ? null : needed(prompt.policyRecords(), growth));
            prompts.put(prompt.prompt(), records);
        }
        document.put("prompts", prompts);
        document.put("records", Double.isNaN(growth) ? null : total(pilot, growth));
        document.put("limits", limits);
        document.put("provenance", Json.provenance(provenance));
        common().json().write(console(), out -> Json.write(document, out));
    }
}
