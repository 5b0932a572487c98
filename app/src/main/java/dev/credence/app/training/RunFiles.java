package dev.credence.app.training;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.runs.Checkpoints;
import dev.credence.data.runs.StoredRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What every run that trains does with its folder: goes on from a checkpoint, and in the end puts the model into it. */
public final class RunFiles {
    /** Checkpoints that stay: the last one, and the one before should that be damaged. */
    static final int KEPT = 2;

    private RunFiles() {}

    /** Takes a checkpoint back. */
    interface Reader {
        /** Reads a checkpoint's folder; nothing is changed where that fails. */
        void read(Path checkpoint) throws IOException;
    }

    /** Restores the newest checkpoint that can be read; the number of its steps, 0 where there is none. */
    static long restore(Checkpoints checkpoints, Reader reader, Consumer<String> report) {
        List<Long> steps = checkpoints.steps();
        for (int i = steps.size() - 1; i >= 0; i--) {
            Path folder = checkpoints.path(steps.get(i));
            try {
                reader.read(folder);
                report.accept("going on from step " + steps.get(i));
                return steps.get(i);
            } catch (IOException e) {
                if (i == 0) {
                    throw new InputException(
                            folder.toString(), 0, "", "unreadable (" + e.getMessage() + ")", "no older one is left");
                }
                report.accept("warning: " + folder + " cannot be read (" + e.getMessage() + "); trying the one before");
            }
        }
        return 0;
    }

    /** Copies the model of a checkpoint into the run's folder, each file whole. */
    static void publish(StoredRun run, long step, Set<String> without) throws IOException {
        Set<String> own = new HashSet<>(without);
        try (Stream<Path> files = Files.list(run.checkpoints().path(step))) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = file.getFileName().toString();
                if (own.add(name)) {
                    AtomicFile.write(run.path().resolve(name), out -> Files.copy(file, out));
                }
            }
        }
    }

    /**
     * Refuses to go on when an input is not what it was.
     *
     * @param run its record has the inputs as they were
     * @param inputs as they are
     * @throws InputException naming the file and both hashes
     */
    public static void checkInputs(StoredRun run, List<Provenance.Input> inputs) {
        Map<String, String> now = new TreeMap<>();
        inputs.forEach(input -> now.put(input.name(), input.sha256()));
        for (Provenance.Input then : run.asked().provenance().inputs()) {
            String hash = now.getOrDefault(then.name(), "missing");
            if (!hash.equals(then.sha256())) {
                throw new InputException(
                        then.name(),
                        0,
                        "sha256",
                        hash,
                        "the run began with " + then.sha256() + "; it goes on with the same file only");
            }
        }
    }
}
