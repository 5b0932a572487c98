package dev.credence.lab.processes;

import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.ShellWord;
import dev.credence.data.runs.StoredRun;
import dev.credence.torch.BackendChoice;
import dev.credence.torch.training.ProcessGroup;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The other processes of a run: started by the first, which keeps checkpoints and metrics, and ended with it. Those on other machines
 * are started by {@code ssh}, or the command that the system property {@code credence.ssh} names; it is given a host and a line for a
 * shell there.
 */
public final class RunProcesses implements AutoCloseable {
    private static final String MEETING = ".processes";
    private static final int LEAVING = 30; // seconds in which a process whose work is done ends by itself
    private static final int ENDING = 2; // seconds in which one that died is seen
    private static final int LOOK = 100; // milliseconds
    private static final Pattern TYPED =
            Pattern.compile("^-(X|-add-|-enable-native|Dorg\\.bytedeco\\.|Djava\\.io\\.tmpdir=)");
    private static final Pattern ARCHIVE = Pattern.compile("^-XX:(Shared)?Archive");
    private static final Pattern LOST = Pattern.compile("(?i)connection|socket|peer|timed out");
    private static final Pattern THREAD = Pattern.compile("^Exception in thread \"[^\"]*\" ");

    private final ProcessPlaces places;
    private final String meeting;
    private final int port;
    private final List<Process> others = new ArrayList<>();
    private final List<Path> logs = new ArrayList<>();
    private boolean isBroken; // nothing is left to wait for

    private RunProcesses(ProcessPlaces places, String meeting, int port) {
        this.places = places;
        this.meeting = meeting;
        this.port = port;
    }

    /**
     * Work of the first process in a group that the others have joined.
     *
     * @param <T> what comes of it
     */
    @FunctionalInterface
    public interface Work<T> {
        /**
         * Does it.
         *
         * @param group all processes
         * @return what comes of it
         * @throws IOException if something cannot be written
         */
        T in(ProcessGroup group) throws IOException;
    }

    /**
     * Starts all but the first, works with them, and ends them.
     *
     * @param <T> what comes of the work
     * @param run whose folder they are given, and where what they say goes
     * @param places how many, and where
     * @param main what they run, by {@link RunProcess#take}
     * @param work of the first
     * @return what came of it
     * @throws IOException if they do not meet, one dies, or what the work throws
     */
    public static <T> T together(StoredRun run, ProcessPlaces places, Class<?> main, Work<T> work) throws IOException {
        places.checkFirst();
        try (RunProcesses others = start(run, places, main);
                ProcessGroup group = others.join()) {
            try {
                return work.in(group);
            } catch (IllegalStateException e) { // of libtorch
                throw others.cause(e);
            }
        }
    }

    private static RunProcesses start(StoredRun run, ProcessPlaces places, Class<?> main) throws IOException {
        RunProcesses started = places.hosts().isEmpty()
                ? new RunProcesses(
                        places, run.path().toAbsolutePath().resolve(MEETING).toString(), 0)
                : new RunProcesses(places, places.host(0), freePort());
        started.forget();
        try {
            for (int rank = 1; rank < places.number(); rank++) {
                started.start(run, rank, main);
            }
        } catch (IOException e) {
            started.close();
            throw e;
        }
        return started;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void start(StoredRun run, int rank, Class<?> main) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(each ->
                        TYPED.matcher(each).find() && !ARCHIVE.matcher(each).find())
                .forEach(command::add);
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("credence."))
                .sorted()
                .map(name -> "-D" + name + "=" + System.getProperty(name))
                .forEach(command::add);
        command.addAll(BackendChoice.options(places.seat(rank)));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.add(run.path().toAbsolutePath().toString());
        command.addAll(place(rank).arguments());
        if (!places.isHere(rank)) {
            command = there(places.host(rank), command);
        }
        Path log = run.processLog(rank);
        logs.add(log);
        Process other = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        others.add(other);
        begin(other);
    }

    /** The stream stays open until it is closed with this process: it is how the other knows that this one is there. */
    private static void begin(Process other) {
        try {
            other.getOutputStream().write(RunProcess.BEGUN);
            other.getOutputStream().flush();
        } catch (IOException e) {
            return; // it has ended already, which is seen where they meet
        }
    }

    private RunProcess place(int rank) {
        return new RunProcess(rank, places.number(), places.perMachine(), meeting, places.host(rank), port);
    }

    /** What one that was killed has left would be taken for the others' words. */
    private void forget() throws IOException {
        if (port == 0) {
            Files.deleteIfExists(Path.of(meeting));
        }
    }

    private static List<String> there(String host, List<String> command) {
        String ssh = System.getProperty("credence.ssh", "ssh");
        Path here = Path.of("").toAbsolutePath(); // names on the class path may be of this folder
        String line = "cd " + ShellWord.of(here.toString()) + " && exec "
                + command.stream().map(ShellWord::of).collect(Collectors.joining(" "));
        return List.of(ssh, host, line);
    }

    /** Meets them; where one dies before, that is the cause. */
    private ProcessGroup join() throws IOException {
        CompletableFuture<ProcessGroup> met = new CompletableFuture<>();
        Thread meeting = new Thread(
                () -> {
                    try {
                        met.complete(place(0).join());
                    } catch (IOException | RuntimeException e) {
                        met.completeExceptionally(e);
                    }
                },
                "credence-meeting");
        meeting.setDaemon(true); // who waits for a process that has died waits long
        meeting.start();
        while (true) {
            try {
                return met.get(LOOK, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (others.stream().anyMatch(other -> !other.isAlive())) {
                    throw cause(new IllegalStateException("one died before all had met", e));
                }
            } catch (ExecutionException e) {
                throw new IOException(e.getCause() == null ? e : e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the processes were to meet", e);
            }
        }
    }

    /** Why the first's work failed: the process that died first of all, with what it said; else what was thrown. */
    private IOException cause(RuntimeException thrown) {
        isBroken = true;
        awaitAnEnd();
        OptionalInt died = IntStream.rangeClosed(1, others.size())
                .filter(rank -> !others.get(rank - 1).isAlive())
                .boxed()
                .min(Comparator.comparing(this::hasLostOthers))
                .stream()
                .mapToInt(Integer::intValue)
                .findFirst();
        if (died.isEmpty()) {
            return new IOException("the processes lost each other: " + thrown.getMessage(), thrown);
        }
        int rank = died.getAsInt();
        return new IOException(
                "process " + rank + " of " + places.number() + where(rank) + " ended with code "
                        + others.get(rank - 1).exitValue() + last(logs.get(rank - 1)),
                thrown);
    }

    /** One that died is seen a moment after it was missed; those that missed it die, too. */
    private void awaitAnEnd() {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(ENDING);
        try {
            while (others.stream().allMatch(Process::isAlive) && System.nanoTime() < until) {
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether a process ended as another had. */
    private boolean hasLostOthers(int rank) {
        return others.get(rank - 1).exitValue() == 1
                && LOST.matcher(last(logs.get(rank - 1))).find();
    }

    private String where(int rank) {
        return places.isHere(rank) ? "" : " on " + places.host(rank);
    }

    private static String last(Path log) {
        try {
            List<String> lines = Files.readAllLines(log).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("[")) // the message layer's own lines begin so
                    .toList();
            String last = lines.stream()
                    .filter(line -> line.contains("Exception") || line.contains("Error"))
                    .findFirst()
                    .orElse(lines.isEmpty() ? "" : lines.get(lines.size() - 1));
            String said = THREAD.matcher(last).replaceFirst("");
            return said.isEmpty() ? "" : " (" + Cause.of(new IOException(said)) + ")";
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        for (Process other : others) {
            try {
                if (isBroken || !other.waitFor(LEAVING, TimeUnit.SECONDS)) {
                    other.destroyForcibly();
                }
            } catch (InterruptedException e) {
                other.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        try {
            forget();
        } catch (IOException e) {
            return; // who starts next deletes it, or says why it cannot
        }
    }
}
