package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.random.RandomGenerator;

/**
 * Rejection: a prior draw is accepted with probability e^{(r − r_max)/β}. Exact for any reward with a known bound.
 *
 * @param beta KL coefficient β; 1/β copies
 */
public record Rejection(
        @Setting(
                help = "KL coefficient; 1/beta copies of the reward, 0 for the limit on the best",
                range = Range.COEFFICIENT)
        double beta)
        implements Conditioner.OnTables, Conditioner.OnModels {
    private static final long MOST_TRIALS = 10_000_000;

    /**
     * Checks the setting.
     *
     * @param beta at least 0
     */
    public Rejection {
        Settings.check(Rejection.class, beta);
    }

    /** One copy. */
    public Rejection() {
        this(1);
    }

    /**
     * At a KL coefficient.
     *
     * @param beta β ≥ 0
     * @return the method
     */
    public static Rejection atKl(double beta) {
        return new Rejection(beta);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new Rejection(),
                "rejection",
                "draw until accepted, with probability e^((r - r_max)/beta)",
                "docs/theory.md#rejection");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(RewardLikelihood.tilt(NominalCopies.at(beta)), Aim.EXACT);
    }

    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        return PromptByPrompt.condition(
                this, prior, asked, this::joint, texts -> PromptByPrompt.drawsUntilAccepted(joint(texts)));
    }

    /** (outcomes) of the prior's mass what is accepted. */
    private double[] joint(Completions completions) {
        double[] joint = new double[completions.size()];
        double best = completions.best();
        for (int i = 0; i < joint.length; i++) {
            double prior = completions.prior(i);
            joint[i] = prior == 0 ? 0 : prior * acceptance(completions.reward(i) - best);
        }
        return joint;
    }

    /** At β = 0 the largest reward alone is accepted. */
    private double acceptance(double gap) {
        return gap == 0 ? 1 : Math.exp(NominalCopies.at(beta) * gap);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The evidence must be bounded above, as the largest of the draws seen is not the largest there is.
     */
    @Override
    public ConditionedModel condition(PredictiveModel prior, DrawnEvidence asked, int horizon) {
        return new ModelDraws(prior, asked, horizon, aim(asked.rewardType()), this::accepting);
    }

    private Sampler<ConditionedModel.Text> accepting(Sampler<ConditionedModel.Text> drawn, double upper) {
        if (!(upper < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting(
                    "evidence", "unbounded above", "rejection needs a bound: say one by bounded(lower, upper)");
        }
        if (upper == Double.NEGATIVE_INFINITY) {
            throw new NoPosteriorException("the evidence excludes every completion: there is nothing to condition on");
        }
        return RejectionSampler.accepting(drawn, (text, random) -> accepts(text, upper, random), MOST_TRIALS);
    }

    private boolean accepts(ConditionedModel.Text text, double upper, RandomGenerator random) {
        double gap = text.logLikelihood() - upper;
        if (!(gap <= 0)) {
            throw new IllegalStateException("log-likelihood of a completion is " + text.logLikelihood()
                    + "; it was promised to be at most " + upper);
        }
        return random.nextDouble() < acceptance(gap);
    }
}
