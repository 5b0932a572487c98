package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.List;
import org.hipparchus.distribution.continuous.NormalDistribution;

/**
 * Whether the slopes agree: as far as can be told, or as far as matters. All pairs of those that exist hold in one joint
 * test at 95 % (each interval widened for the number of pairs), or the largest and the smallest are apart by less than a
 * tenth of a nat over a standard deviation of the reward.
 */
final class SlopeAgreement {
    private static final double EXACT_TOLERANCE = 1e-6;
    private static final double ERROR_RATE = 0.05;
    private static final double NEGLIGIBLE = 0.1; // nats

    private SlopeAgreement() {}

    /**
     * Whether the slopes agree, or differ only by what a policy that is known to be a conditional hardly ever writes.
     */
    static boolean agrees(Evaluation evaluation) {
        return evaluation.isMember() || isOne(evaluation);
    }

    /** Whether the slopes agree; false where one was withdrawn by a gate. */
    static boolean isOne(Evaluation evaluation) {
        if (Double.isInfinite(evaluation.estimates().lambda())) {
            return true; // the argmax conditional: a line of infinite slope has no slopes to disagree
        }
        for (Figure slope : Influence.SLOPES) {
            Finding finding = evaluation.get(slope);
            if (!finding.stands() && (!Double.isNaN(finding.estimate()) || isGated(evaluation, finding.id()))) {
                return false;
            }
        }
        List<Integer> existing = existing(evaluation);
        return isNegligible(evaluation, existing) || holdsJointly(evaluation, existing);
    }

    /** Whether there is anything to be agreed on: one estimator of copies alone agrees with nothing. */
    static boolean isTold(Evaluation evaluation) {
        return existing(evaluation).size() > 1;
    }

    /** The positions among the slopes of those that stand. */
    private static List<Integer> existing(Evaluation evaluation) {
        List<Integer> existing = new ArrayList<>();
        for (int k = 0; k < Influence.SLOPES.length; k++) {
            if (evaluation.get(Influence.SLOPES[k]).stands()) {
                existing.add(k);
            }
        }
        return existing;
    }

    private static boolean isGated(Evaluation evaluation, String id) {
        return evaluation.gates().stream().anyMatch(gate -> gate.withdraws().contains(id));
    }

    private static boolean isNegligible(Evaluation evaluation, List<Integer> existing) {
        double smallest = Double.POSITIVE_INFINITY;
        double largest = Double.NEGATIVE_INFINITY;
        for (int k : existing) {
            double slope = evaluation.get(Influence.SLOPES[k]).estimate();
            smallest = Math.min(smallest, slope);
            largest = Math.max(largest, slope);
        }
        double spread = Math.sqrt(evaluation.estimates().slopes().mixtureVariance());
        return (largest - smallest) * spread <= NEGLIGIBLE;
    }

    private static boolean holdsJointly(Evaluation evaluation, List<Integer> existing) {
        int pairs = existing.size() * (existing.size() - 1) / 2;
        if (pairs == 0) {
            return true;
        }
        double widening =
                new NormalDistribution().inverseCumulativeProbability(1 - ERROR_RATE / (2 * pairs)) / Intervals.Z;
        int column = Influence.DIFFERENCES;
        for (int a = 0; a < Influence.SLOPES.length; a++) {
            for (int b = a + 1; b < Influence.SLOPES.length; b++, column++) {
                if (existing.contains(a) && existing.contains(b) && !holds(evaluation, a, b, column, widening)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean holds(Evaluation evaluation, int a, int b, int column, double widening) {
        double first = evaluation.get(Influence.SLOPES[a]).estimate();
        double second = evaluation.get(Influence.SLOPES[b]).estimate();
        double rounding = EXACT_TOLERANCE * Math.max(1, Math.abs(first));
        StandardErrors errors = evaluation.errors();
        double half = errors == null ? 0 : StudentT.quantile(errors.freedom()[column]) * errors.errors()[column];
        return Math.abs(first - second) <= Math.max(widening * half, rounding);
    }
}
