package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses what the report draws: a sample of records, and the reward's histograms. */
final class PlotData {
    private static final int POINTS = 1500;
    private static final int BINS = 24;

    private PlotData() {}

    static Plots of(Estimates estimates, List<String> sources, @Nullable Double beta, long seed) {
        Pool pool = estimates.pool();
        long total = pool.members().stream().mapToLong(m -> m.atoms().size()).sum();
        List<Plots.Point> points = new ArrayList<>();
        for (int c = 0; c < pool.size(); c++) {
            addPoints(
                    pool.members().get(c).atoms(),
                    estimates.tilts()[c],
                    sources,
                    (double) POINTS / total,
                    seed,
                    points);
        }
        Double asked = beta == null ? null : 1 / beta;
        return new Plots(points, estimates.lambda(), asked, bins(estimates));
    }

    private static void addPoints(
            Atoms atoms, Tilt tilt, List<String> sources, double share, long seed, List<Plots.Point> points) {
        long salt = seed * 0x9E3779B97F4A7C15L + atoms.prompt().hashCode();
        double intercept = tilt.logWeight(tilt.extreme()) - tilt.lambda() * tilt.extreme();
        double shift = Math.abs(intercept) < Double.POSITIVE_INFINITY ? -intercept : 0;
        atoms.forEachBlock(block -> {
            for (int i = 0; i < block.count; i++) {
                if (block.isSupported(i) && (share >= 1 || unit(salt + block.start + i) < share)) {
                    String source = sources.isEmpty() ? "outcome" : sources.get(block.stratum[i]);
                    points.add(new Plots.Point(block.reward[i], block.logRatio[i] + shift, source));
                }
            }
        });
    }

    /** A number in [0, 1) that looks random in its argument (the finaliser of SplitMix64). */
    private static double unit(long x) {
        long z = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return ((z ^ (z >>> 31)) >>> 11) * 0x1.0p-53;
    }

    private static List<Plots.Bin> bins(Estimates estimates) {
        Pool pool = estimates.pool();
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (Member member : pool.members()) {
            low = Math.min(low, member.moments().minReward());
            high = Math.max(high, member.moments().maxReward());
        }
        double width = high > low ? (high - low) / BINS : 1;
        double[] masses = new double[3 * BINS];
        for (int c = 0; c < pool.size(); c++) {
            double[] own = masses(pool.members().get(c).atoms(), estimates.tilts()[c], low, width);
            for (int k = 0; k < masses.length; k++) {
                masses[k] += pool.weight(c) * own[k];
            }
        }
        List<Plots.Bin> bins = new ArrayList<>();
        for (int k = 0; k < BINS; k++) {
            bins.add(new Plots.Bin(
                    low + k * width, low + (k + 1) * width, masses[3 * k], masses[3 * k + 1], masses[3 * k + 2]));
        }
        return bins;
    }

    private static double[] masses(Atoms atoms, Tilt tilt, double low, double width) {
        return atoms.sum(3 * BINS, (block, into) -> {
            for (int i = 0; i < block.count; i++) {
                int bin = (int) Math.min(BINS - 1, Math.max(0, Math.floor((block.reward[i] - low) / width)));
                into[3 * bin] += block.u[i];
                into[3 * bin + 1] += block.u[i] * Math.exp(tilt.logWeight(block.reward[i]));
                into[3 * bin + 2] += block.v[i];
            }
        });
    }
}
