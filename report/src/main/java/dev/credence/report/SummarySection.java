package dev.credence.report;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.Plots;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.FigureFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The top of an audit: asked → aimed → got in one sentence, the verdict, and the four figures to remember. */
final class SummarySection implements Section {
    private static final Map<String, String> NAMES = Map.of(
            "bayes_fraction", "Bayes fraction",
            "copies.moment_match", "Effective copies",
            "kl.departure", "Departure",
            "kl.policy_prior", "KL, policy from prior");
    private static final int BESIDE = 80; // characters of a reason that stands with its figure
    private static final List<String> KEYS =
            List.of("bayes_fraction", "copies.moment_match", "kl.departure", "kl.policy_prior");

    @Override
    public void write(Html html, View view) {
        html.open("section", "class", "summary");
        sentence(html, view);
        html.open("div", "class", "keys");
        List<String> below = below(view);
        for (String id : KEYS) {
            key(html, view, id, below);
        }
        html.close();
        below.forEach(reason -> html.element(
                "p",
                names(view, reason) + ": " + Reasons.brief(reason, view.step().gates()),
                "class",
                "key-reason"));
        Finding least = LeastDepartureText.of(view.step().findings());
        if (least != null) {
            html.open("p", "class", "least");
            LeastDepartureText.write(html, least);
            html.close();
        }
        html.element("p", view.step().verdict().text(), "class", "verdict-text");
        others(html, view.step());
        html.element("p", CopyWords.explained(view.audit().rewardType()), "class", "muted small");
        html.close();
    }

    private static void sentence(Html html, View view) {
        html.open("p", "class", "asked-got");
        html.element("b", "Asked").text(" for ");
        asked(html, view);
        html.element("span", " → ", "class", "arrow").element("b", "aimed").text(" at ");
        String aimed = view.named().aimed();
        html.text(aimed == null ? "an end that was not stated (no method was named)" : aimed);
        html.element("span", " → ", "class", "arrow").element("b", "got").text(" ");
        got(html, view);
        html.text(".").close();
    }

    private static void asked(Html html, View view) {
        Double beta = view.audit().beta();
        html.element("q", view.audit().reward());
        if (beta == null) {
            html.text(" without a stated β");
            return;
        }
        html.text(" at β = " + FigureFormat.of(beta));
        Plots plots = view.step().plots();
        if (beta == 0) {
            html.text(", the best outcome alone");
        } else if (plots.askedSlope() != null) {
            String number = FigureFormat.of(plots.askedSlope());
            html.text(", which is " + number + " " + CopyWords.noun(view.audit().rewardType(), number));
        }
    }

    private static void got(Html html, View view) {
        Verdict.Label label = view.step().verdict().label();
        html.text(
                switch (label) {
                    case CONDITIONAL -> "a conditional of the prior: ";
                    case MOSTLY -> "mostly a conditional of the prior: ";
                    case PARTLY -> "only partly a conditional of the prior: ";
                    case NOT -> "no conditional on this reward: even the nearest one, ";
                    case OPPOSITE -> "the opposite, a conditional against this reward: ";
                    case CANNOT_TELL -> "something these records cannot decide: the nearest conditional, ";
                });
        Figures.inline(html, view.finding("copies.moment_match"));
        Finding copies = view.finding("copies.moment_match");
        String shown = copies == null ? "" : FigureFormat.of(copies.estimate());
        html.text(" " + CopyWords.noun(view.audit().rewardType(), shown));
        perSigma(html, view);
        html.text(
                switch (label) {
                    case CONDITIONAL, MOSTLY, PARTLY, OPPOSITE -> ", explaining ";
                    case NOT -> ", explains only ";
                    case CANNOT_TELL -> ", seems to explain ";
                });
        Figures.inline(html, view.finding("bayes_fraction"));
        html.text(" of the ");
        Figures.inline(html, view.finding("kl.policy_prior"));
        html.text(" nats between it and the prior");
    }

    /** A reward without a scale means something only per standard deviation. */
    private static void perSigma(Html html, View view) {
        Finding perSigma = view.finding("copies.per_sigma");
        if (view.audit().rewardType() == RewardType.SCORE && perSigma != null) {
            html.text(" (");
            Figures.inline(html, perSigma);
            html.text(" per standard deviation)");
        }
    }

    /** The key figures of one reason. */
    private static String names(View view, String reason) {
        return KEYS.stream()
                .filter(id -> {
                    Finding finding = view.finding(id);
                    return finding != null && reason.equals(finding.reason());
                })
                .map(id -> NAMES.getOrDefault(id, id))
                .collect(Collectors.joining(", "));
    }

    /** Reasons that stand below the key figures: of several of them, or too long for the narrow place of one. */
    private static List<String> below(View view) {
        List<Finding> keys =
                KEYS.stream().map(view::finding).filter(Objects::nonNull).toList();
        List<String> shared = FindingsSection.shared(keys);
        return keys.stream()
                .map(Finding::reason)
                .filter(Objects::nonNull)
                .filter(reason -> shared.contains(reason)
                        || Reasons.brief(reason, view.step().gates()).length() > BESIDE)
                .distinct()
                .toList();
    }

    private static void key(Html html, View view, String id, List<String> below) {
        Finding finding = view.finding(id);
        html.open("div", "class", finding == null ? "key" : Figures.kind("key", finding));
        html.element("div", NAMES.getOrDefault(id, id), "class", "key-name");
        if (finding == null) {
            html.element("div", FigureFormat.MISSING, "class", "key-number")
                    .element("div", "not part of this audit", "class", "key-note")
                    .close();
            return;
        }
        html.open("div", "class", "key-number");
        Figures.estimate(html, finding);
        html.text(" ").element("span", unit(finding), "class", "unit").close();
        html.open("div", "class", "key-note");
        if (FindingFormat.hasInterval(finding)) {
            Figures.interval(html, finding);
            html.text(" ");
        }
        html.element("span", Figures.grade(finding.grade()), "class", "grade").close();
        if (finding.reason() != null && !below.contains(finding.reason())) {
            html.element("div", Reasons.brief(finding.reason(), view.step().gates()), "class", "key-reason");
        }
        html.close();
    }

    /** The unit, where it says more than the name of the figure. */
    private static String unit(Finding finding) {
        return finding.id().equals("kl.departure") || finding.id().equals("kl.policy_prior") ? finding.unit() : "";
    }

    private static void others(Html html, StepAudit step) {
        boolean any = step.verdicts().keySet().stream().anyMatch(name -> !name.equals("stated"));
        if (!any) {
            return;
        }
        html.open("dl", "class", "verdicts");
        step.verdicts().forEach((name, verdict) -> {
            if (!name.equals("stated")) {
                html.open("dt").text("Against what was " + name + " ");
                Badge.verdict(html, verdict.label());
                html.close().element("dd", verdict.text());
            }
        });
        html.close();
    }

    /** What "n copies" means for each type of reward, in words that follow the number. */
    static final class CopyWords {
        private CopyWords() {}

        /** The noun after the number of copies, as it is shown. */
        static String noun(RewardType type, String number) {
            boolean isOne = number.equals("1");
            return switch (type) {
                case LOG_PROBABILITY -> (isOne ? "independent copy" : "independent copies") + " of the observation";
                case PROBABILITY -> (isOne ? "approving rater" : "approving raters") + " on average";
                case LOGIT -> (isOne ? "round" : "rounds") + " of choice from an unlimited pool";
                case SCORE -> (isOne ? "copy" : "copies") + " of the reward";
            };
        }

        /** One sentence for those who meet the figure for the first time. */
        static String explained(RewardType type) {
            return switch (type) {
                case LOG_PROBABILITY ->
                    "The reward is a log-probability of an observation: λ copies of it are λ independent"
                            + " repetitions of that observation.";
                case PROBABILITY ->
                    "The reward is a probability of approval: λ copies of it are a Poisson number of raters, λ"
                            + " on average, all of whom approve.";
                case LOGIT ->
                    "The reward is a logit of preference: λ copies of it are λ successive rounds of choice from an"
                            + " unlimited pool, not λ observations.";
                case SCORE ->
                    "Each copy of the reward multiplies a text's probability by e^reward. The reward has no scale of its own:"
                            + " between rewards compare the figure per standard deviation.";
            };
        }
    }
}
