package dev.credence.methods.training;

import dev.credence.methods.Worded;

/**
 * Where the KL penalty against the reference stands, and which estimator of it; ℓ = log π/π0. What each does to the limit:
 * docs/theory.md#where-the-penalty-stands.
 */
public enum KlPlacement implements Worded {
    /** β·ℓ summed over tokens off the reward: the sequence KL; its optimum is the posterior. */
    REWARD_K1("reward:k1"),
    /** β·(e^{−ℓ} − 1 + ℓ) off the reward: its gradient is that of KL(π‖π0) − KL(π0‖π). */
    REWARD_K3("reward:k3"),
    /** β·ℓ in the loss: its expected gradient is zero on policy; no penalty at all. */
    LOSS_K1("loss:k1"),
    /** β·ℓ²/2 in the loss: on policy the gradient of KL(π‖π0). */
    LOSS_K2("loss:k2"),
    /** β·(e^{−ℓ} − 1 + ℓ) in the loss, as GRPO: on policy the gradient of KL(π0‖π). */
    LOSS_K3("loss:k3"),
    /** The same times π/π_old: the gradient of KL(π‖π0) again. */
    LOSS_K3_RATIO("loss:k3-ratio"),
    /** β·ℓ/T, a mean over the text's tokens, with its whole gradient: multiplicity grows with a text's own length. */
    MEAN_TOKEN("mean-token"),
    /** No penalty. */
    NONE("none");

    private final String word;

    KlPlacement(String word) {
        this.word = word;
    }

    @Override
    public String word() {
        return word;
    }

    boolean isInReward() {
        return this == REWARD_K1 || this == REWARD_K3 || this == MEAN_TOKEN;
    }

    /** Whether, on policy and with the reward as it is, it has the gradient of KL(π‖π0). */
    boolean isSequenceKl() {
        return this == REWARD_K1 || this == LOSS_K2 || this == LOSS_K3_RATIO;
    }

    /** Whether nothing holds the policy to the reference. */
    boolean isNoPenalty() {
        return this == NONE || this == LOSS_K1;
    }
}
