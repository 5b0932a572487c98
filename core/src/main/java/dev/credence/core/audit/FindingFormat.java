package dev.credence.core.audit;

import dev.credence.core.figures.FigureFormat;

/** A finding as tables and pages print it. */
public final class FindingFormat {
    private FindingFormat() {}

    /**
     * A figure with its interval, such as {@code 0.71 [0.64, 0.77]}.
     *
     * @param finding the figure
     * @return the text; the estimate alone where there is no interval or it is a point
     */
    public static String of(Finding finding) {
        String estimate = FigureFormat.of(finding.estimate());
        return hasInterval(finding) ? estimate + " " + interval(finding) : estimate;
    }

    /**
     * The interval of a figure, such as {@code [0.64, 0.77]}.
     *
     * @param finding the figure
     * @return the text; "–" where there is no interval
     */
    public static String interval(Finding finding) {
        return hasInterval(finding)
                ? "[" + FigureFormat.of(finding.lower()) + ", " + FigureFormat.of(finding.upper()) + "]"
                : FigureFormat.MISSING;
    }

    /**
     * Whether a figure has an interval worth printing.
     *
     * @param finding the figure
     * @return false where an end is missing or both ends are the estimate
     */
    public static boolean hasInterval(Finding finding) {
        boolean ends = !Double.isNaN(finding.lower()) && !Double.isNaN(finding.upper());
        return ends && !(finding.lower() == finding.estimate() && finding.upper() == finding.estimate());
    }
}
