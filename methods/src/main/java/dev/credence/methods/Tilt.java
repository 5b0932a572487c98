package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.TableModel;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The exact posterior of KL-penalised RL, π0 e^{r/β}/Z (Korbak, Perez and Buckley 2022).
 *
 * @param beta KL coefficient β; 1/β copies
 */
public record Tilt(
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
    public Tilt {
        Settings.check(Tilt.class, beta);
    }

    /** One copy. */
    public Tilt() {
        this(1);
    }

    /**
     * At a KL coefficient.
     *
     * @param beta β ≥ 0
     * @return the method
     */
    public static Tilt atKl(double beta) {
        return new Tilt(beta);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                        new Tilt(),
                        "tilt",
                        "the exact optimum of E r - beta KL(policy, prior), by enumeration",
                        "Korbak, Perez and Buckley 2022; docs/theory.md#conditioning-on-a-reward")
                .alias("posterior");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(RewardLikelihood.tilt(NominalCopies.at(beta)), Aim.REVERSE);
    }

    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        return PromptByPrompt.condition(this, prior, asked, this::posterior, null);
    }

    private double[] posterior(Completions completions) {
        double[] log = TiltedFamily.of(completions.distribution(), completions.rewards())
                .logPosterior(NominalCopies.at(beta));
        return Arrays.stream(log).map(Math::exp).toArray();
    }
}
