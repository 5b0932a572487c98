package dev.credence.methods.training;

import java.util.Arrays;

/** From rewards to advantages: the penalties in the reward, baseline, scale. */
final class Advantages {
    private static final double ROUNDOFF = 64 * Math.ulp(1.0); // of a mean of a thousand texts

    private Advantages() {}

    /** (n) (tokens). */
    static double[][] of(Rollouts rollouts, Surrogate surrogate) {
        return of(rollouts, surrogate, new double[0]);
    }

    /** (n) (tokens), with (prompts) values, where those are what is taken off. */
    static double[][] of(Rollouts rollouts, Surrogate surrogate, double[] values) {
        int n = rollouts.size();
        double[] shaped = shaped(rollouts, surrogate);
        double[] baseline = surrogate.baseline() == Surrogate.Baseline.VALUE
                ? ofPrompts(rollouts, values)
                : baseline(rollouts, shaped, surrogate.baseline());
        double[] scale = scale(rollouts, shaped, surrogate.scale());
        double[][] advantages = new double[n][];
        for (int i = 0; i < n; i++) {
            int tokens = rollouts.drawnLogProbs()[i].length;
            advantages[i] = new double[tokens];
            if (surrogate.gamma() == 1) {
                Arrays.fill(advantages[i], (shaped[i] - baseline[i]) * scale[i]);
                continue;
            }
            double[] returns =
                    generalised(tokenRewards(rollouts, surrogate, i), new double[tokens], surrogate.gamma(), 1);
            for (int t = 0; t < tokens; t++) {
                advantages[i][t] = (returns[t] - baseline[i]) * scale[i];
            }
        }
        return advantages;
    }

    /** (n) what returns are multiplied by. */
    static double[] scales(Rollouts rollouts, Surrogate surrogate) {
        return scale(rollouts, shaped(rollouts, surrogate), surrogate.scale());
    }

    /** (n) the reward less what of the penalties stands in it. */
    static double[] shaped(Rollouts rollouts, Surrogate surrogate) {
        double[] shaped = rollouts.reward().clone();
        for (int i = 0; i < shaped.length; i++) {
            double own = Rollouts.sum(rollouts.drawnLogProbs()[i]);
            double ratio = own - Rollouts.sum(rollouts.referenceLogProbs()[i]);
            if (rollouts.measure()[i] > 0) {
                shaped[i] -= surrogate.beta() * penalty(surrogate.kl(), ratio, rollouts.length()[i]);
                shaped[i] -= surrogate.entropy() == 0 ? 0 : surrogate.entropy() * own;
            }
        }
        return shaped;
    }

    private static double penalty(KlPlacement placement, double logRatio, double length) {
        return switch (placement) {
            case REWARD_K1 -> logRatio;
            case REWARD_K3 -> Math.expm1(-logRatio) + logRatio;
            case MEAN_TOKEN -> logRatio / length;
            default -> 0;
        };
    }

    /**
     * (n) (tokens), with the values of the states before them taken off: generalised advantage estimation
     * (docs/theory.md#value-heads).
     *
     * @param values (n) (tokens)
     */
    static double[][] ofStates(Rollouts rollouts, Surrogate surrogate, double[][] values) {
        double[] scale = scales(rollouts, surrogate);
        double[][] advantages = new double[rollouts.size()][];
        for (int i = 0; i < advantages.length; i++) {
            double[] rewards = tokenRewards(rollouts, surrogate, i);
            advantages[i] = generalised(rewards, values[i], surrogate.gamma(), surrogate.lambda());
            for (int t = 0; t < rewards.length; t++) {
                advantages[i][t] *= scale[i];
            }
        }
        return advantages;
    }

    /**
     * Σ_k (γλ)^k δ_{t+k} with δ_t = r_t + γ V_{t+1} − V_t; nothing is worth anything after the last token (Schulman et al. 2016,
     * equation 16). With values of 0 and λ = 1, the discounted return.
     */
    static double[] generalised(double[] rewards, double[] values, double gamma, double lambda) {
        double[] advantages = new double[rewards.length];
        double later = 0;
        double next = 0;
        for (int t = rewards.length - 1; t >= 0; t--) {
            later = rewards[t] + gamma * next - values[t] + gamma * lambda * later;
            next = values[t];
            advantages[t] = later;
        }
        return advantages;
    }

    /** (tokens) the reward at the end of the text, penalties at their tokens; k3 of the whole text, without a discount, at its end. */
    static double[] tokenRewards(Rollouts rollouts, Surrogate surrogate, int i) {
        double[] own = rollouts.drawnLogProbs()[i];
        double[] reference = rollouts.referenceLogProbs()[i];
        double[] rewards = new double[own.length];
        boolean whole = surrogate.gamma() == 1 && surrogate.kl() == KlPlacement.REWARD_K3;
        for (int t = 0; t < own.length && rollouts.measure()[i] > 0; t++) {
            double length = rollouts.length()[i];
            double penalty = whole ? 0 : penalty(surrogate.kl(), own[t] - reference[t], length);
            rewards[t] -= surrogate.beta() * penalty + (surrogate.entropy() == 0 ? 0 : surrogate.entropy() * own[t]);
            if (t == own.length - 1) {
                double ratio = Rollouts.sum(own) - Rollouts.sum(reference);
                rewards[t] +=
                        rollouts.reward()[i] - (whole ? surrogate.beta() * penalty(surrogate.kl(), ratio, length) : 0);
            }
        }
        return rewards;
    }

    /** (prompts) mean returns. */
    static double[] means(Rollouts rollouts, Surrogate surrogate) {
        Group[] groups = groups(rollouts, shaped(rollouts, surrogate));
        return Arrays.stream(groups).mapToDouble(Group::mean).toArray();
    }

    private static double[] ofPrompts(Rollouts rollouts, double[] values) {
        return Arrays.stream(rollouts.prompt()).mapToDouble(c -> values[c]).toArray();
    }

    private static double[] baseline(Rollouts rollouts, double[] shaped, Surrogate.Baseline kind) {
        double[] baseline = new double[shaped.length];
        Group[] groups = groups(rollouts, shaped);
        for (int i = 0; i < baseline.length; i++) {
            Group group = groups[rollouts.prompt()[i]];
            double mean = group.mean();
            baseline[i] = switch (kind) {
                case NONE, VALUE, VALUE_HEAD -> 0; // values come from elsewhere
                case BATCH_MEAN -> rollouts.mean(shaped);
                case GROUP_MEAN -> mean;
                case LEAVE_ONE_OUT -> {
                    double members = group.draws;
                    yield rollouts.enumerated() || members < 2 ? mean : (members * mean - shaped[i]) / (members - 1);
                }
            };
        }
        return baseline;
    }

    private static double[] scale(Rollouts rollouts, double[] shaped, Surrogate.Scale kind) {
        double[] scale = new double[shaped.length];
        Arrays.fill(scale, 1);
        if (kind == Surrogate.Scale.NONE) {
            return scale;
        }
        boolean whole = kind == Surrogate.Scale.BATCH_STD;
        Group[] groups = whole ? new Group[] {new Group()} : groups(rollouts, shaped);
        for (int i = 0; i < scale.length && whole; i++) {
            groups[0].add(rollouts, i, shaped[i]);
        }
        double[] square = new double[groups.length];
        double[] largest = new double[groups.length];
        for (int i = 0; i < scale.length; i++) {
            int g = whole ? 0 : rollouts.prompt()[i];
            double off = shaped[i] - groups[g].mean();
            largest[g] = Math.max(largest[g], rollouts.measure()[i] > 0 ? Math.abs(shaped[i]) : 0);
            square[g] += rollouts.measure()[i] > 0 ? rollouts.measure()[i] / groups[g].measure * off * off : 0;
        }
        for (int i = 0; i < scale.length; i++) {
            int g = whole ? 0 : rollouts.prompt()[i];
            double correction = rollouts.enumerated() ? 1 : groups[g].draws / Math.max(1, groups[g].draws - 1);
            double deviation = Math.sqrt(square[g] * correction);
            scale[i] = deviation > ROUNDOFF * largest[g] ? 1 / deviation : 0; // all equal: nothing to learn
        }
        return scale;
    }

    /** The texts of one prompt, or all. */
    private static final class Group {
        double measure;
        double sum; // of measure times value
        double draws;

        void add(Rollouts rollouts, int i, double value) {
            double own = rollouts.measure()[i];
            measure += own;
            sum += own > 0 ? own * value : 0;
            draws += rollouts.draws()[i];
        }

        double mean() {
            return sum / measure;
        }
    }

    /** (prompts). */
    private static Group[] groups(Rollouts rollouts, double[] values) {
        Group[] groups = new Group[rollouts.prompts()];
        Arrays.setAll(groups, prompt -> new Group());
        for (int i = 0; i < values.length; i++) {
            groups[rollouts.prompt()[i]].add(rollouts, i, values[i]);
        }
        return groups;
    }
}
