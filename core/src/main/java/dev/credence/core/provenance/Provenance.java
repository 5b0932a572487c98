package dev.credence.core.provenance;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a result came from.
 *
 * @param version Credence's version
 * @param command what was asked, as the user would type it
 * @param seed seed of all randomness
 * @param settings option to value, in the order they print
 * @param inputs the files read
 */
public record Provenance(String version, String command, long seed, Map<String, String> settings, List<Input> inputs) {
    /**
     * One input.
     *
     * @param name the file's name as given ({@code -} for standard input, {@code builtin:…} for a resource)
     * @param bytes its size
     * @param sha256 hexadecimal hash of the bytes as stored
     * @param records how many records were taken from it, or null where it holds none
     * @param origins where tuning data's records say that they come from; none of what is no such data
     */
    public record Input(
            String name,
            long bytes,
            String sha256,
            @Nullable Long records,
            RecordOrigins origins) {
        /**
         * An input that is no tuning data.
         *
         * @param name as above
         * @param bytes as above
         * @param sha256 as above
         * @param records as above
         */
        public Input(String name, long bytes, String sha256, @Nullable Long records) {
            this(name, bytes, sha256, records, RecordOrigins.NONE);
        }

        /**
         * An input that is no log of records.
         *
         * @param name as above
         * @param bytes as above
         * @param sha256 as above
         */
        public Input(String name, long bytes, String sha256) {
            this(name, bytes, sha256, null);
        }

        /**
         * The same input, its records counted.
         *
         * @param count how many were taken from it
         * @return the input
         */
        public Input withRecords(long count) {
            return new Input(name, bytes, sha256, count, origins);
        }

        /**
         * The same input as tuning data.
         *
         * @param stated where its records come from
         * @return the input, its records counted
         */
        public Input withOrigins(RecordOrigins stated) {
            return new Input(name, bytes, sha256, stated.records(), stated);
        }
    }
}
