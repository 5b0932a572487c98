package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.app.console.Console;
import dev.credence.app.options.OptionGroups;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class MainTest {
    private static final Console NOWHERE = new Console(
            InputStream.nullInputStream(),
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
            Console.Face.PLAIN_FILE);

    /** Every command and the commands below it, as typed. */
    static Stream<Arguments> commands() {
        return below(Main.commandLine(NOWHERE), "").map(Arguments::of);
    }

    private static Stream<String> below(CommandLine line, String typed) {
        return line.getSubcommands().entrySet().stream().flatMap(entry -> {
            String name = (typed + " " + entry.getKey()).strip();
            return Stream.concat(Stream.of(name), below(entry.getValue(), name));
        });
    }

    @Test
    void helpSaysWhatACommandsHelpSays() {
        assertThat(Cli.run("help", "condition").exits(0).out())
                .isEqualTo(Cli.run("condition", "--help").exits(0).out());
        assertThat(Cli.run("help", "conditoin").exits(2).err()).contains("conditoin", "condition");
        CommandLine root = Main.commandLine(NOWHERE);
        assertThat(root.getSubcommands()
                        .get("help")
                        .getCommandSpec()
                        .positionalParameters()
                        .get(0)
                        .completionCandidates())
                .contains("audit", "bench", "help")
                .containsExactlyElementsOf(root.getSubcommands().keySet());
        assertThat(Cli.run("help", "audit", "plan").exits(2).err())
                .startsWith("credence: COMMAND is plan; there is none below audit; name one command");
    }

    @Test
    void theCommandsOfThisVersionAreThere() {
        assertThat(commands().map(arguments -> arguments.get()[0]))
                .contains(
                        "demo",
                        "audit",
                        "posterior",
                        "condition",
                        "plan",
                        "sample",
                        "score",
                        "train",
                        "run",
                        "sweep",
                        "resume",
                        "runs",
                        "loss",
                        "merge",
                        "report",
                        "methods",
                        "worlds",
                        "doctor",
                        "completion",
                        "serve",
                        "bench");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandsHelpHasAnExampleOfItself(String command) {
        Cli cli = Cli.run((command + " --help").split(" ", -1)).exits(0);
        assertThat(cli.out()).containsPattern("Examples?:\\R(?s:.*)  credence " + command);
        assertThat(cli.out().lines()).allMatch(line -> line.length() <= 100);
        assertThat(cli.err()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandTakesTheCommonOptions(String command) {
        CommandLine line = Main.commandLine(NOWHERE);
        for (String name : command.split(" ", -1)) {
            line = line.getSubcommands().get(name);
        }
        if (line.getSubcommands().isEmpty()) {
            assertThat(line.getCommandSpec().optionsMap())
                    .containsKeys("--json", "--seed", "--quiet", "--verbose", "--help");
        }
    }

    /** Long helps are in groups: the five that matter first, each option once, what every command takes last. */
    @Test
    void longHelpsBeginWithWhatMatters() {
        for (String command :
                List.of("audit", "condition", "posterior", "plan", "sample", "train", "reward", "run", "sweep")) {
            String help = Cli.run("help", command, "--all").exits(0).out();
            assertThat(help)
                    .containsSubsequence(
                            "Usage: credence " + command + " [OPTIONS]", "First of all:", "Every command:");
            assertThat(first(help)).as(command).hasSize(5);
            options(command)
                    .forEach(name -> assertThat(help.lines()
                                    .filter(line -> line.matches(" {2}(-\\w, | {4})" + name + "([ =\\[].*)?")))
                            .as("%s of %s", name, command)
                            .hasSize(1));
        }
        assertThat(Cli.run("runs", "--help").exits(0).out()).doesNotContain("First of all");
        for (String command : Main.commandLine(NOWHERE).getSubcommands().keySet()) {
            String help = Cli.run(command, "--help").exits(0).out();
            assertThat(help.contains("First of all:")).as(command).isEqualTo(help.contains("Every command:"));
        }
        assertThat(Cli.run("run", "--help").exits(0).out())
                .contains("Keys of experiments")
                .doesNotContain("Settings of methods");
    }

    /** A help that would go over pages explains the first five options, and names all others by what they are of. */
    /** Whole in a terminal of 80 columns, and an example can be copied from there as it stands. */
    @Test
    void everyHelpFitsANarrowTerminal() {
        Console narrow = new Console(NOWHERE.in(), NOWHERE.out(), NOWHERE.err(), Console.Face.PLAIN_TERMINAL, 80);
        CommandLine line = Main.commandLine(narrow);
        below(line, "").forEach(typed -> assertFits(command(line, typed)));
        OptionGroups.explainAll(line);
        below(line, "").forEach(typed -> {
            CommandLine command = command(line, typed);
            String joined = assertFits(command).replaceAll(" \\\\\\R *", " ");
            assertThat(joined.lines()).as(typed).containsAll(examples(command));
        });
    }

    private static CommandLine command(CommandLine line, String typed) {
        CommandLine command = line;
        for (String name : typed.split(" ", -1)) {
            command = command.getSubcommands().get(name);
        }
        return command;
    }

    private static String assertFits(CommandLine command) {
        String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
        assertThat(help.lines()).as(command.getCommandName()).allMatch(each -> each.length() <= 80);
        return help;
    }

    private static List<String> examples(CommandLine command) {
        return Stream.of(command.getCommandSpec().usageMessage().footer())
                .filter(each -> each.startsWith("  credence "))
                .toList();
    }

    @Test
    void veryLongHelpsNameWhatTheyDoNotExplain() {
        for (String command : List.of("audit", "condition", "train")) {
            String help = Cli.run(command, "--help").exits(0).out();
            assertThat(help.lines().count()).as(command).isLessThan(80);
            assertThat(first(help)).as(command).hasSize(5);
            assertThat(help).contains("credence help " + command + " --all", "Every command:");
            options(command)
                    .forEach(name -> assertThat(help).as(command).containsPattern("[ ,]" + name + "[ =\\[\\n]"));
            assertThat(help.lines()).as(command).allMatch(line -> line.length() <= 100);
            String examples = help.substring(help.indexOf("Examples:"));
            assertThat(examples.lines().skip(1).filter(line -> line.startsWith("  credence ")))
                    .as(command)
                    .hasSizeBetween(2, 5);
        }
        assertThat(Cli.run("completion", "--manual").exits(0).out()).contains("Where the log keeps a field");
        assertThat(Cli.run("help", "plan").exits(0).out())
                .isEqualTo(Cli.run("help", "plan", "--all").exits(0).out());
    }

    /** The lines of the options that come first. */
    private static List<String> first(String help) {
        String first = help.substring(help.indexOf("First of all:"));
        return first.substring(0, first.indexOf("\n\n"))
                .lines()
                .filter(line -> line.matches(" {2}.{4}--\\w.*"))
                .toList();
    }

    private static Stream<String> options(String command) {
        return Main.commandLine(NOWHERE).getSubcommands().get(command).getCommandSpec().options().stream()
                .map(option -> option.longestName());
    }

    @Test
    void withoutACommandItSaysWhatIsMissing() {
        assertThat(Cli.run().exits(2).err())
                .isEqualTo("credence: name a command" + System.lineSeparator() + "see: credence --help"
                        + System.lineSeparator());
        assertThat(Cli.run("audti").exits(2).err())
                .startsWith("credence: there is no command audti; did you mean audit?");
        for (String typed : List.of("--beat=1", "--bta=1", "--prompts-fiel=x", "--outptu=x")) {
            assertThat(Cli.run("audit", "log.jsonl", typed).exits(2).err())
                    .containsAnyOf("did you mean --beta?", "did you mean --prompts-file?", "did you mean --output?");
        }
        assertThat(Cli.run("audit", "log.jsonl", "--no-such-thing=1").exits(2).err())
                .doesNotContain("did you mean");
        assertThat(Cli.run("serve", "--port", "many").exits(2).err()).contains("'many' is not a whole number");
        for (String command : List.of("posterior", "sample")) {
            assertThat(Cli.run(command, "t1", "--precision", "bf16").exits(2).err())
                    .startsWith("credence: option --precision is bf16; it is about a model; t1 is none");
        }
        assertThat(Cli.run("posterior", "t1", "--beta", "0,5").exits(2).err()).contains("'0,5' is not a number");
        assertThat(Cli.run("--help").exits(0).out()).contains("Commands:", "audit", "Examples:");
        assertThat(Cli.run("--version").exits(0).out()).startsWith("credence ");
    }

    @Test
    void aFailureIsOneLineAndAStackTraceOnRequest() {
        assumeTrue(Files.exists(Path.of("/dev/full")), "no /dev/full here");
        Cli brief =
                Cli.run("posterior", "t1", "--beta", "1", "--json", "/dev/full").exits(1);
        assertThat(brief.err())
                .startsWith("credence: ")
                .doesNotContain("Exception")
                .hasLineCount(1);
        Cli verbose = Cli.run("posterior", "t1", "--beta", "1", "--json", "/dev/full", "--verbose")
                .exits(1);
        assertThat(verbose.err()).contains("\tat dev.credence.app.");
    }

    @Test
    void badInputShowsNoStackTraceUnlessAskedTo() {
        assertThat(Cli.run("posterior", "t1", "--evidence", "level:9").exits(2).err())
                .hasLineCount(1);
        assertThat(Cli.run("posterior", "t1", "--evidence", "level:9", "--verbose")
                        .exits(2)
                        .err())
                .contains("\tat dev.credence.");
    }

    @Test
    void glyphsAreSpelledOutWhereTheyDoNotShow() {
        Cli ascii = Cli.on(Console.Face.ASCII_FILE, "", "audit", "t1", "--beta", "0.05")
                .exits(0);
        assertThat(ascii.out().chars()).allMatch(c -> c < 128);
        assertThat(ascii.out()).contains("beta = 0.05");
        Cli table = Cli.on(Console.Face.ASCII_TERMINAL, "", "condition", "t1", "-m", "quantilizer")
                .exits(0);
        assertThat(table.out().chars()).allMatch(c -> c < 128);
        assertThat(table.out())
                .contains("KL(pi||asked)")
                .containsPattern("0\\.362 +- "); // an infinity that a gate withdrew
    }

    @Test
    void coloursShowOnATerminalOnly() {
        assertThat(Cli.on(Console.Face.COLOUR_TERMINAL, "", "audit", "t1").out())
                .contains("\u001b[1mGates\u001b[0m");
        assertThat(Cli.on(Console.Face.PLAIN_TERMINAL, "", "audit", "t1").out()).doesNotContain("\u001b");
        assertThat(Cli.on(Console.Face.COLOUR_TERMINAL, "", "audit", "t1", "--json")
                        .out())
                .doesNotContain("\u001b");
    }

    @Test
    void theLocaleTellsWhatATerminalShows() {
        assertThat(Main.charset(Map.of("LANG", "C.UTF-8"))).isEqualTo(StandardCharsets.UTF_8);
        assertThat(Main.charset(Map.of("LANG", "en_GB.utf8", "LC_ALL", ""))).isEqualTo(StandardCharsets.UTF_8);
        assertThat(Main.charset(Map.of("LANG", "en_GB.UTF-8", "LC_ALL", "POSIX")))
                .isEqualTo(StandardCharsets.US_ASCII);
    }
}
