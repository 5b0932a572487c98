package dev.credence.core.automaton;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Words with weights as a trie that is entered anew behind every character that is none of a word. */
final class WordMachine {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz'";
    private static final int BETWEEN = 0;
    private static final int OTHER_WORD = 1; // in a word that is not in the list

    private final List<int[]> children = new ArrayList<>(); // (states, letters)
    private final List<Double> weights = new ArrayList<>(); // (states) of the word that ends there

    private WordMachine() {}

    static TextMachine of(Map<String, Double> weights) {
        WordMachine machine = new WordMachine();
        machine.add(OTHER_WORD);
        machine.add(OTHER_WORD);
        weights.forEach(machine::addWord);
        return machine.build();
    }

    private int add(int otherwise) {
        int[] to = new int[LETTERS.length()];
        Arrays.fill(to, otherwise);
        children.add(to);
        weights.add(0.0);
        return weights.size() - 1;
    }

    private void addWord(String word, double weight) {
        int state = BETWEEN;
        for (int i = 0; i < word.length(); i++) {
            int letter = LETTERS.indexOf(word.charAt(i));
            if (letter < 0) {
                throw new IllegalArgumentException("word is " + word + "; its letters are a to z and '");
            }
            int to = children.get(state)[letter];
            if (to == OTHER_WORD) {
                to = add(OTHER_WORD);
                children.get(state)[letter] = to;
            }
            state = to;
        }
        weights.set(state, weight);
    }

    private TextMachine build() {
        Alphabet alphabet = new Alphabet();
        List<String> lower = new ArrayList<>();
        List<Integer> examples = new ArrayList<>();
        for (int k = 0; k < LETTERS.length(); k++) {
            String letter = LETTERS.substring(k, k + 1);
            BitSet same = Cases.OF.get(k);
            alphabet.tellApart(same);
            lower.add(letter);
            examples.add(same.nextSetBit(0));
        }
        BitSet dotted = new BitSet();
        dotted.set('\u0130'); // an I with a dot becomes an i and a combining dot
        alphabet.tellApart(dotted);
        lower.add("i\u0307");
        examples.add(0x130);
        int classes = alphabet.size();
        int[][] next = new int[children.size()][classes];
        double[][] gains = new double[children.size()][classes];
        for (int state = 0; state < next.length; state++) {
            Arrays.fill(gains[state], weights.get(state)); // the word ends
            for (int i = 0; i < lower.size(); i++) {
                int c = alphabet.of(examples.get(i));
                gains[state][c] = 0;
                int to = state;
                for (int k = 0; k < lower.get(i).length(); k++) {
                    int letter = LETTERS.indexOf(lower.get(i).charAt(k));
                    gains[state][c] += letter < 0 ? weights.get(to) : 0;
                    to = letter < 0 ? BETWEEN : children.get(to)[letter];
                }
                next[state][c] = to;
            }
        }
        double[] ends = weights.stream().mapToDouble(Double::doubleValue).toArray();
        TextMachine.Gains all = new TextMachine.Gains(gains, ends);
        return new TextMachine(alphabet, BETWEEN, next, all, all);
    }

    /** Characters by the letter that they are in lower case; they take a tenth of a second to find, once. */
    private static final class Cases {
        static final List<BitSet> OF = of(); // (letters)

        private static List<BitSet> of() {
            List<BitSet> cases = new ArrayList<>();
            LETTERS.chars().forEach(letter -> cases.add(new BitSet()));
            for (int c = 0; c < Alphabet.CODE_POINTS; c++) {
                String lower = Character.toString(c).toLowerCase(Locale.ROOT);
                int letter = lower.length() == 1 ? LETTERS.indexOf(lower) : -1;
                if (letter >= 0) {
                    cases.get(letter).set(c);
                }
            }
            return List.copyOf(cases);
        }
    }
}
