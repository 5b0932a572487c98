package dev.credence.app.console;

import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/** The manual page of a command line, as {@code man} reads it: what each command's help says, in one page. */
public final class ManualPage {
    private static final int WIDTH = 78; // what a terminal of 80 columns shows of an indented block

    private ManualPage() {}

    /**
     * The page.
     *
     * @param line the whole command line
     * @param version of the program
     * @return in roff
     */
    public static String of(CommandLine line, String version) {
        CommandSpec root = line.getCommandSpec();
        String name = root.name();
        StringBuilder page = new StringBuilder();
        page.append(".TH ")
                .append(name.toUpperCase(Locale.ROOT))
                .append(" 1 \"\" \"")
                .append(name)
                .append(' ')
                .append(version)
                .append("\"\n");
        page.append(".SH NAME\n")
                .append(name)
                .append(" \\- ")
                .append(escaped(String.join(" ", root.usageMessage().header())));
        section(page, "SYNOPSIS", name + " COMMAND [OPTION...]");
        for (Map.Entry<String, CommandLine> command : line.getSubcommands().entrySet()) {
            CommandSpec spec = command.getValue().getCommandSpec();
            if (!spec.usageMessage().hidden() && command.getKey().equals(spec.name())) {
                spec.usageMessage().width(WIDTH);
                section(
                        page,
                        command.getKey().toUpperCase(Locale.ROOT),
                        command.getValue().getUsageMessage(Ansi.OFF));
            }
        }
        section(page, "EXIT STATUS", """
                0    done
                1    failed
                2    bad input
                3    done, but the figure that was asked for was withdrawn
                4    a threshold was not met
                130  interrupted; resume goes on""");
        return page.append('\n').toString();
    }

    private static void section(StringBuilder page, String title, String text) {
        page.append("\n.SH ")
                .append(title)
                .append("\n.nf\n")
                .append(escaped(text.stripTrailing()))
                .append("\n.fi");
    }

    /** Roff reads a backslash, and a dot or quote that begins a line, as its own. */
    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replaceAll("(?m)^([.'])", "\\\\&$1");
    }
}
