package dev.credence.data.runs;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** One run's folder. */
public final class StoredRun {
    private static final String RECORD = "run.json";
    private static final String RESULT = "result.json";
    private static final String DIVERGENCE = "divergence.json";
    private static final String OUTPUTS = "outputs.json";
    private static final String METRICS = "metrics.jsonl";
    private static final String OUTPUTS_SCHEMA = "credence.outputs/1";
    private static final Duration BEGINNING = Duration.ofMinutes(1); // within which a run has written its record

    private final Path folder;
    private final RunRecord record;

    private StoredRun(Path folder, RunRecord record) {
        this.folder = folder;
        this.record = record;
    }

    /**
     * The folder of the run that goes on as a whole.
     *
     * @return the folder above where this run is one of several methods in a run's folder, else its own
     */
    public Path whole() {
        Path above = folder.getParent() == null ? folder.toAbsolutePath().getParent() : folder.getParent();
        return above != null && isThere(above) ? above : folder;
    }

    /**
     * Begins a run.
     *
     * @param folder a new one, or an empty one; its parents are made
     * @param record what is asked
     * @return the run's folder, with the record in it
     * @throws InputException if there is something in the folder already, or it cannot be made or written to
     */
    public static StoredRun begin(Path folder, RunRecord record) {
        return begin(folder, record, Map.of());
    }

    /**
     * Begins a run that reads files of its own folder when it goes on: they are there before the record is, so that a run that was
     * killed can go on, or else never began and is begun anew.
     *
     * @param folder a new one, or one that holds nothing but what a run left that was killed before it had its record
     * @param record what is asked
     * @param beside files to write first, by name
     * @return the run's folder, with the record in it
     * @throws InputException if there is something in the folder already, or it cannot be made or written to
     * @throws UncheckedIOException if it can be written to, but the disk fails or is full
     */
    public static StoredRun begin(Path folder, RunRecord record, Map<String, AtomicFile.Writer> beside) {
        try {
            Files.createDirectories(folder);
            if (!isFree(folder, beside.keySet())) {
                requireFree(folder);
            }
            for (Map.Entry<String, AtomicFile.Writer> file : beside.entrySet()) {
                AtomicFile.write(folder.resolve(file.getKey()), file.getValue());
            }
            AtomicFile.write(folder.resolve(RECORD), out -> out.write(record.json()));
        } catch (FileAlreadyExistsException e) {
            throw new InputException(folder.toString(), 0, "", "a file", "a run needs a folder");
        } catch (IOException e) {
            if (Files.isDirectory(folder) && Files.isWritable(folder)) {
                throw new UncheckedIOException(e); // the disk's fault, not the folder's
            }
            throw new InputException(
                    folder.toString(), 0, "", "not writable (" + reason(e) + ")", "a run needs a folder of its own");
        }
        return new StoredRun(folder, record);
    }

    /**
     * Refuses a folder that no run can begin in.
     *
     * @param folder that need not be there
     * @throws InputException if there is something in it
     * @throws IOException if it cannot be read
     */
    public static void requireFree(Path folder) throws IOException {
        if (Files.isDirectory(folder) && !isFree(folder, Set.of())) {
            throw new InputException(
                    folder.toString(), 0, "", "not empty", "a run is never written over; `resume` goes on with one");
        }
    }

    /**
     * Writes a record into a folder that may hold other things, over the record and the result of another run.
     *
     * @param folder made where it is not there
     * @param record what is asked
     * @return the run's folder, not done
     * @throws IOException if it cannot be written
     */
    public static StoredRun renew(Path folder, RunRecord record) throws IOException {
        Files.createDirectories(folder);
        Files.deleteIfExists(folder.resolve(RESULT));
        AtomicFile.write(folder.resolve(RECORD), out -> out.write(record.json()));
        return new StoredRun(folder, record);
    }

    /**
     * Takes a folder that was made for a run which was killed before it had a record: it holds nothing but what such a run leaves.
     * Another process may just have made it, so that it is nobody's only after a minute.
     *
     * @param folder that need not be there
     * @return whether it was nobody's; it then counts as just made
     * @throws IOException if it cannot be read
     */
    public static boolean takeAbandoned(Path folder) throws IOException {
        if (!Files.isDirectory(folder) || !isFree(folder, Set.of())) {
            return false;
        }
        Instant now = Instant.now();
        if (!Files.getLastModifiedTime(folder).toInstant().isBefore(now.minus(BEGINNING))) {
            return false;
        }
        Files.setLastModifiedTime(folder, FileTime.from(now));
        return true;
    }

    /** Whether a folder holds nothing but some files, and what a write that was killed left. */
    private static boolean isFree(Path folder, Set<String> allowed) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .allMatch(
                            name -> allowed.contains(name) || name.equals(RunLock.NAME) || AtomicFile.isLeftOver(name));
        }
    }

    /**
     * The folder that holds a run's model: its own once the run is done, else that of its newest checkpoint.
     *
     * @param folder any
     * @return the folder as it is where it is no run's, or one without a checkpoint
     */
    public static Path model(Path folder) {
        if (!Files.isRegularFile(folder.resolve(RECORD)) || Files.isRegularFile(folder.resolve("config.json"))) {
            return folder;
        }
        Checkpoints checkpoints = new Checkpoints(folder.resolve("checkpoints"));
        OptionalLong last = checkpoints.last();
        return last.isPresent() ? checkpoints.path(last.getAsLong()) : folder;
    }

    /**
     * Whether a run was begun in a folder.
     *
     * @param folder that need not be there
     * @return whether it holds a record
     */
    public static boolean isThere(Path folder) {
        return Files.isRegularFile(folder.resolve(RECORD));
    }

    /**
     * Opens a run that was begun.
     *
     * @param folder its folder
     * @return the run
     * @throws InputException if there is none
     */
    public static StoredRun open(Path folder) {
        Path file = folder.resolve(RECORD);
        if (!Files.isRegularFile(file)) {
            throw new InputException(folder.toString(), 0, "", "no run", "a run's folder holds " + RECORD);
        }
        try {
            return new StoredRun(folder, RunRecord.of(file.toString(), Files.readAllBytes(file)));
        } catch (JsonProcessingException e) {
            throw new InputException(file.toString(), 0, "", "broken JSON", "it is written once, by the run");
        } catch (IOException e) {
            throw new InputException(file.toString(), 0, "", "unreadable (" + reason(e) + ")", "a run reads it");
        }
    }

    /**
     * The runs in a folder, those of several methods that have a folder together included.
     *
     * @param parent such as {@code runs}; none where it is not there
     * @return by name
     * @throws IOException if the folder cannot be read
     */
    public static List<StoredRun> in(Path parent) throws IOException {
        return folders(parent).stream().map(StoredRun::open).toList();
    }

    /**
     * Where the runs in a folder are, in it or one folder further down.
     *
     * @param parent such as {@code runs}; none where it is not there
     * @return by name
     * @throws IOException if the folder cannot be read
     */
    public static List<Path> folders(Path parent) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path folder : listed(parent)) {
            if (isThere(folder)) {
                found.add(folder);
            }
            if (!Files.isSymbolicLink(folder)) {
                listed(folder).stream().filter(StoredRun::isThere).forEach(found::add);
            }
        }
        return found;
    }

    private static List<Path> listed(Path folder) throws IOException {
        if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /** {@return where it is} */
    public Path path() {
        return folder;
    }

    /** {@return what was asked} */
    public RunRecord asked() {
        return record;
    }

    /** {@return its checkpoints} */
    public Checkpoints checkpoints() {
        return new Checkpoints(folder.resolve("checkpoints"));
    }

    /** {@return its metrics} */
    public Metrics metrics() {
        return new Metrics(folder.resolve(METRICS));
    }

    /**
     * Where one of several processes that share the run writes what it says.
     *
     * @param process its number, from 1
     * @return the file
     */
    public Path processLog(int process) {
        return folder.resolve("process-" + process + ".log");
    }

    /** {@return whether it came to its end} */
    public boolean isDone() {
        return Files.isRegularFile(result());
    }

    /** {@return whether it came to an end that is worth nothing, and will not go on} */
    public boolean hasDiverged() {
        return Files.isRegularFile(divergence());
    }

    /** {@return where a run that diverged says why} */
    public Path divergence() {
        return folder.resolve(DIVERGENCE);
    }

    /**
     * Writes why the run diverged: from then on it does not go on.
     *
     * @param cause JSON
     * @throws IOException if it cannot be written
     */
    public void diverged(AtomicFile.Writer cause) throws IOException {
        AtomicFile.write(divergence(), cause);
    }

    /**
     * Keeps where results go beside the run's folder, for whoever goes on with it.
     *
     * @param outputs name of the kind to file; none forgets those that were kept
     * @throws IOException if it cannot be written
     */
    public void keepOutputs(Map<String, String> outputs) throws IOException {
        Path file = folder.resolve(OUTPUTS);
        if (outputs.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("schema", OUTPUTS_SCHEMA);
        document.putAll(outputs);
        AtomicFile.write(file, out -> Json.write(document, out));
    }

    /**
     * Where results go beside the run's folder.
     *
     * @return name of the kind to file; none where none was kept
     * @throws InputException if what was kept cannot be read
     */
    public Map<String, String> outputs() {
        Path file = folder.resolve(OUTPUTS);
        Map<String, String> outputs = new LinkedHashMap<>();
        if (Files.isRegularFile(file)) {
            try {
                Json.reader()
                        .readTree(Files.readAllBytes(file))
                        .properties()
                        .forEach(each ->
                                outputs.put(each.getKey(), each.getValue().asText()));
            } catch (JsonProcessingException e) {
                throw new InputException(file.toString(), 0, "", "broken JSON", "it is written once, by the run");
            } catch (IOException e) {
                throw new InputException(file.toString(), 0, "", "unreadable (" + reason(e) + ")", "a run reads it");
            }
            if (!OUTPUTS_SCHEMA.equals(outputs.remove("schema"))) {
                throw new InputException(
                        file.toString(), 0, "schema", "another one", "a run's outputs are " + OUTPUTS_SCHEMA);
            }
        }
        return outputs;
    }

    /** {@return where the result is, once the run is done} */
    public Path result() {
        return folder.resolve(RESULT);
    }

    /**
     * Writes the result: from then on the run is done.
     *
     * @param result JSON
     * @throws IOException if it cannot be written
     */
    public void finish(AtomicFile.Writer result) throws IOException {
        AtomicFile.write(result(), result);
    }

    /**
     * Takes back a run that never took a step: its record, the model it would have begun with, and what its processes said. What
     * else is in the folder stays, and the folder too where something does.
     *
     * @throws IOException if something cannot be removed
     */
    public void discard() throws IOException {
        for (String own : List.of("start", ".start.writing", OUTPUTS, METRICS, "tensorboard", RECORD, RunLock.NAME)) {
            delete(folder.resolve(own));
        }
        for (int process = 1; Files.exists(processLog(process)); process++) {
            Files.delete(processLog(process));
        }
        if (isEmpty(folder)) {
            Files.delete(folder);
        }
    }

    private static void delete(Path path) throws IOException {
        if (Files.exists(path)) {
            try (Stream<Path> files = Files.walk(path)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    private static String reason(IOException e) {
        return Cause.of(e);
    }
}
