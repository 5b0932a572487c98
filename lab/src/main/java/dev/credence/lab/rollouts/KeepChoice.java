package dev.credence.lab.rollouts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Chooses which draws to keep, so that about as many are kept as are wanted: a quarter of them spread over all draws, the rest
 * shared by the posteriors that they are to carry, each in proportion to its weight e^{λr} (docs/theory.md#thinned-draws).
 */
final class KeepChoice {
    private static final double SPREAD = 0.25;
    private static final double STEEPEST = 60; // nats over the rewards' range: past it only the largest reward counts
    private static final int HALVINGS = 60;

    private final double[] rewards;
    private final double[] shares;

    /**
     * What draws look like.
     *
     * @param rewards (n) of draws that were kept
     * @param kept (n) the probability with which each was
     */
    @SuppressWarnings("ArrayRecordComponent")
    KeepChoice(double[] rewards, double[] kept) {
        this.rewards = rewards;
        double[] weights = Arrays.stream(kept).map(a -> 1 / a).toArray();
        double total = Arrays.stream(weights).sum();
        this.shares = Arrays.stream(weights).map(weight -> weight / total).toArray();
    }

    /**
     * Chooses a rule for draws to come.
     *
     * @param draws how many they are
     * @param wanted how many to keep
     * @param tilts λ of the posteriors; infinite: that of the largest reward, −∞ of the smallest; NaN is left out
     * @return the rule
     */
    KeepRule choose(long draws, double wanted, double... tilts) {
        if (draws <= wanted) {
            return KeepRule.ALL;
        }
        double[] steep = Arrays.stream(tilts)
                .filter(t -> !Double.isNaN(t))
                .map(this::finite)
                .toArray();
        double least = steep.length == 0 ? wanted / draws : SPREAD * wanted / draws;
        List<KeepRule.Ramp> ramps = new ArrayList<>();
        for (double tilt : steep) {
            ramps.add(ramp(tilt, (1 - SPREAD) * wanted / draws / steep.length));
        }
        return new KeepRule(least, ramps);
    }

    private double finite(double tilt) {
        double range = Arrays.stream(rewards).max().orElse(0)
                - Arrays.stream(rewards).min().orElse(0);
        double most = range > 0 ? STEEPEST / range : 0;
        return Math.max(-most, Math.min(most, tilt));
    }

    /** The ramp that keeps this share of all draws, found by halving. */
    private KeepRule.Ramp ramp(double tilt, double share) {
        double[] exponents = Arrays.stream(rewards).map(r -> tilt * r).toArray();
        double none = -Arrays.stream(exponents).max().orElse(0) + Math.log(share); // keeps no more than the share
        double all = -Arrays.stream(exponents).min().orElse(0);
        for (int i = 0; i < HALVINGS; i++) {
            double middle = none + (all - none) / 2;
            if (keeps(new KeepRule.Ramp(tilt, middle)) < share) {
                none = middle;
            } else {
                all = middle;
            }
        }
        return new KeepRule.Ramp(tilt, none);
    }

    private double keeps(KeepRule.Ramp ramp) {
        double sum = 0;
        for (int i = 0; i < rewards.length; i++) {
            sum += shares[i] * ramp.of(rewards[i]);
        }
        return sum;
    }
}
