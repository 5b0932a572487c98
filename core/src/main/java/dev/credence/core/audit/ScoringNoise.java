package dev.credence.core.audit;

import java.util.List;

/**
 * How much the scores of one and the same text scatter (two precisions, two engines), from texts that were scored more
 * than once: standard deviations of one text, nats. Zero where no text was.
 *
 * @param prior of log π0
 * @param policy of log π
 * @param ratio of log π/π0; less than the two together where both come from one engine
 * @param freedom degrees of freedom: records of such texts less the texts
 */
record ScoringNoise(double prior, double policy, double ratio, double freedom) {
    static ScoringNoise of(PromptPool pool) {
        return pool.scoringNoise();
    }

    static ScoringNoise of(List<TextSummary> prompts) {
        TextScores.Noise sums = TextScores.Noise.NONE;
        for (TextSummary each : prompts) {
            sums = sums.plus(each.noise());
        }
        double freedom = sums.freedom();
        return freedom == 0
                ? new ScoringNoise(0, 0, 0, 0)
                : new ScoringNoise(
                        Math.sqrt(sums.prior() / freedom),
                        Math.sqrt(sums.policy() / freedom),
                        Math.sqrt(sums.ratio() / freedom),
                        freedom);
    }

    /** The variance of a text's log-ratio, nats². */
    double ratioVariance() {
        return ratio * ratio;
    }

    /** The larger of the two models' standard deviations. */
    double larger() {
        return Math.max(prior, policy);
    }
}
