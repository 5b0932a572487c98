package dev.credence.app.command;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.lab.conditioning.Answer;
import dev.credence.report.MethodTable;
import dev.credence.report.NamedAudit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Several methods side by side: as the report's table, as audits, and as JSON. */
final class MethodTables {
    /** Outcomes of a prompt that JSON holds at most. */
    private static final int OUTCOMES = 1000;

    private MethodTables() {}

    static MethodTable table(List<Answer> runs) {
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

    static List<NamedAudit> audits(List<Answer> runs, Answer.Asked asked, Provenance provenance) {
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

    static List<Map<String, @Nullable Object>> json(List<Answer> runs, Answer.Asked asked) {
        return runs.stream().map(run -> json(run, asked)).toList();
    }

    private static Map<String, @Nullable Object> json(Answer run, Answer.Asked asked) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("method", run.method());
        fields.put("options", run.settings());
        Map<String, @Nullable Object> question = new LinkedHashMap<>();
        question.put("evidence", run.asked());
        question.put("reward", asked.rewardName());
        question.put("beta", asked.beta());
        question.put("copies", 1 / asked.beta());
        fields.put("asked", question);
        fields.put("aimed", aimed(run.aim()));
        fields.put("got", Json.findings(run.findings()));
        fields.put("verdict", run.audit().verdict().label().words());
        OptionalDouble draws = run.cost().drawsPerText();
        OptionalLong calls = run.cost().modelCalls();
        fields.put("drawsPerText", draws.isPresent() ? draws.getAsDouble() : null);
        fields.put("modelCalls", calls.isPresent() ? calls.getAsLong() : null);
        fields.put("seconds", run.cost().seconds() > 0 ? run.cost().seconds() : null);
        fields.put("policy", run.policy() == null ? null : policy(run.policy()));
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
            for (int i : likeliest(distribution)) {
                outcomes.put(distribution.outcome(i), distribution.probability(i));
            }
            prompts.put(prompt, outcomes);
        }
        return prompts;
    }

    /** All outcomes in their order; of a model's many the likeliest, these first. */
    private static int[] likeliest(Distribution distribution) {
        IntStream all = IntStream.range(0, distribution.size());
        if (distribution.size() <= OUTCOMES) {
            return all.toArray();
        }
        return all.boxed()
                .sorted(Comparator.comparingDouble(i -> -distribution.logProbability(i)))
                .limit(OUTCOMES)
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
