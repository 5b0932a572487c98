package dev.credence.data.rollouts;

import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rewards.ScoredText;
import java.util.List;
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
        try {
            return expression.evaluate(this);
        } catch (NoSuchElementException e) {
            throw new BadRecord(expression.toString(), "missing", String.valueOf(e.getMessage()));
        } catch (StackOverflowError e) {
            String found = "beyond the stack on a text of " + completion().length() + " characters";
            throw new BadRecord(expression.toString(), found, "a pattern must not repeat a group without bound");
        } catch (RuntimeException e) {
            throw new BadRecord(expression.toString(), e.toString(), "a reward is a number for every text");
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
        if (record.tokens < 0) {
            throw new NoSuchElementException("length counts tokens, and the record has none");
        }
        return record.tokens;
    }

    @Override
    public double field(String name) {
        int own = record.rewardNames.indexOf(name);
        double value = own >= 0 ? record.rewards[own] : record.extras[extras.indexOf(name)];
        if (Double.isNaN(value)) {
            throw new NoSuchElementException("every record has a number named " + name);
        }
        return value;
    }
}
