package dev.credence.core.evidence;

import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.figures.FigureFormat;

/**
 * A reward between two limits, both included; one level where they are equal.
 *
 * @param lowest the lower limit
 * @param highest the upper limit
 */
record RewardRange(double lowest, double highest) implements PointwiseLikelihood {
    RewardRange {
        if (!(lowest <= highest)) {
            throw new IllegalArgumentException(
                    "range is [" + lowest + ", " + highest + "]; the lowest reward must not exceed the highest");
        }
    }

    @Override
    public double of(double reward) {
        if (Double.isNaN(reward)) {
            return reward; // no reason to exclude the text
        }
        return lowest <= reward && reward <= highest ? 0 : Double.NEGATIVE_INFINITY;
    }

    @Override
    public LogBounds of(ValueBounds reward) {
        if (reward.lower() > highest || reward.upper() < lowest) {
            return LogBounds.EXCLUDED;
        }
        boolean inside = lowest <= reward.lower() && reward.upper() <= highest;
        return inside ? LogBounds.NOTHING : LogBounds.PROBABILITY;
    }

    @Override
    public String describe() {
        if (lowest == highest) {
            return "the reward is exactly " + FigureFormat.inWords(lowest);
        }
        return highest == Double.POSITIVE_INFINITY
                ? "the reward is at least " + FigureFormat.inWords(lowest)
                : "the reward is between " + FigureFormat.inWords(lowest) + " and " + FigureFormat.inWords(highest);
    }
}
