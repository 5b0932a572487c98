package dev.credence.app.options;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What relative paths in a configuration stand for: they start from its folder, wherever the command is run. */
final class ConfigPaths {
    private static final Set<String> FILES = Set.of(
            "output",
            "junit",
            "json",
            "prompts",
            "log",
            "demonstrations",
            "prompts-file",
            "save",
            "tensorboard",
            "markdown",
            "twist-from");
    private static final Set<String> MODELS = Set.of("prior", "policy", "policies", "bridge", "from", "tokenizer");
    private static final Set<String> REWARDS = Set.of("reward", "candidate");

    /** Where a term of a reward names a file by a relative path: the place before it. */
    private static final Pattern REWARD_FILE =
            Pattern.compile("(?<=(?:^|=|,|\\(| \\+ )(?:[-+.0-9eE]{1,30}\\*)?)((?:lexicon|model):\"?)(?=[^/\"])");

    private final Path folder;

    /**
     * The paths of one file.
     *
     * @param file the configuration
     */
    ConfigPaths(Path file) {
        Path parent = file.toAbsolutePath().normalize().getParent();
        folder = parent == null ? Path.of("") : parent;
    }

    /**
     * A value with its paths made independent of where the command is run.
     *
     * @param option the option's name without dashes
     * @param value as it stands in the file
     * @return the value to use
     */
    String resolved(String option, String value) {
        if (value.equals(JsonTarget.STANDARD_OUTPUT) || value.contains("://")) {
            return value;
        }
        if (FILES.contains(option)) {
            return folder.resolve(value).toString();
        }
        if (MODELS.contains(option)) {
            return model(value);
        }
        return REWARDS.contains(option)
                ? REWARD_FILE
                        .matcher(value)
                        .replaceAll(place -> Matcher.quoteReplacement(place.group(1) + folder + "/"))
                : value;
    }

    /** One folder, or BASE+ADAPTER: the first plus behind a folder divides. */
    private String model(String value) {
        Path whole = folder.resolve(value);
        for (int at = value.indexOf('+'); at > 0 && !Files.isDirectory(whole); at = value.indexOf('+', at + 1)) {
            Path base = folder.resolve(value.substring(0, at));
            if (Files.isDirectory(base)) {
                return base + "+" + folder.resolve(value.substring(at + 1));
            }
        }
        return whole.toString();
    }
}
