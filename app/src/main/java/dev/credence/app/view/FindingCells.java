package dev.credence.app.view;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.FigureFormat;
import org.jspecify.annotations.Nullable;

/** Findings as cells of a table. */
public final class FindingCells {
    /** An exact figure this small is zero up to the rounding of its arithmetic. */
    private static final double ROUNDING = 1e-12;

    private FindingCells() {}

    /**
     * The estimate; in parentheses where it is withdrawn.
     *
     * @param finding the figure, or null where there is none
     * @return its text
     */
    public static String estimate(@Nullable Finding finding) {
        if (finding == null) {
            return FigureFormat.MISSING;
        }
        if (FindingFormat.saysNothing(finding)) {
            return FigureFormat.MISSING;
        }
        boolean zero = finding.grade() == Grade.EXACT && Math.abs(finding.estimate()) < ROUNDING;
        String text = FigureFormat.of(zero ? 0 : finding.estimate());
        return finding.stands() ? text : "(" + text + ")";
    }
}
