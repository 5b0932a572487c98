package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.OmittedPrompts;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints what each prompt says by itself; of many prompts the worst and the best. */
final class PromptsText {
    /** Room for any figure with both ends of its interval: a number that is cut is another number. */
    private static final int FIGURE = 48;

    private static final int ALL = 12;
    private static final int WORST = 6;
    private static final int BEST = 3;
    private static final List<String> COLUMNS = List.of("kl.policy_prior", "bayes_fraction", "copies.moment_match");

    private final Console console;
    private final Detail detail;
    private final SaidReasons said;

    PromptsText(Console console, Detail detail, SaidReasons said) {
        this.console = console;
        this.detail = detail;
        this.said = said;
    }

    void print(StepAudit step) {
        List<PromptAudit> prompts = step.prompts();
        if (prompts.size() < 2) {
            return;
        }
        console.line();
        console.line(
                Style.BOLD, "Prompt by prompt, each at its own copies (they do not add up to the overall figures)");
        if (detail == Detail.FULL || prompts.size() <= ALL) {
            table(prompts).print(console);
        } else {
            List<PromptAudit> sorted = new ArrayList<>(prompts);
            sorted.sort(Comparator.comparingDouble(PromptsText::rank));
            List<PromptAudit> ends = new ArrayList<>(sorted.subList(0, WORST));
            ends.addAll(sorted.subList(sorted.size() - BEST, sorted.size()));
            table(ends).print(console);
            console.line(
                    Style.DIM,
                    "  the " + WORST + " of " + prompts.size() + (step.omitted() == null ? "" : " at hand")
                            + " with the lowest Bayes fraction and the " + BEST + " with the highest; --verbose prints "
                            + (step.omitted() == null ? "all" : "all of these"));
        }
        omitted(step.omitted());
        if (detail == Detail.FULL) {
            prompts.forEach(this::inFull);
        }
    }

    private void omitted(@Nullable OmittedPrompts omitted) {
        if (omitted != null) {
            console.paragraph(
                    2,
                    "At hand are " + omitted.words()
                            + (omitted.file() == null ? " (--prompts-file FILE writes them)." : "."));
        }
    }

    private void inFull(PromptAudit prompt) {
        console.line();
        console.line(Style.BOLD, "Prompt " + label(prompt.prompt()));
        new FindingsText(console, Detail.BRIEF, new SaidReasons(List.of()))
                .table(new ArrayList<>(prompt.findings().values()))
                .print(console);
    }

    private TextTable table(List<PromptAudit> prompts) {
        TextTable table = new TextTable(2)
                .texts("prompt", 28)
                .numbers("prior")
                .numbers("policy")
                .words("KL moved", FIGURE)
                .words("Bayes fraction", FIGURE)
                .words("copies", FIGURE);
        for (PromptAudit prompt : prompts) {
            Map<String, Finding> findings = prompt.findings();
            table.row(
                    Style.PLAIN,
                    label(prompt.prompt()),
                    records(prompt.priorRecords()),
                    records(prompt.policyRecords()),
                    cell(findings.get("kl.policy_prior")),
                    cell(findings.get("bayes_fraction")),
                    cell(findings.get("copies.moment_match")));
        }
        withdrawn(prompts).forEach(table::note);
        return table;
    }

    /** Why figures of these prompts were withdrawn, each gate once: its reason is that of the first prompt that has it. */
    private Collection<String> withdrawn(List<PromptAudit> prompts) {
        Map<String, String> byGate = new LinkedHashMap<>();
        for (PromptAudit prompt : prompts) {
            for (String id : COLUMNS) {
                Finding finding = prompt.findings().get(id);
                if (finding != null && !finding.stands()) {
                    String reason = String.valueOf(finding.reason());
                    byGate.putIfAbsent(
                            reason.split(":", 2)[0],
                            "withdrawn, " + label(prompt.prompt()) + ": " + said.brief(reason));
                }
            }
        }
        return byGate.values();
    }

    private static String records(int count) {
        return count == 0 ? "–" : String.format("%,d", count);
    }

    private static String cell(@Nullable Finding finding) {
        if (finding == null) {
            return "–";
        }
        return finding.stands() ? FindingFormat.of(finding) : "withdrawn";
    }

    private static String label(String prompt) {
        return prompt.isEmpty() ? "(empty)" : prompt;
    }

    /** Withdrawn ones first: they are what a reader must know. */
    private static double rank(PromptAudit prompt) {
        Finding finding = prompt.findings().get("bayes_fraction");
        return finding == null || !finding.stands() ? Double.NEGATIVE_INFINITY : finding.estimate();
    }
}
