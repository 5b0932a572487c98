package dev.credence.core.audit;

import dev.credence.core.diagnostics.SamplesToSeparate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Rival conditionals of one policy: the tilt families of several rewards, ranked by what they leave unexplained. */
final class Ranking {
    private Ranking() {}

    /**
     * The candidate of one reward.
     *
     * @param name the reward's name
     * @param pool the prompts, carrying that reward
     * @param kl KL(π‖π0), nats; NaN where there is no move to divide into shares
     * @return with separation still to be filled
     */
    static Candidate fit(String name, PromptPool pool, double kl) {
        double lambda = MomentMatch.solve(pool);
        AtomTilt[] tilts = pool.tilts(Double.isNaN(lambda) ? 0 : lambda);
        double departure = Estimates.departure(pool, tilts);
        double fraction = Math.max(0, 1 - departure / kl);
        return new Candidate(name, lambda, departure, fraction, Double.POSITIVE_INFINITY);
    }

    /** Best first, each with the records that tell it from the best; those whose departure does not stand come last. */
    static List<Candidate> rank(List<Candidate> fitted) {
        List<Candidate> ranked = new ArrayList<>(fitted);
        ranked.sort(Comparator.comparingDouble(Candidate::departure));
        double best = ranked.isEmpty() ? 0 : ranked.get(0).departure();
        ranked.replaceAll(c -> c.separated(
                Double.isNaN(c.departure())
                        ? Double.NaN
                        : c.departure() > best
                                ? SamplesToSeparate.planned(c.departure(), best)
                                : Double.POSITIVE_INFINITY));
        return ranked;
    }
}
