package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.TableModel;
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
        implements Conditioner.OnTables {
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
        return Aim.at(RewardLikelihood.tilt(Copies.at(beta)), Aim.EXACT);
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
            joint[i] = completions.prior(i) * acceptance(completions.reward(i) - best);
        }
        return joint;
    }

    /** At β = 0 the largest reward alone is accepted. */
    private double acceptance(double gap) {
        return gap == 0 ? 1 : Math.exp(Copies.at(beta) * gap);
    }
}
