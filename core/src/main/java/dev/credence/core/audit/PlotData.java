package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Chooses what the report draws: a sample of records, and the reward's histograms. */
final class PlotData {
    private static final int POINTS = 1500;
    private static final int BINS = 24;

    private PlotData() {}

    static Plots of(Estimates estimates, List<String> sources, @Nullable Double beta, long seed) {
        PromptPool pool = estimates.pool();
        long total = pool.members().stream().mapToLong(m -> m.atoms().size()).sum();
        List<Plots.Point> points = new ArrayList<>();
        pool.each(
                c -> points(
                        pool.members().get(c).atoms(), estimates.tilts()[c], sources, (double) POINTS / total, seed),
                (c, own) -> points.addAll(own));
        Double asked = beta == null ? null : 1 / beta;
        return new Plots(List.copyOf(points), estimates.lambda(), asked, bins(estimates));
    }

    private static List<Plots.Point> points(Atoms atoms, AtomTilt tilt, List<String> sources, double share, long seed) {
        List<Plots.Point> points = new ArrayList<>();
        long salt = seed * 0x9E3779B97F4A7C15L + atoms.prompt().hashCode();
        double intercept = tilt.logWeight(tilt.extreme()) - tilt.lambda() * tilt.extreme();
        double shift = Math.abs(intercept) < Double.POSITIVE_INFINITY ? -intercept : 0;
        for (int i = 0; i < atoms.size(); i++) {
            if (share >= 1 || unit(salt + i) < share) {
                AtomBlock atom = atoms.at(i);
                if (atom.isSupported(0)) {
                    String source = sources.isEmpty() ? "outcome" : sources.get(atom.stratum[0]);
                    points.add(new Plots.Point(atom.reward[0], atom.logRatio[0] + shift, source));
                }
            }
        }
        return points;
    }

    /** A number in [0, 1) that looks random in its argument (the finaliser of SplitMix64). */
    private static double unit(long x) {
        long z = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return ((z ^ (z >>> 31)) >>> 11) * 0x1.0p-53;
    }

    private static List<Plots.Bin> bins(Estimates estimates) {
        PromptPool pool = estimates.pool();
        double[] levels = levels(pool);
        boolean discrete = levels.length <= BINS;
        double[] edges = discrete ? levels : edges(pool);
        double[] masses = new double[3 * edges.length];
        pool.<double[]>each(c -> masses(pool.members().get(c), estimates.tilts()[c], edges), (c, own) -> {
            for (int k = 0; k < masses.length; k++) {
                masses[k] += pool.weight(c) * own[k];
            }
        });
        double width = discrete ? 0 : edges[1] - edges[0];
        List<Plots.Bin> bins = new ArrayList<>();
        for (int k = 0; k < edges.length; k++) {
            bins.add(new Plots.Bin(edges[k], edges[k] + width, masses[3 * k], masses[3 * k + 1], masses[3 * k + 2]));
        }
        return bins;
    }

    /** The different rewards, in order, where no prompt has too many to count; else more than can be drawn. */
    private static double[] levels(PromptPool pool) {
        TreeSet<Double> levels = new TreeSet<>();
        boolean[] isMany = {false};
        pool.<double[]>each(c -> levels(pool.members().get(c)), (c, own) -> {
            isMany[0] |= own.length > BINS || levels.size() > BINS;
            for (int k = 0; k < own.length && !isMany[0]; k++) {
                levels.add(own[k]);
            }
        });
        return isMany[0]
                ? new double[BINS + 1]
                : levels.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** The different rewards of one prompt, or as many as are too many. */
    private static double[] levels(PromptAtoms member) {
        LevelSums own = member.moments().levels();
        return own == null ? new double[BINS + 1] : Arrays.copyOf(own.reward(), Math.min(BINS + 1, own.size()));
    }

    private static double[] edges(PromptPool pool) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (PromptAtoms member : pool.members()) {
            low = Math.min(low, member.moments().minReward());
            high = Math.max(high, member.moments().maxReward());
        }
        double[] edges = new double[BINS];
        for (int k = 0; k < BINS; k++) {
            edges[k] = low + k * (high - low) / BINS;
        }
        return edges;
    }

    private static double[] masses(PromptAtoms member, AtomTilt tilt, double[] edges) {
        LevelSums levels = member.moments().levels();
        if (levels == null) {
            return member.atoms().sum(3 * edges.length, (block, into) -> {
                for (int i = 0; i < block.count; i++) {
                    add(edges, tilt, block.reward[i], block.u[i], block.v[i], into);
                }
            });
        }
        double[] masses = new double[3 * edges.length];
        for (int k = 0; k < levels.size(); k++) {
            add(edges, tilt, levels.reward()[k], levels.mass()[k], levels.policy()[k], masses);
        }
        return masses;
    }

    /** Adds a prior and a policy mass of one reward to its bin. */
    private static void add(double[] edges, AtomTilt tilt, double reward, double u, double v, double[] into) {
        int found = Arrays.binarySearch(edges, reward + 0.0);
        int bin = Math.max(0, found >= 0 ? found : -found - 2);
        into[3 * bin] += u;
        into[3 * bin + 1] += u * Math.exp(tilt.logWeight(reward));
        into[3 * bin + 2] += v;
    }
}
