package dev.credence.core.audit;

import dev.credence.core.figures.FigureFormat;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a limit on a figure came to.
 *
 * @param id of the finding
 * @param limit the number that the interval's end is held against
 * @param side which end may not be beyond it
 * @param met whether the records show that the figure keeps within the limit; null where the figure was withdrawn, so that
 *     they show neither
 * @param reason in words, one line
 * @param missedBefore the steps before it that missed the limit; they are said, and the step that is held against it alone counts
 * @param withdrawnBefore the steps before it whose figure was withdrawn
 */
public record ThresholdOutcome(
        String id,
        double limit,
        Side side,
        @Nullable Boolean met,
        String reason,
        List<Long> missedBefore,
        List<Long> withdrawnBefore) {
    private static final int NAMED = 5;

    /**
     * Copies the lists.
     *
     * @param id as above
     * @param limit as above
     * @param side as above
     * @param met as above
     * @param reason as above
     * @param missedBefore as above
     * @param withdrawnBefore as above
     */
    public ThresholdOutcome {
        missedBefore = List.copyOf(missedBefore);
        withdrawnBefore = List.copyOf(withdrawnBefore);
    }

    /**
     * Of the only step.
     *
     * @param id as above
     * @param limit as above
     * @param side as above
     * @param met as above
     * @param reason as above
     */
    public ThresholdOutcome(String id, double limit, Side side, @Nullable Boolean met, String reason) {
        this(id, limit, side, met, reason, List.of(), List.of());
    }

    /**
     * The same with what became of the limit before.
     *
     * @param missed steps that missed it
     * @param withdrawn steps whose figure was withdrawn
     * @return the outcome
     */
    public ThresholdOutcome after(List<Long> missed, List<Long> withdrawn) {
        return new ThresholdOutcome(id, limit, side, met, reason, missed, withdrawn);
    }

    /** {@return what became of the limit in the steps before, a sentence each; empty where it was kept in all} */
    public List<String> before() {
        List<String> lines = new ArrayList<>();
        if (!missedBefore.isEmpty()) {
            lines.add("not met before the last step, which alone counts: " + named(missedBefore));
        }
        if (!withdrawnBefore.isEmpty()) {
            lines.add("withdrawn before the last step: " + named(withdrawnBefore));
        }
        return lines;
    }

    /**
     * Steps in words.
     *
     * @param steps their numbers, at least one
     * @return the first ones, and how many more there are
     */
    public static String named(List<Long> steps) {
        List<String> some = steps.stream().limit(NAMED).map(String::valueOf).toList();
        String more = steps.size() > NAMED ? " and " + (steps.size() - NAMED) + " more" : "";
        return (steps.size() == 1 ? "step " : "steps ") + String.join(", ", some) + more;
    }

    /** What is a miss: an end of the interval under the limit, or over it. */
    public enum Side {
        /** Missed where the lower end is under the limit. */
        UNDER("≥"),
        /** Missed where the upper end is over the limit. */
        OVER("≤");

        private final String sign;

        Side(String sign) {
            this.sign = sign;
        }

        /** {@return how the figure must compare with the limit} */
        public String sign() {
            return sign;
        }
    }

    /** {@return what was demanded, such as {@code bayes_fraction ≥ 0.8}} */
    public String demand() {
        return id + " " + side.sign() + " " + FigureFormat.typed(limit);
    }

    /** {@return whether the figure was withdrawn, so that nothing can be said} */
    public boolean isWithdrawn() {
        return met == null;
    }

    /** {@return whether the figure stands and is beyond the limit} */
    public boolean isMissed() {
        return Boolean.FALSE.equals(met);
    }
}
