package dev.credence.core.audit;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Intervals of the headline figures for the population that the prompts were drawn from: the prompt is the unit, Student's
 * t with C − 1 degrees of freedom, from eight prompts on (THEORY §3c, population version).
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
        double[] variance = new double[Reweighting.COUNT];
        for (int c = 0; c < prompts; c++) {
            double[] f = influence(estimates, c);
            for (int k = 0; k < f.length; k++) {
                variance[k] += f[k] * f[k];
            }
        }
        double t = StudentT.quantile(prompts - 1);
        for (int k = 0; k < variance.length; k++) {
            Figure figure = Reweighting.FIGURES[k];
            Finding plain = evaluation.get(figure);
            double error = Math.sqrt(variance[k] * prompts / (prompts - 1));
            double[] ends =
                    Intervals.holding(Intervals.of(figure.scale(), plain.estimate(), t * error), plain.estimate());
            findings.put(
                    plain.id() + ".population",
                    new Finding(
                            plain.id() + ".population",
                            plain.question() + " (over prompts like these)",
                            ends[0],
                            plain.estimate(),
                            ends[1],
                            plain.grade(),
                            plain.unit(),
                            "prompt t",
                            plain.reason()));
        }
        return findings;
    }

    private static double[] influence(Estimates estimates, int c) {
        Member member = estimates.pool().members().get(c);
        double weight = estimates.pool().weight(c);
        Tilt tilt = estimates.tilts()[c];
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
