package dev.credence.report;

import java.util.DoubleSummaryStatistics;
import java.util.stream.DoubleStream;

/**
 * A stretch of an axis.
 *
 * @param low lower end
 * @param high upper end
 */
record Span(double low, double high) {
    private static final double PADDING = 0.04;

    /** The least stretch that holds all numbers; 0 to 0 when there are none. */
    static Span of(DoubleStream numbers) {
        DoubleSummaryStatistics all = numbers.summaryStatistics();
        return all.getCount() == 0 ? new Span(0, 0) : new Span(all.getMin(), all.getMax());
    }

    /** The least stretch that holds this one and a number. */
    Span with(double number) {
        return new Span(Math.min(low, number), Math.max(high, number));
    }

    /** {@return whether both ends are the same} */
    boolean isPoint() {
        return !(high > low);
    }

    /** The same with a little room on both sides. */
    Span padded() {
        double room = isPoint() ? 1 : (high - low) * PADDING;
        return new Span(low - room, high + room);
    }

    /** {@return the lower end, rounded down to a number that reads well on an axis} */
    double niceLow() {
        return Math.floor(low / step()) * step();
    }

    /** {@return the upper end, rounded up likewise} */
    double niceHigh() {
        return Math.ceil(high / step()) * step();
    }

    /** A power of ten, or twice or five times one, about a tenth of the stretch. */
    private double step() {
        if (isPoint()) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(high - low) - 1));
        double tenths = (high - low) / power / 10;
        return power * (tenths <= 2 ? 2 : tenths <= 5 ? 5 : 10);
    }
}
