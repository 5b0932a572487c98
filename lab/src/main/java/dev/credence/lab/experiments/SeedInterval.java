package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.StudentT;
import dev.credence.core.diagnostics.BinomialInterval;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mean over independent seeds, pools or draws with its interval at 95 %.
 *
 * @param lower end
 * @param mean the estimate
 * @param upper end
 */
public record SeedInterval(double lower, double mean, double upper) {
    private static final double ROUNDING = 1e-12; // of a value; seeds that differ by less agree

    /**
     * Of one value alone, or of none (NaN): it has no width.
     *
     * @param value the estimate
     * @return it, thrice
     */
    public static SeedInterval at(double value) {
        return new SeedInterval(value, value, value);
    }

    /**
     * As a figure has it.
     *
     * @param finding the figure
     * @return its ends and estimate
     */
    static SeedInterval of(Finding finding) {
        return new SeedInterval(finding.lower(), finding.estimate(), finding.upper());
    }

    /**
     * Of a share (Clopper and Pearson).
     *
     * @param successes how many trials were one
     * @param trials how many there were
     * @return the share, with the interval of its probability
     */
    public static SeedInterval share(int successes, int trials) {
        double[] ends = BinomialInterval.of(successes, trials);
        return new SeedInterval(ends[0], ends[1], ends[2]);
    }

    /**
     * Of a mean, by Student's t, with room for a tail on the side to which the values are skewed ({@link SkewedMean}); without width
     * where there is one value alone.
     *
     * @param values of the seeds
     * @return their mean
     */
    public static SeedInterval of(double[] values) {
        SeedInterval even = student(values);
        double[] skewed = even.lower < even.upper
                ? SkewedMean.interval(values)
                : new double[] {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        return new SeedInterval(Math.min(even.lower, skewed[0]), even.mean, Math.max(even.upper, skewed[1]));
    }

    private static SeedInterval student(double[] values) {
        int n = values.length;
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        if (n < 2 || !Double.isFinite(mean)) {
            return at(mean);
        }
        double square = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
        double half = StudentT.ofMean(n) * Math.sqrt(square / (n - 1) / n);
        return new SeedInterval(mean - half, mean, mean + half);
    }

    /**
     * The same of a figure that lies between two bounds, such as a share or a divergence. Values near a bound have a long tail on its other
     * side, of which few seeds show nothing. So the end on that side has room for it, however they are skewed.
     *
     * <p>Seeds that all agree say only that few others differ: at most the share q that none of n draws would show at 95 % (Clopper and
     * Pearson; 3/n for many seeds and one side). The mean over all seeds is then between those where that share lies on the one bound or
     * on the other, if both are finite.
     *
     * @param values of the seeds
     * @param least bound; −∞ where there is none, of which the interval is that of {@link #of(double[])}
     * @param most bound; may be ∞
     * @return within the bounds
     */
    public static SeedInterval within(double[] values, double least, double most) {
        SeedInterval interval = of(values);
        if (least == Double.NEGATIVE_INFINITY || !Double.isFinite(interval.mean)) {
            return interval.bounded(least, most);
        }
        double first = Arrays.stream(values).min().orElse(Double.NaN);
        double last = Arrays.stream(values).max().orElse(Double.NaN);
        boolean agree = values.length > 1 && last - first <= ROUNDING * Math.max(Math.abs(first), Math.abs(last));
        if (agree) {
            double others = most < Double.POSITIVE_INFINITY ? BinomialInterval.of(0, values.length)[2] : 0;
            double upper = others == 0 ? values[0] : values[0] + others * (most - values[0]);
            return new SeedInterval(values[0] - others * (values[0] - least), values[0], upper).bounded(least, most);
        }
        double[] skewed = SkewedMean.interval(values, least, most);
        return new SeedInterval(Math.min(interval.lower, skewed[0]), interval.mean, Math.max(interval.upper, skewed[1]))
                .bounded(least, most);
    }

    /**
     * Of what parts leave of a whole, seed by seed, with either sign. It is the difference of skewed figures, and few seeds do not show
     * which of its tails is the long one: so it reaches as far as the whole's interval and the parts' allow, and as Student's at least.
     *
     * @param rests of the seeds
     * @param whole its interval
     * @param parts their intervals
     * @return their mean
     */
    static SeedInterval ofRest(double[] rests, SeedInterval whole, SeedInterval... parts) {
        SeedInterval own = of(rests);
        double lower = whole.lower;
        double upper = whole.upper;
        for (SeedInterval part : parts) {
            lower -= part.upper;
            upper -= part.lower;
        }
        boolean agree = own.lower == own.upper; // such as where nothing is left
        return agree ? own : new SeedInterval(Math.min(own.lower, lower), own.mean, Math.max(own.upper, upper));
    }

    /** A line through the means, in the band of their intervals. */
    static Picture.Series line(String name, double[] x, List<SeedInterval> y) {
        return band(Picture.Series.line(name, x, means(y)), y);
    }

    /** Points at the means, each with its interval. */
    static Picture.Series points(String name, double[] x, List<SeedInterval> y) {
        return band(Picture.Series.points(name, x, means(y)), y);
    }

    private static double[] means(List<SeedInterval> y) {
        return y.stream().mapToDouble(SeedInterval::mean).toArray();
    }

    /** The band of some intervals around what is drawn of them. */
    static Picture.Series band(Picture.Series series, List<SeedInterval> y) {
        return series.within(
                y.stream().mapToDouble(SeedInterval::lower).toArray(),
                y.stream().mapToDouble(SeedInterval::upper).toArray());
    }

    /** The ends in a sentence: "[0.1, 0.3]". */
    String ends() {
        return "[" + FigureFormat.of(lower) + ", " + FigureFormat.of(upper) + "]";
    }

    /**
     * The same between bounds that the figure cannot leave.
     *
     * @param least bound; may be −∞
     * @param most bound; may be ∞
     * @return its ends within them, the mean as it is
     */
    public SeedInterval bounded(double least, double most) {
        return new SeedInterval(Math.max(least, lower), mean, Math.min(most, upper));
    }

    /**
     * As a figure that is estimated.
     *
     * @param id its name
     * @param question what it answers
     * @param unit such as nats, or empty
     * @param over what the interval is over, such as "95 % over seeds"
     * @param reason what qualifies it, or null
     * @return it, whose interval is this one
     */
    Finding finding(String id, String question, String unit, String over, @Nullable String reason) {
        return new Finding(id, question, lower, mean, upper, Grade.ESTIMATED, unit, over, reason);
    }

    /** {@return an estimate with its interval in words, without one where it has no width} */
    static String words(Finding finding) {
        String value = FigureFormat.of(finding.estimate());
        return FindingFormat.hasInterval(finding) && finding.lower() < finding.upper()
                ? value + " " + FindingFormat.interval(finding)
                : value;
    }
}
