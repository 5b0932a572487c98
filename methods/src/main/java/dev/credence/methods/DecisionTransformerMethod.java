package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.provenance.InputException;
import java.util.OptionalDouble;

/** A decision transformer asked for a reward: the prior on that level, or range. A level never seen is refused. */
public final class DecisionTransformerMethod extends TableConditioner {
    private static final MethodOption LEVEL =
            new MethodOption("level", "", "reward asked for: V, or V..W for a range; without it each prompt's largest");

    /** Without state. */
    public DecisionTransformerMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "decision-transformer",
                "condition on the text having a given reward",
                "Chen et al. 2021; docs/theory.md#return-conditioned",
                LEVEL);
    }

    @Override
    public Aim aim(MethodOptions options) {
        if (!options.has(LEVEL.name())) {
            return Aim.at(RewardLikelihood.tilt(Double.POSITIVE_INFINITY), Aim.FORWARD);
        }
        double[] range = range(options);
        return Aim.at(RewardLikelihood.range(range[0], range[1]), Aim.FORWARD);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        double best = completions.best();
        double[] range = options.has(LEVEL.name()) ? range(options) : new double[] {best, best};
        double[] policy = completions.priorMasses();
        for (int i = 0; i < policy.length; i++) {
            double r = completions.reward(i);
            policy[i] = range[0] <= r && r <= range[1] ? policy[i] : 0;
        }
        return policy;
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        return OptionalDouble.of(1);
    }

    private static double[] range(MethodOptions options) {
        String text = options.text(LEVEL);
        int dots = text.indexOf("..");
        try {
            double low = Double.parseDouble(dots < 0 ? text : text.substring(0, dots));
            double high = dots < 0 ? low : Double.parseDouble(text.substring(dots + 2));
            if (low <= high) {
                return new double[] {low, high};
            }
        } catch (NumberFormatException e) {
            throw InputException.ofOption("--level", text, "it must be a number, or a range such as 1..2");
        }
        throw InputException.ofOption("--level", text, "the range's first number must not exceed its second");
    }
}
