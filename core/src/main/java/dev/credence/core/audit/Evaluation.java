package dev.credence.core.audit;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything computed for one pool.
 *
 * @param sources what there was to draw on
 * @param estimates the point estimates
 * @param errors standard errors, or null for exact tables
 * @param gates in the order they were tried
 * @param findings by id, gates applied
 * @param unseen what texts of a reward beyond those recorded could add to the departure, unseen by these records, nats
 * @param mostExplained what the explained KL is at most, whatever the weights are, nats; may be ∞
 */
record Evaluation(
        Sources sources,
        Estimates estimates,
        @Nullable StandardErrors errors,
        List<Gate> gates,
        Map<String, Finding> findings,
        double unseen,
        double mostExplained) {

    /** The finding of a figure. */
    Finding get(Figure figure) {
        return java.util.Objects.requireNonNull(findings.get(figure.id()));
    }
}
