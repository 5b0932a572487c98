package dev.credence.app.serve;

import dev.credence.app.console.ExitCode;
import dev.credence.core.provenance.ShellWord;
import dev.credence.data.runs.LastWork;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Work that the page began: commands in processes of their own, so that what fails or is stopped takes nothing else along. */
final class WebJobs {
    private static final String PROGRAM = "dev.credence.app.Main";
    private static final int AT_ONCE = 4;
    private static final int KEPT = 100;
    private static final int LINES = 200;
    private static final int LONGEST = 500;
    private static final long PATIENCE = LastWork.PATIENCE + 5; // seconds for last steps when the page ends
    private static final long SOON = 2; // seconds that need no word

    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private int begun;

    /**
     * What is to be run.
     *
     * @param kind such as {@code audit}
     * @param title for people
     * @param arguments as typed
     * @param target what comes of it, by its name below the folder
     */
    record Asked(String kind, String title, List<String> arguments, String target) {}

    /** One process. */
    static final class Job {
        private final String id;
        private final Asked asked;
        private final Process process;
        private final Deque<String> lines = new ArrayDeque<>();
        private final long started = System.currentTimeMillis();
        private boolean stopped;
        private @Nullable Long ended; // milliseconds, as started

        private Job(String id, Asked asked, Process process) {
            this.id = id;
            this.asked = asked;
            this.process = process;
        }

        Asked asked() {
            return asked;
        }

        boolean isRunning() {
            return process.isAlive();
        }

        private synchronized void end() {
            ended = System.currentTimeMillis();
        }

        private synchronized void hear(String line) {
            lines.addLast(line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line);
            if (lines.size() > LINES) {
                lines.removeFirst();
            }
        }

        private synchronized void stop() {
            stopped = true;
            process.destroy(); // asks: what is kept writes a last checkpoint
        }

        private synchronized Map<String, @Nullable Object> facts() {
            Map<String, @Nullable Object> facts = new LinkedHashMap<>();
            facts.put("id", id);
            facts.put("kind", asked.kind);
            facts.put("title", asked.title);
            facts.put("target", asked.target);
            facts.put("command", typed());
            facts.put("started", started);
            facts.put("ended", isRunning() ? null : (Object) (ended == null ? System.currentTimeMillis() : ended));
            facts.put("pid", process.pid());
            facts.put("state", state());
            facts.put("exit", isRunning() ? null : (Object) process.exitValue());
            facts.put("lines", List.copyOf(lines));
            return facts;
        }

        /** What a person would type for the same. */
        private String typed() {
            return "credence "
                    + String.join(
                            " ", asked.arguments.stream().map(ShellWord::of).toList());
        }

        private String state() {
            if (isRunning()) {
                return stopped ? "stopping" : "running";
            }
            return switch (process.exitValue()) {
                case ExitCode.DONE, ExitCode.WITHDRAWN, ExitCode.THRESHOLD -> "done";
                case ExitCode.INTERRUPTED -> "stopped";
                default -> stopped ? "stopped" : "failed";
            };
        }
    }

    synchronized Job start(Asked asked) throws IOException {
        if (jobs.values().stream().filter(Job::isRunning).count() >= AT_ONCE) {
            throw new WebRefusal(429, AT_ONCE + " are running; stop one, or wait for it");
        }
        Process process = new ProcessBuilder(command(asked.arguments))
                .redirectErrorStream(true)
                .start();
        // its standard input stays open: by its end the process sees that of the page
        Job job = new Job(Integer.toString(++begun), asked, process);
        jobs.put(job.id, job);
        jobs.values().stream()
                .filter(old -> !old.isRunning())
                .limit(Math.max(0, jobs.size() - KEPT))
                .toList()
                .forEach(old -> jobs.remove(old.id));
        CompletableFuture<Void> unused = process.onExit().thenRun(job::end); // nobody waits for it
        Thread reader = new Thread(() -> read(job), "credence-job-" + job.id);
        reader.setDaemon(true);
        reader.start();
        return job;
    }

    private static void read(Job job) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(job.process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                job.hear(line);
            }
        } catch (IOException e) {
            job.hear("its output ended: " + e.getMessage());
        }
    }

    /** The program as it was started, with as much memory. */
    private static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (option.startsWith("-Xm") || option.startsWith("--enable-native-access")) {
                command.add(option);
            }
        }
        command.add("-Dfile.encoding=UTF-8");
        command.add("-D" + JobProcess.PROPERTY + "=true");
        command.add("-cp");
        command.add(absolute(System.getProperty("java.class.path")));
        command.add(PROGRAM);
        command.addAll(arguments);
        return command;
    }

    private static String absolute(String classPath) {
        List<String> parts = new ArrayList<>();
        for (String part : classPath.split(File.pathSeparator, -1)) {
            parts.add(part.isEmpty() ? part : new File(part).getAbsolutePath());
        }
        return String.join(File.pathSeparator, parts);
    }

    /** The newest job that something is to come of, or null. */
    synchronized @Nullable Job of(String target) {
        Job last = null;
        for (Job job : jobs.values()) {
            last = job.asked.target.equals(target) ? job : last;
        }
        return last;
    }

    /** Whether something that runs was given this file. */
    synchronized boolean isAtWorkOn(Path file) {
        return jobs.values().stream().anyMatch(job -> job.isRunning() && job.asked.arguments.contains(file.toString()));
    }

    synchronized void stop(String id) {
        Job job = jobs.get(id);
        if (job == null) {
            throw WebRefusal.absent("such work");
        }
        job.stop();
    }

    synchronized Map<String, @Nullable Object> document() {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("schema", "credence.jobs/1");
        document.put("jobs", jobs.values().stream().map(Job::facts).toList());
        return document;
    }

    /** One job's facts, as a document. */
    static WebAnswer answer(Job job) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("schema", "credence.job/1");
        document.putAll(job.facts());
        return WebAnswer.json(document);
    }

    /**
     * Asks all that runs to end, and waits until it has.
     *
     * @param report takes what is to be said where that takes longer
     */
    synchronized void close(Consumer<String> report) {
        List<Job> running = jobs.values().stream().filter(Job::isRunning).toList();
        running.forEach(Job::stop);
        if (haveEnded(running, SOON)) {
            return;
        }
        report.accept("what was begun on the page is brought to an end and kept first, which may take " + PATIENCE
                + " seconds");
        if (!haveEnded(running, PATIENCE - SOON)) {
            report.accept("that takes too long: it ends now, and goes on later from what was kept before");
            running.forEach(job -> job.process.destroyForcibly());
        }
    }

    private static boolean haveEnded(List<Job> jobs, long seconds) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        boolean all = true;
        try {
            for (Job job : jobs) {
                all &= job.process.waitFor(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return all;
    }
}
