package dev.credence.core.figures;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A drawing of results, as data: curves or points in a plane, or bars over categories. Who draws it decides on colours.
 *
 * @param id identifier, unique among the pictures of one result
 * @param title what it shows, one line
 * @param caption how to read it
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param categories names along the horizontal axis; empty where that is a number
 * @param series what is drawn, in the order of the legend
 */
public record Picture(
        String id, String title, String caption, Axis x, Axis y, List<String> categories, List<Series> series) {
    /**
     * Copies the lists.
     *
     * @param id as above
     * @param title as above
     * @param caption as above
     * @param x as above
     * @param y as above
     * @param categories as above
     * @param series as above
     * @throws IllegalArgumentException if there are categories, and a series has not a value for each, or if there are none, and
     *     one is stacked
     */
    public Picture {
        categories = List.copyOf(categories);
        series = List.copyOf(series);
        for (Series one : series) {
            if (!categories.isEmpty() && one.y.size() != categories.size()) {
                throw new IllegalArgumentException("series '" + one.name + "' has " + one.y.size()
                        + " values; it must have one for each of " + categories);
            }
            if (categories.isEmpty() && one.mark == Mark.STACKED) {
                throw new IllegalArgumentException(
                        "series '" + one.name + "' is stacked; it must stand over categories");
            }
        }
    }

    /**
     * An axis.
     *
     * @param name with its unit
     * @param scale how numbers lie along it
     */
    public record Axis(String name, Scale scale) {
        /**
         * An axis with equal steps.
         *
         * @param name with its unit
         * @return the axis
         */
        public static Axis linear(String name) {
            return new Axis(name, Scale.LINEAR);
        }

        /**
         * An axis with equal factors; numbers that are not above 0 leave a gap.
         *
         * @param name with its unit
         * @return the axis
         */
        public static Axis logarithmic(String name) {
            return new Axis(name, Scale.LOGARITHMIC);
        }
    }

    /** How numbers lie along an axis. */
    public enum Scale {
        /** Equal steps. */
        LINEAR,
        /** Equal factors. */
        LOGARITHMIC
    }

    /** How a series is drawn over a number. */
    public enum Mark {
        /** Points joined by a line. */
        LINE,
        /** Points alone. */
        POINTS,
        /** Bars that stand on those before them; what is below 0 hangs from the axis. */
        STACKED
    }

    /**
     * One curve, cloud or set of bars.
     *
     * @param name for the legend
     * @param mark how it is drawn
     * @param x (points); (categories) indices over categories
     * @param y (points)
     * @param lower (points) lower ends of intervals; empty where there are none
     * @param upper (points) upper ends
     */
    public record Series(
            String name, Mark mark, List<Double> x, List<Double> y, List<Double> lower, List<Double> upper) {
        /**
         * Copies the lists.
         *
         * @param name as above
         * @param mark as above
         * @param x as above
         * @param y as above
         * @param lower as above
         * @param upper as above
         * @throws IllegalArgumentException unless the lists are as long as each other
         */
        public Series {
            x = List.copyOf(x);
            y = List.copyOf(y);
            lower = List.copyOf(lower);
            upper = List.copyOf(upper);
            boolean ends = lower.isEmpty() || lower.size() == y.size();
            if (x.size() != y.size() || !ends || upper.size() != lower.size()) {
                throw new IllegalArgumentException("series '" + name + "' has " + x.size() + ", " + y.size() + ", "
                        + lower.size() + ", " + upper.size() + " values of x, y, lower, upper; they must be as many");
            }
        }

        /**
         * A curve.
         *
         * @param name for the legend
         * @param x (points)
         * @param y (points)
         * @return the series
         */
        public static Series line(String name, double[] x, double[] y) {
            return new Series(name, Mark.LINE, list(x), list(y), List.of(), List.of());
        }

        /**
         * A cloud.
         *
         * @param name for the legend
         * @param x (points)
         * @param y (points)
         * @return the series
         */
        public static Series points(String name, double[] x, double[] y) {
            return new Series(name, Mark.POINTS, list(x), list(y), List.of(), List.of());
        }

        /**
         * Bars over the picture's categories.
         *
         * @param name for the legend
         * @param y (categories)
         * @return the series
         */
        public static Series bars(String name, double... y) {
            double[] index = new double[y.length];
            Arrays.setAll(index, i -> i);
            return new Series(name, Mark.POINTS, list(index), list(y), List.of(), List.of());
        }

        /**
         * Parts of bars over the picture's categories, each on the ones before it.
         *
         * @param name for the legend
         * @param y (categories) parts; those below 0 hang from the axis
         * @return the series
         */
        public static Series stacked(String name, double... y) {
            Series bars = bars(name, y);
            return new Series(name, Mark.STACKED, bars.x, bars.y, List.of(), List.of());
        }

        /**
         * The same with an interval at each point.
         *
         * @param low (points) lower ends
         * @param high (points) upper ends
         * @return the series
         */
        public Series within(double[] low, double[] high) {
            return new Series(name, mark, x, y, list(low), list(high));
        }

        private static List<Double> list(double[] values) {
            List<Double> list = new ArrayList<>();
            for (double value : values) {
                list.add(value);
            }
            return list;
        }
    }

    /**
     * A picture over a number.
     *
     * @param id identifier
     * @param title what it shows
     * @param caption how to read it
     * @param x the horizontal axis
     * @param y the vertical axis
     * @param series what is drawn
     * @return the picture
     */
    public static Picture of(String id, String title, String caption, Axis x, Axis y, List<Series> series) {
        return new Picture(id, title, caption, x, y, List.of(), series);
    }

    /**
     * Bars over categories.
     *
     * @param id identifier
     * @param title what it shows
     * @param caption how to read it
     * @param y the vertical axis
     * @param categories names
     * @param series one value a category each
     * @return the picture
     */
    public static Picture bars(
            String id, String title, String caption, Axis y, List<String> categories, List<Series> series) {
        return new Picture(id, title, caption, Axis.linear(""), y, categories, series);
    }
}
