package dev.credence.report;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Candidate;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.Plots;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.Provenance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Audits that look like real ones, with every id of the contract, made up from a seed. */
final class Example {
    /** What a prompt must not be able to do to the page. */
    static final String HOSTILE =
            "</script><script>window.hacked=1</script>\n\"it's\" & <|endoftext|> {a} \u202Eltr\r\n\t<img src=x onerror=hacked()>";

    static final List<String> PROMPTS = List.of(
            "Once upon a time, in a small village",
            "ROMEO:\nBut soft, what light",
            "",
            HOSTILE,
            "The quick brown fox jumps over the lazy dog, and then, as it so often does when nobody looks, it sits down in"
                    + " the tall grass, thinks of nothing at all, listens to the wind, and waits until the evening comes and"
                    + " every other animal of the wood has gone to sleep",
            "Q: Is it warm?\nA:",
            "日本語のプロンプト 👩‍🚀",
            "verylongwordwithoutanyspaceatallverylongwordwithoutanyspaceatallverylongwordwithoutanyspace");

    private static final String ALL = // id, question, unit, size
            """
            log_z|Log of the prior's mean evidence at the stated β|nats|3.1
            kl.policy_prior|How far did the policy go from the prior?|nats|1.9
            kl.prior_policy|How far is the prior, seen from itself?|nats|2.4
            kl.asked_prior|How far would the asked posterior go?|nats|2.8
            kl.policy_asked|How far is the policy from what was asked?|nats|0.93
            kl.asked_policy|The same, seen from what was asked|nats|1.2
            kl.explained|How much of it is conditioning?|nats|1.35
            kl.departure|How much of it is no conditioning?|nats|0.55
            bayes_fraction|Which share of the update is conditioning?|share|0.71
            copies.moment_match|How many copies of the evidence explain the reward?|copies|12.3
            copies.self_consistent|The same by the self-consistent slope|copies|12.9
            copies.prior_slope|The same by regression on the prior's records|copies|10.2
            copies.policy_slope|The same by regression on the policy's records|copies|8.8
            copies.mixture_slope|The same by regression on both|copies|11.4
            copies.per_sigma|Copies per standard deviation of the reward|copies|2.6
            nuisance.log_prior|Was the prior sharpened besides?|per nat|0.08
            nuisance.length|Was length rewarded besides?|nats per token|-0.012
            nuisance.reward_squared|Is the log-ratio curved in the reward?|copies|0.00003
            reward.prior|Mean reward of the prior|reward|0.12
            reward.policy|Mean reward of the policy|reward|0.44
            reward.asked|Mean reward of the asked posterior|reward|0.61
            entropy.prior|Entropy of the prior|nats|21.7
            entropy.policy|Entropy of the policy|nats|17.2
            entropy.asked|Entropy of the asked posterior|nats|18.9
            modes.prior|Effective number of texts, prior|texts|2650000000
            modes.policy|Effective number of texts, policy|texts|29500000
            modes.asked|Effective number of texts, asked posterior|texts|161000000
            recall|Share of the posterior that the policy keeps|share|0.83
            gap.objective|What the objective lost against its optimum|reward|0.047
            ess.prior|Effective sample size at λ = 0|records|1650
            ess.mm|Effective sample size at the fitted λ|records|212
            ess.asked|Effective sample size at the asked λ|records|41
            khat.mm|Tail of the weights at the fitted λ|shape|0.31
            khat.asked|Tail of the weights at the asked λ|shape|0.74
            diversity.distinct_2|Share of distinct pairs of words|share|0.61
            diversity.self_bleu|How alike the policy's texts are|share|0.33
            diversity.vendi|Effective number of different texts|texts|64.2
            """;

    private static final List<String> ASKED =
            List.of("log_z", "kl.asked_prior", "kl.policy_asked", "kl.asked_policy", "gap.objective");

    private Example() {}

    /** A document with a table of methods, a log with one step, a log with several and a table. */
    static ReportDocument document() {
        List<NamedAudit> audits = List.of(
                new NamedAudit("rloo, β = 0.05", "the posterior at β = 0.05, in reverse KL", single()),
                new NamedAudit("run with steps", stepped()),
                new NamedAudit("T1, best-of-4", "3 copies of “beats a fresh draw”", exact()));
        return new ReportDocument("Audit of “warmth” & its <rivals>", methods(), audits, provenance(), json(audits));
    }

    /** An audit of a log without steps. */
    static AuditReport single() {
        StepAudit step = step(null, 1, new SplittableRandom(1));
        return new AuditReport(0.05, "warmth", RewardType.PROBABILITY, List.of(step), provenance());
    }

    /** An audit of a log with seven steps. */
    static AuditReport stepped() {
        RandomGenerator random = new SplittableRandom(2);
        List<StepAudit> steps = new ArrayList<>();
        for (int at = 1; at <= 7; at++) {
            steps.add(step(at * 50L, at / 5.0, random));
        }
        Provenance other = new Provenance("0.1.0", "credence audit run/*.jsonl.gz", 7, Map.of(), List.of());
        return new AuditReport(null, "helpful", RewardType.SCORE, steps, other);
    }

    /** An audit of an exact table: no intervals, a figure that is infinite, one that is missing. */
    static AuditReport exact() {
        Map<String, Finding> findings = new LinkedHashMap<>();
        double[] figures = {0.67440675, 0.67440675, 0.50264343, 0.17176332, 0.74531199, Double.POSITIVE_INFINITY};
        String[] ids = {"kl.policy_prior", "kl.prior_policy", "kl.explained", "kl.departure", "bayes_fraction", "log_z"
        };
        for (int at = 0; at < ids.length; at++) {
            findings.put(ids[at], exactly(ids[at], figures[at]));
        }
        findings.put("copies.moment_match", exactly("copies.moment_match", 0.96446733));
        findings.put("recall", exactly("recall", Double.NaN));
        Verdict verdict = new Verdict(Verdict.Label.PARTLY, "Three quarters of the update is conditioning.", List.of());
        Plots plots = new Plots(
                List.of(new Plots.Point(0, -2, "prior"), new Plots.Point(3, Double.NEGATIVE_INFINITY, "prior")),
                Double.NaN,
                null,
                List.of(new Plots.Bin(0, 0, 0.4, 0.3, 0.05), new Plots.Bin(3, 3, 0.6, 0.7, 0.95)));
        PromptAudit prompt = new PromptAudit("x", 1, 0, 0, findings);
        StepAudit step = new StepAudit(
                null, findings, List.of(prompt), List.of(), List.of(), verdict, Map.of("stated", verdict), plots);
        return new AuditReport(0.0, "r", RewardType.LOG_PROBABILITY, List.of(step), provenance());
    }

    private static Finding exactly(String id, double figure) {
        return new Finding(id, "What is " + id + "?", figure, figure, figure, Grade.EXACT, "nats", null, null);
    }

    /** What the machine-readable JSON of the audits would be. */
    static String json(List<NamedAudit> audits) {
        return ExampleJson.of(audits);
    }

    static Provenance provenance() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("reward", "field:warmth");
        settings.put("reward type", "probability");
        settings.put("β", "0.05");
        return new Provenance(
                "0.1.0-SNAPSHOT",
                "credence audit rloo-beta0.05/*.jsonl.gz --beta 0.05 --reward-type probability -o report.html",
                20260101,
                settings,
                List.of(new Provenance.Input(
                        "rloo-beta0.05/rollouts-0.jsonl.gz",
                        1_432_109,
                        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")));
    }

    private static MethodTable methods() {
        return new MethodTable(List.of(
                row("posterior tilt", "20 copies of r", "20 copies of r, exactly", "conditional", 1, 20, "exact"),
                row("best-of-4", "20 copies of r", "3 copies of “beats a draw”", "partly", 0.745, 3.21, "4 draws"),
                row(
                        "hard filter",
                        "20 copies of r",
                        "r = its largest value",
                        "mostly",
                        0.91,
                        Double.POSITIVE_INFINITY,
                        "9.1 draws"),
                row("PPO, no penalty", "20 copies of r", "no posterior", "not", 0.12, Double.NaN, "10,000 steps")));
    }

    private static MethodTable.Row row(
            String method, String asked, String aimed, String got, double fraction, double copies, String cost) {
        MethodTable.Figures figures = new MethodTable.Figures(
                exactly("bayes_fraction", fraction),
                new Finding(
                        "copies.moment_match",
                        "?",
                        copies * 0.9,
                        copies,
                        copies * 1.1,
                        Grade.ESTIMATED,
                        "",
                        null,
                        null),
                exactly("kl.policy_prior", 2.345),
                exactly("kl.policy_asked", 0.1234 * copies),
                null,
                exactly("recall", 0.87654));
        return new MethodTable.Row(method, asked, aimed, got, figures, cost, null);
    }

    private static StepAudit step(@Nullable Long step, double progress, RandomGenerator random) {
        Map<String, Finding> findings = findings(progress, random, false);
        List<PromptAudit> prompts = new ArrayList<>();
        for (String prompt : PROMPTS) {
            double own = progress * (0.5 + random.nextDouble());
            prompts.add(new PromptAudit(prompt, 1.0 / PROMPTS.size(), 1000, 1000, findings(own, random, true)));
        }
        Verdict verdict = new Verdict(
                progress < 0.3 ? Verdict.Label.CANNOT_TELL : Verdict.Label.PARTLY,
                "About seven tenths of the policy's departure from the prior is conditioning on warmth; the rest goes to"
                        + " shorter texts and is explained by none of the named rewards. This speaks of the trained prompts alone.",
                List.of(
                        "Raise β to 0.08 to reach the copies that were asked for.",
                        "Draw 3,400 more records a prompt from the prior: the asked posterior is too far for the present ones.",
                        "Penalise length, or audit `warmth + 0.1*length`: the regression on length is not zero."));
        Map<String, Verdict> verdicts = new LinkedHashMap<>();
        verdicts.put("stated", verdict);
        verdicts.put("asked", new Verdict(Verdict.Label.NOT, "Not the conditional that was asked for.", List.of()));
        return new StepAudit(step, findings, prompts, gates(), candidates(), verdict, verdicts, plots(random));
    }

    private static Map<String, Finding> findings(double progress, RandomGenerator random, boolean few) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        double explained = progress * (1.2 + 0.3 * random.nextDouble());
        double departure = progress * (0.3 + 0.5 * random.nextDouble());
        for (String line : ALL.lines().toList()) {
            String[] part = line.split("\\|", -1);
            double size = Double.parseDouble(part[3]) * (0.9 + 0.2 * random.nextDouble());
            double estimate = switch (part[0]) {
                case "kl.explained" -> explained;
                case "kl.departure" -> departure;
                case "kl.policy_prior" -> explained + departure;
                case "bayes_fraction" -> explained / (explained + departure);
                case "copies.moment_match" -> size * progress;
                default -> size;
            };
            double room = Math.abs(estimate) * (0.04 + 0.1 * random.nextDouble());
            boolean sized = part[0].startsWith("ess") || part[0].startsWith("khat");
            Finding finding = new Finding(
                    part[0],
                    part[1],
                    sized ? Double.NaN : estimate - room,
                    estimate,
                    sized ? Double.NaN : estimate + room,
                    Grade.ESTIMATED,
                    part[2],
                    sized ? null : "influence",
                    null);
            if (ASKED.contains(part[0])) {
                finding =
                        finding.withdrawn("khat: 0.74 is above 0.7, the asked posterior is too far from both sources");
            }
            if (!(few && part[0].startsWith("diversity"))) {
                findings.put(part[0], finding);
            }
        }
        return findings;
    }

    private static List<Gate> gates() {
        return List.of(
                new Gate("support", Gate.Status.PASS, 0, "Both give every record a probability.", List.of()),
                new Gate("ess", Gate.Status.WARN, 28.4, "Below 30 at the asked λ: intervals are wide.", List.of()),
                new Gate(
                        "khat",
                        Gate.Status.FAIL,
                        0.74,
                        "Above 0.7 at the asked λ: a few records carry the asked posterior. More prior records mend it.",
                        ASKED),
                new Gate("blind_spot", Gate.Status.PASS, 0.002, "The prior's records see what was dropped.", List.of()),
                new Gate("finished", Gate.Status.WARN, Double.NaN, "12 records are cut.", List.of()));
    }

    private static List<Candidate> candidates() {
        return List.of(
                new Candidate("warmth", 12.3, 0.55, 0.71, Double.POSITIVE_INFINITY),
                new Candidate("warmth + 0.1*length", 11.8, 0.72, 0.62, 53),
                new Candidate("length <tokens>", -0.031, 1.31, 0.31, 12),
                new Candidate("politeness", 4.02, 1.74, 0.084, 8));
    }

    private static Plots plots(RandomGenerator random) {
        List<Plots.Point> points = new ArrayList<>();
        for (int at = 0; at < 800; at++) {
            double reward = new double[] {0, 0.5, 1}[random.nextInt(3)];
            double ratio = 12.3 * reward + 1.4 * random.nextGaussian() - 0.6;
            points.add(new Plots.Point(reward, ratio, at % 2 == 0 ? "prior" : "policy"));
        }
        List<Plots.Bin> bins = new ArrayList<>();
        for (int at = 0; at < 10; at++) {
            bins.add(new Plots.Bin(at / 10.0, (at + 1) / 10.0, (10 - at) / 55.0, 0.1, (at + 1) / 55.0));
        }
        return new Plots(points, 12.3, 20.0, bins);
    }
}
