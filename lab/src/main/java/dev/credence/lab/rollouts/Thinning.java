package dev.credence.lab.rollouts;

import java.util.ArrayList;
import java.util.List;

/**
 * How the draws of one model of one prompt were thinned, stage by stage.
 *
 * <p>A stage's rule is fixed before its draws are seen, but it is chosen with what the stages before have shown, so that they
 * differ: N_j draws were kept with a_j(r). The pooled draws are those of a mixture in which a draw comes from stage j with the
 * share N_j/N; one with reward r had the probability a(r) = Σ N_j a_j(r) / Σ N_j to be kept. That marginal probability is what
 * the balance heuristic needs of pooled samples (Veach and Guibas 1995), so nothing that was scored is thrown away, and a log
 * has one {@code kept} and one {@code draws} a source, however many stages there were.
 */
final class Thinning {
    private final List<Stage> stages = new ArrayList<>();
    private long draws;

    private record Stage(long draws, KeepRule rule) {}

    /** Takes note of a stage. */
    void add(long more, KeepRule rule) {
        stages.add(new Stage(more, rule));
        draws += more;
    }

    /** {@return N, those not kept included} */
    long draws() {
        return draws;
    }

    /** {@return whether some draws may not have been kept} */
    boolean thins() {
        return stages.stream().anyMatch(stage -> !stage.rule.keepsAll());
    }

    /** The probability with which a draw with this reward was kept, over all stages; 1 where all draws were. */
    double kept(double reward) {
        if (!thins()) {
            return 1;
        }
        double kept = 0;
        for (Stage stage : stages) {
            kept += stage.draws * stage.rule.of(reward);
        }
        return Math.min(1, kept / draws);
    }
}
