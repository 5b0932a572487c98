package dev.credence.lab.experiments;

import java.util.List;
import java.util.Locale;

/**
 * What is run of the fifty copies.
 *
 * @param betas KL coefficients
 * @param readings of the reward
 * @param steps of each training
 * @param seeds trainings of each method
 * @param samples texts a prompt and step
 * @param rate of learning at the first step; it falls to 0 along a cosine over all updates
 */
public record Grid(List<Double> betas, List<RewardReading> readings, int steps, int seeds, int samples, double rate) {
    /** The coefficients that are asked about. */
    public static final List<Double> BETAS = List.of(0.2, 0.1, 0.05, 0.02, 0.001, 0.0);

    private static final List<Double> FEW = List.of(0.2, 0.02, 0.0);
    private static final List<RewardReading> ALL = List.of(RewardReading.values());

    /**
     * Copies the lists.
     *
     * @param betas KL coefficients
     * @param readings of the reward
     * @param steps of each training
     * @param seeds trainings of each method
     * @param samples texts a prompt and step
     * @param rate of learning
     */
    public Grid {
        betas = List.copyOf(betas);
        readings = List.copyOf(readings);
    }

    /** {@return all of it on a table, ten seconds} */
    public static Grid table() {
        return new Grid(BETAS, ALL, 1000, 8, 32, 0.05);
    }

    /** {@return some of it on a table, a second} */
    public static Grid quickTable() {
        return new Grid(FEW, ALL, 200, 3, 32, 0.05);
    }

    /** {@return all of it on a transformer: for the one that ships some twenty minutes} */
    public static Grid fullTransformer() {
        return new Grid(BETAS, ALL, 60, 3, 64, 1e-3);
    }

    /** {@return some of it on a transformer: for the one that ships a minute or two} */
    public static Grid transformer() {
        return new Grid(FEW, List.of(RewardReading.C), 60, 3, 64, 1e-3);
    }

    /** {@return a glance at a transformer, some seconds} */
    public static Grid quickTransformer() {
        return new Grid(List.of(0.02), List.of(RewardReading.C), 20, 3, 32, 1e-3);
    }

    /**
     * The same with other readings.
     *
     * @param chosen one at least
     * @return the grid
     */
    public Grid with(List<RewardReading> chosen) {
        return new Grid(betas, chosen, steps, seeds, samples, rate);
    }

    /** {@return the same with one training of each} */
    Grid once() {
        return new Grid(betas, readings, steps, 1, samples, rate);
    }

    /** {@return the reading whose policies are read as data: c, that of most reward models, where it is run} */
    RewardReading readAsData() {
        return readings.contains(RewardReading.C) ? RewardReading.C : readings.get(readings.size() - 1);
    }

    /** {@return what is run, in words} */
    public String words() {
        return String.format(
                Locale.ROOT,
                "beta %s; readings %s; %d steps of %d texts a prompt, %d seeds",
                betas.stream().map(Grid::plain).toList(),
                readings.stream().map(RewardReading::letter).toList(),
                steps,
                samples,
                seeds);
    }

    private static String plain(double beta) {
        return beta == 0 ? "0" : String.valueOf(beta);
    }
}
