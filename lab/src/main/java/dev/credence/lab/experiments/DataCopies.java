package dev.credence.lab.experiments;

import dev.credence.core.figures.FigureFormat;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A policy read as if it had seen copies of each example: whom of the readers of k copies its unrewarded probe is nearest to.
 *
 * @param place where: table, or the model's name
 * @param method what made the policy
 * @param beta it was tuned with
 * @param copies argmin over k of KL(policy's probe ‖ reader of k copies)
 * @param lower of its 95 % interval over readings of so many draws
 * @param upper the same; equal where the policy is exact
 * @param residual that least KL, nats
 * @param unread KL(policy's probe ‖ reader of no copy), nats: what there was to explain
 * @param draws of the probe that a reading of the interval has; 0 where policy and probe are exact
 */
public record DataCopies(
        String place,
        String method,
        double beta,
        double copies,
        double lower,
        double upper,
        double residual,
        double unread,
        int draws) {
    /** Draws of a probe that an interval is of. */
    static final int DRAWS = 1000;

    private static final int BOOTSTRAPS = 200;
    private static final double EXPLAINED = 0.5; // of the probe's change, at least, by the nearest reader

    /**
     * Which policy is read.
     *
     * @param place where
     * @param method what made it
     * @param beta it was tuned with
     */
    record Policy(String place, String method, double beta) {}

    /** {@return why no number of copies describes the policy; null where one does} */
    public @Nullable String reason() {
        return residual > (1 - EXPLAINED) * unread
                ? String.format(
                        Locale.ROOT,
                        "no number of copies describes it: of the %s nats by which its probe has changed the nearest reader leaves %s",
                        FigureFormat.inWords(unread),
                        FigureFormat.inWords(residual))
                : null;
    }

    /** {@return 1/β} */
    public double nominal() {
        return 1 / beta;
    }

    /** A policy that is known exactly: the interval has no width. */
    static DataCopies exact(Policy policy, double[] probe, Readers readers) {
        double copies = readers.nearest(probe);
        return of(policy, probe, readers, new double[] {copies, copies}, 0);
    }

    /** A policy that was arrived at by draws, read by draws of its probe: a parametric bootstrap gives the interval. */
    static DataCopies drawn(Policy policy, double[] probe, Readers readers) {
        SplittableRandom random = new SplittableRandom(1);
        double[] read = new double[BOOTSTRAPS];
        for (int b = 0; b < BOOTSTRAPS; b++) {
            read[b] = readers.nearest(draw(probe, random));
        }
        Arrays.sort(read);
        double[] ends = {read[(int) (0.025 * BOOTSTRAPS)], read[(int) (0.975 * BOOTSTRAPS)]};
        return of(policy, probe, readers, ends, DRAWS);
    }

    private static DataCopies of(Policy policy, double[] probe, Readers readers, double[] ends, int draws) {
        double copies = readers.nearest(probe);
        return new DataCopies(
                policy.place,
                policy.method,
                policy.beta,
                copies,
                Math.min(copies, ends[0]),
                Math.max(copies, ends[1]),
                readers.kl(probe, copies),
                readers.kl(probe, 0),
                draws);
    }

    private static double[] draw(double[] probe, RandomGenerator random) {
        double[] cumulative = probe.clone();
        Arrays.parallelPrefix(cumulative, Double::sum);
        double[] shares = new double[probe.length];
        for (int i = 0; i < DRAWS; i++) {
            int at = Arrays.binarySearch(cumulative, random.nextDouble() * cumulative[probe.length - 1]);
            shares[Math.min(probe.length - 1, at < 0 ? -at - 1 : at)] += 1.0 / DRAWS;
        }
        return shares;
    }
}
