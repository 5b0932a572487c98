package dev.credence.core.audit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Rao–Blackwellised estimate of KL(π‖π0) of a log whose policy records carry the sum of their next-token divergences
 * (Amini, Vieira and Cotterell 2025; docs/theory.md#token-kl): its mean, and what it scatters less than the plain mean of the
 * log-ratio (k1). Variances are of one text within its prompt, averaged over prompts by weight; where records were drawn
 * in groups, they are what one record of a group adds to the mean's: its own, times the groups' design effect.
 */
final class TokenKl {
    private static final String MEAN = "kl.policy_prior.rao_blackwell";
    private static final String VARIANCE = "kl.policy_prior.variance.rb";
    private static final String VARIANCE_OF_K1 = "kl.policy_prior.variance.k1";
    private static final String RATIO = "kl.policy_prior.variance.ratio";

    /** The findings' ids. */
    static final List<String> IDS = List.of(MEAN, VARIANCE, VARIANCE_OF_K1, RATIO);

    private TokenKl() {}

    /** The findings; none where no policy record carries the sum. */
    static Map<String, Finding> of(PromptPool pool) {
        double variance = 0;
        double sampledVariance = 0;
        if (pool.members().stream().noneMatch(member -> member.atoms().hasTokenKl())) {
            return Map.of(); // no pass over the records for what none of them holds
        }
        SampledKl[] sums = pool.all(c -> sums(pool.members().get(c).atoms()), SampledKl[]::new);
        SampledKl[] plain = pool.all(c -> pool.members().get(c).sampledKl(), SampledKl[]::new);
        for (int c = 0; c < pool.size(); c++) {
            SampledKl own = sums[c];
            Atoms atoms = pool.members().get(c).atoms();
            double records = atoms.records(RolloutLog.POLICY);
            double weight = pool.weight(c);
            variance += weight * own.error() * own.error() * records;
            double sampled = plain[c].error();
            sampledVariance += weight * sampled * sampled * records;
        }
        Map<String, Finding> findings = new LinkedHashMap<>();
        SampledKl mean = SampledKl.over(pool, sums);
        findings.put(
                MEAN,
                new Finding(
                        MEAN,
                        "How far did the policy move, from whole next-token distributions (nats a text)?",
                        Math.max(0, mean.mean() - mean.below()),
                        mean.mean(),
                        mean.mean() + mean.above(),
                        Grade.ESTIMATED,
                        "nats",
                        "mean",
                        null));
        put(
                findings,
                VARIANCE_OF_K1,
                "How much does the log-ratio (k1) of one text scatter?",
                sampledVariance,
                "nats^2");
        put(findings, VARIANCE, "How much does the sum of next-token KLs of one text scatter?", variance, "nats^2");
        put(
                findings,
                RATIO,
                "How many times more texts would k1 need to know the KL as well?",
                sampledVariance / variance,
                "times");
        return findings;
    }

    /** One prompt's mean of its sums. */
    private static SampledKl sums(Atoms atoms) {
        return SampledKl.of(atoms, (block, into) -> fill(atoms, block, into));
    }

    /** Columns: how many draws a record of the policy stands for, and as many times its sum. */
    private static void fill(Atoms atoms, AtomBlock block, double[][] into) {
        for (int i = 0; i < block.count; i++) {
            double draws = block.stratum[i] == RolloutLog.POLICY ? 1 / atoms.kept(block.start + i) : 0;
            into[0][i] = draws;
            into[1][i] = draws == 0 ? 0 : draws * atoms.tokenKl(block.start + i);
        }
    }

    /** Puts an estimate that has no interval. */
    private static void put(Map<String, Finding> findings, String id, String question, double estimate, String unit) {
        findings.put(
                id, new Finding(id, question, Double.NaN, estimate, Double.NaN, Grade.ESTIMATED, unit, null, null));
    }
}
