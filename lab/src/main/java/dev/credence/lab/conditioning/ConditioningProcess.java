package dev.credence.lab.conditioning;

import dev.credence.lab.processes.RunProcess;
import java.io.IOException;

/** A process that takes part in the conditioning of a model; started by the first one, with which it draws, scores and learns. */
public final class ConditioningProcess {
    private ConditioningProcess() {}

    /**
     * Takes part until the last step.
     *
     * @param args the run's folder, this process's number, how many there are, the port where they meet
     * @throws IOException if something cannot be read, or another process has gone
     */
    public static void main(String[] args) throws IOException {
        RunProcess.take(args, KeptConditioning::share);
    }
}
