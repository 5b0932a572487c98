package dev.credence.app.view;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.provenance.Provenance;
import dev.credence.lab.conditioning.Answer;
import dev.credence.lab.conditioning.MethodAnswers;
import dev.credence.report.MethodTable;
import dev.credence.report.NamedAudit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Several methods side by side: as the report's table, and as audits. */
public final class MethodTables {
    private MethodTables() {}

    /**
     * The table of the report.
     *
     * @param runs the answers
     * @return a row each
     */
    public static MethodTable table(List<Answer> runs) {
        return new MethodTable(runs.stream().map(MethodTables::row).toList());
    }

    private static MethodTable.Row row(Answer run) {
        Map<String, Finding> f = run.findings();
        MethodTable.Figures figures = new MethodTable.Figures(
                f.get("bayes_fraction"),
                f.get("copies.moment_match"),
                f.get("kl.policy_prior"),
                f.get("kl.policy_asked"),
                f.get("kl.asked_policy"),
                f.get("recall"));
        return new MethodTable.Row(
                run.label(),
                run.asked(),
                run.aimed(),
                run.audit().verdict().label().words(),
                figures,
                run.cost().words(),
                null);
    }

    /**
     * The table of the report, with the methods that came to nothing below the others.
     *
     * @param answers what came of each
     * @param asked what each was asked
     * @return a row each
     */
    public static MethodTable table(MethodAnswers answers, Answer.Asked asked) {
        List<MethodTable.Row> rows = new ArrayList<>(
                answers.answers().stream().map(MethodTables::row).toList());
        String words = answers.answers().isEmpty() ? asked.words() : rows.get(0).asked();
        answers.failed().forEach(one -> rows.add(MethodTable.Row.failed(one.label(), words, one.aimed(), one.cause())));
        return new MethodTable(rows);
    }

    /**
     * The audits of the report.
     *
     * @param runs the answers
     * @param asked what each was asked
     * @param provenance of all
     * @return one each
     */
    public static List<NamedAudit> audits(List<Answer> runs, Answer.Asked asked, Provenance provenance) {
        return runs.stream()
                .map(run -> new NamedAudit(
                        run.label(),
                        run.aimed(),
                        new AuditReport(
                                asked.beta(),
                                asked.rewardName(),
                                asked.rewardType(),
                                List.of(run.audit()),
                                provenance)))
                .toList();
    }
}
