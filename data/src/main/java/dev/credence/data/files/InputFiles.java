package dev.credence.data.files;

import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/** What a user's file arguments stand for. */
public final class InputFiles {
    /** Stands for standard input. */
    public static final String STANDARD_INPUT = "-";

    private static final List<String> LOGS = List.of(".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet");

    /** How the name of a completed log ends: written beside what it completes, it is no part of it. */
    public static final String COMPLETED = ".completed.jsonl";

    private InputFiles() {}

    /**
     * Expands file arguments: a file stands for itself, a folder for the logs in it ({@code *.jsonl}, also with
     * {@code .gz} or {@code .zst}, and {@code *.parquet}), a glob for the files that match; {@code -} stays. What an audit
     * completed is taken where it is named, not where it merely lies beside or matches.
     *
     * @param arguments as the user gave them, at least one
     * @return the files, in the order of the arguments, those of one folder or glob in the order of their names
     * @throws InputException if an argument stands for no file, or two for the same one or for one and what was completed of it
     */
    public static List<String> expand(List<String> arguments) {
        if (arguments.isEmpty()) {
            throw InputException.ofSetting("LOG", "missing", "at least one file is given");
        }
        List<String> files = new ArrayList<>();
        Map<Path, String> seen = new HashMap<>();
        for (String argument : arguments) {
            for (String file : expand(argument)) {
                String before = seen.put(real(file), file);
                if (before != null) {
                    String value = before.equals(file) ? "given twice" : "the same file as " + before;
                    throw new InputException(file, 0, "", value, "its records would count twice; name it once");
                }
                files.add(file);
            }
        }
        refuseCompleted(files);
        return List.copyOf(files);
    }

    /** A completed log holds the records of what it completes: a shell's {@code *} names both. */
    private static void refuseCompleted(List<String> files) {
        for (String file : files) {
            if (!file.endsWith(COMPLETED)) {
                continue;
            }
            String stem = file.substring(0, file.length() - COMPLETED.length());
            for (String other : files) {
                if (LOGS.stream().anyMatch(end -> other.equals(stem + end))) {
                    throw new InputException(
                            file,
                            0,
                            "",
                            "what was completed of " + other,
                            "its records would count twice; name one of the two");
                }
            }
        }
    }

    /** The file behind any links and however its folder is written; pipes stay apart. */
    private static Path real(String file) {
        Path path = Path.of(file);
        try {
            return file.equals(STANDARD_INPUT) ? path : path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize(); // a pipe has no path of its own
        }
    }

    private static List<String> expand(String argument) {
        if (argument.isBlank()) {
            throw InputException.ofSetting("LOG", "empty", "an input is a file, a folder, a pattern or -");
        }
        if (argument.equals(STANDARD_INPUT)) {
            return List.of(argument);
        }
        Path path = Path.of(argument);
        if (Files.isDirectory(path)) {
            return found(argument, list(path, InputFiles::isLog), folderRule(path));
        }
        if (Files.exists(path)) {
            return List.of(argument);
        }
        if (argument.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0)) {
            return found(argument, glob(argument), "a pattern matches at least one file");
        }
        throw new InputException(argument, 0, "", "no such file", "an input is a file, a folder, a pattern or -");
    }

    /**
     * What is asked of a folder of logs in which there is none.
     *
     * @param folder that was named
     * @return the rule, which says so where the folder is a model's
     */
    public static String folderRule(Path folder) {
        String rule = "a folder holds *.jsonl, *.jsonl.gz, *.jsonl.zst or *.parquet";
        return Files.exists(folder.resolve("config.json")) || Files.exists(folder.resolve("adapter_config.json"))
                ? rule + "; this one is a model's: a prior and a policy are named as such, with prompts and a reward"
                : rule;
    }

    private static List<String> found(String argument, List<String> files, String rule) {
        if (files.isEmpty()) {
            throw new InputException(argument, 0, "", "no log found", rule);
        }
        return files;
    }

    private static boolean isLog(Path file) {
        return Files.isRegularFile(file) && isLog(file.getFileName().toString());
    }

    /**
     * Whether a file in a folder is taken for a log.
     *
     * @param name of the file
     * @return whether it ends as logs do, and is no log that was completed from another
     */
    public static boolean isLog(String name) {
        return LOGS.stream().anyMatch(name::endsWith) && !name.endsWith(COMPLETED);
    }

    private static List<String> list(Path folder, Predicate<Path> wanted) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(wanted).map(Path::toString).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder above the first name with a wildcard is walked; {@code **} goes deeper. */
    private static List<String> glob(String argument) {
        int wild = 0;
        while ("*?[{".indexOf(argument.charAt(wild)) < 0) {
            wild++;
        }
        int slash = argument.lastIndexOf('/', wild);
        Path root = Path.of(slash < 0 ? "." : slash == 0 ? "/" : argument.substring(0, slash));
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        String pattern = argument.substring(slash + 1);
        PathMatcher matcher;
        try {
            matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        } catch (PatternSyntaxException e) {
            throw new InputException(
                    argument,
                    0,
                    "",
                    "neither a file nor a pattern (" + e.getDescription() + ")",
                    "close what [ or { opens");
        }
        try (Stream<Path> files = Files.walk(root, pattern.contains("**") ? Integer.MAX_VALUE : depth(pattern))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> matcher.matches(root.relativize(file)))
                    .filter(file ->
                            pattern.contains(COMPLETED) || !file.toString().endsWith(COMPLETED))
                    .map(file -> slash < 0 ? root.relativize(file).toString() : file.toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int depth(String pattern) {
        return 1 + (int) pattern.chars().filter(c -> c == '/').count();
    }
}
