package dev.credence.app.view;

import dev.credence.app.console.Glyphs;
import dev.credence.core.provenance.InputException;
import java.io.PrintStream;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Workflow commands by which GitHub Actions shows an error on the page of a run. They go to standard error: GitHub reads
 * both streams, and standard output may hold JSON that another program reads.
 */
public final class GithubAnnotations {
    private static final String VARIABLE = "GITHUB_ACTIONS";
    private static final Pattern LINE = Pattern.compile("[^\r\n]+");

    private GithubAnnotations() {}

    /**
     * Whether they are wanted.
     *
     * @param asked {@code github}, {@code none}, or null: where GitHub says that it runs this program
     * @param environment the process's variables
     * @return whether they are written
     * @throws InputException if something else is asked for
     */
    public static boolean areWanted(@Nullable String asked, Map<String, String> environment) {
        if (asked == null) {
            return "true".equals(environment.get(VARIABLE));
        }
        if (!asked.equals("github") && !asked.equals("none")) {
            throw InputException.ofSetting("annotations", asked, "it is github or none");
        }
        return asked.equals("github");
    }

    /**
     * One error a complaint, written as it is: what a console shows of a line like this is no command any more.
     *
     * @param audited the title of what was audited
     * @param guard what is complained of
     * @param out standard error
     */
    public static void write(String audited, Guard guard, PrintStream out) {
        for (Guard.Complaint complaint : guard.complaints()) {
            String title = "Credence, " + audited + ": " + complaint.about() + " " + complaint.title();
            out.println("::error title=" + property(title) + "::" + data(complaint.text()));
        }
    }

    private static String data(String text) {
        String shown = LINE.matcher(text).replaceAll(line -> Matcher.quoteReplacement(Glyphs.visible(line.group())));
        return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String property(String text) {
        return data(text).replace(":", "%3A").replace(",", "%2C");
    }
}
