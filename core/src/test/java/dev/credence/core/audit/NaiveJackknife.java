package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The jackknife's intervals the slow way: every unit is left out in turn, the figures found again, and the changes'
 * moments taken about their means.
 */
final class NaiveJackknife {
    /** The six headline figures, on the scales of their intervals, when records count more or less than once. */
    @FunctionalInterface
    interface Figures {
        double[] at(double[][] multiplicity);
    }

    private final Estimates estimates;
    private final NaiveErrors errors;
    private final Figures figures;
    private final double[] baseline;

    NaiveJackknife(Estimates estimates, NaiveErrors errors, Figures figures) {
        this.estimates = estimates;
        this.errors = errors;
        this.figures = figures;
        this.baseline = figures.at(ones());
    }

    private double[][] ones() {
        return estimates.pool().members().stream()
                .map(member -> {
                    double[] ones = new double[member.atoms().size()];
                    Arrays.fill(ones, 1);
                    return ones;
                })
                .toArray(double[][]::new);
    }

    Jackknife.Interval[] intervals() {
        int width = Reweighting.COUNT;
        double[] bias = new double[width];
        double[] variance = new double[width];
        double[] varianceOfVariance = new double[width];
        for (int c = 0; c < errors.units.size(); c++) {
            for (List<NaiveErrors.Unit> stratum : errors.units.get(c)) {
                double n = stratum.size();
                if (n < 2) {
                    continue;
                }
                List<double[]> changes = new ArrayList<>();
                for (NaiveErrors.Unit out : stratum) {
                    changes.add(without(c, stratum, out));
                }
                for (int k = 0; k < width; k++) {
                    int figure = k;
                    double mean = changes.stream().mapToDouble(x -> x[figure]).sum() / n;
                    double[] centred =
                            changes.stream().mapToDouble(x -> x[figure] - mean).toArray();
                    double two = Arrays.stream(centred).map(x -> x * x).sum();
                    double four = Arrays.stream(centred).map(x -> x * x * x * x).sum();
                    bias[k] += (n - 1) * mean;
                    double own = (n - 1) / n * two;
                    variance[k] += own;
                    double kurtosis = two > 0 ? n * four / (two * two) : 3;
                    varianceOfVariance[k] += own * own * Math.max(2 / (n - 1), (kurtosis - 1) / n);
                }
            }
        }
        Jackknife.Interval[] intervals = new Jackknife.Interval[width];
        for (int k = 0; k < width; k++) {
            double t = StudentT.quantile(2 * variance[k] * variance[k] / varianceOfVariance[k]);
            intervals[k] = interval(k, bias[k], Math.sqrt(variance[k]), t);
        }
        return intervals;
    }

    /** How the figures change without a unit, the rest of its stratum weighted up. */
    private double[] without(int member, List<NaiveErrors.Unit> stratum, NaiveErrors.Unit out) {
        double[][] multiplicity = ones();
        double n = stratum.size();
        for (NaiveErrors.Unit unit : stratum) {
            for (int i : unit.atoms()) {
                multiplicity[member][i] = unit.atoms().equals(out.atoms()) ? 0 : n / (n - 1);
            }
        }
        double[] changed = figures.at(multiplicity);
        for (int k = 0; k < changed.length; k++) {
            changed[k] -= baseline[k];
        }
        return changed;
    }

    private Jackknife.Interval interval(int k, double bias, double error, double t) {
        int column = Reweighting.FIGURES[k].ordinal();
        double a = errors.skewness[column];
        double curvature = isRounding(k) ? 0 : curvature(k);
        double z2 = 1.959963984540054 * 1.959963984540054;
        double q = isRounding(k) ? 0 : a + curvature + (2 * a + curvature) * z2;
        double skew = Double.isNaN(q) ? 0 : Math.max(-1, Math.min(1, q));
        double center = baseline[k] - bias;
        double[] ends = unscaled(
                k, center - t * error + error * Math.min(0, skew), center + t * error + error * Math.max(0, skew));
        return new Jackknife.Interval(ends[0], ends[1], Math.abs(bias) / (t * error), unscaled(k, center, center)[0]);
    }

    /** Of a figure along its own influence: ½ g''/(|g'| σ), from a step of .001 to .005 standard deviations. */
    private double curvature(int k) {
        int column = Reweighting.FIGURES[k].ordinal();
        double sigma = errors.spread[column];
        double step = Math.min(0.005, Math.max(0.001, 0.0003 / errors.reach[column]));
        double second = along(k, column, step / sigma) - 2 * baseline[k] + along(k, column, -step / sigma);
        return second / (step * step) / (2 * Math.abs(slope(k)) * sigma);
    }

    private double along(int k, int column, double factor) {
        double[][] multiplicity = ones();
        for (int c = 0; c < multiplicity.length; c++) {
            for (List<NaiveErrors.Unit> stratum : errors.units.get(c)) {
                for (NaiveErrors.Unit unit : stratum) {
                    for (int i : unit.atoms()) {
                        multiplicity[c][i] += factor * NaiveErrors.centred(stratum, unit, column);
                    }
                }
            }
        }
        return figures.at(multiplicity)[k];
    }

    private boolean isRounding(int k) {
        double explained = estimates.get(Figure.KL_EXPLAINED);
        double departure = estimates.get(Figure.KL_DEPARTURE);
        return switch (Reweighting.FIGURES[k]) {
            case KL_POLICY_PRIOR -> estimates.get(Figure.KL_POLICY_PRIOR) < 1e-6;
            case KL_EXPLAINED -> explained < 1e-6;
            case KL_DEPARTURE -> departure < 1e-6;
            case BAYES_FRACTION -> Math.min(explained, departure) < 1e-6;
            default -> false;
        };
    }

    /** The derivative of a figure's scale at its estimate, by the differences of the scale itself. */
    private double slope(int k) {
        double at = estimates.get(Reweighting.FIGURES[k]);
        double step = 1e-5 * (k == Reweighting.FRACTION ? Math.min(at, 1 - at) : Math.abs(at));
        return (scaled(k, at + step) - scaled(k, at - step)) / (2 * step);
    }

    static double scaled(int k, double value) {
        return switch (Reweighting.FIGURES[k].scale()) {
            case PLAIN -> value;
            case SQUARE_ROOT -> Math.sqrt(value);
            case SHARE -> Math.log((1 + Math.sqrt(value)) / (1 - Math.sqrt(value))) / 2;
            case CUBE_ROOT -> Math.cbrt(value);
            case LOG -> Math.log(value);
            case LOGIT -> Math.log(value / (1 - value));
        };
    }

    /** The figure's interval of one on its scale; what reaches below zero on a root's is a tilt the other way. */
    private static double[] unscaled(int k, double low, double high) {
        return switch (Reweighting.FIGURES[k].scale()) {
            case PLAIN -> new double[] {low, high};
            case SQUARE_ROOT -> new double[] {low < 0 ? 0 : low * low, Math.pow(Math.max(high, -low), 2)};
            case SHARE ->
                new double[] {low < 0 ? 0 : Math.pow(Math.tanh(low), 2), Math.pow(Math.tanh(Math.max(high, -low)), 2)};
            case CUBE_ROOT -> new double[] {Math.pow(Math.max(0, low), 3), Math.pow(Math.max(0, high), 3)};
            case LOG -> new double[] {Math.exp(low), Math.exp(high)};
            case LOGIT -> new double[] {Math.exp(low) / (1 + Math.exp(low)), Math.exp(high) / (1 + Math.exp(high))};
        };
    }
}
