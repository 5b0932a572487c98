package dev.credence.lab.models;

import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.FileHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Sizes and hashes of the files that decide what a model computes, read as streams since weights may be large. */
public final class FolderHash {
    private FolderHash() {}

    /**
     * The files of a checkpoint folder that decide.
     *
     * @param folder with them
     * @return by name
     */
    public static List<Provenance.Input> of(Path folder) {
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

    /**
     * One file.
     *
     * @param file its path
     * @return its name and hash
     */
    public static Provenance.Input file(Path file) {
        try {
            return FileHash.of(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
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
