package dev.credence.lab.runs;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.ShellWord;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.runs.Checkpoints;
import dev.credence.data.runs.RunLock;
import dev.credence.data.runs.StoredRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What every run that trains does with its folder: goes on from a checkpoint, and in the end puts the model into it. */
public final class RunFiles {
    /** Checkpoints that stay: the last one, and the one before should that be damaged. */
    public static final int KEPT = 2;

    private RunFiles() {}

    /** Takes a checkpoint back. */
    public interface Reader {
        /**
         * Reads a checkpoint; nothing is changed where that fails.
         *
         * @param checkpoint its folder
         * @throws IOException if it is damaged
         */
        void read(Path checkpoint) throws IOException;
    }

    /**
     * Work on a run.
     *
     * @param <T> what comes of it
     */
    @FunctionalInterface
    public interface Work<T> {
        /**
         * Does it.
         *
         * @return what comes of it
         * @throws IOException if something cannot be read or written
         */
        T done() throws IOException;
    }

    /**
     * Works on a run while nobody else does, from before anything is read or started. A run that took no step, as its input breaks
     * a rule, is taken back: it never began, and its name is free again.
     *
     * @param <T> what comes of it
     * @param run its folder
     * @param work on it
     * @return what came of it
     * @throws InputException of the work; or if another process works on the run, which is then left as it is
     * @throws IOException of the work
     */
    public static <T> T alone(StoredRun run, Work<T> work) throws IOException {
        RunLock lock = RunLock.take(run.path());
        try {
            return work.done();
        } catch (InputException e) {
            if (run.checkpoints().last().isEmpty() && run.metrics().read().isEmpty()) {
                run.discard();
            }
            throw e;
        } finally {
            lock.close();
        }
    }

    /**
     * Restores the newest checkpoint that can be read.
     *
     * @param checkpoints of the run
     * @param reader takes one back
     * @param report takes a line on what is gone on from, and warnings
     * @return the number of its steps, 0 where there is none
     * @throws InputException if there are some, but none can be read
     */
    public static long restore(Checkpoints checkpoints, Reader reader, Consumer<String> report) {
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

    /**
     * Copies the model of a checkpoint into the run's folder, each file whole.
     *
     * @param run the run
     * @param step of the checkpoint
     * @param without names of files that are no part of the model
     * @throws IOException if something cannot be written
     */
    public static void publish(StoredRun run, long step, Set<String> without) throws IOException {
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
     * What is left of a run that could not go on.
     *
     * @param run the run
     * @return words: its last checkpoint, and how it goes on
     */
    public static String kept(StoredRun run) {
        OptionalLong last = run.checkpoints().last();
        String resume = ": `resume " + ShellWord.of(run.whole().toString()) + "` ";
        return last.isPresent()
                ? "the checkpoint of step " + last.getAsLong() + " is kept" + resume + "goes on from there"
                : "there was no checkpoint yet" + resume + "begins again at step 0";
    }

    /**
     * What a run that was interrupted ends with. It is told of at once: the process may end before whoever catches this can say it.
     *
     * @param run the run
     * @param step the last that was taken
     * @param report takes the words
     * @return to be thrown: the step, what is kept, and how it goes on
     */
    public static InterruptedRunException interrupted(StoredRun run, long step, Consumer<String> report) {
        String words = "interrupted after step " + step + "; " + kept(run);
        report.accept(words);
        return new InterruptedRunException(words);
    }

    /**
     * Warns where a run goes on elsewhere than it began: its last digits may then differ from those of one that was never broken
     * off.
     *
     * @param run its record has the machine as it was
     * @param report takes the warning
     */
    public static void warnOfMachine(StoredRun run, Consumer<String> report) {
        Map<String, String> then = run.asked().machine();
        String other = RunMachine.other(then, RunMachine.like(then));
        if (!other.isEmpty()) {
            report.accept("warning: the run began under another " + other
                    + "; its last digits may differ from those of a run that was never broken off");
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
