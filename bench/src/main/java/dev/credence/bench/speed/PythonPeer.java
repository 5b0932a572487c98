package dev.credence.bench.speed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A script under {@code bench/peers} that reads the same log, timed by itself: starting Python and importing its libraries
 * are outside, as the JVM's start is outside for the audit.
 *
 * @param python the interpreter
 * @param script the script
 * @param arguments behind the log's name
 */
record PythonPeer(String python, Path script, List<String> arguments) {
    private static final Pattern SECONDS = Pattern.compile("(\\d+\\.\\d+) s\\b");
    private static final long LONGEST_MINUTES = 30;

    /**
     * What came of it.
     *
     * @param timings one a run; empty where it was skipped
     * @param skipped why, or empty
     */
    record Outcome(List<Timing> timings, String skipped) {
        static Outcome because(String reason) {
            return new Outcome(List.of(), reason);
        }
    }

    /** Runs it some times, or says why it cannot be run. */
    Outcome run(Path log, int times) throws IOException {
        if (!Files.isRegularFile(script)) {
            return Outcome.because("no " + script + " here (name its folder with --peers)");
        }
        List<Timing> timings = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            Path errors = Files.createTempFile("credence-peer", ".txt");
            errors.toFile().deleteOnExit(); // where a signal ends the process
            try {
                String trouble = runOnce(log, errors);
                String said = Files.readString(errors, StandardCharsets.UTF_8).strip();
                if (!trouble.isEmpty()) {
                    return Outcome.because(trouble + (said.isEmpty() ? "" : ": " + lastLine(said)));
                }
                timings.add(new Timing(seconds(lastLine(said)), Double.NaN));
            } finally {
                Files.delete(errors);
            }
        }
        return new Outcome(timings, "");
    }

    /** Runs it; what went wrong, or empty. */
    private String runOnce(Path log, Path errors) throws IOException {
        List<String> command = new ArrayList<>(List.of(python, script.toString(), log.toString()));
        command.addAll(arguments);
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(errors.toFile())
                    .start();
        } catch (IOException e) {
            return python + " cannot be started";
        }
        try {
            if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
                return "no end after " + LONGEST_MINUTES + " minutes";
            }
            return process.exitValue() == 0 ? "" : script.getFileName() + " failed";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } finally {
            process.destroy();
        }
    }

    private static String lastLine(String text) {
        return text.substring(text.lastIndexOf('\n') + 1);
    }

    /** The sum of the seconds that a script's last line names: reading and computing. */
    static double seconds(String line) {
        double sum = 0;
        Matcher found = SECONDS.matcher(line);
        while (found.find()) {
            sum += Double.parseDouble(found.group(1));
        }
        if (!(sum > 0)) {
            throw new IllegalStateException("the peer's last line names no seconds: " + line);
        }
        return sum;
    }
}
