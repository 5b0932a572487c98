package dev.credence.core.audit;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns one pool into findings: estimates, their intervals, and the gates that withdraw what cannot stand. */
final class Evaluator {
    private static final String ESS_QUESTION =
            "How many equal records do the weights of %s amount to (smallest prompt)?";
    private static final String KHAT_QUESTION = "How heavy is the tail of the weights of %s (largest prompt)?";

    private static final String UNSEEN_QUESTION =
            "How much of %s may lie on reward levels that are hardly seen (largest prompt)?";

    /** Equal records a prompt that weights amount to, from which on the prior alone shows how far from it the posterior is. */
    private static final double LEAST_OF_PRIOR_ALONE = 50;

    private static final String FITTED = "the posterior at the fitted copies";
    private static final String ASKED = "the posterior asked for (at 1/beta)";

    private final PromptPool pool;
    private final Influence.Extent extent;
    private final Sources sources;
    private final Estimates estimates;
    private final @Nullable StandardErrors errors;
    private final @Nullable OverlapReport overlap;
    private final @Nullable IntervalEnds ends;
    private final Map<String, Finding> findings = new LinkedHashMap<>();

    private Evaluator(PromptPool pool, double askedCopies, Influence.Extent extent) {
        this.pool = pool;
        this.extent = extent;
        this.sources = Sources.of(pool);
        this.estimates = Estimates.of(pool, askedCopies);
        if (sources == Sources.EXACT) {
            this.errors = null;
            this.overlap = null;
            this.ends = null;
        } else {
            Influence influence = new Influence(estimates, askedCopies, extent);
            this.errors = StandardErrors.of(influence);
            this.overlap = OverlapReport.of(pool, estimates);
            this.ends = IntervalEnds.of(influence, errors, overlap);
        }
    }

    /**
     * Evaluates a pool.
     *
     * @param askedCopies λ of the stated target, for the objective's gap; NaN where it is no tilt or none is stated
     * @param extent whether verdicts will be asked of it
     */
    static Evaluation evaluate(PromptPool pool, double askedCopies, Influence.Extent extent) {
        return new Evaluator(pool, askedCopies, extent).evaluate();
    }

    private Evaluation evaluate() {
        for (Figure figure : Figure.values()) {
            findings.put(figure.id(), finding(figure));
            if (figure == Figure.KL_DEPARTURE) {
                findings.put(LeastDeparture.ID, LeastDeparture.finding(pool, sources));
            }
        }
        addSampledKl();
        if (overlap != null) {
            addOverlap(overlap);
        }
        withdrawUncomputed();
        List<Gate> gates = new Gates(pool, estimates, errors, ends, sources, overlap).all(findings);
        for (Gate gate : gates) {
            for (String id : gate.withdraws()) {
                findings.computeIfPresent(
                        id, (key, finding) -> finding.withdrawn("gate " + gate.id() + ": " + gate.reason()));
            }
        }
        Evaluation evaluation = new Evaluation(
                sources,
                estimates,
                errors,
                gates,
                findings,
                furtherLevel(overlap == null ? new Overlap[0] : overlap.fitted()),
                furtherLevel(overlap == null ? new Overlap[0] : overlap.asked()),
                mostExplained(),
                extent == Influence.Extent.VERDICTS ? leastExplained() : 0);
        capFraction(evaluation);
        return evaluation;
    }

    /** A bound by the prior's rewards, of which nothing is known where a reward is not the text's own. */
    private double mostExplained() {
        Finding least = findings.get(LeastDeparture.ID);
        boolean stands = least == null || least.stands();
        return sources == Sources.BOTH && stands ? MostExplained.of(pool) : Double.POSITIVE_INFINITY;
    }

    /** A bound for what the weights do not show: asked where they show nothing, of a reward that is the text's own. */
    private double leastExplained() {
        Finding least = findings.get(LeastDeparture.ID);
        Finding fraction = findings.get(Figure.BAYES_FRACTION.id());
        Finding kl = findings.get(Figure.KL_POLICY_PRIOR.id());
        boolean isNeeded =
                least != null && least.stands() && kl != null && kl.stands() && fraction != null && !fraction.stands();
        return sources == Sources.BOTH && isNeeded ? LeastExplained.of(pool) : 0;
    }

    /** No interval of the Bayes fraction claims more than the bounds that need no weights leave, but its own estimate. */
    private void capFraction(Evaluation evaluation) {
        Finding fraction = evaluation.get(Figure.BAYES_FRACTION);
        double upper = Math.max(fraction.estimate(), evaluation.mostFraction());
        if (errors != null && fraction.stands() && upper < fraction.upper()) {
            findings.put(
                    fraction.id(),
                    fraction.like(fraction.id(), fraction.question(), fraction.lower(), fraction.estimate(), upper));
        }
    }

    /** What a family that no record shows could add to the distance from a conditional, were its reward as far again. */
    private double furtherLevel(Overlap[] of) {
        return of.length == 0
                ? 0
                : Unseen.addedLogMass(
                        pool,
                        Arrays.stream(of).mapToDouble(o -> o.unseen().next()).toArray());
    }

    private Finding finding(Figure figure) {
        double estimate = estimates.get(figure);
        if (ends == null) {
            return new Finding(
                    figure.id(),
                    figure.question(),
                    estimate,
                    estimate,
                    estimate,
                    Grade.EXACT,
                    figure.unit(),
                    null,
                    null);
        }
        IntervalEnds.End end = ends.of(figure);
        return new Finding(
                figure.id(),
                figure.question(),
                end.lower(),
                estimate,
                end.upper(),
                Grade.ESTIMATED,
                figure.unit(),
                end.method(),
                end.note());
    }

    /** The plain mean of the log-ratio over policy records (k1), as other tools print it. */
    private void addSampledKl() {
        if (sources == Sources.EXACT || sources == Sources.PRIOR_ONLY) {
            return;
        }
        SampledKl sampled = SampledKl.of(pool);
        double room = SampledKl.oneRecord(pool);
        SampledKl.Elsewhere elsewhere = SampledKl.elsewhere(pool);
        findings.put(
                "kl.policy_prior.sampled",
                new Finding(
                        "kl.policy_prior.sampled",
                        "What do other tools print as kl (mean log-ratio over policy records, k1)?",
                        sampled.mean() - Math.max(sampled.below(), room) - elsewhere.below(),
                        sampled.mean(),
                        sampled.mean() + Math.max(sampled.above(), room) + elsewhere.above(),
                        Grade.ESTIMATED,
                        "nats",
                        "mean",
                        null));
        findings.putAll(TokenKl.of(pool));
        if (sources == Sources.POLICY_ONLY) {
            Finding plain = findings.get("kl.policy_prior.sampled");
            Figure figure = Figure.KL_POLICY_PRIOR;
            findings.put(
                    figure.id(),
                    new Finding(
                            figure.id(),
                            figure.question(),
                            plain.lower(),
                            plain.estimate(),
                            plain.upper(),
                            Grade.ESTIMATED,
                            "nats",
                            "mean",
                            "no prior records: the plain mean of the log-ratio"));
        }
    }

    private void addOverlap(OverlapReport overlap) {
        put("ess.prior", ESS_QUESTION.formatted("the prior"), overlap.essPrior(), "records");
        put("ess.mm", ESS_QUESTION.formatted(FITTED), OverlapReport.ess(overlap.fitted()), "records");
        put("khat.mm", KHAT_QUESTION.formatted(FITTED), OverlapReport.khat(overlap.fitted()), "shape");
        put("unseen.mm", UNSEEN_QUESTION.formatted(FITTED), OverlapReport.unseen(overlap.fitted()), "share");
        put("ess.asked", ESS_QUESTION.formatted(ASKED), OverlapReport.ess(overlap.asked()), "records");
        put("khat.asked", KHAT_QUESTION.formatted(ASKED), OverlapReport.khat(overlap.asked()), "shape");
        put("unseen.asked", UNSEEN_QUESTION.formatted(ASKED), OverlapReport.unseen(overlap.asked()), "share");
    }

    private void put(String id, String question, double estimate, String unit) {
        findings.put(
                id, new Finding(id, question, Double.NaN, estimate, Double.NaN, Grade.ESTIMATED, unit, null, null));
    }

    /** Withdraws what no gate speaks of: missing β, missing source, a figure that has no value. */
    private void withdrawUncomputed() {
        findings.replaceAll((id, finding) -> {
            if (!pool.isAsked() && Withdrawals.isAsked(id)) {
                return finding.withdrawn("no beta was given");
            }
            if (!sources.keeps(id)) {
                return finding.withdrawn(sources.missing());
            }
            if (Double.isNaN(finding.estimate())) {
                return finding.withdrawn(Withdrawals.whyUndefined(id));
            }
            if (sources == Sources.PRIOR_ONLY
                    && id.equals(Figure.KL_ASKED_PRIOR.id())
                    && overlap != null
                    && OverlapReport.ess(overlap.asked()) < LEAST_OF_PRIOR_ALONE) {
                return finding.withdrawn(String.format(
                        Locale.ROOT,
                        "of the prior's draws alone it needs weights that amount to %.0f equal records a prompt: fewer hardly show"
                                + " the texts that it rests on",
                        LEAST_OF_PRIOR_ALONE));
            }
            return finding;
        });
    }
}
