package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.settings.YamlMap;
import dev.credence.lab.inputs.Inputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * A command's options in a YAML file: a map of their names, without the dashes, to values. An option that may be given
 * several times takes a list, and one of the form {@code ID=X} also a map; a flag takes true or false. What is typed wins,
 * option by option.
 *
 * @param input the file's name and hash
 * @param settings in the file's order
 */
public record ConfigFile(Provenance.Input input, List<Setting> settings) {
    /** Options that speak of the command line itself. */
    private static final Set<String> TYPED_ONLY = Set.of("config", "help");

    private static final Set<String> TRUE = Set.of("true", "yes", "on");
    private static final Set<String> FALSE = Set.of("false", "no", "off");

    /**
     * One option of the file.
     *
     * @param option its name with dashes
     * @param arguments as they would be typed
     */
    public record Setting(String option, List<String> arguments) {}

    /**
     * Reads a configuration.
     *
     * @param file the file
     * @param spec the command whose options it may set
     * @param fresh makes such a command, to try values on
     * @return its settings, each one that the command takes
     * @throws IOException if it cannot be read
     * @throws InputException if it is not there, is no such map, or an option or value is not known
     */
    public static ConfigFile read(Path file, CommandSpec spec, Supplier<Object> fresh) throws IOException {
        Reading reading = new Reading(file, spec, fresh);
        new YamlMap(file, "a configuration is a YAML file", "a line is `beta: 0.05`", "a name may stand only once")
                .walk(reading);
        return new ConfigFile(Inputs.of(file), List.copyOf(reading.settings));
    }

    /**
     * Runs the command again, with what the file says put before what was typed.
     *
     * @param spec the command as it was parsed without the file
     * @return the exit code
     */
    public int execute(CommandSpec spec) {
        CommandLine root = spec.root().commandLine();
        CommandLine.ParseResult typed = spec.commandLine().getParseResult();
        List<String> arguments = new ArrayList<>(root.getParseResult().originalArgs());
        int behindName = arguments.indexOf(spec.name()) + 1;
        List<String> added = settings.stream()
                .filter(setting -> !typed.hasMatchedOption(setting.option()))
                .flatMap(setting -> setting.arguments().stream())
                .toList();
        arguments.addAll(behindName, added);
        return root.execute(arguments.toArray(new String[0]));
    }

    /** What each entry of the file says of an option; an empty file says nothing. */
    private static final class Reading implements YamlMap.Taker {
        private final CommandSpec spec;
        private final Supplier<Object> fresh;
        private final ConfigPaths paths;
        private final List<Setting> settings = new ArrayList<>();

        Reading(Path file, CommandSpec spec, Supplier<Object> fresh) {
            this.spec = spec;
            this.fresh = fresh;
            this.paths = new ConfigPaths(file);
        }

        @Override
        public void take(YamlMap.Entry entry) throws IOException {
            String name = entry.name();
            OptionSpec option = spec.findOption("--" + name);
            if (option == null || TYPED_ONLY.contains(name)) {
                throw entry.wrong("unknown", NearestName.hint(name, known()));
            }
            List<String> values = values(entry);
            List<String> arguments = isFlag(option)
                    ? flag(entry, option, values)
                    : values.stream()
                            .map(value -> option.longestName() + "=" + paths.resolved(name, value))
                            .toList();
            if (!option.isMultiValue() && values.size() != 1) {
                throw entry.wrong(values.size() + " values", "it takes one");
            }
            tryOut(entry, values, arguments);
            settings.add(new Setting(option.longestName(), arguments));
        }

        private List<String> known() {
            return spec.options().stream()
                    .map(OptionSpec::longestName)
                    .filter(each -> each.startsWith("--"))
                    .map(each -> each.substring(2))
                    .filter(each -> !TYPED_ONLY.contains(each))
                    .sorted()
                    .toList();
        }

        /** A value, those of a list, or those of a map as {@code KEY=VALUE}. */
        private static List<String> values(YamlMap.Entry entry) {
            List<String> values = new ArrayList<>();
            for (YamlMap.Item item : entry.items()) {
                if (item.text() == null || item.isMissing()) {
                    throw entry.wrong(item, "no value", "it has a value, a list of values, or a map of them");
                }
                values.add(item.key() == null ? item.text() : item.key() + "=" + item.text());
            }
            return values;
        }

        private static boolean isFlag(OptionSpec option) {
            return option.arity().max() == 0 || option.type() == boolean.class;
        }

        private static List<String> flag(YamlMap.Entry entry, OptionSpec option, List<String> values) {
            String value = String.join(", ", values);
            if (!TRUE.contains(value) && !FALSE.contains(value)) {
                throw entry.wrong(value, "it is true or false");
            }
            return TRUE.contains(value) ? List.of(option.longestName()) : List.of();
        }

        /** Whether the command takes the values, so that one which it does not take is named with its line. */
        private void tryOut(YamlMap.Entry entry, List<String> values, List<String> arguments) {
            CommandLine scratch = new CommandLine(fresh.get()).setCaseInsensitiveEnumValuesAllowed(true);
            MethodArguments.addTo(scratch.getCommandSpec());
            try {
                scratch.parseArgs(arguments.toArray(new String[0]));
            } catch (ParameterException e) {
                String rule = Objects.toString(e.getMessage(), "it cannot be read as its kind of value");
                throw entry.wrong(String.join(", ", values), rule);
            }
        }
    }
}
