package dev.credence.report;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Several audits side by side: a table of their last steps, their ledgers, and their figures against step. */
final class AuditComparison {
    private AuditComparison() {}

    /** Table and drawings; identifiers begin with {@code compare-}. */
    static void write(Html html, List<NamedAudit> audits) {
        html.open("div", "class", "compared audits-compared");
        ExperimentPage.cards(html, table(audits));
        html.close();
        PictureChart.of("compare-ledger", ledger(audits)).write(html);
        List<NamedAudit> stepped = audits.stream()
                .filter(named -> named.audit().steps().size() > 1)
                .toList();
        if (!stepped.isEmpty()) {
            PictureChart.alone(
                            "compare-fraction",
                            against(stepped, "bayes_fraction", "Bayes fraction against step", "fraction"))
                    .write(html);
            PictureChart.alone(
                            "compare-copies", against(stepped, "copies.moment_match", "Copies against step", "copies"))
                    .write(html);
            PictureChart.alone(
                            "compare-kl", against(stepped, "kl.policy_prior", "KL from the prior against step", "nats"))
                    .write(html);
        }
    }

    static DataTable table(List<NamedAudit> audits) {
        DataTable.Builder rows = DataTable.of(
                "The last step of each audit; lower and upper are the ends of the Bayes fraction's 95 % interval. KL from the prior, what is explained and the departure are in nats. A withdrawn figure is left out.",
                "audit",
                "verdict",
                "reward",
                "β",
                "Bayes fraction",
                "lower",
                "upper",
                "copies",
                "KL from prior",
                "explained",
                "departure",
                "reward of the prior",
                "reward of the policy");
        for (NamedAudit named : audits) {
            StepAudit last = named.audit().last();
            Map<String, String> settings = named.audit().provenance().settings();
            rows.row(
                    named.name(),
                    last.verdict().label().words(),
                    settings.getOrDefault("reward", "–"),
                    beta(settings.get("beta")),
                    standing(last, "bayes_fraction", Finding::estimate),
                    standing(last, "bayes_fraction", Finding::lower),
                    standing(last, "bayes_fraction", Finding::upper),
                    standing(last, "copies.moment_match", Finding::estimate),
                    standing(last, "kl.policy_prior", Finding::estimate),
                    standing(last, "kl.explained", Finding::estimate),
                    standing(last, "kl.departure", Finding::estimate),
                    standing(last, "reward.prior", Finding::estimate),
                    standing(last, "reward.policy", Finding::estimate));
        }
        return rows.build();
    }

    /** As a number where it is one. */
    private static Object beta(@Nullable String stated) {
        try {
            return stated == null ? "–" : FigureFormat.of(Double.parseDouble(stated));
        } catch (NumberFormatException e) {
            return stated; // such as "not given"
        }
    }

    private static @Nullable Double standing(StepAudit step, String id, ToDoubleFunction<Finding> field) {
        Finding finding = step.findings().get(id);
        return finding == null || !finding.stands() ? null : (Double) field.applyAsDouble(finding);
    }

    private static Picture ledger(List<NamedAudit> audits) {
        double[] explained = new double[audits.size()];
        double[] departure = new double[audits.size()];
        for (int i = 0; i < explained.length; i++) {
            explained[i] = or(standing(audits.get(i).audit().last(), "kl.explained", Finding::estimate));
            departure[i] = or(standing(audits.get(i).audit().last(), "kl.departure", Finding::estimate));
        }
        return Picture.bars(
                "ledger",
                "The ledger of each audit",
                "KL of the policy from the prior, in two parts: what conditioning on the reward explains, and the departure from it."
                        + " An audit whose figures are withdrawn has no bar.",
                Picture.Axis.linear("nats"),
                audits.stream().map(named -> shortened(named.name())).toList(),
                List.of(
                        Picture.Series.stacked("explained", explained),
                        Picture.Series.stacked("departure", departure)));
    }

    private static double or(@Nullable Double value) {
        return value == null ? Double.NaN : value;
    }

    private static String shortened(String name) {
        return name.length() <= 24 ? name : "…" + name.substring(name.length() - 23);
    }

    private static Picture against(List<NamedAudit> audits, String id, String title, String unit) {
        List<Picture.Series> series = new ArrayList<>();
        for (NamedAudit named : audits) {
            List<StepAudit> steps = named.audit().steps().stream()
                    .filter(step -> step.step() != null)
                    .toList();
            double[] x = steps.stream()
                    .mapToDouble(step -> step.step() == null ? 0 : step.step())
                    .toArray();
            series.add(Picture.Series.line(shortened(named.name()), x, each(steps, id, Finding::estimate))
                    .within(each(steps, id, Finding::lower), each(steps, id, Finding::upper)));
        }
        return Picture.of(
                id.replace('.', '-'),
                title,
                "Bands are 95 % intervals; where a figure is withdrawn the line has a gap.",
                Picture.Axis.linear("step"),
                Picture.Axis.linear(unit),
                series);
    }

    private static double[] each(List<StepAudit> steps, String id, ToDoubleFunction<Finding> field) {
        return steps.stream().mapToDouble(step -> or(standing(step, id, field))).toArray();
    }
}
