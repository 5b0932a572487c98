package dev.credence.lab.processes;

import dev.credence.data.runs.StoredRun;
import dev.credence.torch.training.ProcessGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The place of a process that takes part in a run which another keeps.
 *
 * @param rank its number, from 1
 * @param size how many there are, the first with them
 * @param perMachine how many share the processors of a machine
 * @param meeting the file by which they meet on one machine; else the first one's host
 * @param host this one's, by which the others reach it
 * @param port where they meet on that host; 0 where it is a file
 */
public record RunProcess(int rank, int size, int perMachine, String meeting, String host, int port) {
    static final int BEGUN = '\n'; // what each is told at once

    private static final int LOOK = 100; // milliseconds

    /** What such a process does. */
    @FunctionalInterface
    public interface Share {
        /**
         * Takes part until the last step.
         *
         * @param run whose folder it is
         * @param place this process's
         * @throws IOException if something cannot be read, or another process has gone
         */
        void of(StoredRun run, RunProcess place) throws IOException;
    }

    /**
     * The main method of such a process. A signal to the terminal's programs does not end it before the first process, which
     * may have a last step to take and a checkpoint to write.
     *
     * @param args as {@link RunProcesses} gives them: the run's folder, and the place
     * @param share what it does
     * @throws IOException of the share
     */
    public static void take(String[] args, Share share) throws IOException {
        RunProcess place = new RunProcess(
                Integer.parseInt(args[1]),
                Integer.parseInt(args[2]),
                Integer.parseInt(args[3]),
                args[4],
                args[5],
                Integer.parseInt(args[6]));
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> await(done), "credence-interrupted"));
        aside("credence-first", () -> awaitEndOfFirst(done));
        aside("credence-share", () -> {
            try {
                share.of(StoredRun.open(Path.of(args[0])), place);
                done.complete(true);
            } catch (IOException | RuntimeException | Error e) { // it must end, whatever it was
                done.completeExceptionally(e);
            }
        });
        try {
            done.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException failed) {
                throw failed;
            }
            if (cause instanceof RuntimeException failed) {
                throw failed;
            }
            throw new IllegalStateException(cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** In a thread that keeps no process alive. */
    private static void aside(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * However the first process ends, the standard input that it holds ends with it, on another machine too. One that waits for the
     * others to meet would not be told otherwise. Where no word came by it, it is another's, and says nothing.
     */
    private static void awaitEndOfFirst(CompletableFuture<Boolean> done) {
        try {
            int heard = System.in.read();
            while (heard >= 0) {
                heard = System.in.read();
                if (heard < 0) {
                    done.complete(false);
                }
            }
        } catch (IOException e) {
            return; // as if no word had come
        }
    }

    /** {@return the place as {@link #take} reads it} */
    List<String> arguments() {
        return List.of(
                Integer.toString(rank),
                Integer.toString(size),
                Integer.toString(perMachine),
                meeting,
                host,
                Integer.toString(port));
    }

    /** Until the work is done, or nobody is left to do it with. */
    private static void await(CompletableFuture<Boolean> done) {
        Optional<ProcessHandle> first = ProcessHandle.current().parent();
        try {
            while (!done.isDone() && first.map(ProcessHandle::isAlive).orElse(false)) {
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Meets the others.
     *
     * @return the group
     * @throws IOException if they do not meet
     */
    public ProcessGroup join() throws IOException {
        return port == 0
                ? ProcessGroup.join(rank, size, Path.of(meeting))
                : ProcessGroup.join(rank, size, meeting, host, port);
    }
}
