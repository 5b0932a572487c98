package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Poisson approval: K ~ Poisson(1/β) yes/no judgements, accepted when all say yes. Needs no probability, only a judge.
 *
 * @param beta KL coefficient β; the mean number of raters is 1/β
 */
public record Poisson(
        @Setting(help = "KL coefficient; the mean number of raters is 1/beta", range = Range.COEFFICIENT)
        double beta) implements Conditioner.OnTables, Conditioner.OnModels {
    private static final double LEAST = 1e-6;
    private static final double DEVIATIONS = 12; // of a Poisson law, beyond which nothing is left
    private static final double FEWEST = 40;
    private static final long MOST_TRIALS = 10_000_000;

    /**
     * Checks the setting.
     *
     * @param beta at least 1e-6
     */
    public Poisson {
        Settings.check(Poisson.class, beta);
        if (!(beta >= LEAST)) {
            throw InputException.ofSetting(
                    "beta",
                    SettingText.of(beta),
                    "it must be at least 1e-6: a text would need " + NominalCopies.at(beta) + " raters");
        }
    }

    /** One rater in the mean. */
    public Poisson() {
        this(1);
    }

    /**
     * At a KL coefficient.
     *
     * @param beta β, at least 1e-6
     * @return the method
     */
    public static Poisson atKl(double beta) {
        return new Poisson(beta);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new Poisson(),
                "poisson",
                "draw until all of Poisson(1/beta) independent raters approve; the reward is the probability that one does",
                "docs/theory.md#reading-b");
    }

    @Override
    public Aim aim(RewardType type) {
        RewardLikelihood raters = RewardLikelihood.poissonRaters(1 / beta);
        return Aim.at(type == RewardType.LOG_PROBABILITY ? new OfLogarithm(raters) : raters, Aim.EXACT);
    }

    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        boolean logarithm = asked.rewardType() == RewardType.LOG_PROBABILITY;
        return PromptByPrompt.condition(
                this,
                prior,
                asked,
                texts -> accepted(logJoint(texts, logarithm)),
                texts -> Math.exp(-LogMath.logSumExp(logJoint(texts, logarithm))));
    }

    private double[] logJoint(Completions completions, boolean logarithm) {
        double[] joint = new double[completions.size()];
        for (int i = 0; i < joint.length; i++) {
            double p = approval(completions.reward(i), logarithm, "'" + completions.text(i) + "'");
            joint[i] = Math.log(completions.prior(i)) + logAllApprove(1 / beta, p);
        }
        return joint;
    }

    /** Shares of what is accepted, however rarely that is. */
    private static double[] accepted(double[] logJoint) {
        return Arrays.stream(LogMath.normalised(logJoint)).map(Math::exp).toArray();
    }

    private static double approval(double reward, boolean logarithm, String text) {
        double p = logarithm ? Math.exp(reward) : reward;
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException(
                    "reward of " + text + " is " + p + "; Poisson raters need an approval probability in [0, 1]");
        }
        return p;
    }

    /**
     * {@inheritDoc}
     *
     * <p>The raters are asked one by one, and the first no ends it.
     */
    @Override
    public ConditionedModel condition(PredictiveModel prior, DrawnEvidence asked, int horizon) {
        boolean logarithm = asked.rewardType() == RewardType.LOG_PROBABILITY;
        return new ModelDraws(
                prior,
                asked,
                horizon,
                aim(asked.rewardType()),
                (drawn, upper) -> RejectionSampler.poissonRaters(
                        drawn,
                        1 / beta,
                        (text, random) ->
                                random.nextDouble() < approval(text.logLikelihood(), logarithm, "a drawn completion"),
                        MOST_TRIALS));
    }

    /**
     * log Σ_k Poisson(k; λ) p^k, nats, term by term where the terms are, about λp (Poisson(k; λp)·e^{λ(p−1)} would be the claim that is
     * to be tested).
     */
    private static double logAllApprove(double raters, double p) {
        double middle = raters * p;
        double width = DEVIATIONS * Math.sqrt(middle) + FEWEST;
        int least = (int) Math.max(0, Math.floor(middle - width));
        double[] terms = new double[(int) Math.ceil(middle + width) - least + 1];
        double logTerm = logPowerOverFactorial(middle, least) - raters;
        for (int k = 0; k < terms.length; k++) {
            terms[k] = logTerm;
            logTerm += Math.log(middle) - Math.log(least + k + 1.0);
        }
        return LogMath.logSumExp(terms);
    }

    /** log x^n/n!, by sums where n is small and else by Stirling's series, which is exact to rounding from there on. */
    private static double logPowerOverFactorial(double x, int n) {
        if (n < FEWEST) {
            double sum = 0;
            for (int k = 1; k <= n; k++) {
                sum += Math.log(x / k);
            }
            return sum;
        }
        double inverse = 1.0 / n;
        double series = inverse / 12 - inverse * inverse * inverse / 360 + Math.pow(inverse, 5) / 1260;
        return n * (Math.log(x * inverse) + 1) - 0.5 * Math.log(2 * Math.PI * n) - series;
    }

    /**
     * Evidence about a probability of which the logarithm is given.
     *
     * @param ofProbability the evidence
     */
    private record OfLogarithm(RewardLikelihood ofProbability) implements RewardLikelihood {
        @Override
        public double[] logLikelihoods(double[] reward, double[] priorProbability) {
            return ofProbability.logLikelihoods(
                    Arrays.stream(reward).map(Math::exp).toArray(), priorProbability);
        }

        @Override
        public String describe() {
            return ofProbability.describe();
        }
    }
}
