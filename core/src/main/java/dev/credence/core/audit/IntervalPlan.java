package dev.credence.core.audit;

import java.util.Arrays;

/**
 * How many records a narrower interval takes, from a pilot's: on the figure's own scale its half-width shrinks with the root
 * of the number of records. What makes the pilot's interval lopsided about its estimate (bias and skewness) is of second
 * order and shrinks with the number itself.
 */
public final class IntervalPlan {
    private static final double MOST_GROWTH = 1e12;

    private final Figure.Scale scale;
    private final double middle; // the estimate, on the scale
    private final double below; // how far the interval reaches below it, on the scale
    private final double above;

    private IntervalPlan(Figure.Scale scale, double middle, double below, double above) {
        this.scale = scale;
        this.middle = middle;
        this.below = below;
        this.above = above;
    }

    /**
     * Reads the pilot's interval.
     *
     * @param pilot a finding with an interval
     * @return the plan
     * @throws IllegalArgumentException if an end is missing or infinite, or the interval is a point
     */
    public static IntervalPlan of(Finding pilot) {
        if (!(pilot.lower() < pilot.upper() && Double.isFinite(pilot.lower()) && Double.isFinite(pilot.upper()))) {
            throw new IllegalArgumentException("interval of " + pilot.id() + " is [" + pilot.lower() + ", "
                    + pilot.upper() + "]; a plan needs two finite ends that differ");
        }
        Figure.Scale scale = scale(pilot.id());
        boolean rooted =
                scale == Figure.Scale.CUBE_ROOT || scale == Figure.Scale.SQUARE_ROOT || scale == Figure.Scale.SHARE;
        boolean clipped = rooted && pilot.lower() == 0;
        double low = clipped ? Double.NEGATIVE_INFINITY : to(scale, pilot.lower());
        double high = to(scale, pilot.upper());
        double middle = to(scale, pilot.estimate());
        if (Double.isFinite(low) && Double.isFinite(high)) {
            return low <= middle && middle <= high
                    ? new IntervalPlan(scale, middle, middle - low, high - middle)
                    : symmetric(scale, (low + high) / 2, (high - low) / 2);
        }
        // An end at the edge of the scale, such as a KL's 0: the other end tells the width.
        double half = Double.isFinite(high) ? high - middle : middle - low;
        return Double.isFinite(half) && half > 0
                ? symmetric(scale, middle, half)
                : symmetric(
                        Figure.Scale.PLAIN, (pilot.lower() + pilot.upper()) / 2, (pilot.upper() - pilot.lower()) / 2);
    }

    private static IntervalPlan symmetric(Figure.Scale scale, double middle, double half) {
        return new IntervalPlan(scale, middle, half, half);
    }

    /**
     * How many times the pilot's records an interval takes.
     *
     * @param width its full width, in the figure's unit
     * @return the factor; below 1 where the pilot has more than enough
     * @throws IllegalArgumentException unless the width is positive
     */
    public double growth(double width) {
        if (!(width > 0)) {
            throw new IllegalArgumentException("width is " + width + "; it must be positive");
        }
        double low = Math.log(1 / MOST_GROWTH);
        double high = Math.log(MOST_GROWTH);
        for (int i = 0; i < 200; i++) {
            double middle = (low + high) / 2;
            if (width(Math.exp(middle)) > width) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Math.exp(high);
    }

    /**
     * The width to expect.
     *
     * @param growth how many times the pilot's records
     * @return full width, in the figure's unit
     */
    public double width(double growth) {
        double first = Math.min(below, above) / Math.sqrt(growth);
        double lower = first + Math.max(0, below - above) / growth;
        double upper = first + Math.max(0, above - below) / growth;
        return from(scale, middle + upper) - from(scale, middle - lower);
    }

    private static Figure.Scale scale(String id) {
        String stem = id.replaceAll("\\.(population|heldout|sampled)$", "");
        return Arrays.stream(Figure.values())
                .filter(figure -> figure.id().equals(stem))
                .map(Figure::scale)
                .findFirst()
                .orElse(Figure.Scale.PLAIN);
    }

    private static double to(Figure.Scale scale, double x) {
        return switch (scale) {
            case PLAIN -> x;
            case SQUARE_ROOT -> Math.sqrt(x);
            case SHARE -> ShareScale.to(x, 1 - x);
            case CUBE_ROOT -> Math.cbrt(x);
            case LOG -> Math.log(x);
            case LOGIT -> Math.log(x) - Math.log1p(-x);
        };
    }

    private static double from(Figure.Scale scale, double y) {
        return switch (scale) {
            case PLAIN -> y;
            case SQUARE_ROOT -> y <= 0 ? 0 : y * y;
            case SHARE -> ShareScale.from(y);
            case CUBE_ROOT -> y <= 0 ? 0 : y * y * y;
            case LOG -> Math.exp(y);
            case LOGIT -> 1 / (1 + Math.exp(-y));
        };
    }
}
