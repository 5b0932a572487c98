package dev.credence.app.options;

import dev.credence.core.evidence.RewardType;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The methods' own options on a command: whatever the methods on the class path declare, so that none is listed twice. */
public final class MethodArguments {
    private MethodArguments() {}

    /**
     * Adds every option of every method that the command does not have of its own.
     *
     * @param spec the command
     */
    public static void addTo(CommandSpec spec) {
        Map<String, MethodOption> options = new LinkedHashMap<>();
        Map<String, StringJoiner> owners = new LinkedHashMap<>();
        for (Conditioner method : Methods.all()) {
            for (MethodOption option : method.card().options()) {
                options.putIfAbsent(option.name(), option);
                owners.computeIfAbsent(option.name(), name -> new StringJoiner(", "))
                        .add(method.card().name());
            }
        }
        options.forEach((name, option) -> {
            if (spec.findOption("--" + name) == null) {
                String help = option.help(MethodArguments::dashed) + " (" + owners.get(name) + ")";
                OptionSpec.Builder own = OptionSpec.builder("--" + name)
                        .paramLabel("VALUE")
                        .type(option.isRepeatable() ? String[].class : String.class)
                        .description(help.replace("%", "%%"));
                spec.addOption(
                        option.isFlag()
                                ? own.arity("0..1").fallbackValue("true").build()
                                : own.build());
            }
        });
        if (spec.name().equals("condition")) {
            twoSeeds(spec); // elsewhere methods draw nothing
        }
    }

    /** Where none is given methods have their own, so that no one number is the standard of both. */
    private static void twoSeeds(CommandSpec spec) {
        OptionSpec seed = spec.findOption("--seed");
        if (seed != null) {
            spec.remove(seed);
            spec.addOption(OptionSpec.builder(seed)
                    .defaultValue(null)
                    .description("Seed of all randomness (default " + seed.defaultValue()
                            + "; of what methods draw their own, 0).")
                    .build());
        }
    }

    /**
     * A setting's name on the command line.
     *
     * @param setting its name
     * @return with dashes
     */
    public static String dashed(String setting) {
        return "--" + setting;
    }

    /**
     * The methods' options as the user gave them.
     *
     * @param spec the command, parsed
     * @param rewardType what the reward is
     * @return those given; β among them where the command has it and it was given
     */
    public static MethodOptions given(CommandSpec spec, RewardType rewardType) {
        MethodOptions given = MethodOptions.none().with(rewardType);
        for (Conditioner method : Methods.all()) {
            for (MethodOption option : method.card().options()) {
                OptionSpec matched = spec.commandLine().getParseResult().matchedOption("--" + option.name());
                if (matched != null) {
                    Object value = matched.getValue();
                    given = given.with(
                            option.name(),
                            value instanceof String[] all ? String.join("\n", all) : String.valueOf(value));
                }
            }
        }
        return given;
    }
}
