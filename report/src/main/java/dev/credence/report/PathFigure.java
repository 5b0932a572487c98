package dev.credence.report;

import java.util.List;

/**
 * Paths that are compared in one set of drawings.
 *
 * @param title of the set
 * @param note what was run, one sentence or two
 * @param nominal copies that were asked for; infinite or NaN where no line is to be drawn
 * @param lines one a method
 */
public record PathFigure(String title, String note, double nominal, List<Line> lines) {
    /**
     * Copies the list.
     *
     * @param title of the set
     * @param note what was run
     * @param nominal copies asked for
     * @param lines one a method
     */
    public PathFigure {
        lines = List.copyOf(lines);
    }

    /**
     * One method's path.
     *
     * @param name of the method
     * @param points in the order of steps
     */
    public record Line(String name, List<Point> points) {
        /**
         * Copies the list.
         *
         * @param name of the method
         * @param points in the order of steps
         */
        public Line {
            points = List.copyOf(points);
        }
    }

    /**
     * Where a path is at one step; what cannot be drawn leaves a gap.
     *
     * @param step steps, rounds or draws, at least 1
     * @param kl KL(policy‖prior), nats
     * @param copies reached
     * @param lower of their 95 % interval
     * @param upper the same
     * @param fraction Bayes fraction
     */
    public record Point(long step, double kl, double copies, double lower, double upper, double fraction) {}
}
