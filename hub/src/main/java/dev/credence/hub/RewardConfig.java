package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import java.util.OptionalInt;

/** The keys of config.json by which the hub's sequence-classification form tells of itself. */
final class RewardConfig {
    static final String ARCHITECTURES = "architectures";

    private static final String FORM = "ForSequenceClassification";
    private static final String LABELS = "id2label";
    private static final String PAD = "pad_token_id";

    private RewardConfig() {}

    static boolean isReward(JsonFile config) {
        for (JsonNode name : config.root().path(ARCHITECTURES)) {
            if (name.asText().endsWith(FORM)) {
                return true;
            }
        }
        return false;
    }

    /** Refuses classifiers of several classes. */
    static void check(JsonFile config) {
        JsonNode labels = config.root().path(LABELS);
        int count = labels.isObject() ? labels.size() : config.integer("num_labels", 1);
        if (count != 1) {
            throw new InputException(
                    config.file(),
                    0,
                    labels.isObject() ? LABELS : "num_labels",
                    count + " labels",
                    "a reward model has one: its score");
        }
    }

    /** The padding token, behind which no score is read; none where the configuration names none. */
    static OptionalInt pad(JsonFile config, int vocabulary) {
        JsonNode node = config.root().path(PAD);
        if (node.isMissingNode() || node.isNull() || (node.isInt() && node.asInt() == -1)) {
            return OptionalInt.empty();
        }
        if (!(node.isInt() && node.asInt() >= 0 && node.asInt() < vocabulary)) {
            throw new InputException(
                    config.file(), 0, PAD, node.toString(), "it is a token's id in [0, " + vocabulary + ")");
        }
        return OptionalInt.of(node.asInt());
    }

    /** A configuration turned into a reward model's. */
    static ObjectNode of(JsonFile config, OptionalInt pad) {
        ObjectNode made = config.root().deepCopy();
        made.putArray(ARCHITECTURES).add(Family.of(config).title() + FORM);
        made.remove("num_labels"); // what the labels say
        made.putObject(LABELS).put("0", "LABEL_0");
        made.putObject("label2id").put("LABEL_0", 0);
        pad.ifPresent(id -> made.put(PAD, id));
        made.remove("torch_dtype"); // the older word for the same
        return made.put("dtype", "float32");
    }
}
