package dev.credence.report;

import dev.credence.core.evidence.RewardType;

/** What "n copies" means for each type of reward, in words that follow the number. */
final class CopyWords {
    private CopyWords() {}

    /** The noun after the number of copies. */
    static String noun(RewardType type) {
        return switch (type) {
            case LOG_PROBABILITY -> "independent copies of the observation";
            case PROBABILITY -> "approving raters on average";
            case LOGIT -> "rounds of choice from an unlimited pool";
            case SCORE -> "copies per unit of reward";
        };
    }

    /** One sentence for those who meet the figure for the first time. */
    static String explained(RewardType type) {
        return switch (type) {
            case LOG_PROBABILITY ->
                "The reward is a log-probability of an observation: λ copies of it are λ independent"
                        + " repetitions of that observation.";
            case PROBABILITY ->
                "The reward is a probability of approval: λ copies of it are a Poisson number of raters, λ"
                        + " on average, all of whom approve.";
            case LOGIT ->
                "The reward is a logit of preference: λ copies of it are λ successive rounds of choice from an"
                        + " unlimited pool, not λ observations.";
            case SCORE ->
                "The reward has no scale of its own: only copies times its standard deviation mean anything, so"
                        + " read the figure per standard deviation.";
        };
    }
}
