package dev.credence.lab.conditioning;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.StudentT;
import dev.credence.core.diagnostics.EffectiveSampleSize;
import dev.credence.core.diagnostics.LogPartitionBounds;
import dev.credence.core.diagnostics.RunningMean;
import dev.credence.core.diagnostics.SampleMean;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.methods.Smc;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What sequential Monte Carlo's runs say on a table, where a text is one step: bounds of log Z as expectations over runs, enumerated
 * where K particles have few enough combinations of evidence, else by runs; log Z itself is known.
 */
public final class TableParticles {
    private static final double MOST_COMBINATIONS = 1e6;
    private static final int MOST_PARTICLES = 20_000; // of runs that are made; bounds of fewer particles hold for more
    private static final int MOST_DRAWS = 4_000_000;
    private static final int RUNS = 1000;

    private TableParticles() {}

    /** Figures of one prompt. */
    private record OfPrompt(double weight, double logZ, LogPartitionBounds bounds, double error, SampleMean ess) {}

    /**
     * Figures of all prompts.
     *
     * @param how the method
     * @param asked prior and evidence, one copy
     * @param seed of the runs
     * @return by id; log Z in nats, {@code ess} in particles
     */
    public static Map<String, Finding> findings(Smc how, Answer.Asked asked, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        boolean isTwisted = how.proposal() == Smc.Proposal.TWISTED;
        double logZ = 0;
        double lower = 0;
        double upper = 0;
        double variance = 0;
        double ess = 0;
        double spread = 0;
        for (String prompt : asked.prior().prompts()) {
            Distribution prior = asked.prior().given(prompt);
            double[] evidence = asked.reward().rewards(prompt, prior);
            double[] joint = new double[evidence.length];
            for (int i = 0; i < joint.length; i++) {
                evidence[i] = evidence[i] / how.beta();
                joint[i] = prior.logProbability(i) + evidence[i];
            }
            OfPrompt own = of(
                    asked.prior().weight(prompt), prior, evidence, LogMath.logSumExp(joint), how.particles(), random);
            logZ += own.weight * own.logZ;
            lower += own.weight * own.bounds.lower();
            upper += own.weight * own.bounds.upper();
            variance += own.weight * own.weight * own.error * own.error;
            ess += own.weight * own.ess.mean();
            spread += own.weight * own.weight * own.ess.standardError() * own.ess.standardError();
        }
        double half = StudentT.ofMean(RUNS) * Math.sqrt(variance);
        double essHalf = StudentT.ofMean(RUNS) * Math.sqrt(spread);
        Map<String, Finding> findings = new LinkedHashMap<>();
        String question =
                "Between which bounds is log Z by the expectations of runs from the prior, and of runs that retain a draw"
                        + " of the posterior?";
        findings.put(
                ParticleFindings.LOG_Z,
                isTwisted
                        ? exact(ParticleFindings.LOG_Z, question, logZ, "nats")
                        : new Finding(
                                ParticleFindings.LOG_Z,
                                question,
                                Math.min(logZ, lower - half),
                                logZ,
                                Math.max(logZ, upper + half),
                                half == 0 ? Grade.BOUNDED : Grade.ESTIMATED,
                                "nats",
                                half == 0 ? "expectations over runs" : "stochastic bounds",
                                null));
        String worth = "How many equally weighted particles are a run's last ones worth?";
        findings.put(
                "ess",
                isTwisted
                        ? exact("ess", worth, how.particles(), "particles")
                        : new Finding(
                                "ess",
                                worth,
                                Math.max(0, ess - essHalf),
                                ess,
                                ess + essHalf,
                                Grade.ESTIMATED,
                                "particles",
                                "mean of runs",
                                null));
        findings.put("resamplings", exact("resamplings", "How often were a run's particles resampled?", 0, "a run"));
        return findings;
    }

    private static Finding exact(String id, String question, double value, String unit) {
        return new Finding(id, question, value, value, value, Grade.EXACT, unit, null, null);
    }

    private static OfPrompt of(
            double weight, Distribution prior, double[] evidence, double logZ, int particles, SplittableRandom random) {
        int k = Math.min(particles, MOST_PARTICLES);
        int runs = Math.max(2, Math.min(RUNS, MOST_DRAWS / k));
        double[] logPosterior = new double[evidence.length];
        Arrays.setAll(logPosterior, i -> prior.logProbability(i) + evidence[i]);
        Distribution posterior = Distribution.ofLogWeights(prior.outcomes(), logPosterior);
        double[] drawn = new double[runs * k];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = evidence[prior.sample(random)];
        }
        RunningMean sizes = new RunningMean();
        for (int run = 0; run < runs; run++) {
            sizes.add(EffectiveSampleSize.ofLogWeights(drawn, run * k, (run + 1) * k) * particles / k);
        }
        double combinations = 1;
        long levels = Arrays.stream(evidence).distinct().count();
        for (int i = 1; i < levels && combinations <= MOST_COMBINATIONS; i++) {
            combinations *= (double) (particles + i) / i;
        }
        if (combinations <= MOST_COMBINATIONS) {
            return new OfPrompt(weight, logZ, LogPartitionBounds.exact(prior, evidence, particles), 0, sizes.result());
        }
        double[] exact = new double[runs];
        Arrays.setAll(exact, i -> evidence[posterior.sample(random)]);
        SampleMean below = LogPartitionBounds.lower(drawn, k);
        SampleMean above = LogPartitionBounds.upper(exact, drawn, k);
        double error = Math.max(below.standardError(), above.standardError());
        LogPartitionBounds bounds = new LogPartitionBounds(below.mean(), above.mean());
        return new OfPrompt(weight, logZ, bounds, Double.isNaN(error) ? 0 : error, sizes.result());
    }
}
