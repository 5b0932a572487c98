package dev.credence.core.automaton;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A machine on characters as one on tokens: where each token leads from each state is computed once, at the level of bytes,
 * so that a token may begin or end inside a character. What the tokens that are left can add at least and at most is known
 * for each state and number of them.
 */
public final class TokenMachine implements PrefixBounds {
    private static final long CELLS = 1L << 24; // states times tokens at most

    private final TextMachine machine;
    private final Utf8Classes utf8;
    private final TokenTexts texts;
    private final Map<Long, Integer> ids = new HashMap<>();
    private final List<long[]> states = new ArrayList<>(); // state of the machine, state within a character
    private final List<int[]> next = new ArrayList<>(); // (states, V)
    private final List<double[]> least = new ArrayList<>(); // (states, V) added by a token
    private final List<double[]> most = new ArrayList<>();
    private final double[][] leastLeft; // (tokens left, states) added from here on
    private final double[][] mostLeft;

    /**
     * A machine on tokens.
     *
     * @param machine on characters
     * @param texts what each token adds
     * @param horizon tokens after which a text is cut
     * @throws NotRegularException if it has too many states for so many tokens
     */
    public TokenMachine(TextMachine machine, TokenTexts texts, int horizon) {
        this.machine = machine;
        this.utf8 = new Utf8Classes(machine);
        this.texts = texts;
        idOf(machine.start(), Utf8Classes.ROOT);
        for (int state = 0; state < states.size(); state++) {
            step(state);
        }
        leastLeft = new double[horizon + 1][];
        mostLeft = new double[horizon + 1][];
        for (int left = 0; left <= horizon; left++) {
            leastLeft[left] = left(left, false);
            mostLeft[left] = left(left, true);
        }
    }

    @Override
    public ValueBounds of(int[] tokens, int length) {
        int state = 0;
        double low = 0;
        double high = 0;
        for (int i = 0; i < length; i++) {
            low += least.get(state)[tokens[i]];
            high += most.get(state)[tokens[i]];
            state = next.get(state)[tokens[i]];
        }
        int left = leastLeft.length - 1 - length;
        return new ValueBounds(low + leastLeft[left][state], high + mostLeft[left][state]);
    }

    /** {@return the number of states that tokens lead to} */
    public int size() {
        return states.size();
    }

    private int idOf(int of, int within) {
        long key = (long) of << 32 | within;
        Integer known = ids.get(key);
        if (known != null) {
            return known;
        }
        if ((states.size() + 1L) * texts.size() > CELLS) {
            throw new NotRegularException(
                    "needs an automaton of more than " + states.size() + " states on " + texts.size() + " tokens");
        }
        states.add(new long[] {of, within});
        ids.put(key, states.size() - 1);
        return states.size() - 1;
    }

    private void step(int state) {
        int[] to = new int[texts.size()];
        double[] low = new double[texts.size()];
        double[] high = new double[texts.size()];
        for (int token = 0; token < to.length; token++) {
            byte[] piece = texts.of(token);
            if (piece == null) {
                to[token] = -1;
                continue;
            }
            Reader reader = new Reader(states.get(state));
            for (byte b : piece) {
                reader.take(b & 0xFF);
            }
            to[token] = idOf(reader.state, reader.within);
            low[token] = reader.low;
            high[token] = reader.high;
        }
        next.add(to);
        least.add(low);
        most.add(high);
    }

    /** (states) what at most, or at least, is added from here on by so many tokens or fewer. */
    private double[] left(int tokens, boolean isMost) {
        double[] best = new double[states.size()];
        for (int state = 0; state < best.length; state++) {
            double end = new Reader(states.get(state)).end(isMost);
            boolean mayEnd = texts.ends() || tokens == 0;
            double sign = isMost ? 1 : -1;
            double found = mayEnd ? sign * end : Double.NEGATIVE_INFINITY;
            if (tokens > 0) {
                double[] after = isMost ? mostLeft[tokens - 1] : leastLeft[tokens - 1];
                double[] gains = isMost ? most.get(state) : least.get(state);
                int[] to = next.get(state);
                for (int token = 0; token < to.length; token++) {
                    if (to[token] >= 0) {
                        found = Math.max(found, sign * (gains[token] + after[to[token]]));
                    }
                }
            }
            best[state] = sign * found;
        }
        return best;
    }

    /** Reads bytes from a state on. */
    private final class Reader {
        private int state;
        private int within;
        private double low;
        private double high;

        Reader(long[] from) {
            state = (int) from[0];
            within = (int) from[1];
        }

        void take(int b) {
            if (utf8.next(within, b) < 0 && within != Utf8Classes.ROOT) {
                read(utf8.replacement()); // what was begun is no character; the byte begins anew
                within = Utf8Classes.ROOT;
            }
            int to = utf8.next(within, b);
            if (to < 0) {
                read(utf8.replacement());
                return;
            }
            int character = utf8.read(within, b);
            if (character >= 0) {
                read(character);
            }
            within = to;
        }

        private void read(int character) {
            low += machine.least().step()[state][character];
            high += machine.most().step()[state][character];
            state = machine.next(state, character);
        }

        double end(boolean isMost) {
            if (within != Utf8Classes.ROOT) {
                read(utf8.replacement());
            }
            return isMost
                    ? high + machine.most().end()[state]
                    : low + machine.least().end()[state];
        }
    }
}
