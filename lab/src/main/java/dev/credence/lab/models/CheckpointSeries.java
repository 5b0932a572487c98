package dev.credence.lab.models;

import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a run by the number of updates that they come after: the last number of their folders' paths, as in
 * {@code run/checkpoint-200}.
 *
 * @param bySteps updates made, to the model as a user names it
 */
public record CheckpointSeries(SortedMap<Long, String> bySteps) {
    private static final Pattern LAST_NUMBER = Pattern.compile("([0-9]{1,15})[^0-9]*$");

    /**
     * Copies the map.
     *
     * @param bySteps as above
     */
    public CheckpointSeries {
        bySteps = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(bySteps));
    }

    /**
     * The folders that match a pattern.
     *
     * @param pattern such as {@code run/checkpoint-*}; {@code BASE+run/checkpoint-*} for adapters on a base
     * @return at least one checkpoint
     * @throws InputException if none matches, a folder has no number, or two have the same
     */
    public static CheckpointSeries of(String pattern) {
        int plus = pattern.indexOf('+');
        String base = plus < 0 ? "" : pattern.substring(0, plus + 1);
        SortedMap<Long, String> found = new TreeMap<>();
        for (Path folder : folders(pattern.substring(plus + 1), plus < 0 ? "config.json" : "adapter_config.json")) {
            Matcher number = LAST_NUMBER.matcher(folder.toString());
            if (!number.find()) {
                throw refused(pattern, "the folder " + folder + " has no number, which is its step");
            }
            String other = found.put(Long.valueOf(number.group(1)), base + folder);
            if (other != null) {
                throw refused(pattern, other + " and " + folder + " are both of step " + number.group(1));
            }
        }
        if (found.isEmpty()) {
            throw refused(pattern, "no checkpoint folder matches");
        }
        return new CheckpointSeries(found);
    }

    private static InputException refused(String pattern, String why) {
        return InputException.ofSetting("policies", pattern, why);
    }

    private static List<Path> folders(String pattern, String marker) {
        int wild = 0;
        while (wild < pattern.length() && "*?[{".indexOf(pattern.charAt(wild)) < 0) {
            wild++;
        }
        int cut = pattern.lastIndexOf('/', wild);
        Path root = cut < 0 ? Path.of("") : Path.of(pattern.substring(0, Math.max(cut, 1)));
        int depth = Path.of(pattern.replace('*', 'x').replace('?', 'x')).getNameCount() - root.getNameCount() + 1;
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(root, Math.max(1, depth))) {
            return all.filter(path -> matcher.matches(path) && Files.isRegularFile(path.resolve(marker)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + root, e);
        }
    }
}
