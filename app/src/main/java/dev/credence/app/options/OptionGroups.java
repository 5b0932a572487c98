package dev.credence.app.options;

import java.lang.reflect.Member;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * A help's options in groups, of commands that have many: those that come first where a user begins, then the command's own and those of
 * each room that it takes options from, then the methods' settings, then what every command takes. Names are the same everywhere. Of
 * commands that have very many the help explains the first alone and names the others; {@code help COMMAND --all} explains all.
 */
public final class OptionGroups {
    /** A help with at most so many options is one list. */
    private static final int FEW = 16;

    /** A help with more options than these explains its first ones alone, unless all are asked for. */
    private static final int MANY = 30;

    private static final int INDENT = 2;

    /** So many examples stand in such a help. */
    private static final int EXAMPLES = 5;

    private static final String COMMAND = "  credence ";
    private static final String GOES_ON = "        ";
    private static final Pattern BETWEEN_WORDS =
            Pattern.compile(" (?=(?:[^']*'[^']*')*[^']*$)"); // spaces with no open quote behind them

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
        Map<String, IHelpSectionRenderer> sections = command.getHelpSectionMap();
        sections.put(UsageMessageSpec.SECTION_KEY_FOOTER, OptionGroups::footer);
        int options = command.getCommandSpec().options().size();
        if (options <= FEW) {
            return;
        }
        command.getCommandSpec().usageMessage().abbreviateSynopsis(true);
        if (options <= MANY) {
            sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, OptionGroups::all);
            return;
        }
        sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, OptionGroups::first);
        sections.put(UsageMessageSpec.SECTION_KEY_DESCRIPTION, OptionGroups::beginning);
        sections.put(UsageMessageSpec.SECTION_KEY_FOOTER, OptionGroups::fewExamples);
    }

    /**
     * Lets the help of a command, and of all below it, explain every option.
     *
     * @param command the command
     */
    public static void explainAll(CommandLine command) {
        command.getSubcommands().values().forEach(OptionGroups::explainAll);
        Map<String, IHelpSectionRenderer> sections = command.getHelpSectionMap();
        if (command.getCommandSpec().options().size() > MANY) {
            sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, OptionGroups::all);
            sections.put(UsageMessageSpec.SECTION_KEY_DESCRIPTION, help -> help.description());
            sections.put(UsageMessageSpec.SECTION_KEY_FOOTER, OptionGroups::footer);
        }
    }

    private static List<OptionSpec> shown(Help help) {
        return help.commandSpec().options().stream()
                .filter(option -> !option.hidden())
                .sorted(Comparator.comparing(OptionSpec::longestName))
                .toList();
    }

    private static String all(Help help) {
        List<OptionSpec> all = shown(help);
        StringBuilder text = new StringBuilder();
        groups(help.commandSpec().name(), all)
                .forEach((heading, options) -> append(text, help, heading, layout(help, all, options)));
        return text.toString();
    }

    /** The first ones as {@link #all} has them, of the other groups the names. */
    private static String first(Help help) {
        List<OptionSpec> all = shown(help);
        StringBuilder text = new StringBuilder();
        Map<String, List<OptionSpec>> groups = groups(help.commandSpec().name(), all);
        List<OptionSpec> first = groups.getOrDefault(FIRST, List.of());
        append(text, help, FIRST, layout(help, first, first));
        groups.remove(FIRST);
        groups.forEach((heading, options) -> append(text, help, heading, names(help, options)));
        String command = help.commandSpec().name();
        return text + String.format("%nAll of them explained: credence help %s --all%n", command);
    }

    private static String layout(Help help, List<OptionSpec> aligned, List<OptionSpec> options) {
        Help.Layout layout = help.createDefaultLayout(aligned, List.of(), help.colorScheme());
        layout.addOptions(options, help.parameterLabelRenderer());
        return layout.toString();
    }

    private static String names(Help help, List<OptionSpec> options) {
        String names = options.stream().map(OptionSpec::longestName).collect(Collectors.joining(" "));
        return folded(help, names, INDENT).replaceAll("(?m)^(?=.)", " ".repeat(INDENT));
    }

    private static void append(StringBuilder text, Help help, String heading, String body) {
        text.append(System.lineSeparator())
                .append(help.colorScheme().ansi().string("@|bold " + heading + "|@"))
                .append(':')
                .append(System.lineSeparator())
                .append(body);
    }

    /** The first paragraph of the description, whose elements are paragraphs and the empty lines around them. */
    private static String beginning(Help help) {
        String begin = Arrays.stream(help.commandSpec().usageMessage().description())
                .filter(paragraph -> !paragraph.isEmpty())
                .findFirst()
                .orElse("");
        return System.lineSeparator() + folded(help, begin, 0) + System.lineSeparator();
    }

    /** The footer with its first examples: they end it. */
    private static String fewExamples(Help help) {
        List<String> footer = List.of(help.commandSpec().usageMessage().footer());
        int end = Math.min(footer.size(), footer.indexOf("Examples:") + 1 + EXAMPLES);
        return footer(help, footer.subList(0, end));
    }

    private static String footer(Help help) {
        return footer(help, List.of(help.commandSpec().usageMessage().footer()));
    }

    private static String footer(Help help, List<String> lines) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            if (line.isEmpty()) {
                text.append(System.lineSeparator());
            } else if (line.startsWith(COMMAND)) {
                command(line, help.commandSpec().usageMessage().width())
                        .forEach(part -> text.append(part).append(System.lineSeparator()));
            } else {
                text.append(folded(help, line, 0));
            }
        }
        return text.toString();
    }

    /** An example that is longer than the page, so that it can be copied as it stands: no word is broken, and a line goes on. */
    static List<String> command(String line, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder part = new StringBuilder(COMMAND);
        boolean isFirst = true;
        for (String word :
                BETWEEN_WORDS.splitAsStream(line.substring(COMMAND.length())).toList()) {
            if (!isFirst && part.length() + word.length() + 3 > width) {
                lines.add(part + " \\");
                part = new StringBuilder(GOES_ON);
            } else if (!isFirst) {
                part.append(' ');
            }
            part.append(word);
            isFirst = false;
        }
        lines.add(part.toString());
        return lines;
    }

    private static String folded(Help help, String text, int indent) {
        int width = help.commandSpec().usageMessage().width() - indent;
        return Help.join(help.colorScheme().ansi(), width, true, new String[] {text}, new StringBuilder())
                .toString();
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
