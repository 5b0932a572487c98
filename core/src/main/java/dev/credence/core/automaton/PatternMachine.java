package dev.credence.core.automaton;

import dev.credence.core.automaton.Regex.At;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The subset construction for a pattern that may begin anywhere. A state is what was reached before the next character is
 * known, and what the last character was: edges of words and lines are decided when both sides are there.
 */
final class PatternMachine {
    private static final int STATES = 3000;
    private static final int FOUND = 0; // nothing more can change
    private static final int LOST = 1; // a character came of which the pattern's meaning is not followed

    private final ThompsonProgram program;
    private final Task task;
    private final Alphabet alphabet = new Alphabet();
    private final List<boolean[]> memberOf = new ArrayList<>(); // by set of the program: (classes)
    private final Map<CharacterSet, Integer> sets = new HashMap<>();
    private final Neighbour[] neighbour; // (classes)
    private final boolean[] lost; // (classes)
    private final Map<List<Integer>, Integer> ids = new HashMap<>();
    private final List<Places> states = new ArrayList<>();

    /** What is asked of the pattern. */
    enum Task {
        /** Whether it is found. */
        FIND,
        /** Whether it is found, where it is a text without half characters. */
        FIND_LITERAL,
        /** How often. */
        COUNT,
        /** How often at most. */
        COUNT_AT_MOST
    }

    /** A character as its neighbours see it; and what is there when there is none. */
    enum Neighbour {
        NONE,
        LINE_FEED,
        CARRIAGE_RETURN,
        OTHER_TERMINATOR,
        WORD,
        OTHER;

        boolean isTerminator() {
            return this == LINE_FEED || this == CARRIAGE_RETURN || this == OTHER_TERMINATOR;
        }
    }

    /**
     * A state.
     *
     * @param threads sorted; each a step of the program and, in its last digit, what must follow (see {@link Closure})
     * @param left the last character
     */
    record Places(int[] threads, Neighbour left) {
        List<Integer> key() {
            List<Integer> key = new ArrayList<>(IntStream.of(threads).boxed().toList());
            key.add(-1 - left.ordinal());
            return key;
        }
    }

    PatternMachine(RegexParser.Parsed parsed, Task task) {
        this.program = ThompsonProgram.of(parsed.regex());
        this.task = task;
        boolean counts = task == Task.COUNT || task == Task.COUNT_AT_MOST;
        if (counts && program.asks(At.LAST_LINE_END)) {
            throw new NotRegularException("is counted before a last line terminator");
        }
        List<BitSet> members = new ArrayList<>();
        for (CharacterSet set : program.sets()) {
            sets.put(set, members.size());
            members.add(set.members());
        }
        BitSet unfollowed = unfollowed(members);
        BitSet words = parsed.wordFlags() < 0 ? new BitSet() : EveryCharacter.words(parsed.wordFlags());
        members.forEach(alphabet::tellApart);
        alphabet.tellApart(unfollowed);
        alphabet.tellApart(words);
        if (program.asks(At.LINE_BEGIN, At.LINE_END, At.LAST_LINE_END)) {
            for (int terminator : new int[] {'\n', '\r', 0x85, 0x2028, 0x2029}) {
                alphabet.tellApart(only(terminator));
            }
        }
        members.forEach(set -> memberOf.add(alphabet.within(set)));
        this.lost = alphabet.within(unfollowed);
        this.neighbour = neighbours(words);
    }

    TextMachine build() {
        states.add(new Places(new int[0], Neighbour.OTHER)); // FOUND
        states.add(new Places(new int[0], Neighbour.OTHER)); // LOST
        idOf(new Places(new int[] {thread(program.start())}, Neighbour.NONE));
        int classes = alphabet.size();
        List<int[]> next = new ArrayList<>();
        List<double[]> gains = new ArrayList<>();
        List<Double> ends = new ArrayList<>();
        for (int state = 0; state < states.size(); state++) {
            int[] to = new int[classes];
            double[] gain = new double[classes];
            if (state <= LOST) {
                Arrays.fill(to, state);
            } else {
                for (int c = 0; c < classes; c++) {
                    read(states.get(state), c, to, gain);
                }
            }
            next.add(to);
            gains.add(gain);
            ends.add(state > LOST && closure(states.get(state), Neighbour.NONE).matched() ? 1.0 : 0.0);
        }
        return machine(next.toArray(int[][]::new), gains, ends);
    }

    private TextMachine machine(int[][] next, List<double[]> gains, List<Double> ends) {
        double[][] step = gains.toArray(double[][]::new);
        double[] end = ends.stream().mapToDouble(Double::doubleValue).toArray();
        double[][] mostStep = Arrays.stream(step).map(double[]::clone).toArray(double[][]::new);
        double[] mostEnd = end.clone();
        boolean counts = task == Task.COUNT || task == Task.COUNT_AT_MOST;
        mostEnd[LOST] = 1;
        if (counts) { // each further character may end one match, and the text another
            Arrays.fill(mostStep[LOST], 1);
            for (int state = LOST + 1; state < next.length; state++) {
                for (int c = 0; c < next[state].length; c++) {
                    mostStep[state][c] += next[state][c] == LOST ? 1 : 0;
                }
            }
        }
        if (task == Task.COUNT_AT_MOST) {
            step = new double[next.length][alphabet.size()];
            end = new double[next.length];
        }
        return new TextMachine(
                alphabet, LOST + 1, next, new TextMachine.Gains(step, end), new TextMachine.Gains(mostStep, mostEnd));
    }

    /** Reads a character: where to, and how much that adds. */
    private void read(Places from, int c, int[] to, double[] gain) {
        if (lost[c]) {
            to[c] = LOST;
            return;
        }
        Closure closure = closure(from, neighbour[c]);
        if (closure.matched()) {
            gain[c] = 1;
            if (task == Task.FIND || task == Task.FIND_LITERAL) {
                to[c] = FOUND;
                return;
            }
            closure = closure(new Places(new int[] {thread(program.start())}, from.left()), neighbour[c]);
        }
        to[c] = idOf(new Places(closure.read(c), neighbour[c]));
    }

    private int idOf(Places state) {
        Integer known = ids.get(state.key());
        if (known != null) {
            return known;
        }
        if (states.size() == STATES) {
            throw new NotRegularException("needs an automaton of more than " + STATES + " states");
        }
        states.add(state);
        ids.put(state.key(), states.size() - 1);
        return states.size() - 1;
    }

    private Closure closure(Places from, Neighbour right) {
        Closure closure = new Closure(from.left(), right);
        for (int thread : from.threads()) {
            closure.take(thread);
        }
        return closure;
    }

    private static int thread(int pc) {
        return pc * Closure.KINDS;
    }

    /**
     * What is reached without reading, where both neighbours are known. A thread that passed {@code $} before a character
     * owes: 1, nothing may follow it; 2, nothing or a line feed.
     */
    private final class Closure {
        static final int KINDS = 3;

        private final Neighbour left;
        private final Neighbour right;
        private final BitSet reached = new BitSet();

        Closure(Neighbour left, Neighbour right) {
            this.left = left;
            this.right = right;
        }

        /** Takes a thread of before; what it owed is settled, or owed after this character. */
        void take(int thread) {
            int owed = thread % KINDS;
            if (owed == 0 || right == Neighbour.NONE) {
                go(thread / KINDS, 0);
            } else if (owed == 2 && right == Neighbour.LINE_FEED) {
                go(thread / KINDS, 1);
            }
        }

        private void go(int pc, int owed) {
            int thread = pc * KINDS + owed;
            if (reached.get(thread)) {
                return;
            }
            reached.set(thread);
            ThompsonProgram.Step step = program.step(pc);
            if (step.set() != null || pc == ThompsonProgram.match()) {
                return;
            }
            int owes = step.at() == null ? owed : passes(step.at(), owed);
            if (owes >= 0) {
                go(step.first(), owes);
                if (step.second() >= 0) {
                    go(step.second(), owes);
                }
            }
        }

        /** What is owed after a place, or −1 where it is not one. */
        private int passes(At at, int owed) {
            boolean word = left == Neighbour.WORD ^ right == Neighbour.WORD;
            boolean inside = left == Neighbour.CARRIAGE_RETURN && right == Neighbour.LINE_FEED;
            boolean passes = switch (at) {
                case BEGIN -> left == Neighbour.NONE;
                case END -> right == Neighbour.NONE;
                case LINE_BEGIN ->
                    right != Neighbour.NONE && (left == Neighbour.NONE || left.isTerminator()) && !inside;
                case LINE_END, LAST_LINE_END -> right == Neighbour.NONE || (right.isTerminator() && !inside);
                case WORD_EDGE -> word;
                case NO_WORD_EDGE -> !word;
            };
            if (!passes || at != At.LAST_LINE_END || right == Neighbour.NONE) {
                return passes ? owed : -1;
            }
            return owed == 1 || right != Neighbour.CARRIAGE_RETURN ? 1 : 2;
        }

        boolean matched() {
            return reached.get(thread(ThompsonProgram.match()));
        }

        /** The threads after reading a character of a class, a fresh one at the next place among them. */
        int[] read(int c) {
            BitSet after = new BitSet();
            after.set(thread(program.start()));
            reached.stream().forEach(thread -> {
                ThompsonProgram.Step step = program.step(thread / KINDS);
                if (thread / KINDS == ThompsonProgram.match()) {
                    after.set(thread); // it owes, else the pattern was found
                } else if (step.set() != null && memberOf.get(Objects.requireNonNull(sets.get(step.set())))[c]) {
                    after.set(step.first() * KINDS + thread % KINDS);
                }
            });
            return after.stream().toArray();
        }
    }

    private static BitSet only(int codePoint) {
        BitSet only = new BitSet();
        only.set(codePoint);
        return only;
    }

    /**
     * Characters of which the pattern's meaning is not followed. {@code find()} may begin in the middle of a surrogate pair,
     * which matters where a set or a place tells such a half from the whole; and a combining mark is part of a word or not
     * by what is before it.
     */
    private BitSet unfollowed(List<BitSet> members) {
        BitSet unfollowed = new BitSet();
        boolean edges = program.asks(At.WORD_EDGE, At.NO_WORD_EDGE);
        boolean even = members.stream().allMatch(PatternMachine::allOrNoHalves);
        if (task != Task.FIND_LITERAL && (edges || !even)) {
            unfollowed.set(Character.MIN_SUPPLEMENTARY_CODE_POINT, Alphabet.CODE_POINTS);
        }
        if (edges) {
            unfollowed.or(EveryCharacter.marks());
        }
        return unfollowed;
    }

    private static boolean allOrNoHalves(BitSet set) {
        int supplementary = Alphabet.CODE_POINTS - Character.MIN_SUPPLEMENTARY_CODE_POINT;
        int halves =
                set.get(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1).cardinality();
        int whole = set.get(Character.MIN_SUPPLEMENTARY_CODE_POINT, Alphabet.CODE_POINTS)
                .cardinality();
        return (halves == 0 && whole == 0)
                || (halves == Character.MAX_SURROGATE + 1 - Character.MIN_SURROGATE && whole == supplementary);
    }

    private Neighbour[] neighbours(BitSet words) {
        Neighbour[] kinds = new Neighbour[alphabet.size()];
        Arrays.fill(kinds, Neighbour.OTHER);
        boolean[] word = alphabet.within(words);
        for (int c = 0; c < kinds.length; c++) {
            kinds[c] = word[c] ? Neighbour.WORD : Neighbour.OTHER;
        }
        if (program.asks(At.LINE_BEGIN, At.LINE_END, At.LAST_LINE_END)) {
            kinds[alphabet.of('\n')] = Neighbour.LINE_FEED;
            kinds[alphabet.of('\r')] = Neighbour.CARRIAGE_RETURN;
            for (int terminator : new int[] {0x85, 0x2028, 0x2029}) {
                kinds[alphabet.of(terminator)] = Neighbour.OTHER_TERMINATOR;
            }
        }
        return kinds;
    }
}
