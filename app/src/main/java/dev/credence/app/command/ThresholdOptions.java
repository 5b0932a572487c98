package dev.credence.app.command;

import dev.credence.app.console.ExitCode;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** Thresholds that make an audit guard a training pipeline, and the exit code that follows. */
final class ThresholdOptions {
    @Option(
            names = Threshold.UNDER,
            paramLabel = "ID=X",
            description = "Exit with 4 when the lower end of a figure is under X. May be given several times.")
    private List<String> under = new ArrayList<>();

    @Option(
            names = Threshold.OVER,
            paramLabel = "ID=X",
            description = "Exit with 4 when the upper end of a figure is over X. May be given several times.")
    private List<String> over = new ArrayList<>();

    /** The thresholds, before any work: a malformed one is bad input. */
    List<Threshold> thresholds() {
        List<Threshold> thresholds = new ArrayList<>();
        under.forEach(text -> thresholds.add(Threshold.of(Threshold.UNDER, text)));
        over.forEach(text -> thresholds.add(Threshold.of(Threshold.OVER, text)));
        return thresholds;
    }

    /**
     * The exit code of an audit; of several steps the last counts.
     *
     * @param step the audit
     * @param report told why it is not 0
     * @return 0, 3 or 4; withdrawn goes before missed
     */
    int exitCode(StepAudit step, Consumer<String> report) {
        int code = ExitCode.DONE;
        for (Threshold threshold : thresholds()) {
            Finding finding = threshold.among(step.findings());
            if (!finding.stands()) {
                report.accept(
                        "withdrawn: " + threshold.id() + ", named by " + threshold.option() + "; " + finding.reason());
                code = ExitCode.WITHDRAWN;
            } else if (threshold.isMissedBy(finding)) {
                report.accept("not met: " + threshold.describe(finding));
                code = code == ExitCode.WITHDRAWN ? code : ExitCode.THRESHOLD;
            }
        }
        return step.verdict().label() == Verdict.Label.CANNOT_TELL ? ExitCode.WITHDRAWN : code;
    }
}
