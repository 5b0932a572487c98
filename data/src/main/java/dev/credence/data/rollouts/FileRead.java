package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was read of one file of a log that is read in pieces.
 *
 * @param facts what there is to say of the file as a whole
 * @param parts its records, a part a step; empty where the file broke a rule
 * @serial exclude
 */
public record FileRead(Facts facts, List<LogPart> parts) implements Serializable {
    /**
     * What there is to say of a file.
     *
     * @param name as the user gave it
     * @param number in the log, from 0
     * @param bytes as stored
     * @param sha256 of these
     * @param records that were read
     * @param line of the first of them
     * @param rewards names of its own rewards, as its first record has them
     * @param skipped records that broke a rule and were left out
     * @param first what was wrong with the first of them
     * @param unweighted records of other sources without {@code logp_source}, left out
     * @param oddities what was read otherwise than it is written
     * @param broken the rule that the file broke, or null
     * @serial exclude
     */
    public record Facts(
            String name,
            int number,
            long bytes,
            String sha256,
            long records,
            long line,
            List<String> rewards,
            long skipped,
            List<String> first,
            long unweighted,
            Oddities oddities,
            @Nullable InputException broken)
            implements Serializable {
        static Facts broken(String name, int number, InputException rule) {
            Oddities none = new Oddities(0, "", "", Map.of());
            return new Facts(name, number, 0, "", 0, 0, List.of(), 0, List.of(), 0, none, rule);
        }

        /** {@return what the provenance says of it} */
        public Provenance.Input input() {
            return new Provenance.Input(name, bytes, sha256, records);
        }
    }

    /**
     * What was read otherwise than it is written.
     *
     * @param sentinels numbers in the place of −∞
     * @param firstSentinel the first, in words, or empty
     * @param leftOut the source of the first record that was left out for want of {@code logp_source}, or empty
     * @param missing rewards that a record lacks, and where the first one does
     * @serial exclude
     */
    public record Oddities(long sentinels, String firstSentinel, String leftOut, Map<String, String> missing)
            implements Serializable {}
}
