package dev.credence.data.rollouts;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the values of a record's fields from Jackson's tokens, and checks them. */
final class RecordFields {
    /** Name of a reward that is a plain number. */
    private static final List<String> PLAIN = List.of("reward");

    private static final ObjectMapper TREES = new ObjectMapper();

    private static final Pattern DECIMAL = Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");

    private static final int UNREAD = Integer.MAX_VALUE;

    private final FieldMap map;
    private final RewardMode rewardMode;
    private final TextNumbers sources;
    private final TextNumbers groups;

    /** Rank of the place that each field was read from. */
    private final int[] ranks = new int[Field.values().length];

    RecordFields(FieldMap map, RewardMode rewardMode, TextNumbers sources, TextNumbers groups) {
        this.map = map;
        this.rewardMode = rewardMode;
        this.sources = sources;
        this.groups = groups;
    }

    void begin() {
        Arrays.fill(ranks, UNREAD);
    }

    /** Whether a value at a place of this rank is to be read: no better place had one. */
    boolean prefers(Field field, int rank) {
        if (rank < ranks[field.ordinal()]) {
            ranks[field.ordinal()] = rank;
            return true;
        }
        return false;
    }

    private boolean has(Field field) {
        return ranks[field.ordinal()] != UNREAD;
    }

    /**
     * Reads a value.
     *
     * @param rank of its place among those of the field
     */
    void read(Field field, int rank, JsonParser json, RolloutRecord record) throws IOException, BadRecord {
        switch (field) {
            case PROMPT -> record.prompt = textOrMessages(field, json);
            case COMPLETION -> record.completion = textOrMessages(field, json);
            case REWARD -> rewards(json, record);
            case LOGP_PRIOR -> record.logPrior = logProbability(field, json);
            case LOGP_POLICY -> record.logPolicy = logProbability(field, json);
            case LOGP_SOURCE -> record.logSource = logProbability(field, json);
            case SOURCE -> record.source = sources.number(word(field, json));
            case TOKENS -> record.tokens = RecordRules.tokens(number(field.key(), json), shown(json));
            case FINISHED -> record.cut = cut(rank, json);
            case GROUP -> record.group = groups.number(group(json));
            case STEP -> {
                record.step = RecordRules.step(number(field.key(), json), shown(json));
                record.hasStep = true;
            }
            case SPLIT -> record.heldOut = RecordRules.heldOut(map.values().of(field, word(field, json)));
            case PROMPT_WEIGHT -> record.weight = RecordRules.weight(number(field.key(), json), shown(json));
            case KL_TOKENS -> record.klTokens = RecordRules.divergence(number(field.key(), json), shown(json));
            case TOKEN_LOGP_PRIOR -> terms(record.priorTerms, field, json);
            case TOKEN_LOGP_POLICY -> terms(record.policyTerms, field, json);
            case KEPT -> kept(json, record);
            case DRAWS -> {
                record.draws = RecordRules.draws(number(field.key(), json), shown(json));
                record.thinned = true;
            }
            case LAMBDA -> record.lambda = RecordRules.lambda(number(field.key(), json), shown(json));
            case IDS -> ids(json, record);
        }
    }

    /** A number that an expression reads by name; what is no number is absent. */
    void extra(int index, JsonParser json, RolloutRecord record) throws IOException {
        JsonToken token = json.currentToken();
        if (token != null && token.isNumeric()) {
            record.extras[index] = json.getDoubleValue();
        } else if (token != null && token.isBoolean()) {
            record.extras[index] = token == JsonToken.VALUE_TRUE ? 1 : 0;
        }
    }

    void finish(RolloutRecord record) throws BadRecord {
        RecordRules.require(has(Field.PROMPT), Field.PROMPT, map);
        RecordRules.require(has(Field.COMPLETION), Field.COMPLETION, map);
        if (!has(Field.REWARD)) {
            RecordRules.require(rewardMode == RewardMode.OPTIONAL, Field.REWARD, map);
            record.rewardNames = List.of();
        }
        RecordRules.finish(record, map);
    }

    private void rewards(JsonParser json, RolloutRecord record) throws IOException, BadRecord {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            record.rewards[0] = RecordRules.finite("reward", number("reward", json), shown(json));
            record.rewardNames = PLAIN;
            return;
        }
        List<String> names = new ArrayList<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            if (json.nextToken() == JsonToken.VALUE_NULL) {
                continue; // the reward of another task
            }
            if (names.size() == record.rewards.length) {
                record.rewards = Arrays.copyOf(record.rewards, 2 * names.size());
            }
            String field = "reward." + name;
            record.rewards[names.size()] = RecordRules.finite(field, number(field, json), shown(json));
            names.add(name);
        }
        if (names.isEmpty() && rewardMode == RewardMode.REQUIRED) {
            throw new BadRecord("reward", "{}", "it must be a number or an object of named numbers");
        }
        record.rewardNames = names;
    }

    private static void terms(TokenTerms terms, Field field, JsonParser json) throws IOException, BadRecord {
        array(field, json, "it must be an array of numbers");
        terms.begin();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() == JsonToken.VALUE_NULL) {
                throw terms.missing();
            }
            terms.add(logProbability(field, json), shown(json));
        }
    }

    private static void ids(JsonParser json, RolloutRecord record) throws IOException, BadRecord {
        array(Field.IDS, json, "it must be an array of token ids");
        record.ids.clear();
        record.hasIds = true;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            record.ids.add(RecordRules.id(number(Field.IDS.key(), json), shown(json)));
        }
    }

    private static void array(Field field, JsonParser json, String rule) throws IOException, BadRecord {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw new BadRecord(field.key(), shown(json), rule);
        }
    }

    private static void kept(JsonParser json, RolloutRecord record) throws IOException, BadRecord {
        record.thinned = true;
        if (json.currentToken() != JsonToken.START_OBJECT) {
            record.kept = RecordRules.kept(Field.KEPT.key(), number(Field.KEPT.key(), json), shown(json));
            return;
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            String field = Field.KEPT.key() + "." + name;
            json.nextToken();
            double value = RecordRules.kept(field, number(field, json), shown(json));
            switch (name) {
                case "prior" -> record.keptPrior = value;
                case "policy" -> record.keptPolicy = value;
                default -> throw new BadRecord(field, shown(json), "it names prior, policy or both");
            }
        }
    }

    private static double logProbability(Field field, JsonParser json) throws IOException, BadRecord {
        String shown = shown(json);
        boolean minusInfinity = (field == Field.LOGP_POLICY || field == Field.TOKEN_LOGP_POLICY)
                && json.currentToken() == JsonToken.VALUE_STRING
                && (shown.equalsIgnoreCase("-inf") || shown.equalsIgnoreCase("-infinity"));
        double value = minusInfinity ? Double.NEGATIVE_INFINITY : number(field.key(), json);
        return RecordRules.logProbability(field, value, shown);
    }

    private static double number(String field, JsonParser json) throws IOException, BadRecord {
        JsonToken token = json.currentToken();
        if (token != null && token.isNumeric()) {
            return json.getDoubleValue();
        }
        String found = token == JsonToken.VALUE_STRING ? '"' + shown(json) + '"' : shown(json);
        throw new BadRecord(field, found, "it must be a finite number" + otherwise(field, json));
    }

    /** How a value that is none becomes a number, a clause of the rule, or nothing. */
    private static String otherwise(String field, JsonParser json) throws IOException {
        JsonToken token = json.currentToken();
        if (token == JsonToken.START_ARRAY && field.startsWith("logp_p")) {
            return ", the sum over the tokens; an array of theirs is called token_" + field;
        }
        if (token == JsonToken.VALUE_STRING
                && DECIMAL.matcher(json.getText().strip()).matches()) {
            return ", without quotes";
        }
        return token != null && token.isBoolean() ? ": 1 or 0 for true or false" : "";
    }

    private static String text(Field field, JsonParser json) throws IOException, BadRecord {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw new BadRecord(field.key(), shown(json), "it must be a text");
        }
        return json.getText();
    }

    private static String textOrMessages(Field field, JsonParser json) throws IOException, BadRecord {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            return text(field, json);
        }
        return messages(field, TREES.readTree(json));
    }

    /** A text that is written as chat messages. */
    static String messages(Field field, JsonNode messages) throws BadRecord {
        try {
            return field == Field.PROMPT ? Messages.canonical(messages) : Messages.completion(messages);
        } catch (IllegalArgumentException e) {
            throw new BadRecord(field.key(), BadRecord.shown(messages.toString()), String.valueOf(e.getMessage()));
        }
    }

    /** A text, or where words are mapped also a number or a truth value. */
    private String word(Field field, JsonParser json) throws IOException, BadRecord {
        JsonToken token = json.currentToken();
        return map.values().maps(field) && token != null && token.isScalarValue() ? json.getText() : text(field, json);
    }

    private boolean cut(int rank, JsonParser json) throws IOException, BadRecord {
        JsonToken token = json.currentToken();
        boolean mapped = map.values().maps(Field.FINISHED);
        if (token != null && token.isBoolean() && !mapped) {
            boolean saysCut = EndWords.saysCut(map.path(Field.FINISHED, rank));
            return (token == JsonToken.VALUE_TRUE) == saysCut;
        }
        if (token != JsonToken.VALUE_STRING && !(mapped && token != null && token.isScalarValue())) {
            throw new BadRecord(Field.FINISHED.key(), shown(json), "it must be true or false, or a word for its end");
        }
        return map.cut(rank, json.getText());
    }

    private static String group(JsonParser json) throws IOException, BadRecord {
        JsonToken token = json.currentToken();
        if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NUMBER_INT) {
            throw new BadRecord(Field.GROUP.key(), shown(json), "it must be a text or a whole number");
        }
        return json.getText();
    }

    private static String shown(JsonParser json) throws IOException {
        JsonToken token = json.currentToken();
        if (token == JsonToken.START_OBJECT) {
            return "an object";
        }
        return token == JsonToken.START_ARRAY ? "an array" : BadRecord.shown(json.getText());
    }
}
