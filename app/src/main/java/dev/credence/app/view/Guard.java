package dev.credence.app.view;

import dev.credence.app.console.ExitCode;
import dev.credence.app.options.ThresholdOptions;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * What an audit tells the pipeline that called it: an exit code, and a line for each reason why it is not 0. Thresholds
 * alone decide where there are some; the verdict decides where there are none. Of several steps the last counts.
 *
 * @param code 0, 3 or 4; withdrawn goes before missed
 * @param complaints why it is not 0
 */
public record Guard(int code, List<Complaint> complaints) {
    /**
     * One reason.
     *
     * @param title a few words, such as {@code not met}
     * @param about the figure, or {@code verdict}
     * @param text the reason, one line
     */
    public record Complaint(String title, String about, String text) {
        /** {@return as it stands on standard error} */
        public String line() {
            return title + ": " + text;
        }
    }

    /**
     * Of an audit with the outcomes of its thresholds.
     *
     * @param report the audit
     * @return the code and why
     */
    public static Guard of(AuditReport report) {
        List<Complaint> complaints = new ArrayList<>();
        int code = ExitCode.DONE;
        for (ThresholdOutcome threshold : report.thresholds()) {
            if (threshold.isWithdrawn()) {
                code = ExitCode.WITHDRAWN;
                String named = threshold.id() + ", named by " + ThresholdOptions.option(threshold.side());
                complaints.add(new Complaint("withdrawn", threshold.id(), named + "; " + threshold.reason()));
            } else if (threshold.isMissed()) {
                code = code == ExitCode.WITHDRAWN ? code : ExitCode.THRESHOLD;
                complaints.add(new Complaint("not met", threshold.id(), threshold.reason()));
            }
        }
        boolean undecided = report.last().verdict().label() == Verdict.Label.CANNOT_TELL;
        if (report.thresholds().isEmpty() && undecided) {
            code = ExitCode.WITHDRAWN;
            complaints.add(new Complaint(
                    "cannot tell", "verdict", firstSentence(report.last().verdict())));
        }
        return new Guard(code, List.copyOf(complaints));
    }

    private static String firstSentence(Verdict verdict) {
        String text = verdict.text().replaceAll("\\s+", " ");
        int end = text.indexOf(". ");
        return end < 0 ? text : text.substring(0, end + 1);
    }
}
