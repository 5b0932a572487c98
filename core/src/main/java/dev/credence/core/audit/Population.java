package dev.credence.core.audit;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Intervals of the headline figures for the population that the prompts were drawn from: the prompt is the unit, from
 * eight prompts on (docs/theory.md#population-of-prompts, with the second-order terms of {@link PromptJackknife}). Each says how
 * large a share of all prompts may be of a kind that these do not show: no interval can have room for that.
 */
final class Population {
    private static final int FEWEST_PROMPTS = 8;

    private Population() {}

    static Map<String, Finding> of(Evaluation evaluation) {
        Estimates estimates = evaluation.estimates();
        int prompts = estimates.pool().size();
        Map<String, Finding> findings = new LinkedHashMap<>();
        boolean finite = Math.abs(estimates.lambda()) < Double.POSITIVE_INFINITY && estimates.varianceAtFit() > 0;
        if (prompts < FEWEST_PROMPTS || !finite || evaluation.sources() != Sources.BOTH) {
            return findings;
        }
        double[][] influence = new double[prompts][];
        for (int c = 0; c < prompts; c++) {
            influence[c] = influence(estimates, c);
        }
        PromptJackknife jackknife = new PromptJackknife(estimates, influence);
        for (int k = 0; k < Reweighting.COUNT; k++) {
            Finding plain = evaluation.get(Reweighting.FIGURES[k]);
            Intervals.Limits ends =
                    Jackknife.isRounding(estimates, k) ? firstOrder(influence, k, plain) : jackknife.ends(k);
            // Never surer of all prompts than of these, whose ends leave room for texts unseen.
            Intervals.Limits holding =
                    ends.holding(plain.estimate()).holding(plain.lower()).holding(plain.upper());
            findings.put(
                    plain.id() + ".population",
                    new Finding(
                            plain.id() + ".population",
                            plain.question() + " (over prompts like these)",
                            holding.lower(),
                            plain.estimate(),
                            holding.upper(),
                            plain.grade(),
                            plain.unit(),
                            method(prompts),
                            plain.reason()));
        }
        return findings;
    }

    /** What no sample of prompts shows is said with the interval: by the rule of three kinds up to 3/n of them. */
    private static String method(int prompts) {
        return String.format(
                Locale.ROOT,
                "prompt jackknife; a kind of prompts of which these %d have none may be %.0f %% of all",
                prompts,
                Math.ceil(300.0 / prompts));
    }

    /** Where a figure is rounding, or nothing: its scale has no slope there. */
    private static Intervals.Limits firstOrder(double[][] influence, int figure, Finding plain) {
        int prompts = influence.length;
        double variance = 0;
        for (double[] each : influence) {
            variance += each[figure] * each[figure];
        }
        double error = Math.sqrt(variance * prompts / (prompts - 1));
        return Intervals.of(
                Reweighting.FIGURES[figure].scale(), plain.estimate(), StudentT.quantile(prompts - 1) * error);
    }

    private static double[] influence(Estimates estimates, int c) {
        PromptAtoms member = estimates.pool().members().get(c);
        double weight = estimates.pool().weight(c);
        AtomTilt tilt = estimates.tilts()[c];
        double lambda = estimates.lambda();
        double kl = estimates.get(Figure.KL_POLICY_PRIOR);
        double toPrior = weight * (member.moments().klPolicyPrior() - kl);
        double reward = member.moments().policy().reward();
        double explained = weight * (lambda * reward - tilt.logZ() - estimates.get(Figure.KL_EXPLAINED));
        double[] f = new double[Reweighting.COUNT];
        f[Reweighting.KL] = toPrior;
        f[Reweighting.EXPLAINED] = explained;
        f[Reweighting.DEPARTURE] = toPrior - explained;
        f[Reweighting.FRACTION] = (explained - estimates.get(Figure.BAYES_FRACTION) * toPrior) / kl;
        f[Reweighting.COPIES] = weight * (reward - tilt.mean()) / estimates.varianceAtFit();
        f[Reweighting.LOG_Z] =
                member.asked() == null ? 0 : weight * (member.target().logZ() - estimates.get(Figure.LOG_Z));
        return f;
    }
}
