package dev.credence.core.audit;

import dev.credence.core.figures.FigureFormat;

/** A finding as tables and pages print it. */
public final class FindingFormat {
    private static final double ROUNDING = 1e-12; // of a figure: ends no further apart are no interval

    private FindingFormat() {}

    /**
     * The estimate alone. One that is infinite because a gate withdrew what would bound it is an estimate of nothing: a dash.
     *
     * @param finding the figure
     * @return the text
     */
    public static String estimate(Finding finding) {
        return saysNothing(finding) ? FigureFormat.MISSING : FigureFormat.of(finding.estimate());
    }

    /**
     * Whether the estimate of a withdrawn figure is no number to go by.
     *
     * @param finding the figure
     * @return whether it is withdrawn and infinite
     */
    public static boolean saysNothing(Finding finding) {
        return !finding.stands() && Double.isInfinite(finding.estimate());
    }

    /**
     * A figure with its interval, such as {@code 0.71 [0.64, 0.77]}.
     *
     * @param finding the figure
     * @return the text; the estimate alone where there is no interval or it is a point
     */
    public static String of(Finding finding) {
        String estimate = estimate(finding);
        return hasInterval(finding) ? estimate + " " + interval(finding) : estimate;
    }

    /**
     * The interval of a figure, such as {@code [0.64, 0.77]}.
     *
     * @param finding the figure
     * @return the text; "–" where there is no interval
     */
    public static String interval(Finding finding) {
        if (!hasInterval(finding)) {
            return FigureFormat.MISSING;
        }
        String lower = FigureFormat.of(finding.lower());
        String upper = FigureFormat.of(finding.upper());
        if (lower.equals(upper) && finding.lower() < finding.upper()) { // ends that differ are printed apart
            int digits = FigureFormat.digitsApart(finding.lower(), finding.upper());
            lower = FigureFormat.inWords(finding.lower(), digits).replace('-', '−');
            upper = FigureFormat.inWords(finding.upper(), digits).replace('-', '−');
        }
        return "[" + lower + ", " + upper + "]";
    }

    /**
     * Whether a figure has an interval worth printing.
     *
     * @param finding the figure
     * @return false where an end is missing or both ends are the estimate, to rounding
     */
    public static boolean hasInterval(Finding finding) {
        boolean ends = !Double.isNaN(finding.lower()) && !Double.isNaN(finding.upper());
        return ends && !(isTheEstimate(finding, finding.lower()) && isTheEstimate(finding, finding.upper()));
    }

    private static boolean isTheEstimate(Finding finding, double end) {
        double apart = Math.abs(end - finding.estimate());
        return end == finding.estimate() || (Double.isFinite(apart) && apart <= ROUNDING * Math.abs(end));
    }
}
