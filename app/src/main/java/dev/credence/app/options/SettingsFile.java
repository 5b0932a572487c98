package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.data.settings.YamlMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Settings as names with values: in a configuration file, in a run's record, on the command line. A later source overrides
 * an earlier one.
 */
public final class SettingsFile {
    private static final String SEED = "seed";

    private SettingsFile() {}

    /**
     * Reads a configuration: a YAML map of the options' names, without the dashes, to values.
     *
     * @param file its name
     * @return by name, each value one that the option takes
     * @throws IOException if it cannot be read
     * @throws InputException if it is not there, is no such map, or a name or value is not known
     */
    public static Map<String, String> read(Path file) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        YamlMap map = new YamlMap(
                file, "a configuration is a YAML file", "a line is `steps: 1000`", "a name may stand only once");
        boolean isMap = map.walk(entry -> {
            String value = entry.items().size() == 1 ? entry.items().get(0).text() : null;
            if (entry.shape() != YamlMap.Entry.Shape.VALUE || value == null) {
                throw entry.wrong("no single value", "a setting has one");
            }
            check(entry, value);
            values.put(entry.name(), value);
        });
        if (!isMap) {
            throw map.noMap();
        }
        return values;
    }

    private static void check(YamlMap.Entry entry, String value) {
        String name = entry.name();
        if (name.equals(SEED)) {
            if (!value.matches("-?\\d{1,18}")) {
                throw entry.wrong(value, "it must be a whole number");
            }
            return;
        }
        TrainOptions scratch = new TrainOptions();
        CommandLine parser = new CommandLine(scratch);
        if (parser.getCommandSpec().findOption("--" + name) == null) {
            List<String> known = parser.getCommandSpec().options().stream()
                    .map(option -> option.longestName().substring(2))
                    .toList();
            throw entry.wrong("unknown", NearestName.hint(name, known));
        }
        try {
            parser.parseArgs(argument(name, value));
            scratch.check();
        } catch (ParameterException e) {
            throw entry.wrong(value, "it cannot be read as its kind of value");
        } catch (InputException e) {
            throw entry.wrong(value, e.rule());
        }
    }

    /**
     * Settings from names and values.
     *
     * @param values by name; {@code seed} is passed over
     * @return the settings, all else as by default
     * @throws InputException if a name or value is not known
     */
    public static TrainOptions of(Map<String, String> values) {
        List<String> arguments = new ArrayList<>();
        values.forEach((name, value) -> {
            if (!name.equals(SEED)) {
                arguments.add(argument(name, value));
            }
        });
        TrainOptions settings = new TrainOptions();
        try {
            new CommandLine(settings).parseArgs(arguments.toArray(new String[0]));
        } catch (ParameterException e) {
            throw InputException.ofSetting("settings", String.join(" ", arguments), String.valueOf(e.getMessage()));
        }
        return settings;
    }

    /**
     * The settings that were typed.
     *
     * @param command the command as parsed
     * @return by name
     */
    public static Map<String, String> typed(CommandLine.ParseResult command) {
        Map<String, String> values = new LinkedHashMap<>();
        for (OptionSpec option :
                new CommandLine(new TrainOptions()).getCommandSpec().options()) {
            if (command.hasMatchedOption(option.longestName())) {
                Object value = command.matchedOption(option.longestName()).getValue();
                values.put(option.longestName().substring(2), String.valueOf(value));
            }
        }
        return values;
    }

    /**
     * All settings with their values.
     *
     * @param values those that were given
     * @return by name, in the order of the help, those that have none left out
     */
    public static Map<String, String> all(Map<String, String> values) {
        Map<String, String> all = new LinkedHashMap<>();
        for (OptionSpec option :
                new CommandLine(new TrainOptions()).getCommandSpec().options()) {
            String name = option.longestName().substring(2);
            String value = values.getOrDefault(name, option.defaultValue());
            if (value != null) {
                all.put(name, value);
            }
        }
        return all;
    }

    private static String argument(String name, String value) {
        return "--" + name + "=" + value;
    }
}
