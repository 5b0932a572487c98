package dev.credence.report;

import dev.credence.core.audit.Gate;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** What gates say of the steps before the last, of which only the headline is shown: a fault of one step is none of the others'. */
public final class EarlierGatesText {
    private EarlierGatesText() {}

    /**
     * The gates that do not hold in a step before the last: those that fail with the first step's reason, those that warn by name.
     *
     * @param steps all of them, in order
     * @return a sentence a gate that fails, and one for all that warn; empty where every gate passes
     */
    public static List<String> lines(List<StepAudit> steps) {
        Map<String, List<StepAudit>> failed = new LinkedHashMap<>();
        Map<String, List<StepAudit>> warned = new LinkedHashMap<>();
        for (StepAudit step : steps.subList(0, steps.size() - 1)) {
            for (Gate gate : step.gates()) {
                if (gate.status() != Gate.Status.PASS) {
                    Map<String, List<StepAudit>> of = gate.status() == Gate.Status.FAIL ? failed : warned;
                    of.computeIfAbsent(gate.id(), id -> new ArrayList<>()).add(step);
                }
            }
        }
        List<String> lines = new ArrayList<>();
        failed.forEach((id, those) -> {
            String of = those.size() == 1 ? ": " : "; of step " + those.get(0).step() + ": ";
            lines.add(id + " fails in " + named(those) + of + reason(those.get(0), id));
        });
        if (!warned.isEmpty()) {
            lines.add("warned of: "
                    + warned.entrySet().stream()
                            .map(each -> each.getKey() + " in " + named(each.getValue()))
                            .collect(Collectors.joining("; ")));
        }
        return lines;
    }

    private static String named(List<StepAudit> steps) {
        return ThresholdOutcome.named(
                steps.stream().map(StepAudit::step).filter(Objects::nonNull).toList());
    }

    private static String reason(StepAudit step, String id) {
        return step.gates().stream()
                .filter(gate -> gate.id().equals(id))
                .map(Gate::reason)
                .findFirst()
                .orElse("");
    }
}
