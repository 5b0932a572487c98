package dev.credence.methods.training;

import dev.credence.core.training.SequenceObjective;
import java.util.Arrays;

/**
 * The weights of a policy-gradient objective on given rollouts: Σ m [A·ratio − β·penalty], differentiated by each
 * log-probability, with advantages held fixed.
 */
final class SurrogateObjective implements SequenceObjective, LimitSearch.Forces {
    private static final double ROUNDOFF = 4 * Math.ulp(1.0);

    private final Rollouts rollouts;
    private final Surrogate surrogate;
    private final double[][] advantages; // (n) (tokens)
    private final double[] share; // (n) what a token of the text counts
    private final double scale;
    private double[] stiffening = {}; // (n) what penalties in the reward are multiplied by
    private double rounding; // nats a token

    /**
     * The objective.
     *
     * @param rollouts what is learned from
     * @param surrogate what is ascended
     * @param horizon tokens a text has at most
     * @param scale of all weights
     */
    SurrogateObjective(Rollouts rollouts, Surrogate surrogate, int horizon, double scale) {
        this(rollouts, surrogate, horizon, scale, new double[0]);
    }

    /** The same with (prompts) values for the baseline that takes them. */
    SurrogateObjective(Rollouts rollouts, Surrogate surrogate, int horizon, double scale, double[] values) {
        this(rollouts, surrogate, horizon, scale, Advantages.of(rollouts, surrogate, values));
    }

    /** The same with advantages (n) (tokens) that are known. */
    SurrogateObjective(Rollouts rollouts, Surrogate surrogate, int horizon, double scale, double[][] advantages) {
        this.scale = scale;
        this.rollouts = rollouts;
        this.surrogate = surrogate;
        this.advantages = advantages;
        this.share = shares(rollouts, surrogate.average(), horizon);
    }

    /** Takes moves of no more than that, in nats a token, for none where the policy that drew is not told from the reference. */
    SurrogateObjective within(double nats) {
        rounding = nats;
        return this;
    }

    private static double[] shares(Rollouts rollouts, Surrogate.Average average, int horizon) {
        double tokens = rollouts.mean(rollouts.length());
        double[] share = rollouts.measure().clone();
        for (int i = 0; i < share.length; i++) {
            share[i] /= switch (average) {
                case SUM -> 1;
                case PER_SEQUENCE -> rollouts.length()[i];
                case PER_TOKEN -> tokens;
                case CONSTANT -> horizon;
            };
        }
        return share;
    }

    @Override
    public double[] weights(int i, double[] logProbs) {
        double[] weights = new double[logProbs.length];
        if (rollouts.measure()[i] > 0) {
            reward(i, logProbs, weights);
            penalty(i, logProbs, weights);
            for (int t = 0; t < weights.length; t++) {
                weights[t] *= scale;
            }
        }
        return weights;
    }

    /**
     * On policy, where ratios are 1, and of texts of one token. Equal texts get equal forces to the last bit. k1 in the loss pulls all alike,
     * which changes nothing, and is left out.
     */
    @Override
    public double force(int i, double logProb, double mass) {
        double unit = share[i] / rollouts.measure()[i];
        double reward =
                advantages[i][0] * (surrogate.ratio() == Surrogate.Ratio.SEQUENCE ? 1 / rollouts.length()[i] : unit);
        double logRatio = logProb - Rollouts.sum(rollouts.referenceLogProbs()[i]);
        double penalty = switch (surrogate.kl()) {
            case MEAN_TOKEN -> 1 / rollouts.length()[i];
            case LOSS_K2, LOSS_K3, LOSS_K3_RATIO -> slope(logRatio, 0);
            default -> 0;
        };
        return scale * (reward - surrogate.beta() * unit * penalty);
    }

    @Override
    public double stiffness(int i, double logProb) {
        if (stiffening.length == 0) {
            stiffening = Advantages.scales(rollouts, surrogate);
        }
        double logRatio = logProb - Rollouts.sum(rollouts.referenceLogProbs()[i]);
        double inReward = surrogate.entropy()
                + surrogate.beta()
                        * switch (surrogate.kl()) {
                            case REWARD_K1 -> 1;
                            case REWARD_K3 -> -Math.expm1(-logRatio);
                            case MEAN_TOKEN -> 1 / rollouts.length()[i];
                            default -> 0;
                        };
        double inLoss = surrogate.beta()
                * switch (surrogate.kl()) {
                    case LOSS_K2, LOSS_K3_RATIO -> 1;
                    case LOSS_K3 -> Math.exp(-logRatio);
                    default -> 0;
                };
        return scale * (stiffening[i] * inReward + inLoss);
    }

    @Override
    public double[] roundoff() {
        double[] largest = new double[rollouts.prompts()];
        double[] ratio = new double[rollouts.prompts()];
        double[] times = new double[rollouts.prompts()];
        double[] scales = Advantages.scales(rollouts, surrogate);
        for (int i = 0; i < rollouts.size(); i++) {
            int c = rollouts.prompt()[i];
            if (rollouts.measure()[i] > 0) {
                double logRatio =
                        Rollouts.sum(rollouts.drawnLogProbs()[i]) - Rollouts.sum(rollouts.referenceLogProbs()[i]);
                largest[c] = Math.max(largest[c], Math.abs(rollouts.reward()[i]));
                ratio[c] = Math.max(ratio[c], Math.abs(logRatio));
                times[c] = Math.max(times[c], scales[i]);
            }
        }
        double[] roundoff = new double[largest.length];
        double whole = surrogate.kl() == KlPlacement.MEAN_TOKEN ? 16 * surrogate.beta() : 0; // alike of all texts
        Arrays.setAll(
                roundoff,
                c -> ROUNDOFF
                        * scale
                        * (times[c] * largest[c] + surrogate.beta() * ratio[c] * Math.max(1, times[c]) + whole));
        return roundoff;
    }

    /** Share of the measure whose ratio is clipped at the given log-probabilities. */
    double clipped(double[][] logProbs) {
        double clipped = 0;
        for (int i = 0; i < logProbs.length && surrogate.ratio() == Surrogate.Ratio.TOKEN; i++) {
            for (int t = 0; t < logProbs[i].length; t++) {
                double ratio = Math.exp(logProbs[i][t] - rollouts.drawnLogProbs()[i][t]);
                clipped += isCut(ratio, advantages[i][t]) ? rollouts.measure()[i] / logProbs[i].length : 0;
            }
        }
        return clipped;
    }

    private void reward(int i, double[] logProbs, double[] weights) {
        double[] drawn = rollouts.drawnLogProbs()[i];
        double whole = Math.exp((Rollouts.sum(logProbs) - Rollouts.sum(drawn)) / rollouts.length()[i]);
        for (int t = 0; t < weights.length; t++) {
            double advantage = advantages[i][t];
            weights[t] = switch (surrogate.ratio()) {
                case NONE -> share[i] * advantage;
                case TOKEN -> share[i] * kept(Math.exp(logProbs[t] - drawn[t]), advantage);
                case SEQUENCE -> rollouts.measure()[i] / rollouts.length()[i] * kept(whole, advantage);
            };
        }
    }

    /** Derivative of min(ρA, clip(ρ)A) by log ρ. */
    private double kept(double ratio, double advantage) {
        return isCut(ratio, advantage) ? 0 : ratio * advantage;
    }

    private boolean isCut(double ratio, double advantage) {
        return advantage > 0 ? ratio > 1 + surrogate.clipHigh() : ratio < 1 - surrogate.clip();
    }

    private void penalty(int i, double[] logProbs, double[] weights) {
        double beta = surrogate.beta();
        if (surrogate.kl() == KlPlacement.MEAN_TOKEN) {
            for (int t = 0; t < weights.length; t++) {
                weights[t] -= share[i] * beta / rollouts.length()[i];
            }
        }
        if (surrogate.kl().isInReward() || surrogate.kl() == KlPlacement.NONE) {
            return;
        }
        double[] reference = rollouts.referenceLogProbs()[i];
        double[] drawn = rollouts.drawnLogProbs()[i];
        double whole = Rollouts.sum(logProbs) - Rollouts.sum(reference);
        boolean still = reference == drawn && !Rollouts.isToldFrom(logProbs, reference, rounding);
        for (int t = 0; t < weights.length; t++) {
            boolean token = surrogate.penalisesTokens();
            double moves = token ? logProbs[t] - reference[t] : whole;
            double logRatio = still ? 0 : moves;
            double moved = token ? logProbs[t] - drawn[t] : Rollouts.sum(logProbs) - Rollouts.sum(drawn);
            weights[t] -= share[i] * beta * slope(logRatio, moved);
        }
    }

    /** Derivative of the penalty by log π. */
    private double slope(double logRatio, double logMoved) {
        return switch (surrogate.kl()) {
            case LOSS_K1 -> 1;
            case LOSS_K2 -> logRatio;
            case LOSS_K3 -> -Math.expm1(-logRatio);
            case LOSS_K3_RATIO -> Math.exp(logMoved) * logRatio; // ρ(e^{−ℓ} − 1 + ℓ) + ρ(1 − e^{−ℓ})
            default -> 0;
        };
    }
}
