package dev.credence.core.audit;

import dev.credence.core.figures.FigureFormat;
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
 */
public record ThresholdOutcome(
        String id, double limit, Side side, @Nullable Boolean met, String reason) {
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
