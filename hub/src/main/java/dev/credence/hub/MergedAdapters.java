package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The adapters that were merged into a checkpoint's weights, by the SHA-256 of their numbers: one of them on top again would
 * count twice, and the checkpoint is not the model that it was trained against.
 *
 * @param hashes in the order they were merged
 */
record MergedAdapters(List<String> hashes) {
    private static final String NAME = "merged_adapters.json";

    static MergedAdapters in(Path folder) {
        Path file = folder.resolve(NAME);
        List<String> hashes = new ArrayList<>();
        if (Files.isRegularFile(file)) {
            for (JsonNode hash : JsonFile.read(file).root().path("sha256")) {
                hashes.add(hash.asText());
            }
        }
        return new MergedAdapters(hashes);
    }

    boolean holds(Adapter adapter) {
        return !hashes.isEmpty() && hashes.contains(hash(adapter.weights()));
    }

    /** Writes that one more is merged. */
    void write(Adapter more, Path folder) {
        List<String> all = new ArrayList<>(hashes);
        all.add(hash(more.weights()));
        try {
            Files.write(
                    folder.resolve(NAME),
                    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(Map.of("sha256", all)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder, e);
        }
    }

    private static String hash(Path file) {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream hashed = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            hashed.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(hashed.getMessageDigest().digest());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
