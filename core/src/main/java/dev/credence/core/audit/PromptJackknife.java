package dev.credence.core.audit;

/**
 * Second-order intervals of the six headline figures where the prompts are the units: {@link Jackknife} with whole prompts
 * left out in the place of records, and the skewness correction along the least favourable direction. A handful of prompts
 * tells little of a departure that few of them have: first-order intervals then cover 81 to 92 %.
 */
final class PromptJackknife {
    private static final double STEP = 1e-3;

    /**
     * How much longer the side is on which the prompts that a sample lacks would lie, as a share of itself: so much over the
     * number of prompts. A divergence's own scale, the cube root, bends less than the logarithm.
     */
    private static final double FAR_SIDE = 3.5;

    private static final double FAR_SIDE_OF_ROOT = 4.5;

    private final Estimates estimates;
    private final Reweighting reweighting;
    private final double[][] influence; // (members, figures)
    private final double[][] without; // (members, figures) the figures without a prompt, on their scales

    /**
     * A jackknife over prompts.
     *
     * @param influence (members, figures) of a prompt's relative weight, in the figures' units
     */
    PromptJackknife(Estimates estimates, double[][] influence) {
        this.estimates = estimates;
        this.reweighting = new Reweighting(estimates);
        this.influence = influence;
        this.without = new double[influence.length][Reweighting.COUNT];
        for (int c = 0; c < influence.length; c++) {
            double weight = estimates.pool().weight(c);
            Reweighting.Change change = new Reweighting.Change();
            reweighting.reweigh(c, -weight / (1 - weight), change);
            reweighting.figures(change, without[c]);
        }
    }

    /**
     * The ends of a figure: the jackknife's, and on the side to which the farthest prompt pulls no nearer than
     * the end that the same prompts have with that one twice. Of prompts of which few carry most, a sample shows too few
     * more often than too many, and no measure of it tells which it is: so the side on which they would lie is longer by a
     * factor that is a function of the number of prompts alone (docs/theory.md#population-of-prompts).
     */
    Intervals.Limits ends(int figure) {
        int prompts = without.length;
        double[] own = new double[prompts];
        int farthest = 0;
        for (int c = 0; c < prompts; c++) {
            own[c] = without[c][figure];
            farthest = Math.abs(influence[c][figure]) > Math.abs(influence[farthest][figure]) ? c : farthest;
        }
        double skew = Math.max(-1, Math.min(1, skew(figure)));
        Intervals.Limits ends = ends(reweighting.baseline(figure), own, skew);
        Twice twice = twice(figure, farthest, skew);
        double base = reweighting.baseline(figure);
        boolean up = twice.figure > base;
        double lower = up ? ends.lower() : Math.min(ends.lower(), twice.ends.lower());
        double upper = up ? Math.max(ends.upper(), twice.ends.upper()) : ends.upper();
        return farther(figure, lower, base, upper, prompts);
    }

    /** Ends of a figure, the side longer on which prompts that few samples of so many have would lie. */
    static Intervals.Limits farther(int figure, double lower, double base, double upper, int prompts) {
        double longer = 1 + FAR_SIDE / prompts;
        return switch (figure) {
            case Reweighting.KL ->
                Reweighting.unscaled(figure, lower, base + (1 + FAR_SIDE_OF_ROOT / prompts) * (upper - base));
            case Reweighting.DEPARTURE -> Reweighting.unscaled(figure, lower, base + longer * (upper - base));
            case Reweighting.FRACTION -> Reweighting.unscaled(figure, base - longer * (base - lower), upper);
            default -> Reweighting.unscaled(figure, lower, upper);
        };
    }

    /** Ends on the figure's scale from what it is without each unit. */
    private static Intervals.Limits ends(double base, double[] without, double skew) {
        int units = without.length;
        double mean = 0;
        for (double each : without) {
            mean += (each - base) / units;
        }
        double second = 0;
        double fourth = 0;
        for (double each : without) {
            double x = each - base - mean;
            second += x * x;
            fourth += x * x * x * x;
        }
        double error = Math.sqrt(second * (units - 1) / units);
        double t = StudentT.quantile(2 / StudentT.spreadOfVariance(units, second, fourth));
        double centre = base - (units - 1) * mean;
        return new Intervals.Limits(centre - error * (t - Math.min(skew, 0)), centre + error * (t + Math.max(skew, 0)));
    }

    /** Prompts of which one is there twice. */
    private record Twice(Intervals.Limits ends, double figure) {}

    /** The same with one prompt twice, and the figure itself: what leaves one of the two out is what there is. */
    private Twice twice(int figure, int prompt, double skew) {
        PromptPool pool = estimates.pool();
        double again = pool.weight(prompt);
        double base = shifted(figure, prompt, again / (1 + again), prompt, 0);
        double[] own = new double[without.length + 1];
        for (int c = 0; c < without.length; c++) {
            double rest = 1 + again - pool.weight(c);
            own[c] = c == prompt
                    ? reweighting.baseline(figure)
                    : shifted(figure, prompt, again / rest, c, -pool.weight(c) / rest);
        }
        own[without.length] = reweighting.baseline(figure);
        return new Twice(ends(base, own, skew), base);
    }

    private double shifted(int figure, int prompt, double by, int other, double otherBy) {
        Reweighting.Change change = new Reweighting.Change();
        reweighting.reweigh(prompt, by, change);
        reweighting.reweigh(other, otherBy, change);
        double[] figures = new double[Reweighting.COUNT];
        reweighting.figures(change, figures);
        return figures[figure];
    }

    /** How much longer the long side is, in standard errors: acceleration and curvature, as in the ABC interval. */
    private double skew(int figure) {
        double squares = 0;
        double cubes = 0;
        for (double[] each : influence) {
            squares += each[figure] * each[figure];
            cubes += each[figure] * each[figure] * each[figure];
        }
        if (!(squares > 0)) {
            return 0;
        }
        double sigma = Math.sqrt(squares);
        double a = cubes / (6 * squares * sigma);
        double bend = along(figure, STEP / sigma) + along(figure, -STEP / sigma) - 2 * reweighting.baseline(figure);
        double curvature = bend / (2 * STEP * STEP * Math.abs(reweighting.slope(figure)) * sigma);
        double skew = a + curvature + (2 * a + curvature) * Intervals.Z * Intervals.Z;
        return Double.isNaN(skew) ? 0 : skew;
    }

    private double along(int figure, double factor) {
        double total = 1; // of the weights, before they are brought to one
        for (int c = 0; c < influence.length; c++) {
            total += factor * influence[c][figure] * estimates.pool().weight(c);
        }
        Reweighting.Change change = new Reweighting.Change();
        for (int c = 0; c < influence.length; c++) {
            reweighting.reweigh(
                    c, factor * influence[c][figure] * estimates.pool().weight(c) / total, change);
        }
        double[] figures = new double[Reweighting.COUNT];
        reweighting.figures(change, figures);
        return figures[figure];
    }
}
