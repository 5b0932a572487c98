package dev.credence.report;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.FigureFormat;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures of each prompt, with small bars for its share of the ledger. */
final class PromptsSection implements Section {
    /** A page with more prompts is of no use; the JSON has them all. */
    static final int SHOWN = 300;

    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("bayes_fraction", "Bayes fraction"),
            Map.entry("copies.moment_match", "Copies"),
            Map.entry("kl.policy_prior", "KL from prior"),
            Map.entry("kl.departure", "Departure"),
            Map.entry("reward.prior", "Reward, prior"),
            Map.entry("reward.policy", "Reward, policy"),
            Map.entry("ess.mm", "ESS"));
    private static final List<String> ORDER = List.of(
            "bayes_fraction",
            "copies.moment_match",
            "kl.policy_prior",
            "kl.departure",
            "reward.prior",
            "reward.policy",
            "ess.mm");

    @Override
    public void write(Html html, View view) {
        List<PromptAudit> all = view.step().prompts();
        if (all.isEmpty()) {
            return;
        }
        List<PromptAudit> shown = shown(all);
        List<String> ids = ORDER.stream()
                .filter(id -> shown.stream().anyMatch(p -> has(p, id)))
                .toList();
        html.open("section").element("h3", "Prompts");
        Tables.open(html, caption(view.step(), shown.size()), "prompts cards", columns(ids));
        double longest = shown.stream()
                .mapToDouble(p -> estimate(p, "kl.policy_prior"))
                .filter(Double::isFinite)
                .max()
                .orElse(Double.NaN);
        shown.forEach(prompt -> row(html, prompt, ids, longest));
        Tables.close(html);
        html.close();
    }

    /** All prompts, or those that depart furthest where there are too many. */
    private static List<PromptAudit> shown(List<PromptAudit> all) {
        if (all.size() <= SHOWN) {
            return all;
        }
        return all.stream()
                .sorted(Comparator.comparingDouble(prompt -> -rank(estimate(prompt, "kl.departure"))))
                .limit(SHOWN)
                .toList();
    }

    private static double rank(double departure) {
        return Double.isNaN(departure) ? Double.NEGATIVE_INFINITY : departure;
    }

    private static String caption(StepAudit step, int shown) {
        String each =
                "Each prompt at its own λ: these figures do not add up to the overall ones. The bar is the prompt's KL"
                        + " from the prior: filled what conditioning explains, hollow the departure."
                        + " Records are those of the prior and of the policy.";
        if (step.omitted() != null) {
            return each + " Shown are " + step.omitted().words() + ".";
        }
        int all = step.prompts().size();
        return shown == all
                ? each
                : each + " Shown are the " + shown + " of " + FigureFormat.of(all)
                        + " prompts that depart furthest; the JSON in this file has all.";
    }

    private static String name(String id) {
        return NAMES.getOrDefault(id, id);
    }

    private static Column[] columns(List<String> ids) {
        Column[] columns = new Column[ids.size() + 3];
        columns[0] = Column.text("Prompt");
        columns[1] = Column.text("Ledger");
        for (int at = 0; at < ids.size(); at++) {
            columns[at + 2] = Column.number(name(ids.get(at)));
        }
        columns[ids.size() + 2] = Column.number("Records");
        return columns;
    }

    private static void row(Html html, PromptAudit prompt, List<String> ids, double longest) {
        html.open("tr", "data-prompt", prompt.prompt());
        html.open("th", "scope", "row", "data-sort", prompt.prompt());
        PromptText.write(html, prompt.prompt());
        html.close();
        html.open(
                "td",
                "class",
                "bar",
                "data-column",
                "Ledger",
                "data-sort",
                Double.toString(estimate(prompt, "kl.policy_prior")));
        bar(html, prompt, longest);
        html.close();
        ids.forEach(id -> Figures.cell(html, prompt.findings().get(id), name(id)));
        String records = Integer.toString(prompt.priorRecords() + prompt.policyRecords());
        html.open("td", "class", "num", "data-column", "Records", "data-sort", records)
                .text(records(prompt))
                .close();
        html.close();
    }

    private static String records(PromptAudit prompt) {
        return prompt.priorRecords() == 0 && prompt.policyRecords() == 0
                ? "exact"
                : FigureFormat.of(prompt.priorRecords()) + " · " + FigureFormat.of(prompt.policyRecords());
    }

    private static void bar(Html html, PromptAudit prompt, double longest) {
        double explained = estimate(prompt, "kl.explained") / longest * 100;
        double departure = estimate(prompt, "kl.departure") / longest * 100;
        if (!(explained >= 0 && departure >= 0 && explained + departure < 1000)) {
            html.text(FigureFormat.MISSING);
            return;
        }
        html.open(
                "svg", "class", "mini", "viewBox", "0 0 100 10", "preserveAspectRatio", "none", "aria-hidden", "true");
        html.empty("rect", "class", "explained", "x", "0", "y", "1", "height", "8", "width", coordinate(explained));
        html.empty(
                "rect",
                "class",
                "departure",
                "x",
                coordinate(explained),
                "y",
                "1",
                "height",
                "8",
                "width",
                coordinate(departure));
        html.close();
    }

    private static String coordinate(double percent) {
        return String.format(Locale.ROOT, "%.2f", percent);
    }

    private static boolean has(PromptAudit prompt, String id) {
        return prompt.findings().containsKey(id);
    }

    private static double estimate(PromptAudit prompt, String id) {
        Finding finding = prompt.findings().get(id);
        return finding == null ? Double.NaN : finding.estimate();
    }
}
