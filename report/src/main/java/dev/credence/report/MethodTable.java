package dev.credence.report;

import dev.credence.core.audit.Finding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The main table of a run: one line a method, what was asked of it, what it aims at, what was got.
 *
 * @param rows the methods, in the order they print
 */
public record MethodTable(List<Row> rows) {
    /**
     * Copies the list.
     *
     * @param rows the methods
     */
    public MethodTable {
        rows = List.copyOf(rows);
    }

    /**
     * One method.
     *
     * @param method its name with the options that matter
     * @param asked the evidence asked for, in words
     * @param aimed what the method converges to, in words
     * @param got the verdict's label, or other words where there is none
     * @param figures what was measured
     * @param cost what it took, in words
     * @param cause why it came to nothing, in words; null where it came to its end
     */
    public record Row(
            String method,
            String asked,
            String aimed,
            String got,
            Figures figures,
            String cost,
            @Nullable String cause) {
        /**
         * A method that came to nothing.
         *
         * @param method its name with the options that matter
         * @param asked the evidence asked for, in words
         * @param aimed what the method converges to, in words
         * @param cause why, in words
         * @return the row: no figure, and {@code failed} in the place of a verdict
         */
        public static Row failed(String method, String asked, String aimed, String cause) {
            return new Row(method, asked, aimed, "failed", new Figures(null, null, null, null, null, null), "–", cause);
        }
    }

    /**
     * The measured figures of one method; null where one does not apply.
     *
     * @param bayesFraction share of KL(π‖π0) that conditioning explains
     * @param copies effective copies of the evidence
     * @param klPrior KL(π‖π0), nats
     * @param klToTarget KL(π‖target), nats
     * @param klFromTarget KL(target‖π), nats
     * @param modesKept posterior mass on outcomes that the policy still gives at least half
     */
    public record Figures(
            @Nullable Finding bayesFraction,
            @Nullable Finding copies,
            @Nullable Finding klPrior,
            @Nullable Finding klToTarget,
            @Nullable Finding klFromTarget,
            @Nullable Finding modesKept) {}
}
