package dev.credence.data.rollouts;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the values of a record's fields from Jackson's tokens, and checks them. */
final class RecordFields {
    /** Name of a reward that is a plain number. */
    private static final List<String> PLAIN = List.of("reward");

    private static final int UNREAD = Integer.MAX_VALUE;

    private final FieldMap map;
    private final RewardMode rewardMode;
    private final TextTable sources;
    private final TextTable groups;

    /** Rank of the place that each field was read from. */
    private final int[] ranks = new int[Field.values().length];

    private double priorSum;
    private double policySum;
    private int policyTerms;

    RecordFields(FieldMap map, RewardMode rewardMode, TextTable sources, TextTable groups) {
        this.map = map;
        this.rewardMode = rewardMode;
        this.sources = sources;
        this.groups = groups;
    }

    void begin() {
        Arrays.fill(ranks, UNREAD);
        priorSum = Double.NaN;
        policySum = Double.NaN;
        policyTerms = RolloutRecord.NONE;
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

    void read(Field field, JsonParser json, RolloutRecord record) throws IOException, BadRecord {
        switch (field) {
            case PROMPT -> record.prompt = text(field, json);
            case COMPLETION -> record.completion = text(field, json);
            case REWARD -> rewards(json, record);
            case LOGP_PRIOR -> record.logPrior = logProbability(field, json);
            case LOGP_POLICY -> record.logPolicy = logProbability(field, json);
            case LOGP_SOURCE -> record.logSource = logProbability(field, json);
            case SOURCE -> record.source = sources.number(text(field, json));
            case TOKENS -> record.tokens = RecordRules.tokens(number(field.key(), json), shown(json));
            case FINISHED -> record.cut = !truth(field, json);
            case GROUP -> record.group = groups.number(group(json));
            case STEP -> {
                record.step = RecordRules.step(number(field.key(), json), shown(json));
                record.hasStep = true;
            }
            case SPLIT -> record.heldOut = RecordRules.heldOut(text(field, json));
            case PROMPT_WEIGHT -> record.weight = RecordRules.weight(number(field.key(), json), shown(json));
            case KL_TOKENS -> record.klTokens = RecordRules.divergence(number(field.key(), json), shown(json));
            case TOKEN_LOGP_PRIOR -> priorSum = sum(field, json);
            case TOKEN_LOGP_POLICY -> policySum = sum(field, json);
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
        if (Double.isNaN(record.logPrior)) {
            record.logPrior = priorSum;
        }
        if (Double.isNaN(record.logPolicy)) {
            record.logPolicy = policySum;
        }
        if (record.tokens == RolloutRecord.NONE) {
            record.tokens = policyTerms;
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
            json.nextToken();
            if (names.size() == record.rewards.length) {
                record.rewards = Arrays.copyOf(record.rewards, 2 * names.size());
            }
            String field = "reward." + name;
            record.rewards[names.size()] = RecordRules.finite(field, number(field, json), shown(json));
            names.add(name);
        }
        if (names.isEmpty()) {
            throw new BadRecord("reward", "{}", "it must be a number or an object of named numbers");
        }
        record.rewardNames = names;
    }

    private double sum(Field field, JsonParser json) throws IOException, BadRecord {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw new BadRecord(field.key(), shown(json), "it must be an array of numbers");
        }
        double sum = 0;
        int terms = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            sum += RecordRules.logProbability(field, number(field.key(), json), shown(json));
            terms++;
        }
        if (field == Field.TOKEN_LOGP_POLICY) {
            policyTerms = terms;
        }
        return sum;
    }

    private static double logProbability(Field field, JsonParser json) throws IOException, BadRecord {
        String shown = shown(json);
        boolean minusInfinity = field == Field.LOGP_POLICY
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
        throw new BadRecord(field, found, "it must be a finite number");
    }

    private static String text(Field field, JsonParser json) throws IOException, BadRecord {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw new BadRecord(field.key(), shown(json), "it must be a text");
        }
        return json.getText();
    }

    private static boolean truth(Field field, JsonParser json) throws IOException, BadRecord {
        JsonToken token = json.currentToken();
        if (token == null || !token.isBoolean()) {
            throw new BadRecord(field.key(), shown(json), "it must be true or false");
        }
        return token == JsonToken.VALUE_TRUE;
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
