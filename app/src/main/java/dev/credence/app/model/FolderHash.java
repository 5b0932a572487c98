package dev.credence.app.model;

import dev.credence.core.provenance.Provenance;
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
import java.util.stream.Stream;

/** Sizes and hashes of the files that decide what a model computes, read as streams since weights may be large. */
final class FolderHash {
    private FolderHash() {}

    static List<Provenance.Input> of(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Provenance.Input> inputs = new ArrayList<>();
            for (Path file : files.filter(FolderHash::decides).sorted().toList()) {
                inputs.add(file(file));
            }
            return inputs;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder + ": " + e.getMessage(), e);
        }
    }

    static Provenance.Input file(Path file) {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream hashed = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            long bytes = hashed.transferTo(OutputStream.nullOutputStream());
            String hash = HexFormat.of().formatHex(hashed.getMessageDigest().digest());
            return new Provenance.Input(file.toString(), bytes, hash);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    private static boolean decides(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".safetensors")
                || name.equals("config.json")
                || name.equals("adapter_config.json")
                || name.equals("generation_config.json")
                || name.equals("tokenizer.json")
                || name.equals("tokenizer_config.json");
    }
}
