package dev.credence.lab.models;

import dev.credence.core.provenance.InputException;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.Adapter;
import dev.credence.hub.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a user named a model by: {@code FOLDER} or {@code BASE+ADAPTER}.
 *
 * @param argument as the user gave it
 * @param folder of the checkpoint
 * @param adapter folder of the adapter on it, or none
 */
record ModelName(String argument, Path folder, @Nullable Path adapter) {
    private static final char ON_TOP = '+';

    /** A folder whose own name has a plus is one folder; else the first plus between two folders divides. */
    static ModelName of(String argument) {
        Path whole = Path.of(argument);
        if (!Files.isDirectory(whole)) {
            for (int at = argument.indexOf(ON_TOP); at >= 0; at = argument.indexOf(ON_TOP, at + 1)) {
                Path base = Path.of(argument.substring(0, at));
                Path adapter = Path.of(argument.substring(at + 1));
                if (at > 0 && Files.isDirectory(base) && at + 1 < argument.length()) {
                    return new ModelName(argument, base, adapter);
                }
            }
        }
        return new ModelName(argument, StoredRun.model(whole), null);
    }

    /**
     * Refuses what is no folder, or may mean either of two models. A checkpoint and an adapter in one folder are one model
     * where the weights are known to hold the adapter already.
     *
     * @param bases checkpoints that an adapter may have been merged into
     */
    void check(List<Path> bases) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(argument, 0, "", "no such folder", "a model is a checkpoint folder");
        }
        if (adapter != null) {
            if (!Files.isDirectory(adapter)) {
                throw new InputException(
                        adapter.toString(), 0, "", "no such folder", "BASE+ADAPTER names an adapter's folder");
            }
            return;
        }
        if (!Adapter.isAdapter(folder)) {
            return;
        }
        if (!isCheckpoint(folder)) {
            throw new InputException(
                    argument,
                    0,
                    "",
                    "an adapter (adapter_config.json) without its base",
                    "write BASE" + ON_TOP + folder);
        }
        if (!Adapter.open(folder).isPartOf(Checkpoint.open(folder), checkpoints(bases))) {
            throw new InputException(
                    argument,
                    0,
                    "adapter_config.json",
                    "a checkpoint and an adapter in one folder, of which nothing here tells whether the weights hold the"
                            + " adapter already",
                    "write " + folder + ON_TOP + folder + " for the checkpoint with the adapter, or move the adapter"
                            + " elsewhere for the checkpoint alone");
        }
    }

    /** The adapter that the model is with: the one named, or the one that lies in its folder. */
    Optional<Adapter> withAdapter() {
        Path with = adapter != null ? adapter : folder;
        return Adapter.isAdapter(with) ? Optional.of(Adapter.open(with)) : Optional.empty();
    }

    /** Whether its folders are there; what is missing is told when it is opened. */
    boolean isThere() {
        return isCheckpoint(folder) && (adapter == null || Files.isDirectory(adapter));
    }

    boolean isSameFolder(ModelName other) {
        try {
            return Files.isSameFile(folder, other.folder);
        } catch (IOException e) {
            return false; // one that is not there is told when it is opened
        }
    }

    static List<Checkpoint> checkpoints(List<Path> folders) {
        return folders.stream()
                .filter(ModelName::isCheckpoint)
                .map(Checkpoint::open)
                .toList();
    }

    private static boolean isCheckpoint(Path folder) {
        return Files.isRegularFile(folder.resolve("config.json"));
    }

    /** The folders' own names. */
    String title() {
        return adapter == null ? own(folder) : own(folder) + ON_TOP + own(adapter);
    }

    private static String own(Path folder) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        return name == null ? folder.toString() : name.toString();
    }
}
