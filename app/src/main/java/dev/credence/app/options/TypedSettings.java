package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Settings of a training as names with values: in a run's record, on the command line. */
public final class TypedSettings {
    private TypedSettings() {}

    /**
     * Settings from names and values.
     *
     * @param values by name
     * @return the settings, all else as by default
     * @throws InputException if a name or value is not known
     */
    public static TrainOptions of(Map<String, String> values) {
        List<String> arguments = new ArrayList<>();
        values.forEach((name, value) -> arguments.add("--" + name + "=" + value));
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
}
