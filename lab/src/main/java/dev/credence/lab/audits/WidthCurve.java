package dev.credence.lab.audits;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.RepeatedLog;
import dev.credence.core.audit.RolloutLog;
import java.util.HashMap;
import java.util.Map;

/**
 * How the interval of a figure narrows as a pilot's records (or prompts) become more: audits of the pilot taken 1, 2, 4 … times
 * ({@link RepeatedLog}), a power law between them. Beyond the last of them the law goes on, no faster than the root.
 */
final class WidthCurve {
    /** An audit of more records than these would take longer than the draws that it plans. */
    private static final long MOST_RECORDS = 2_000_000;

    private static final int MOST_DOUBLINGS = 6;

    private static final double ROOT = -0.5;

    /** Of a doubling's logarithm: a width that shrinks by less does not shrink. */
    private static final double FLAT = -0.1;

    private final Pilot pilot;
    private final PilotPlan.Unit unit;
    private final Map<Integer, Map<String, Finding>> audits = new HashMap<>();

    WidthCurve(Pilot pilot, PilotPlan.Unit unit) {
        this.pilot = pilot;
        this.unit = unit;
        audits.put(0, pilot.audit().findings());
    }

    /**
     * How many times the pilot's records (or prompts).
     *
     * @param id the figure
     * @param width full width of its interval
     * @return the factor, below 1 where the pilot has more than enough; NaN where no number of them comes to that width
     */
    double growth(String id, double width) {
        double slope = ROOT;
        double known = width(id, 0);
        int doublings = 0;
        while (known > width && canDouble(doublings + 1)) {
            double next = width(id, ++doublings);
            slope = Double.isFinite(known) ? (Math.log(next) - Math.log(known)) / Math.log(2) : ROOT;
            known = next;
        }
        if (doublings == 0 && canDouble(1)) {
            slope = (Math.log(width(id, 1)) - Math.log(known)) / Math.log(2);
        }
        boolean isWithin = known <= width;
        if (!Double.isFinite(known) || !Double.isFinite(slope) || (slope > FLAT && !isWithin)) {
            return Double.NaN;
        }
        double law = isWithin ? Math.min(FLAT, slope) : Math.max(ROOT, slope);
        return Math.exp(doublings * Math.log(2) + (Math.log(width) - Math.log(known)) / law);
    }

    private boolean canDouble(int doublings) {
        return doublings <= MOST_DOUBLINGS && (long) pilot.log().size() << doublings <= MOST_RECORDS;
    }

    /** Full width with 2 to the power of {@code doublings} times as many; infinite where there is no interval. */
    private double width(String id, int doublings) {
        Finding finding = audits.computeIfAbsent(doublings, this::audited).get(id);
        double width = finding == null ? Double.NaN : finding.upper() - finding.lower();
        return Double.isNaN(width) ? Double.POSITIVE_INFINITY : width;
    }

    private Map<String, Finding> audited(int doublings) {
        RolloutLog grown = unit == PilotPlan.Unit.PROMPTS
                ? RepeatedLog.ofPrompts(pilot.log(), 1 << doublings)
                : RepeatedLog.ofRecords(pilot.log(), 1 << doublings);
        return Audit.ofTellingPrompts(grown, pilot.options()).findings();
    }
}
