package dev.credence.core.audit;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Whether a source's records are one sequence written several times over, as in a log that was put behind itself. Texts that
 * are few recur in any log; that they do so in one order does not happen. The chance that independent draws repeat a sequence
 * is at most the product of its texts' own shares, whatever they are drawn from (no distribution makes a sequence likelier
 * than its own frequencies do); a short sequence that goes round, as of a sampler that takes turns, has hardly any.
 */
final class WrittenAgain implements Serializable {
    private double unlikely; // minus the log of the chance, nats
    private boolean holds = true; // of every prompt with records of the source
    private long records;

    /** Of one prompt's records of a source, in the order in which they were written. */
    static WrittenAgain of(int[] textOf, byte[] stratum, int source, int texts) {
        int[] sequence = new int[textOf.length];
        int n = 0;
        for (int i = 0; i < textOf.length; i++) {
            if (stratum[i] == source) {
                sequence[n++] = textOf[i];
            }
        }
        WrittenAgain own = new WrittenAgain();
        own.records = n;
        int length = n == 0 ? 0 : period(sequence, n);
        own.holds = n == 0 || length < n;
        own.unlikely = own.holds ? information(sequence, length, texts) : 0;
        return own;
    }

    /** The length of the shortest beginning of which n numbers are whole repetitions; n where there is none. */
    private static int period(int[] sequence, int n) {
        int[] border = new int[n]; // of every beginning, the longest that is its end too (Knuth, Morris and Pratt 1977)
        for (int i = 1; i < n; i++) {
            int k = border[i - 1];
            while (k > 0 && sequence[i] != sequence[k]) {
                k = border[k - 1];
            }
            border[i] = sequence[i] == sequence[k] ? k + 1 : 0;
        }
        int shortest = n - border[n - 1];
        return n % shortest == 0 ? shortest : n;
    }

    /** Length times the entropy of the first so many texts' own shares, nats. */
    private static double information(int[] sequence, int length, int texts) {
        int[] counts = new int[texts];
        for (int i = 0; i < length; i++) {
            counts[sequence[i]]++;
        }
        return Arrays.stream(counts)
                .filter(count -> count > 0)
                .mapToDouble(count -> count * Math.log((double) length / count))
                .sum();
    }

    void add(WrittenAgain other) {
        unlikely += other.unlikely;
        holds &= other.holds;
        records += other.records;
    }

    /** Whether every prompt's records are such repetitions, and chance does not do that. */
    boolean isCertain(double nats) {
        return holds && unlikely >= nats;
    }

    long records() {
        return records;
    }
}
