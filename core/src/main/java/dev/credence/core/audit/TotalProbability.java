package dev.credence.core.audit;

import static dev.credence.core.audit.Gate.Status.FAIL;
import static dev.credence.core.audit.Gate.Status.PASS;
import static dev.credence.core.audit.Gate.Status.WARN;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether the probabilities of a prompt's distinct texts add up to one at most, under either model: per-token means in the
 * place of sums, a base other than e, a missing end token do not.
 */
final class TotalProbability {
    /** What scores in single precision may add up to beyond one. */
    private static final double SINGLE_PRECISION = 1e-3;

    /** Beyond this it is no matter of precision. */
    private static final double IMPOSSIBLE = 0.05;

    private TotalProbability() {}

    /** The gate of a pool with texts; {@code ids} are the findings there are. */
    static Gate of(PromptPool pool, Set<String> ids) {
        double largest = Double.NEGATIVE_INFINITY;
        String where = "";
        for (int c = 0; c < pool.size(); c++) {
            TextSummary texts = pool.textSummary(c);
            for (int model = 0; model < 2 && texts != null; model++) {
                double total = texts.logTotal(model);
                if (total > largest) {
                    largest = total;
                    where = (model == RolloutLog.PRIOR ? "the prior's" : "the policy's") + " probabilities of "
                            + texts.size() + " distinct texts of prompt "
                            + Words.quoted(pool.members().get(c).atoms().prompt());
                }
            }
        }
        double noise = 4 * ScoringNoise.of(pool).larger();
        if (!(largest > Math.log1p(Math.max(SINGLE_PRECISION, noise)))) {
            return new Gate(
                    "total_probability",
                    PASS,
                    Math.exp(largest),
                    "no prompt's distinct texts add up to more than one",
                    List.of());
        }
        boolean impossible = largest > Math.log1p(Math.max(IMPOSSIBLE, noise));
        Set<String> withdraws = new LinkedHashSet<>(impossible ? ids : Set.of());
        withdraws.removeIf(id -> id.startsWith("diversity."));
        return new Gate(
                "total_probability",
                impossible ? FAIL : WARN,
                Math.exp(largest),
                Gates.text(
                        "%s add up to %.4g, which is more than one: %s",
                        where,
                        Math.exp(largest),
                        impossible
                                ? "they are not log-probabilities of whole texts in nats (means a token for sums, another"
                                        + " base, no end token?)"
                                : "scores of more than one precision or engine, or no end token?"),
                List.copyOf(withdraws));
    }
}
