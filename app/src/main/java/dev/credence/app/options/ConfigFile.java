package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.settings.YamlMap;
import dev.credence.lab.inputs.Inputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
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
public record ConfigFile(Provenance.Input input, List<Given> settings) {
    /** Options that speak of the command line itself. */
    private static final Set<String> TYPED_ONLY = Set.of("config", "print-config", "help");

    private static final String OPTION = "--config";
    private static final String PRINT = "--print-config";

    private static final Set<String> TRUE = Set.of("true", "yes", "on");
    private static final Set<String> FALSE = Set.of("false", "no", "off");

    /**
     * One option of the file.
     *
     * @param option its name with dashes
     * @param line of the file, from 1
     * @param arguments as they would be typed
     */
    public record Given(String option, long line, List<String> arguments) {}

    /**
     * Gives a command, and all below it, the option that names such a file, and the one that prints one.
     *
     * @param command the command
     */
    public static void addTo(CommandLine command) {
        command.getSubcommands().values().forEach(ConfigFile::addTo);
        CommandSpec spec = command.getCommandSpec();
        if (!command.getSubcommands().isEmpty()) {
            return;
        }
        spec.addOption(OptionSpec.builder(OPTION)
                .paramLabel("FILE")
                .type(String.class)
                .description(
                        "Options as a YAML map of their names, without dashes, to values; what is typed here overrides"
                                + " it. Relative paths in it start from its folder.")
                .build());
        spec.addOption(OptionSpec.builder(PRINT)
                .type(boolean.class)
                .description(
                        "Print the options as such a file, those that are given with their values, and do nothing else.")
                .build());
    }

    /** Whether an option is one of the two that every command has. */
    static boolean isOfEvery(OptionSpec option) {
        return option.userObject() == null && Set.of(OPTION, PRINT).contains(option.longestName());
    }

    /**
     * The file that a command was given.
     *
     * @param command as parsed
     * @return its name; null for none
     */
    public static @Nullable String of(CommandSpec command) {
        OptionSpec option = command.commandLine().getParseResult().matchedOption(OPTION);
        return option == null ? null : option.getValue();
    }

    /**
     * A value that a command refused, with its place in the file it was given.
     *
     * @param refused of a setting, which is an option of the command
     * @param command as parsed
     * @return the same, naming file and line; null where the value does not stand in such a file
     */
    public static @Nullable InputException placed(InputException refused, CommandLine command) {
        String file = of(command.getCommandSpec());
        if (file == null) {
            return null;
        }
        try {
            List<String> all = command.getParseResult().originalArgs();
            return read(Path.of(file), command.getCommandSpec()).settings.stream()
                    .filter(setting ->
                            setting.option.equals("--" + refused.field()) && all.containsAll(setting.arguments))
                    .findFirst()
                    .map(setting ->
                            new InputException(file, setting.line, refused.field(), refused.value(), refused.rule()))
                    .orElse(null);
        } catch (IOException | InputException e) { // it was readable when the command began
            return null;
        }
    }

    /**
     * Puts what the named file says before what was typed.
     *
     * @param line the whole command line
     * @param arguments as typed
     * @return the same, or with the file's options behind the command's name, those left out that are typed
     * @throws IOException if the file cannot be read
     * @throws InputException if it is not there, is no such map, or an option or value is not known
     */
    public static String[] expanded(CommandLine line, String[] arguments) throws IOException {
        Typed typed = Typed.of(line, arguments);
        String file = typed.value(OPTION);
        if (file == null) {
            return arguments;
        }
        ConfigFile read = read(Path.of(file), typed.command);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(
                typed.behindName,
                read.settings.stream()
                        .filter(setting -> !typed.parsed.hasMatchedOption(setting.option()))
                        .flatMap(setting -> setting.arguments().stream())
                        .toList());
        return all.toArray(new String[0]);
    }

    /**
     * The file that says what was typed, where it was asked for.
     *
     * @param line the whole command line
     * @param arguments as typed, or as {@link #expanded}
     * @return YAML, a line each: what is given, then what could be, as comments; empty where it was not asked for
     */
    public static List<String> printed(CommandLine line, String[] arguments) {
        Typed typed = Typed.of(line, arguments);
        return typed.command.findOption(PRINT) != null && typed.parsed.hasMatchedOption(PRINT)
                ? typed.lines()
                : List.of();
    }

    /** A command's options as they stand in some arguments, whatever else is missing there. */
    private record Typed(CommandSpec command, int behindName, CommandLine.ParseResult parsed) {
        static Typed of(CommandLine line, String[] arguments) {
            CommandLine command = line;
            int at = 0;
            while (at < arguments.length && command.getSubcommands().containsKey(arguments[at])) {
                command = Objects.requireNonNull(command.getSubcommands().get(arguments[at++]));
            }
            CommandLine scratch = scratch(command.getCommandSpec()).setUnmatchedArgumentsAllowed(true);
            try {
                String[] own = Arrays.copyOfRange(arguments, at, arguments.length);
                return new Typed(command.getCommandSpec(), at, scratch.parseArgs(own));
            } catch (ParameterException e) { // to be said by the command itself
                return new Typed(command.getCommandSpec(), at, scratch.parseArgs());
            }
        }

        @Nullable
        String value(String option) {
            return parsed.hasMatchedOption(option)
                    ? parsed.matchedOption(option).originalStringValues().get(0)
                    : null;
        }

        List<String> lines() {
            ConfigPaths paths = new ConfigPaths(Path.of("here"));
            List<String> given = new ArrayList<>();
            List<String> others = new ArrayList<>();
            for (OptionSpec option : command.options()) {
                String name = option.longestName().replaceFirst("^--", "");
                if (option.longestName().equals(PRINT)
                        || !option.longestName().startsWith("--")
                        || TYPED_ONLY.contains(name)) {
                    continue;
                }
                if (!parsed.hasMatchedOption(option.longestName())) {
                    others.add("# " + name + ": " + standard(option));
                } else if (isFlag(option)) {
                    given.add(name + ": true");
                } else {
                    List<String> values = parsed.matchedOption(option.longestName()).originalStringValues().stream()
                            .map(value -> quoted(paths.resolved(name, value)))
                            .toList();
                    given.add(
                            name + ": " + (values.size() == 1 ? values.get(0) : "[" + String.join(", ", values) + "]"));
                }
            }
            List<String> lines = new ArrayList<>();
            lines.add(
                    "# " + command.qualifiedName() + " … " + OPTION + " FILE reads this; what is typed overrides it.");
            lines.addAll(given);
            lines.add("# The others, with what they are where nothing is said:");
            lines.addAll(others);
            return lines;
        }

        private static String standard(OptionSpec option) {
            String value = option.defaultValue();
            return isFlag(option) ? "false" : value == null ? option.paramLabel() : quoted(value);
        }

        private static String quoted(String value) {
            return value.matches("(-?[0-9]|[A-Za-z_./])[A-Za-z0-9_./+:=^-]*(?<!:)")
                    ? value
                    : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        }
    }

    private static ConfigFile read(Path file, CommandSpec spec) throws IOException {
        Reading reading = new Reading(file, spec);
        new YamlMap(file, "a configuration is a YAML file", "a line is `beta: 0.05`", "a name may stand only once")
                .walk(reading);
        return new ConfigFile(Inputs.of(file), List.copyOf(reading.settings));
    }

    private static boolean isFlag(OptionSpec option) {
        return option.arity().max() == 0 || option.type() == boolean.class;
    }

    /** A command with the same options, none of them required and none with an effect, to try values on. */
    private static CommandLine scratch(CommandSpec spec) {
        CommandSpec scratch = CommandSpec.create();
        for (OptionSpec option : spec.options()) {
            if (!option.usageHelp()) {
                AtomicReference<Object> held = new AtomicReference<>();
                scratch.addOption(OptionSpec.builder(option)
                        .required(false)
                        .getter(new CommandLine.Model.IGetter() {
                            @Override
                            // the parser's own signature; an option that was never given has no value
                            @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"})
                            public <T> T get() {
                                return (T) held.get();
                            }
                        })
                        .setter(new CommandLine.Model.ISetter() {
                            @Override
                            @SuppressWarnings({"unchecked", "NullAway"})
                            public <T> T set(T value) {
                                return (T) held.getAndSet(value);
                            }
                        })
                        .build());
            }
        }
        return new CommandLine(scratch).setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** What each entry of the file says of an option; an empty file says nothing. */
    private static final class Reading implements YamlMap.Taker {
        private final CommandSpec spec;
        private final ConfigPaths paths;
        private final List<Given> settings = new ArrayList<>();

        Reading(Path file, CommandSpec spec) {
            this.spec = spec;
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
            List<String> arguments = isFlag(option) || isSwitched(option, values)
                    ? flag(entry, option, values)
                    : values.stream()
                            .map(value -> option.longestName() + "=" + paths.resolved(name, value))
                            .toList();
            if (!option.isMultiValue() && values.size() != 1) {
                throw entry.wrong(values.size() + " values", "it takes one");
            }
            tryOut(entry, values, arguments);
            settings.add(new Given(option.longestName(), entry.line(), arguments));
        }

        /** An option that may have a value, such as {@code json}: true is without one. */
        private static boolean isSwitched(OptionSpec option, List<String> values) {
            return option.arity().min() == 0
                    && values.size() == 1
                    && (TRUE.contains(values.get(0)) || FALSE.contains(values.get(0)));
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

        private static List<String> flag(YamlMap.Entry entry, OptionSpec option, List<String> values) {
            String value = String.join(", ", values);
            if (!TRUE.contains(value) && !FALSE.contains(value)) {
                throw entry.wrong(value, "it is true or false");
            }
            return TRUE.contains(value) ? List.of(option.longestName()) : List.of();
        }

        /** Whether the command takes the values, so that one which it does not take is named with its line. */
        private void tryOut(YamlMap.Entry entry, List<String> values, List<String> arguments) {
            try {
                scratch(spec).parseArgs(arguments.toArray(new String[0]));
            } catch (ParameterException e) {
                String rule = Objects.toString(e.getMessage(), "it cannot be read as its kind of value");
                throw entry.wrong(String.join(", ", values), rule);
            }
        }
    }
}
