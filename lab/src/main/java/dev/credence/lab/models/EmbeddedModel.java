package dev.credence.lab.models;

import dev.credence.core.provenance.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The small language model that ships with Credence, unpacked as a checkpoint folder for as long as this is open. */
public final class EmbeddedModel implements AutoCloseable {
    /** Its name, and that of its folder. */
    public static final String NAME = "plays-small";

    private static final String[] FILES = {
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"
    };

    private final Path parent;
    private final Path folder;

    private EmbeddedModel(Path parent, Path folder) {
        this.parent = parent;
        this.folder = folder;
    }

    /**
     * Unpacks it into a temporary folder.
     *
     * @return the model's files; closing deletes them
     * @throws IOException if they cannot be written
     */
    public static EmbeddedModel unpack() throws IOException {
        Path parent = Files.createTempDirectory("credence-model");
        EmbeddedModel model = new EmbeddedModel(parent, Files.createDirectory(parent.resolve(NAME)));
        parent.toFile().deleteOnExit(); // where a signal ends the process; what is registered last goes first
        model.folder.toFile().deleteOnExit();
        try {
            for (String file : FILES) {
                model.folder.resolve(file).toFile().deleteOnExit();
                unpack(file, model.folder.resolve(file));
            }
            return model;
        } catch (IOException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static void unpack(String file, Path target) throws IOException {
        String resource = "/dev/credence/lab/models/" + NAME + "/" + file;
        try (InputStream in = EmbeddedModel.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("resource " + resource + " is not in this build");
            }
            Files.copy(in, target);
        } catch (FileSystemException e) {
            throw e; // names its file
        } catch (IOException e) {
            throw new IOException(target + ": " + Cause.of(e), e);
        }
    }

    /** {@return the checkpoint's folder} */
    public Path folder() {
        return folder;
    }

    @Override
    public void close() {
        try {
            for (String file : FILES) {
                Files.deleteIfExists(folder.resolve(file));
            }
            Files.deleteIfExists(folder);
            Files.deleteIfExists(parent);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }
}
