package dev.credence.app.options;

import java.lang.reflect.Member;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * A help's options in groups, of commands that have many: those that come first where a user begins, then the command's own and those of
 * each room that it takes options from, then the methods' settings, then what every command takes. Names are the same everywhere.
 */
public final class OptionGroups {
    /** A help with at most so many options is one list. */
    private static final int FEW = 16;

    private static final String FIRST = "First of all";
    private static final String OWN = "This command";
    private static final String METHODS = "Settings of methods (credence methods NAME explains one)";
    private static final String KEYS = "Keys of experiments (credence run NAME --settings explains all)";
    private static final String EVERY = "Every command";

    private static final Map<String, List<String>> BEGIN = Map.of(
            "audit", List.of("--reward", "--beta", "--prior", "--policy", "--output"),
            "condition", List.of("--method", "--reward", "--beta", "--prompts", "--save"),
            "posterior", List.of("--reward", "--beta", "--evidence", "--prompt", "--horizon"),
            "plan", List.of("--figure", "--width", "--reward", "--beta", "--reward-type"),
            "sample", List.of("--prompt", "--prompts", "--max-new-tokens", "--temperature", "--output"),
            "train", List.of("--output", "--from", "--steps", "--lr", "--config"),
            "reward", List.of("--output", "--from", "--kind", "--steps", "--evaluate"),
            "run", List.of("--list", "--quick", "--output", "--set", "--settings"),
            "sweep", List.of("--output", "--set", "--quick", "--parallel", "--engine"));

    /** Of the classes that options are declared in, in the order that their groups are read. */
    private static final Map<String, List<Class<?>>> ROOMS = rooms();

    private OptionGroups() {}

    private static Map<String, List<Class<?>>> rooms() {
        Map<String, List<Class<?>>> rooms = new LinkedHashMap<>();
        rooms.put(OWN, List.of());
        rooms.put("What is asked", List.of(AuditQuestion.class, RewardOptions.class, EvidenceOption.class));
        rooms.put("Demands, for a pipeline", List.of(ThresholdOptions.class));
        rooms.put("Of a log", List.of(LogOptions.class));
        rooms.put("Of trainers' dumps and checkpoints of several steps", List.of(DumpOptions.class));
        rooms.put("Of models, drawn from or enumerated", List.of(ModelAuditOptions.class));
        rooms.put("Of a model", List.of(ModelOptions.class));
        rooms.put("Of a world that is a Bayesian network", List.of(NetworkOptions.class));
        rooms.put("Of what is searched, exactly", List.of(SearchOptions.class));
        rooms.put("Of texts that are drawn", List.of(SamplingOptions.class));
        rooms.put("Of a model's tokens", List.of(BeginOption.class, EndOption.class, PrecisionOption.class));
        rooms.put("Of training", List.of(TrainOptions.class));
        rooms.put("Of the model that training begins with", List.of(StartOptions.class));
        rooms.put("Of the corpus", List.of(CorpusOptions.class));
        rooms.put(METHODS, List.of());
        rooms.put(KEYS, List.of());
        rooms.put(EVERY, List.of(CommonOptions.class, HelpOption.class));
        return rooms;
    }

    /**
     * Groups the options in the help of a command, and of all below it.
     *
     * @param command the command
     */
    public static void addTo(CommandLine command) {
        command.getSubcommands().values().forEach(OptionGroups::addTo);
        if (command.getCommandSpec().options().size() > FEW) {
            command.getCommandSpec().usageMessage().abbreviateSynopsis(true);
            command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, OptionGroups::list);
        }
    }

    private static String list(Help help) {
        List<OptionSpec> all = help.commandSpec().options().stream()
                .filter(option -> !option.hidden())
                .sorted(Comparator.comparing(OptionSpec::longestName))
                .toList();
        StringBuilder text = new StringBuilder();
        groups(help.commandSpec().name(), all).forEach((heading, options) -> {
            Help.Layout layout = help.createDefaultLayout(all, List.of(), help.colorScheme());
            layout.addOptions(options, help.parameterLabelRenderer());
            text.append(System.lineSeparator())
                    .append(help.colorScheme().ansi().string("@|bold " + heading + "|@"))
                    .append(':')
                    .append(System.lineSeparator())
                    .append(layout);
        });
        return text.toString();
    }

    /** By heading, in the order they are printed; each option once. */
    static Map<String, List<OptionSpec>> groups(String command, List<OptionSpec> all) {
        List<String> first = BEGIN.getOrDefault(command, List.of());
        Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
        for (String name : first) {
            all.stream()
                    .filter(option -> option.longestName().equals(name))
                    .forEach(option -> add(groups, FIRST, option));
        }
        ROOMS.keySet().forEach(heading -> groups.put(heading, new ArrayList<>()));
        all.stream()
                .filter(option -> !first.contains(option.longestName()))
                .forEach(option -> add(groups, room(command, option), option));
        groups.values().removeIf(List::isEmpty);
        return groups;
    }

    private static void add(Map<String, List<OptionSpec>> groups, String heading, OptionSpec option) {
        groups.computeIfAbsent(heading, none -> new ArrayList<>()).add(option);
    }

    private static String room(String command, OptionSpec option) {
        if (ConfigFile.isOfEvery(option)) {
            return EVERY;
        }
        if (option.userObject() instanceof Member member) {
            return ROOMS.entrySet().stream()
                    .filter(heading -> heading.getValue().contains(member.getDeclaringClass()))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(OWN);
        }
        return command.equals("run") ? KEYS : METHODS; // which are made as the command is put together
    }
}
