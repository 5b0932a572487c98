package dev.credence.data.corpora;

import dev.credence.core.model.Continuation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Documents as token sequences to learn: each document stands between end tokens, the first of which is given and never
 * scored. No sequence holds tokens of two documents, so nothing can be attended to across them.
 *
 * @param train sequences to learn
 * @param validation sequences held out, whole documents at a time
 */
public record Sequences(List<Continuation> train, List<Continuation> validation) {
    /**
     * Copies the lists.
     *
     * @param train as above
     * @param validation as above
     */
    public Sequences {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
    }

    /** What becomes of a document that is longer than a sequence. */
    public enum Overlong {
        /** It goes on in further sequences, each given the last token of the one before: every token is scored once. */
        SPLIT,
        /** Its rest is dropped. */
        CUT
    }

    /**
     * How documents become sequences.
     *
     * @param end the end token
     * @param length tokens of a sequence at most, its given first one included; at least 2
     * @param longOnes what becomes of longer documents
     * @param validation share of the documents held out, in [0, 1)
     */
    public record Rules(int end, int length, Overlong longOnes, double validation) {
        /**
         * Checks the numbers.
         *
         * @param end as above
         * @param length as above
         * @param longOnes as above
         * @param validation as above
         * @throws IllegalArgumentException naming the number, its value and the rule
         */
        public Rules {
            if (!(length >= 2)) {
                throw new IllegalArgumentException("length is " + length + "; it must be 2 or more");
            }
            if (!(validation >= 0 && validation < 1)) {
                throw new IllegalArgumentException("validation is " + validation + "; it must be in [0, 1)");
            }
        }
    }

    /**
     * Tokenises a corpus.
     *
     * @param corpus documents
     * @param tokenizer from a text to its ids, no end added
     * @param rules how they become sequences
     * @param seed decides which documents are held out
     * @return at least one sequence to learn
     */
    public static Sequences of(Corpus corpus, Function<String, int[]> tokenizer, Rules rules, long seed) {
        boolean[] held = heldOut(corpus.documents().size(), rules.validation(), seed);
        List<Continuation> train = new ArrayList<>();
        List<Continuation> validation = new ArrayList<>();
        for (int i = 0; i < held.length; i++) {
            int[] ids = tokenizer.apply(corpus.documents().get(i));
            add(wrapped(ids, rules.end()), rules, held[i] ? validation : train);
        }
        return new Sequences(train, validation);
    }

    /**
     * How many tokens are scored.
     *
     * @param sequences of train or validation
     * @return their sum
     */
    public static long tokens(List<Continuation> sequences) {
        return sequences.stream().mapToLong(each -> each.tokens().length).sum();
    }

    private static int[] wrapped(int[] ids, int end) {
        int[] document = new int[ids.length + 2];
        document[0] = end;
        System.arraycopy(ids, 0, document, 1, ids.length);
        document[ids.length + 1] = end;
        return document;
    }

    private static void add(int[] document, Rules rules, List<Continuation> into) {
        int last = rules.longOnes() == Overlong.CUT ? 1 : document.length - 1;
        for (int from = 0; from < last; from += rules.length() - 1) {
            int to = Math.min(document.length, from + rules.length());
            into.add(new Continuation(new int[] {document[from]}, Arrays.copyOfRange(document, from + 1, to)));
        }
    }

    /** The wanted share, rounded down, so that something is always left to learn. */
    private static boolean[] heldOut(int documents, double share, long seed) {
        int[] order = BatchOrder.permutation(documents, new SplittableRandom(seed).split());
        boolean[] held = new boolean[documents];
        for (int i = 0; i < (int) (share * documents); i++) {
            held[order[i]] = true;
        }
        return held;
    }
}
