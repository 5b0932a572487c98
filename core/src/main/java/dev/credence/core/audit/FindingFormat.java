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
        if (saysNothing(finding)) {
            return FigureFormat.MISSING;
        }
        return areAlike(finding) && Double.isFinite(finding.estimate())
                ? inDigitsApart(finding, finding.estimate()) // fewer would put it outside its interval
                : FigureFormat.of(finding.estimate());
    }

    /** Whether both ends of an interval are the same to the digits that figures are printed with. */
    private static boolean areAlike(Finding finding) {
        return hasInterval(finding)
                && finding.lower() < finding.upper()
                && FigureFormat.of(finding.lower()).equals(FigureFormat.of(finding.upper()));
    }

    private static String inDigitsApart(Finding finding, double number) {
        int digits = FigureFormat.digitsApart(finding.lower(), finding.upper());
        return FigureFormat.inWords(number, digits).replace('-', '−');
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
        boolean alike = areAlike(finding); // ends that differ are printed apart
        String lower = alike ? inDigitsApart(finding, finding.lower()) : FigureFormat.of(finding.lower());
        String upper = alike ? inDigitsApart(finding, finding.upper()) : FigureFormat.of(finding.upper());
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
