package dev.credence.core.audit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The conditional that was fitted on the train prompts, scored on prompts that were held out: whether the update is the
 * same conditional where it was not rewarded.
 */
final class HeldOut {
    private HeldOut() {}

    /**
     * The held-out departure and Bayes fraction.
     *
     * @param trained the evaluation of the train prompts
     * @param heldOut the held-out prompts
     */
    static Map<String, Finding> of(Evaluation trained, PromptPool heldOut) {
        double lambda = trained.estimates().lambda();
        Map<String, Finding> findings = new LinkedHashMap<>();
        if (Double.isNaN(lambda) || heldOut.members().isEmpty()) {
            return findings;
        }
        Evaluation scored = Evaluator.evaluate(heldOut.map(m -> m.asking(lambda)), lambda, Influence.Extent.VERDICTS);
        double own = scored.estimates().get(Figure.KL_POLICY_ASKED);
        double kl = scored.estimates().get(Figure.KL_POLICY_PRIOR);
        // both depend on λ: d departure/dλ = Σω(M − R), times λ's own error on the train prompts
        double slope = scored.estimates()
                .pool()
                .mean(m -> m.target().mean() - m.moments().policy().reward());
        Finding copies = trained.get(Figure.MOMENT_MATCH);
        double copiesHalf = 0.5 * (copies.upper() - copies.lower());
        HalfWidths half =
                halfWidths(scored, slope * (Math.abs(copiesHalf) < Double.POSITIVE_INFINITY ? copiesHalf : 0), kl);
        Intervals.Limits ends =
                Intervals.of(Figure.KL_DEPARTURE.scale(), own, half.departure).holding(own);
        double fraction = 1 - own / kl;
        Finding scoredKl = scored.get(Figure.KL_POLICY_ASKED);
        put(
                findings,
                scoredKl.stands() ? null : scoredKl.reason(),
                trained.get(Figure.KL_DEPARTURE)
                        .like(
                                "kl.departure.heldout",
                                "How far are held-out prompts from the conditional fitted on the train prompts?",
                                ends.lower(),
                                own,
                                ends.upper()));
        put(
                findings,
                whyNoFraction(scored, scoredKl),
                trained.get(Figure.BAYES_FRACTION)
                        .like(
                                "bayes_fraction.heldout",
                                "Which share of the move on held-out prompts is the conditional fitted on the train prompts?",
                                fraction - half.fraction,
                                fraction,
                                Math.min(1, fraction + half.fraction)));
        return findings;
    }

    /** Why there is no share on these records, or null: they carry no distance, or show no move to divide. */
    private static @Nullable String whyNoFraction(Evaluation scored, Finding scoredKl) {
        if (!scoredKl.stands()) {
            return scoredKl.reason();
        }
        return scored.isUnmoved()
                ? "they do not show the policy apart from the prior: there is no move to divide"
                : null;
    }

    /** Puts a figure of the held-out records, which stands if the train prompts' λ does and nothing speaks against these records. */
    private static void put(Map<String, Finding> findings, @Nullable String why, Finding f) {
        String method = f.interval() == null ? null : "influence"; // first order, whatever the train figure's is
        Finding own = new Finding(
                f.id(), f.question(), f.lower(), f.estimate(), f.upper(), f.grade(), f.unit(), method, f.reason());
        findings.put(f.id(), why == null ? own : own.withdrawn("held-out prompts: " + why));
    }

    /** Half-widths of departure (nats) and fraction. */
    private record HalfWidths(double departure, double fraction) {}

    private static HalfWidths halfWidths(Evaluation scored, double throughCopies, double kl) {
        StandardErrors errors = scored.errors();
        if (errors == null) {
            return new HalfWidths(0, 0);
        }
        int column = Figure.KL_POLICY_ASKED.ordinal();
        double departure = StudentT.quantile(errors.freedom()[column]) * errors.errors()[column];
        double fraction = StudentT.quantile(errors.freedom()[Influence.ASKED_FRACTION])
                * errors.errors()[Influence.ASKED_FRACTION];
        return new HalfWidths(Math.hypot(departure, throughCopies), Math.hypot(fraction, throughCopies / kl));
    }
}
