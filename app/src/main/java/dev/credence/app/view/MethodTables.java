package dev.credence.app.view;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.provenance.Provenance;
import dev.credence.lab.conditioning.Answer;
import dev.credence.report.MethodTable;
import dev.credence.report.NamedAudit;
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
                run.cost().words());
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
