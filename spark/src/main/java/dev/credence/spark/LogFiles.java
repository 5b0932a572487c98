package dev.credence.spark;

import dev.credence.core.provenance.InputException;
import dev.credence.data.files.InputFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;

/** The files of a log, wherever Hadoop reaches: found on the driver, fetched where they are read. */
final class LogFiles implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The driver's settings, among them those that reach a store. */
    private final HashMap<String, String> settings = new HashMap<>();

    /** Where names start from; an executor works elsewhere. */
    private final String from = Path.of("").toAbsolutePath().toString();

    LogFiles(Configuration hadoop) {
        for (Map.Entry<String, String> each : hadoop) {
            settings.put(each.getKey(), each.getValue());
        }
    }

    private Configuration hadoop() {
        Configuration hadoop = new Configuration(false);
        settings.forEach(hadoop::set);
        return hadoop;
    }

    /** Takes a file where it lies on this machine. */
    @FunctionalInterface
    interface Taker<T> {
        T take(Path file) throws IOException;
    }

    /**
     * Files, by name, of files, patterns and folders; those in folders below are found as well, and ordered by name.
     *
     * @throws InputException if there is none
     */
    List<String> expand(List<String> arguments) throws IOException {
        List<String> files = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.equals(InputFiles.STANDARD_INPUT)) {
                throw new InputException(
                        argument,
                        0,
                        "",
                        "standard input",
                        "the machines of an engine read files, not this process's input");
            }
            org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(argument);
            FileSystem store = path.getFileSystem(hadoop());
            if (isHere(store) && !isDeep(argument)) {
                files.addAll(InputFiles.expand(List.of(argument)));
            } else {
                files.addAll(found(argument, path, store));
            }
        }
        return List.copyOf(files);
    }

    private static boolean isHere(FileSystem store) {
        return store instanceof LocalFileSystem;
    }

    /** Whether it is named with its store, or is a folder that has folders. */
    private static boolean isDeep(String argument) throws IOException {
        if (argument.startsWith("file:")) {
            return true;
        }
        Path folder = Path.of(argument);
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (var inside = Files.list(folder)) {
            return inside.anyMatch(Files::isDirectory);
        }
    }

    private static List<String> found(String argument, org.apache.hadoop.fs.Path pattern, FileSystem store)
            throws IOException {
        List<String> files = new ArrayList<>();
        FileStatus[] matching = store.globStatus(pattern);
        for (FileStatus match : matching == null ? new FileStatus[0] : matching) {
            if (match.isFile()) {
                files.add(match.getPath().toString());
                continue;
            }
            RemoteIterator<LocatedFileStatus> below = store.listFiles(match.getPath(), true);
            while (below.hasNext()) {
                org.apache.hadoop.fs.Path file = below.next().getPath();
                if (InputFiles.isLog(file.getName())) {
                    files.add(file.toString());
                }
            }
        }
        if (files.isEmpty()) {
            throw new InputException(
                    argument, 0, "", "no log found", "a folder holds *.jsonl, *.jsonl.gz, *.jsonl.zst or *.parquet");
        }
        files.sort(null);
        return files;
    }

    /** Gives a file to a reader: itself where it lies on this machine, else a copy that is deleted afterwards. */
    <T> T fetch(String name, Taker<T> taker) throws IOException {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(name);
        FileSystem store = path.getFileSystem(hadoop());
        if (isHere(store)) {
            String local =
                    path.toUri().getScheme() == null ? name : path.toUri().getPath();
            return taker.take(Path.of(from).resolve(local));
        }
        Path copy = Files.createTempFile("credence", path.getName().endsWith(".parquet") ? ".parquet" : ".log");
        try {
            try (InputStream in = store.open(path)) {
                Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            }
            return taker.take(copy);
        } finally {
            Files.delete(copy);
        }
    }
}
