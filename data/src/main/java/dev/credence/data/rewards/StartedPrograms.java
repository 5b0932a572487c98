package dev.credence.data.rewards;

import dev.credence.data.runs.LastWork;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Programs that compute rewards. A process that is asked to end takes them along, after the last step that it may take first; of one
 * that is killed they see the end of their input.
 */
final class StartedPrograms {
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        endWithTheProcess();
    }

    private StartedPrograms() {}

    private static void endWithTheProcess() {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(StartedPrograms::endAll, "credence-commands"));
        } catch (IllegalStateException e) {
            return; // the process is ending, and this is of its last step
        }
    }

    /** Starts a command of the shell. Ctrl-C at a terminal reaches all programs there: this one leaves it to who started it. */
    static Process start(String command) throws IOException {
        Process process = new ProcessBuilder("/bin/sh", "-c", "trap '' INT\n" + command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        RUNNING.add(process);
        return process;
    }

    /** Ends the shell and what it started. */
    static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        RUNNING.remove(process);
    }

    private static void endAll() {
        LastWork.await(LastWork.PATIENCE);
        RUNNING.forEach(StartedPrograms::end);
    }
}
