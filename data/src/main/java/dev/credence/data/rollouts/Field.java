package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The fields of a rollout record, by the contract's names. */
public enum Field {
    /** The prompt's text. */
    PROMPT,
    /** The completion's text. */
    COMPLETION,
    /** A number, or an object of named numbers. */
    REWARD,
    /** log π0 of the completion, its end included, nats. */
    LOGP_PRIOR,
    /** log π of the completion, its end included, nats. */
    LOGP_POLICY,
    /** Who drew it: {@code prior}, {@code policy} or another name. */
    SOURCE,
    /** Tokens of the completion, its end included. */
    TOKENS,
    /** False when the text was cut at the horizon. */
    FINISHED,
    /** Records of one group were drawn together. */
    GROUP,
    /** Training step. */
    STEP,
    /** {@code train} or {@code heldout}. */
    SPLIT,
    /** The prompt's share of the overall means, before they are made to sum to one. */
    PROMPT_WEIGHT,
    /** Log-probability under the record's own source, for sources other than the two. */
    LOGP_SOURCE,
    /** The terms of {@link #LOGP_PRIOR}. */
    TOKEN_LOGP_PRIOR,
    /** The terms of {@link #LOGP_POLICY}. */
    TOKEN_LOGP_POLICY,
    /** Σ_t KL(π(·|x&lt;t) ‖ π0(·|x&lt;t)) over the completion's tokens, nats; on policy records, from full distributions. */
    KL_TOKENS,
    /** The probability with which the draw was kept, given its reward; a number or an object by source. */
    KEPT,
    /** How many texts were drawn from the record's source for its prompt, before thinning. */
    DRAWS,
    /** λ of a draw from π0 e^{λr}/Z, where the source is {@code tilt}. */
    LAMBDA,
    /** The completion's tokens, its end included. */
    IDS;

    /** {@return the name in a log, such as {@code logp_policy}} */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The field of a name.
     *
     * @param key such as {@code logp_policy}
     * @return the field
     * @throws InputException if there is none
     */
    public static Field of(String key) {
        for (Field field : values()) {
            if (field.key().equals(key)) {
                return field;
            }
        }
        List<String> known = Arrays.stream(values()).map(Field::key).toList();
        throw InputException.ofSetting("field", key, NearestName.hint(key, known));
    }
}
