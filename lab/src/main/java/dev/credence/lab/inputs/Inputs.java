package dev.credence.lab.inputs;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names, sizes and hashes of small inputs, which are read whole. */
public final class Inputs {
    private Inputs() {}

    /**
     * A file.
     *
     * @param file its place
     * @return its name, size and hash
     * @throws InputException if there is none
     */
    public static Provenance.Input of(Path file) {
        try {
            return of(file.toString(), Files.readAllBytes(file));
        } catch (java.nio.file.NoSuchFileException e) {
            throw new InputException(file.toString(), 0, "", "no such file", "an input is there to be read");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * A text.
     *
     * @param name what to call it
     * @param text the whole of it, hashed as UTF-8
     * @return its name, size and hash
     */
    public static Provenance.Input of(String name, String text) {
        return of(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static Provenance.Input of(String name, byte[] bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Provenance.Input(name, bytes.length, HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
