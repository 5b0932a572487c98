package dev.credence.data.rollouts;

import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rewards.ScoredText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** The record being read, as reward expressions see it. */
final class RecordText implements ScoredText {
    private final RolloutRecord record;
    private final List<String> extras;

    RecordText(RolloutRecord record, List<String> extras) {
        this.record = record;
        this.extras = extras;
    }

    /** The reward of the record. */
    double evaluate(RewardExpression expression) throws BadRecord {
        return evaluate(expression, this);
    }

    /** The reward of a text. */
    static double evaluate(RewardExpression expression, ScoredText text) throws BadRecord {
        try {
            return expression.evaluate(text);
        } catch (NoSuchElementException e) {
            throw new BadRecord(expression.toString(), "missing", String.valueOf(e.getMessage()));
        } catch (StackOverflowError e) {
            String found = "beyond the stack on a text of " + text.completion().length() + " characters";
            throw new BadRecord(expression.toString(), found, "a pattern must not repeat a group without bound");
        } catch (RuntimeException e) {
            throw new BadRecord(expression.toString(), e.toString(), "a reward is a number for every text");
        }
    }

    /** The record's text as it is now; its numbers are those that an expression reads. */
    ScoredText kept(RewardExpression expression) {
        Map<String, Double> numbers = new HashMap<>();
        for (String name : expression.fields()) {
            numbers.put(name, number(name));
        }
        return new Kept(prompt(), completion(), record.tokens, numbers);
    }

    private record Kept(String prompt, String completion, int count, Map<String, Double> numbers)
            implements ScoredText {
        @Override
        public int tokens() {
            return counted(count);
        }

        @Override
        public double field(String name) {
            return there(name, numbers.getOrDefault(name, Double.NaN));
        }
    }

    @Override
    public String prompt() {
        return record.promptText();
    }

    @Override
    public String completion() {
        return record.completionText();
    }

    @Override
    public int tokens() {
        return counted(record.tokens);
    }

    @Override
    public double field(String name) {
        return there(name, number(name));
    }

    /** NaN where the record has none. */
    private double number(String name) {
        int own = record.rewardNames.indexOf(name);
        return own >= 0 ? record.rewards[own] : record.extras[extras.indexOf(name)];
    }

    private static int counted(int tokens) {
        if (tokens < 0) {
            throw new NoSuchElementException("length counts tokens, and the record has none");
        }
        return tokens;
    }

    private static double there(String name, double value) {
        if (Double.isNaN(value)) {
            throw new NoSuchElementException("every record has a number named " + name);
        }
        return value;
    }
}
