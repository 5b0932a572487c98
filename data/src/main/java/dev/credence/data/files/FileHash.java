package dev.credence.data.files;

import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Hashes of files, read as streams since they may be large. */
public final class FileHash {
    private FileHash() {}

    /**
     * Name, size and hash of a file.
     *
     * @param file to be hashed
     * @return as a result's provenance names it
     * @throws IOException if it cannot be read
     * @throws dev.credence.core.provenance.InputException if it is changed meanwhile
     */
    public static Provenance.Input of(Path file) throws IOException {
        FileStamp stamp = FileStamp.of(file.toString(), file);
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream hashed = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            long bytes = hashed.transferTo(OutputStream.nullOutputStream());
            stamp.check();
            String hash = HexFormat.of().formatHex(hashed.getMessageDigest().digest());
            return new Provenance.Input(file.toString(), bytes, hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
