package dev.credence.app;

import dev.credence.app.command.AbsentBench;
import dev.credence.app.command.AuditCommand;
import dev.credence.app.command.CommandProvider;
import dev.credence.app.command.CompletionCommand;
import dev.credence.app.command.ConditionCommand;
import dev.credence.app.command.DoctorCommand;
import dev.credence.app.command.HelpCommand;
import dev.credence.app.command.LossCommand;
import dev.credence.app.command.MergeCommand;
import dev.credence.app.command.MethodsCommand;
import dev.credence.app.command.PlanCommand;
import dev.credence.app.command.PosteriorCommand;
import dev.credence.app.command.ReportCommand;
import dev.credence.app.command.ResumeCommand;
import dev.credence.app.command.RewardCommand;
import dev.credence.app.command.RootCommand;
import dev.credence.app.command.RunCommand;
import dev.credence.app.command.RunsCommand;
import dev.credence.app.command.SampleCommand;
import dev.credence.app.command.ScoreCommand;
import dev.credence.app.command.ServeCommand;
import dev.credence.app.command.SweepCommand;
import dev.credence.app.command.TrainCommand;
import dev.credence.app.command.WorldsCommand;
import dev.credence.app.console.CheckedOutput;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.StreamWriter;
import dev.credence.app.demo.DemoCommand;
import dev.credence.app.options.ConfigFile;
import dev.credence.app.options.MethodArguments;
import dev.credence.app.options.OptionGroups;
import dev.credence.app.options.TypedNumber;
import dev.credence.app.serve.JobProcess;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.methods.training.TrainingDivergedException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program: puts the commands together, and turns what they throw into one line and an exit code. */
public final class Main {
    private static final int OUTPUT_BUFFER = 1 << 13;
    private static final List<String> WITH_METHODS = List.of("audit", "condition");

    private static final Pattern WORDS = Pattern.compile("expected one of \\[(.*)] \\(case-\\S+\\) but was (.*)$");

    /** A setting as the library's rules name it. */
    private static final Pattern SETTING = Pattern.compile("the setting ([a-z-]+): ");

    private Main() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param args as typed
     */
    public static void main(String[] args) {
        boolean colours = Ansi.AUTO.enabled();
        boolean terminal =
                Optional.ofNullable(System.console()).map(Main::isTerminal).orElse(false);
        Console.Face face = Console.Face.of(terminal, colours, charset(System.getenv()));
        CheckedOutput checked =
                new CheckedOutput(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), OUTPUT_BUFFER));
        PrintStream out = new PrintStream(checked, true, outputCharset());
        if (Boolean.getBoolean(JobProcess.PROPERTY)) {
            JobProcess.watch(System.in);
        }
        int width = terminal ? Console.width(System.getenv("COLUMNS")) : Console.UNBOUNDED;
        System.exit(run(args, new Console(System.in, out, System.err, face, width), checked));
    }

    /** Runs a command whose results are checked: what could not be written was not done. */
    static int run(String[] args, Console console, CheckedOutput checked) {
        int code = run(args, console);
        if (checked.hasFailed()) {
            return ExitCode.FAILED;
        }
        try {
            console.out().flush();
            return code;
        } catch (CheckedOutput.CutError e) {
            console.report("credence: " + Cause.of(e));
            return ExitCode.FAILED;
        }
    }

    /**
     * Runs a command.
     *
     * @param args as typed
     * @param console where it reads and prints
     * @return the exit code
     */
    public static int run(String[] args, Console console) {
        CommandLine line = commandLine(console, List.of(args));
        try {
            String[] all = ConfigFile.expanded(line, args);
            List<String> config = ConfigFile.printed(line, all);
            config.forEach(console::line);
            return config.isEmpty() ? line.execute(all) : ExitCode.DONE;
        } catch (InputException e) {
            console.report("credence: " + e.getMessage());
            return ExitCode.BAD_INPUT;
        } catch (IOException e) {
            console.report("credence: " + e.getMessage());
            return ExitCode.FAILED;
        } catch (OutOfMemoryError e) {
            console.report("credence: out of memory; allow more, such as CREDENCE_JAVA_OPTS=-Xmx8g");
            return ExitCode.FAILED;
        } catch (Error e) {
            console.report("credence: " + Cause.of(e));
            if (List.of(args).contains("--verbose")) {
                e.printStackTrace(console.err());
            }
            return ExitCode.FAILED;
        }
    }

    /** The whole command line. */
    static CommandLine commandLine(Console console) {
        return commandLine(console, WITH_METHODS);
    }

    /** The command line for what was typed: the methods' own options are made, which takes longest, where they are asked for. */
    private static CommandLine commandLine(Console console, List<String> typed) {
        CommandLine line = RootCommand.with(
                new DemoCommand(console),
                new AuditCommand(console),
                new PosteriorCommand(console),
                new ConditionCommand(console),
                new PlanCommand(console),
                new SampleCommand(console),
                new ScoreCommand(console),
                new TrainCommand(console),
                new RewardCommand(console),
                new RunCommand(console),
                new SweepCommand(console),
                new ResumeCommand(console),
                new RunsCommand(console),
                new LossCommand(console),
                new MergeCommand(console),
                new ReportCommand(console),
                new ServeCommand(console, Main::run),
                new MethodsCommand(console),
                new WorldsCommand(console),
                new DoctorCommand(console),
                new CompletionCommand(console),
                new HelpCommand(console));
        ServiceLoader.load(CommandProvider.class).forEach(provider -> line.addSubcommand(provider.commandOf(console)));
        if (!line.getSubcommands().containsKey("bench")) {
            line.addSubcommand(new AbsentBench(console));
        }
        boolean all = typed.contains("completion") || typed.contains("help");
        for (String withMethods : WITH_METHODS) {
            if (!all && !typed.contains(withMethods)) {
                continue;
            }
            CommandLine command = Objects.requireNonNull(line.getSubcommands().get(withMethods));
            MethodArguments.addTo(command.getCommandSpec());
        }
        ConfigFile.addTo(line);
        OptionGroups.addTo(line);
        PrintWriter out = new PrintWriter(new StreamWriter(console.out()), true);
        PrintWriter err = new PrintWriter(new StreamWriter(console.err()), true);
        return line.registerConverter(Double.class, new TypedNumber())
                .registerConverter(double.class, new TypedNumber())
                .setOut(out)
                .setErr(err)
                .setColorScheme(
                        CommandLine.Help.defaultColorScheme(console.face().colours() ? Ansi.ON : Ansi.OFF))
                .setUsageHelpWidth(console.page())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((exception, args) -> badArguments(exception, console))
                .setExecutionExceptionHandler((exception, failed, result) -> failed(exception, failed, console));
    }

    /** From JDK 22 on there is a console even where nobody looks on; it then says so itself. */
    private static boolean isTerminal(java.io.Console device) {
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(device);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    private static int badArguments(ParameterException exception, Console console) {
        console.report("credence: " + message(exception));
        String command = exception.getCommandLine().getCommandSpec().qualifiedName();
        console.report("see: " + command + " --help");
        return ExitCode.BAD_INPUT;
    }

    private static String message(ParameterException exception) {
        String said = Objects.requireNonNullElse(exception.getMessage(), "the arguments cannot be read");
        if (!(exception instanceof UnmatchedArgumentException unmatched)) {
            Matcher words = WORDS.matcher(said);
            if (words.find()) { // picocli shows the names of constants
                return said.substring(0, words.start()) + words.group(2) + " is none of "
                        + words.group(1).toLowerCase(Locale.ROOT);
            }
            return said.replaceFirst(" is not an? (double|float)$", " is not a number")
                    .replaceFirst(" is not an? (int|long)$", " is not a whole number, or too large a one");
        }
        String typed = unmatched.getUnmatched().get(0);
        boolean isCommand = exception.getCommandLine().getParent() == null && !typed.startsWith("-");
        CommandLine line = exception.getCommandLine();
        List<String> known = new ArrayList<>(line.getSubcommands().keySet());
        line.getCommandSpec().options().forEach(option -> known.addAll(List.of(option.names())));
        String near = NearestName.of(typed.replaceFirst("=.*", ""), known);
        return (isCommand ? "there is no command " + typed : said)
                + (near == null ? "" : "; did you mean " + near + "?");
    }

    private static int failed(Exception exception, CommandLine failed, Console console) {
        if (exception instanceof InvalidPathException path) { // of a file of settings: no argument can hold such a name
            return failed(
                    InputException.ofSetting("file", path.getInput(), "it is no name of a file: " + path.getReason()),
                    failed,
                    console);
        }
        boolean badInput = exception instanceof InputException || exception instanceof NoPosteriorException;
        boolean saysAll = badInput
                || exception instanceof TrainingDivergedException
                || exception instanceof InterruptedRunException;
        boolean verbose = failed.getParseResult().hasMatchedOption("--verbose");
        String message = message(exception, saysAll, failed);
        boolean fault = !verbose && message.endsWith(Cause.OF_THE_PROGRAM);
        console.report("credence: " + message + (fault ? "; --verbose shows where" : ""));
        if (verbose) {
            exception.printStackTrace(console.err());
        }
        if (exception instanceof InterruptedRunException) {
            return ExitCode.INTERRUPTED;
        }
        return badInput ? ExitCode.BAD_INPUT : ExitCode.FAILED;
    }

    private static String message(Exception exception, boolean saysAll, CommandLine failed) {
        if (exception instanceof InputException input && input.isOfSetting()) {
            return setting(input, failed);
        }
        String message = exception.getMessage();
        return saysAll && message != null ? options(message, failed) : Cause.of(exception);
    }

    /** Settings that a rule names, as the options of the command that failed. */
    private static String options(String message, CommandLine failed) {
        return SETTING.matcher(message).replaceAll(found -> {
            String option = "--" + found.group(1);
            boolean isOption = failed.getCommandSpec().findOption(option) != null;
            return Matcher.quoteReplacement(isOption ? option + " " : found.group());
        });
    }

    /**
     * The library names settings; who typed a command knows them as options, unless they came as a key of {@code --set} or of a
     * file of settings.
     */
    private static String setting(InputException input, CommandLine failed) {
        InputException placed = ConfigFile.placed(input, failed);
        if (placed != null) {
            return Objects.requireNonNull(placed.getMessage());
        }
        String option = "--" + input.field();
        boolean takesKeys = failed.getCommandSpec().findOption("--set") != null;
        boolean isOption = takesKeys
                ? failed.getParseResult().hasMatchedOption(option)
                : failed.getCommandSpec().findOption(option) != null;
        String name = isOption ? "option " + option : input.field();
        return name + " is " + input.value() + "; " + input.rule();
    }

    /** The encoding that the terminal shows: the locale's, as the JVM's own is set by the launcher. */
    static Charset charset(Map<String, String> environment) {
        for (String name : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
            String locale = environment.getOrDefault(name, "");
            if (!locale.isEmpty()) {
                boolean utf8 = locale.toUpperCase(Locale.ROOT).replace("-", "").contains("UTF8");
                return utf8 ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII;
            }
        }
        return outputCharset();
    }

    /** The encoding in which the JVM writes to standard output. */
    private static Charset outputCharset() {
        return Arrays.stream(new String[] {"stdout.encoding", "sun.stdout.encoding"})
                .map(System::getProperty)
                .filter(name -> name != null && Charset.isSupported(name))
                .map(Charset::forName)
                .findFirst()
                .orElseGet(Charset::defaultCharset);
    }
}
