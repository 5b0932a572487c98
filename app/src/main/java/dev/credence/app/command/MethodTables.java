package dev.credence.app.command;

import dev.credence.app.json.Json;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.Provenance;
import dev.credence.methods.Aim;
import dev.credence.report.MethodTable;
import dev.credence.report.NamedAudit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Several methods side by side: as the report's table, as audits, and as JSON. */
final class MethodTables {
    private MethodTables() {}

    static MethodTable table(List<MethodRun> runs) {
        return new MethodTable(runs.stream().map(MethodTables::row).toList());
    }

    private static MethodTable.Row row(MethodRun run) {
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
                run.cost());
    }

    static List<NamedAudit> audits(List<MethodRun> runs, MethodRun.Asked asked, Provenance provenance) {
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

    static List<Map<String, @Nullable Object>> json(List<MethodRun> runs, MethodRun.Asked asked) {
        return runs.stream().map(run -> json(run, asked)).toList();
    }

    private static Map<String, @Nullable Object> json(MethodRun run, MethodRun.Asked asked) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("method", run.conditioned().method());
        fields.put("options", run.conditioned().settings());
        Map<String, @Nullable Object> question = new LinkedHashMap<>();
        question.put("evidence", run.asked());
        question.put("reward", asked.rewardName());
        question.put("beta", asked.beta());
        question.put("copies", 1 / asked.beta());
        fields.put("asked", question);
        fields.put("aimed", aimed(run.conditioned().aim()));
        fields.put("got", Json.findings(run.findings()));
        fields.put("verdict", run.audit().verdict().label().words());
        fields.put(
                "drawsPerText",
                run.conditioned().drawsPerText().isPresent()
                        ? run.conditioned().drawsPerText().getAsDouble()
                        : null);
        fields.put("policy", policy(run.conditioned().policy()));
        return fields;
    }

    private static Map<String, @Nullable Object> aimed(Aim aim) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("evidence", aim.evidence());
        fields.put("divergence", aim.divergence());
        if (aim.noPosterior() != null) {
            fields.put("noPosterior", aim.noPosterior());
        }
        return fields;
    }

    private static Map<String, @Nullable Object> policy(TableModel policy) {
        Map<String, @Nullable Object> prompts = new LinkedHashMap<>();
        for (String prompt : policy.prompts()) {
            Distribution distribution = policy.given(prompt);
            Map<String, @Nullable Object> outcomes = new LinkedHashMap<>();
            for (int i = 0; i < distribution.size(); i++) {
                outcomes.put(distribution.outcome(i), distribution.probability(i));
            }
            prompts.put(prompt, outcomes);
        }
        return prompts;
    }
}
