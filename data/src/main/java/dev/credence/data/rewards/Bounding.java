package dev.credence.data.rewards;

import dev.credence.core.automaton.NotRegularException;
import dev.credence.core.automaton.PrefixBounds;
import dev.credence.core.automaton.TextMachine;
import dev.credence.core.automaton.TokenMachine;
import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.automaton.ValueBounds;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** With what a reward's terms bound themselves, and why some cannot. */
final class Bounding {
    private final TokenTexts texts;
    private final int horizon;
    private final List<String> reasons = new ArrayList<>();

    Bounding(TokenTexts texts, int horizon) {
        this.texts = texts;
        this.horizon = horizon;
    }

    /** By an automaton, or, where there is none, by what is always true of the term. */
    PrefixBounds automaton(RewardTerm term, ValueBounds always, Supplier<TextMachine> machine) {
        try {
            return new TokenMachine(machine.get(), texts, horizon);
        } catch (NotRegularException e) {
            return constant(term + ": the pattern " + e.getMessage(), always);
        }
    }

    /** Without an automaton. */
    PrefixBounds constant(String reason, ValueBounds always) {
        reasons.add(reason);
        return (tokens, length) -> always;
    }

    /** The number of tokens: at least one more, unless only the horizon ends a text. */
    PrefixBounds length() {
        boolean ends = texts.ends();
        return (tokens, length) -> new ValueBounds(ends ? length + 1 : horizon, horizon);
    }

    List<String> reasons() {
        return List.copyOf(reasons);
    }
}
