package dev.credence.core.provenance;

import java.util.List;
import java.util.Map;

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
     */
    public record Input(String name, long bytes, String sha256) {}
}
