package dev.credence.app.command;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.core.provenance.Provenance;
import dev.credence.lab.inputs.Inputs;
import java.io.IOException;
import java.nio.file.Files;
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
record ConfigFile(Provenance.Input input, List<Setting> settings) {
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
    record Setting(String option, List<String> arguments) {}

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
    static ConfigFile read(Path file, CommandSpec spec, Supplier<Object> fresh) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file.toString(), 0, "", "no such file", "a configuration is a YAML file");
        }
        byte[] bytes = Files.readAllBytes(file);
        try (JsonParser yaml = new YAMLFactory().createParser(bytes)) {
            List<Setting> settings = new Reading(file, spec, fresh).of(yaml);
            return new ConfigFile(Inputs.of(file), settings);
        } catch (JsonProcessingException e) {
            long line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            String first = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
            throw new InputException(file.toString(), line, "", "broken YAML (" + first + ")", "the file must be YAML");
        }
    }

    /**
     * Runs the command again, with what the file says put before what was typed.
     *
     * @param spec the command as it was parsed without the file
     * @return the exit code
     */
    int execute(CommandSpec spec) {
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

    /** The walk through the file. */
    private static final class Reading {
        private final Path file;
        private final CommandSpec spec;
        private final Supplier<Object> fresh;
        private final ConfigPaths paths;

        Reading(Path file, CommandSpec spec, Supplier<Object> fresh) {
            this.file = file;
            this.spec = spec;
            this.fresh = fresh;
            this.paths = new ConfigPaths(file);
        }

        List<Setting> of(JsonParser yaml) throws IOException {
            List<Setting> settings = new ArrayList<>();
            JsonToken first = yaml.nextToken();
            if (first == null) {
                return settings; // an empty file sets nothing
            }
            if (first != JsonToken.START_OBJECT) {
                throw new InputException(file.toString(), 1, "", "no map", "a line is `beta: 0.05`");
            }
            while (yaml.nextToken() == JsonToken.FIELD_NAME) {
                Setting setting = setting(yaml);
                if (settings.stream().anyMatch(earlier -> earlier.option().equals(setting.option()))) {
                    throw bad(yaml, setting.option().substring(2), "given twice", "a name may stand only once");
                }
                settings.add(setting);
            }
            if (yaml.nextToken() != null) {
                throw bad(yaml, "", "a second document", "the file is one map");
            }
            return List.copyOf(settings);
        }

        private Setting setting(JsonParser yaml) throws IOException {
            String name = yaml.currentName();
            InputException unread = bad(yaml, name, "", ""); // remembers the line, which the values move on
            OptionSpec option = spec.findOption("--" + name);
            if (option == null || TYPED_ONLY.contains(name)) {
                throw bad(yaml, name, "unknown", NearestName.hint(name, known()));
            }
            List<String> values = values(yaml, name);
            List<String> arguments = isFlag(option)
                    ? flag(unread, option, values)
                    : values.stream()
                            .map(value -> option.longestName() + "=" + paths.resolved(name, value))
                            .toList();
            if (!option.isMultiValue() && values.size() != 1) {
                throw at(unread, values.size() + " values", "it takes one");
            }
            tryOut(unread, values, arguments);
            return new Setting(option.longestName(), arguments);
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
        private List<String> values(JsonParser yaml, String name) throws IOException {
            List<String> values = new ArrayList<>();
            JsonToken token = yaml.nextToken();
            if (token == JsonToken.START_OBJECT) {
                pairs(yaml, name, values);
            } else if (token == JsonToken.START_ARRAY) {
                while (yaml.nextToken() != JsonToken.END_ARRAY) {
                    if (yaml.currentToken() == JsonToken.START_OBJECT) {
                        pairs(yaml, name, values);
                    } else {
                        values.add(scalar(yaml, name));
                    }
                }
            } else {
                values.add(scalar(yaml, name));
            }
            return values;
        }

        private void pairs(JsonParser yaml, String name, List<String> values) throws IOException {
            while (yaml.nextToken() == JsonToken.FIELD_NAME) {
                String key = yaml.currentName();
                yaml.nextToken();
                values.add(key + "=" + scalar(yaml, name));
            }
        }

        private String scalar(JsonParser yaml, String name) throws IOException {
            JsonToken token = yaml.currentToken();
            if (token == null || !token.isScalarValue() || token == JsonToken.VALUE_NULL) {
                throw bad(yaml, name, "no value", "it has a value, a list of values, or a map of them");
            }
            return yaml.getText();
        }

        private static boolean isFlag(OptionSpec option) {
            return option.arity().max() == 0 || option.type() == boolean.class;
        }

        private List<String> flag(InputException unread, OptionSpec option, List<String> values) {
            String value = String.join(", ", values);
            if (!TRUE.contains(value) && !FALSE.contains(value)) {
                throw at(unread, value, "it is true or false");
            }
            return TRUE.contains(value) ? List.of(option.longestName()) : List.of();
        }

        /** Whether the command takes the values, so that one which it does not take is named with its line. */
        private void tryOut(InputException unread, List<String> values, List<String> arguments) {
            CommandLine scratch = new CommandLine(fresh.get()).setCaseInsensitiveEnumValuesAllowed(true);
            MethodArguments.addTo(scratch.getCommandSpec());
            try {
                scratch.parseArgs(arguments.toArray(new String[0]));
            } catch (ParameterException e) {
                String rule = Objects.toString(e.getMessage(), "it cannot be read as its kind of value");
                throw at(unread, String.join(", ", values), rule);
            }
        }

        private InputException bad(JsonParser yaml, String name, String value, String rule) {
            return new InputException(
                    file.toString(), yaml.currentTokenLocation().getLineNr(), name, value, rule);
        }

        private static InputException at(InputException place, String value, String rule) {
            return new InputException(place.file(), place.line(), place.field(), value, rule);
        }
    }
}
