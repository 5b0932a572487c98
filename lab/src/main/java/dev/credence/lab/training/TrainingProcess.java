package dev.credence.lab.training;

import dev.credence.lab.processes.RunProcess;
import java.io.IOException;

/** A process of a training that others take part in; started by the first one, for which it computes its share of each step. */
public final class TrainingProcess {
    private TrainingProcess() {}

    /**
     * Takes part until the last step.
     *
     * @param args the run's folder, this process's number, how many there are, the port where they meet
     * @throws IOException if something cannot be read, or another process has gone
     */
    public static void main(String[] args) throws IOException {
        RunProcess.take(args, (run, place) -> CorpusRun.resume(run, line -> {}).share(place));
    }
}
