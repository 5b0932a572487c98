package dev.credence.bench.coverage;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict.Label;
import java.util.Map;
import java.util.Objects;

/**
 * What is exactly true of a policy, and whether a label contradicts it.
 *
 * @param moved KL(π‖π0)
 * @param fraction the Bayes fraction
 * @param departure nats
 * @param copies λ_mm
 */
record Truth(double moved, double fraction, double departure, double copies) {
    private static final double NO_MOVE = 1e-10; // the gate no_update has 1e-9, of an estimate
    private static final double[] LEAST_FRACTION = {0, 0.3, 0.8, 0.95}; // not, partly, mostly, conditional
    private static final double MOST_DEPARTURE = 0.1;
    private static final double EDGE = 0.05;
    private static final int CONDITIONAL = 3;

    static Truth of(Map<String, Double> figures) {
        return new Truth(
                figures.getOrDefault("kl.policy_prior", Double.NaN),
                figures.getOrDefault("bayes_fraction", Double.NaN),
                figures.getOrDefault("kl.departure", Double.NaN),
                figures.getOrDefault("copies.moment_match", Double.NaN));
    }

    /** Whether the label of an audit contradicts this: one level too much at a threshold's edge is sampling, not a fault. */
    boolean contradicts(StepAudit audit) {
        return contradicts(audit.verdict().label(), finding(audit, "bayes_fraction"), finding(audit, "kl.departure"));
    }

    boolean contradicts(Label label, Finding ofFraction, Finding ofDeparture) {
        if (label == Label.CANNOT_TELL) {
            return false;
        }
        if (moved < NO_MOVE) {
            return true;
        }
        if (label != Label.NOT && (copies < 0) != (label == Label.OPPOSITE)) {
            return true;
        }
        int said = level(label);
        int level = level();
        if (said == 0 ? level == 0 : said <= level) {
            return false;
        }
        return Math.abs(said - level) > 1
                || (isFarFrom(Math.max(said, level), said)
                        && (excludes(ofFraction, fraction) || excludes(ofDeparture, departure)));
    }

    /** Whether the label says less than is true. */
    boolean exceeds(Label label) {
        return label != Label.CANNOT_TELL && label != Label.NOT && level(label) < level() && moved >= NO_MOVE;
    }

    private boolean isFarFrom(int threshold, int said) {
        double edge = LEAST_FRACTION[threshold];
        if (said == 0) {
            return fraction > edge + EDGE;
        }
        return fraction < edge - EDGE || (threshold == CONDITIONAL && departure > MOST_DEPARTURE + EDGE);
    }

    private static boolean excludes(Finding finding, double truth) {
        return !finding.stands() || !(truth >= finding.lower() && truth <= finding.upper());
    }

    private static Finding finding(StepAudit audit, String id) {
        return Objects.requireNonNull(audit.findings().get(id));
    }

    private static int level(Label label) {
        return switch (label) {
            case CONDITIONAL -> CONDITIONAL;
            case MOSTLY -> 2;
            case PARTLY, OPPOSITE -> 1;
            case NOT, CANNOT_TELL -> 0;
        };
    }

    private int level() {
        int level = 0;
        for (int k = 1; k < LEAST_FRACTION.length; k++) {
            level = fraction >= LEAST_FRACTION[k] ? k : level;
        }
        return level == CONDITIONAL && departure > MOST_DEPARTURE ? CONDITIONAL - 1 : level;
    }
}
