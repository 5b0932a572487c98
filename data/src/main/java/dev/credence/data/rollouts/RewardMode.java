package dev.credence.data.rollouts;

/** Whether a record must carry a reward of its own. */
enum RewardMode {
    /** It must. */
    REQUIRED,
    /** Rewards are computed while reading, so a log without any is fine. */
    OPTIONAL
}
