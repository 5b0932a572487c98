package dev.credence.lab.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.TokenDivergence;
import dev.credence.data.rollouts.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The next-token divergences of a log's policy records. They are those of the policy's own distribution, so they are taken
 * back where the log's log-probabilities are of another one: a tempered or truncated sampler, or another checkpoint.
 */
final class LogDivergence {
    /** Nats a token that log-probabilities may differ by for reasons of precision. */
    private static final double TOLERANCE = 0.02;

    private final @Nullable TokenDivergence divergence;
    private final List<ObjectNode> given = new ArrayList<>();
    private double distance; // Σ |logged − computed|, nats
    private long tokens;

    /** Of none where whole distributions cannot be had. */
    LogDivergence(@Nullable TokenDivergence divergence) {
        this.divergence = divergence;
    }

    /** Whether a record wants one. */
    static boolean isMissing(ObjectNode record) {
        return record.path(Field.SOURCE.key()).asText().equals("policy") && !record.hasNonNull(Field.KL_TOKENS.key());
    }

    /**
     * Computes the divergences of records, and the log-probabilities that they lack.
     *
     * @return how many log-probabilities were lacking
     */
    int set(List<ObjectNode> records, List<Continuation> texts) {
        if (divergence == null) {
            return 0;
        }
        List<TokenDivergence.Of> computed = divergence.of(texts);
        int lacking = 0;
        for (int i = 0; i < computed.size(); i++) {
            ObjectNode record = records.get(i);
            TokenDivergence.Of of = computed.get(i);
            lacking += put(record, Field.LOGP_PRIOR, Field.TOKEN_LOGP_PRIOR, of.logPrior());
            int own = put(record, Field.LOGP_POLICY, Field.TOKEN_LOGP_POLICY, of.logPolicy());
            lacking += own;
            if (own == 0) {
                distance += Math.abs(logged(record) - of.logPolicy());
                tokens += texts.get(i).tokens().length;
            }
            record.put(Field.KL_TOKENS.key(), of.kl());
            given.add(record);
        }
        return lacking;
    }

    private static int put(ObjectNode record, Field sum, Field terms, double value) {
        if (record.hasNonNull(sum.key()) || record.hasNonNull(terms.key())) {
            return 0;
        }
        record.put(sum.key(), Math.min(0, value));
        return 1;
    }

    private static double logged(ObjectNode record) {
        JsonNode sum = record.path(Field.LOGP_POLICY.key());
        if (sum.isNumber()) {
            return sum.doubleValue();
        }
        double total = 0;
        for (JsonNode term : record.path(Field.TOKEN_LOGP_POLICY.key())) {
            total += term.asDouble(Double.NaN);
        }
        return total;
    }

    /** Takes the divergences back if the log is of another distribution; warnings then say so. */
    List<String> settle() {
        double apart = tokens == 0 ? 0 : distance / tokens;
        if (apart <= TOLERANCE) {
            return List.of();
        }
        given.forEach(record -> record.remove(Field.KL_TOKENS.key()));
        return List.of(String.format(
                Locale.ROOT,
                "warning: the log's logp_policy differ from this policy's own by %.2g nats a token (another temperature,"
                        + " truncation or checkpoint): no kl_tokens, for what drew the texts is not at hand",
                apart));
    }
}
