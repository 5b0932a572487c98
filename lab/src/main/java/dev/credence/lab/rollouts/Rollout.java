package dev.credence.lab.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.data.rewards.ScoredText;
import dev.credence.data.rollouts.Field;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.stream.StreamSupport;

/**
 * One drawn completion, scored under every model.
 *
 * @param prompt the prompt's text
 * @param completion its text; a character that was cut is U+FFFD
 * @param ids its tokens, the end included
 * @param finished whether it ended
 * @param source {@link dev.credence.core.audit.RolloutLog#PRIOR}, POLICY or {@link DrawRound#BRIDGE}
 * @param logPrior log π0, nats
 * @param logPolicy log π, nats
 * @param logBridge its log-probability under the bridge, nats; NaN where there is none
 * @param tokenKl Σ_t KL(π(·|x&lt;t) ‖ π0(·|x&lt;t)), nats; NaN of what the policy did not draw
 * @param reward that decided that it is kept; NaN where every draw was
 */
@SuppressWarnings("ArrayRecordComponent")
record Rollout(
        String prompt,
        String completion,
        int[] ids,
        boolean finished,
        byte source,
        double logPrior,
        double logPolicy,
        double logBridge,
        double tokenKl,
        double reward)
        implements ScoredText {
    private static final String REWARD = "reward_kept";

    /** Log-probabilities above 0 by rounding are 0. */
    Rollout {
        logPrior = Math.min(0, logPrior);
        logPolicy = Math.min(0, logPolicy);
        logBridge = Math.min(0, logBridge);
    }

    /** The same, scored under prior and policy. */
    Rollout scored(double prior, double policy, double divergence) {
        return new Rollout(prompt, completion, ids, finished, source, prior, policy, logBridge, divergence, reward);
    }

    /** The same, scored under the bridge. */
    Rollout bridged(double bridge) {
        return new Rollout(prompt, completion, ids, finished, source, logPrior, logPolicy, bridge, tokenKl, reward);
    }

    /** The same, kept for its reward. */
    Rollout keptFor(double value) {
        return new Rollout(prompt, completion, ids, finished, source, logPrior, logPolicy, logBridge, tokenKl, value);
    }

    /** One that was written by {@link #record}. */
    static Rollout of(JsonNode record) {
        int[] ids = StreamSupport.stream(record.path("ids").spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
        return new Rollout(
                record.path("prompt").asText(),
                record.path("completion").asText(),
                ids,
                record.path("finished").asBoolean(),
                DrawRound.source(record.path("source").asText()),
                record.path("logp_prior").asDouble(),
                record.path("logp_policy").asDouble(),
                record.path(Field.LOGP_SOURCE.key()).asDouble(Double.NaN),
                record.path(Field.KL_TOKENS.key()).asDouble(Double.NaN),
                record.path(REWARD).asDouble(Double.NaN));
    }

    /** As a log has it, without rewards. */
    ObjectNode record() {
        ObjectNode record = JsonNodeFactory.instance.objectNode();
        record.put("prompt", prompt);
        record.put("completion", completion);
        record.put("logp_prior", logPrior);
        record.put("logp_policy", logPolicy);
        if (!Double.isNaN(logBridge)) {
            record.put(Field.LOGP_SOURCE.key(), logBridge);
        }
        if (!Double.isNaN(tokenKl)) {
            record.put(Field.KL_TOKENS.key(), tokenKl);
        }
        if (!Double.isNaN(reward)) {
            record.put(REWARD, reward);
        }
        record.put("source", DrawRound.name(source));
        record.put("finished", finished);
        record.put("tokens", tokens());
        Arrays.stream(ids).forEach(record.putArray("ids")::add);
        return record;
    }

    @Override
    public int tokens() {
        return ids.length;
    }

    @Override
    public double field(String name) {
        throw new NoSuchElementException("a drawn text has no field " + name + "; name a reward of its text");
    }
}
