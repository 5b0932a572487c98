package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Candidate;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.Copies;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.FigureFormat;
import dev.credence.report.EarlierGatesText;
import dev.credence.report.LeastDepartureText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints an audit in the order of the specification: gates, log Z, ledger, copies, nuisances, collapse, rivals, verdict. */
public final class AuditPrinter {
    private final Console console;
    private final Detail detail;

    /**
     * A printer.
     *
     * @param console where
     * @param detail how much
     */
    public AuditPrinter(Console console, Detail detail) {
        this.console = console;
        this.detail = detail;
    }

    /**
     * Prints an audit; of several steps the figures against step, and the last in full.
     *
     * @param heading what was audited
     * @param report the audit
     */
    public void print(String heading, AuditReport report) {
        StepAudit last = report.steps().get(report.steps().size() - 1);
        console.line(Style.BOLD, heading);
        console.line(Style.DIM, asked(report));
        if (report.steps().size() > 1) {
            new StepsText(console).print(report.steps());
            console.line();
            console.line(Style.BOLD, "Step " + last.step() + ", the last");
        }
        new GatesText(console, detail).print(last);
        SaidReasons said = new SaidReasons(last.gates());
        FindingsText findings = new FindingsText(console, detail, said);
        for (Chapter chapter : Chapter.values()) {
            findings.print(chapter, last.findings());
            if (chapter == Chapter.LEDGER) {
                leastDeparture(last);
            }
            if (chapter == Chapter.COPIES) {
                copies(report.rewardType(), last.findings().get("copies.moment_match"));
            }
        }
        new PromptsText(console, detail, said).print(last);
        candidates(last.candidates());
        verdict(last);
        thresholds(report.thresholds());
    }

    private void leastDeparture(StepAudit step) {
        Finding least = LeastDepartureText.of(step.findings());
        if (least != null) {
            console.paragraph(2, LeastDepartureText.words(least));
        }
    }

    private void thresholds(List<ThresholdOutcome> thresholds) {
        if (thresholds.isEmpty()) {
            return;
        }
        console.line();
        console.line(Style.BOLD, "Thresholds");
        TextTable table = new TextTable(2).words("", 9).words("", 44);
        for (ThresholdOutcome threshold : thresholds) {
            if (threshold.isWithdrawn()) {
                table.row(Style.WARN, "withdrawn", threshold.demand());
            } else {
                table.row(
                        threshold.isMissed() ? Style.BAD : Style.GOOD,
                        threshold.isMissed() ? "NOT MET" : "met",
                        threshold.demand());
            }
            table.note(threshold.reason());
            threshold.before().forEach(table::note);
        }
        table.print(console);
    }

    /**
     * Prints the gates, the ledger and the conclusion.
     *
     * @param step the audit
     */
    public void summary(StepAudit step) {
        new GatesText(console, detail).print(step);
        FindingsText findings = new FindingsText(console, detail, new SaidReasons(step.gates()));
        findings.print(Chapter.LEDGER, step.findings());
        leastDeparture(step);
        findings.print(Chapter.COPIES, step.findings());
        verdict(step);
    }

    private void verdict(StepAudit step) {
        console.line();
        Verdict verdict = step.verdict();
        console.line(style(verdict.label()), "Verdict: " + verdict.label().words());
        console.paragraph(2, verdict.text());
        step.verdicts().forEach((name, other) -> {
            if (!name.equals("stated")) {
                console.line(
                        style(other.label()),
                        "  Against what was " + name + ": " + other.label().words());
                console.paragraph(4, other.text());
            }
        });
        if (!verdict.advice().isEmpty()) {
            console.line();
            console.line(Style.BOLD, "What to change");
            verdict.advice().stream().distinct().forEach(advice -> console.item(2, advice));
        }
    }

    private static String asked(AuditReport report) {
        String reward = "reward '" + report.reward() + "'";
        Double beta = report.beta();
        if (beta == null) {
            return reward + ", no β stated: nothing is said about what was asked";
        }
        return beta == 0
                ? reward + " at β = 0: asked for the best texts alone"
                : reward + " at β = " + FigureFormat.of(beta) + ": asked for " + FigureFormat.of(1 / beta)
                        + (beta == 1 ? " copy of it" : " copies of it");
    }

    private void copies(RewardType type, @Nullable Finding finding) {
        if (finding != null
                && finding.stands()
                && finding.lower() <= finding.estimate()
                && finding.estimate() <= finding.upper()) {
            Copies copies = new Copies(type, finding.lower(), finding.estimate(), finding.upper());
            console.paragraph(2, "In words: " + copies.words() + ".");
        }
    }

    private void candidates(List<Candidate> candidates) {
        if (candidates.size() < 2) {
            return;
        }
        console.line();
        console.line(Style.BOLD, "Which conditional: rewards ranked by the nats they leave unexplained");
        TextTable table = new TextTable(2)
                .words("reward", 34)
                .numbers("copies")
                .numbers("departure")
                .numbers("Bayes fraction")
                .numbers("records to tell it apart");
        for (Candidate candidate : candidates) {
            table.row(
                    Style.PLAIN,
                    candidate.name(),
                    FigureFormat.of(candidate.copies()),
                    FigureFormat.of(candidate.departure()),
                    FigureFormat.of(candidate.bayesFraction()),
                    Double.isInfinite(candidate.samplesToSeparate())
                            ? "–"
                            : FigureFormat.of(candidate.samplesToSeparate()));
        }
        table.print(console);
        String withdrawn = Candidate.withdrawals(candidates);
        if (!withdrawn.isEmpty()) {
            console.paragraph(2, withdrawn);
        }
    }

    private static Style style(Verdict.Label label) {
        return switch (label) {
            case CONDITIONAL, MOSTLY -> Style.GOOD;
            case PARTLY, CANNOT_TELL -> Style.WARN;
            case NOT, OPPOSITE -> Style.BAD;
        };
    }

    /** Prints the headline figures of each training step. */
    static final class StepsText {
        private static final List<String> IDS =
                List.of("kl.policy_prior", "kl.departure", "bayes_fraction", "copies.moment_match", "reward.policy");

        private final Console console;

        StepsText(Console console) {
            this.console = console;
        }

        void print(List<StepAudit> steps) {
            console.line();
            console.line(Style.BOLD, "Figures against step (steps are never pooled)");
            TextTable table = new TextTable(2).numbers("step");
            List.of("KL moved", "departure", "Bayes fraction", "copies", "reward")
                    .forEach(table::numbers);
            table.words("verdict", 12);
            for (StepAudit step : steps) {
                table.row(
                        Style.PLAIN,
                        String.valueOf(step.step()),
                        cell(step, 0),
                        cell(step, 1),
                        cell(step, 2),
                        cell(step, 3),
                        cell(step, 4),
                        step.verdict().label().words());
            }
            table.print(console);
            EarlierGatesText.lines(steps).forEach(line -> console.item(2, line));
        }

        private static String cell(StepAudit step, int column) {
            Finding finding = step.findings().get(IDS.get(column));
            return finding == null || !finding.stands() ? "–" : FigureFormat.of(finding.estimate());
        }
    }
}
