package dev.credence.core.automaton;

import dev.credence.core.automaton.Regex.At;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression as a nondeterministic machine (Thompson 1968): steps that read a character, ask about the place, or
 * go two ways; the last one is the match.
 */
final class ThompsonProgram {
    private static final int LONGEST = 4000;

    private final List<Step> steps = new ArrayList<>();

    /**
     * One step.
     *
     * @param set the character to read, or null
     * @param at what is asked of the place, or null
     * @param first where to go on
     * @param second where else, or −1
     */
    record Step(@Nullable CharacterSet set, @Nullable At at, int first, int second) {}

    private ThompsonProgram() {}

    static ThompsonProgram of(Regex regex) {
        ThompsonProgram program = new ThompsonProgram();
        int match = program.add(new Step(null, null, -1, -1));
        program.add(new Step(null, null, program.before(regex, match), -1)); // the start is the last one added
        return program;
    }

    int start() {
        return steps.size() - 1;
    }

    static int match() {
        return 0;
    }

    Step step(int pc) {
        return steps.get(pc);
    }

    /** The sets that it reads, in order of their steps. */
    List<CharacterSet> sets() {
        List<CharacterSet> sets = new ArrayList<>();
        for (Step step : steps) {
            if (step.set() != null) {
                sets.add(step.set());
            }
        }
        return sets.stream().distinct().toList();
    }

    boolean asks(At... places) {
        List<At> asked = List.of(places);
        return steps.stream().anyMatch(step -> step.at() != null && asked.contains(Objects.requireNonNull(step.at())));
    }

    /** Adds what reads an expression and goes on at a step; returns where it begins. */
    private int before(Regex regex, int next) {
        if (regex instanceof Regex.One one) {
            return add(new Step(one.set(), null, next, -1));
        } else if (regex instanceof Regex.Place place) {
            return add(new Step(null, place.at(), next, -1));
        } else if (regex instanceof Regex.Sequence sequence) {
            int begin = next;
            for (int i = sequence.parts().size() - 1; i >= 0; i--) {
                begin = before(sequence.parts().get(i), begin);
            }
            return begin;
        } else if (regex instanceof Regex.Choice choice) {
            int begin = -1;
            for (Regex option : choice.options()) {
                int other = before(option, next);
                begin = begin < 0 ? other : add(new Step(null, null, other, begin));
            }
            return begin;
        }
        return repeated((Regex.Repeat) regex, next);
    }

    private int repeated(Regex.Repeat repeat, int next) {
        int begin = next;
        if (repeat.most() < 0) {
            int fork = add(new Step(null, null, next, -1));
            int body = before(repeat.part(), fork);
            steps.set(fork, new Step(null, null, next, body));
            begin = fork;
        } else {
            for (int i = repeat.least(); i < repeat.most(); i++) {
                begin = add(new Step(null, null, before(repeat.part(), begin), next));
            }
        }
        for (int i = 0; i < repeat.least(); i++) {
            begin = before(repeat.part(), begin);
        }
        return begin;
    }

    private int add(Step step) {
        if (steps.size() == LONGEST) {
            throw new NotRegularException("is longer than " + LONGEST + " steps when its repetitions are written out");
        }
        steps.add(step);
        return steps.size() - 1;
    }
}
