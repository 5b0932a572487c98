package dev.credence.core.audit;

import java.util.Map;

/** Whether the five estimators of copies agree: every pair's 95 % interval of the difference contains zero. */
final class Slant {
    private static final double EXACT_TOLERANCE = 1e-6;

    private Slant() {}

    /** Whether all slopes stand and agree; false if one is withdrawn. */
    static boolean agrees(Evaluation evaluation) {
        if (Double.isInfinite(evaluation.estimates().lambda())) {
            return true; // the argmax conditional: a line of infinite slope has no slopes to disagree
        }
        int column = Influence.DIFFERENCES;
        for (int a = 0; a < Influence.SLOPES.length; a++) {
            for (int b = a + 1; b < Influence.SLOPES.length; b++, column++) {
                if (!pairAgrees(evaluation, Influence.SLOPES[a], Influence.SLOPES[b], column)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean pairAgrees(Evaluation evaluation, Figure a, Figure b, int column) {
        Map<String, Finding> findings = evaluation.findings();
        Finding first = java.util.Objects.requireNonNull(findings.get(a.id()));
        Finding second = java.util.Objects.requireNonNull(findings.get(b.id()));
        if (!first.stands() || !second.stands()) {
            return false;
        }
        double difference = Math.abs(first.estimate() - second.estimate());
        double rounding = EXACT_TOLERANCE * Math.max(1, Math.abs(first.estimate()));
        StandardErrors errors = evaluation.errors();
        double half = errors == null ? 0 : StudentT.quantile(errors.freedom()[column]) * errors.errors()[column];
        return difference <= Math.max(half, rounding);
    }
}
