package dev.credence.core.audit;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One figure of an audit with its interval.
 *
 * @param id the contract's name, such as {@code kl.departure}
 * @param question what it answers, one line
 * @param lower lower end of the interval (equal to the estimate where exact; NaN where there is none)
 * @param estimate the figure; may be infinite; NaN where it could not be computed
 * @param upper upper end of the interval (NaN where there is none)
 * @param grade how it is known
 * @param unit {@code nats}, {@code copies}, …
 * @param interval the method of the interval, such as {@code influence}, or null where exact or none
 * @param reason why it is withdrawn or qualified, or null
 * @serial exclude
 */
public record Finding(
        String id,
        String question,
        double lower,
        double estimate,
        double upper,
        Grade grade,
        String unit,
        @Nullable String interval,
        @Nullable String reason)
        implements Serializable {

    /**
     * Checks that the interval holds the estimate.
     *
     * @param id the contract's name
     * @param question what it answers
     * @param lower lower end, or NaN
     * @param estimate the figure, or NaN
     * @param upper upper end, or NaN
     * @param grade how it is known
     * @param unit of the three
     * @param interval the interval's method, or null
     * @param reason why it is withdrawn or qualified, or null
     * @throws IllegalArgumentException if the estimate is below the lower end or above the upper
     */
    public Finding {
        if (estimate < lower || estimate > upper) {
            throw new IllegalArgumentException(
                    id + " is " + estimate + " with the interval [" + lower + ", " + upper + "], which must hold it");
        }
    }

    /**
     * The same figure, withdrawn; the estimate is kept.
     *
     * @param why the reason; joined to an earlier one
     * @return the withdrawn finding
     */
    public Finding withdrawn(String why) {
        String all = grade == Grade.WITHDRAWN && reason != null && !reason.equals(why) ? reason + "; " + why : why;
        return new Finding(id, question, lower, estimate, upper, Grade.WITHDRAWN, unit, interval, all);
    }

    /** The same figure with a further sentence that qualifies it. */
    Finding noted(String note) {
        String all = reason == null ? note : reason + "; " + note;
        return new Finding(id, question, lower, estimate, upper, grade, unit, interval, all);
    }

    /**
     * A figure of the same kind under another name and with other values; grade, unit and the rest stay.
     *
     * @param otherId its id
     * @param otherQuestion what it answers
     * @param values lower end, estimate, upper end
     * @return the other finding
     */
    Finding like(String otherId, String otherQuestion, double newLower, double newEstimate, double newUpper) {
        return new Finding(otherId, otherQuestion, newLower, newEstimate, newUpper, grade, unit, interval, reason);
    }

    /** {@return the ids of the figures of an audit that have an interval, in the order in which it gives them} */
    public static List<String> ids() {
        return Arrays.stream(Figure.values()).map(Figure::id).toList();
    }

    /** {@return whether the figure may be used} */
    public boolean stands() {
        return grade != Grade.WITHDRAWN;
    }
}
