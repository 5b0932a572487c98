package dev.credence.core.evidence;

import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.figures.FigureFormat;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Independent observations of one reward, seen together: log-likelihoods add, each so many times. What one excludes no other
 * brings back.
 *
 * @param parts at least one
 */
record JointLikelihood(List<Part> parts) implements PointwiseLikelihood {
    /**
     * One observation.
     *
     * @param one what was observed
     * @param copies how often, finite
     * @serial exclude
     */
    record Part(PointwiseLikelihood one, double copies) implements Serializable {
        private double of(double reward) {
            return copies == 0 ? 0 : copies * one.of(reward); // 0 · −∞ would be NaN
        }

        private String describe() {
            return copies == 1
                    ? one.describe()
                    : FigureFormat.inWords(copies) + " independent copies of: " + one.describe();
        }
    }

    JointLikelihood {
        parts = List.copyOf(parts);
    }

    static JointLikelihood of(RewardLikelihood likelihood, double n) {
        if (!(Math.abs(n) < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("n is " + n + "; copies must be a finite number");
        }
        if (likelihood instanceof JointLikelihood joint) {
            return new JointLikelihood(joint.parts.stream()
                    .map(part -> new Part(part.one, n * part.copies))
                    .toList());
        }
        if (likelihood instanceof PointwiseLikelihood one) {
            return new JointLikelihood(List.of(new Part(one, n)));
        }
        throw new IllegalArgumentException(
                "'" + likelihood.describe() + "' depends on what the other texts have: it is seen once, and alone");
    }

    JointLikelihood with(JointLikelihood other) {
        List<Part> all = new ArrayList<>(parts);
        all.addAll(other.parts);
        return new JointLikelihood(all);
    }

    @Override
    public double of(double reward) {
        double sum = 0;
        boolean isExcluded = false;
        for (Part part : parts) {
            double one = part.of(reward);
            isExcluded |= one == Double.NEGATIVE_INFINITY;
            sum += one;
        }
        return isExcluded ? Double.NEGATIVE_INFINITY : sum;
    }

    @Override
    public boolean allows(double reward) {
        return parts.stream().allMatch(part -> part.one.allows(reward)) && of(reward) != Double.POSITIVE_INFINITY;
    }

    @Override
    public String rule() {
        String rules = parts.stream().map(part -> part.one.rule()).distinct().collect(Collectors.joining(", and "));
        return parts.stream().anyMatch(part -> part.copies < 0)
                ? rules + ", and none that negative copies make infinitely likely"
                : rules;
    }

    @Override
    public LogBounds of(ValueBounds reward) {
        LogBounds sum = LogBounds.NOTHING;
        for (Part part : parts) {
            sum = sum.plus(part.one.of(reward).times(part.copies));
        }
        return sum;
    }

    @Override
    public boolean isProbability() {
        return parts.stream().allMatch(part -> part.copies >= 0 && part.one.isProbability());
    }

    @Override
    public String describe() {
        return parts.stream().map(Part::describe).collect(Collectors.joining(", and "));
    }
}
