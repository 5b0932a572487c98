package dev.credence.lab.training;

import dev.credence.data.runs.StoredRun;
import java.io.IOException;
import java.nio.file.Path;

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
        StoredRun run = StoredRun.open(Path.of(args[0]));
        CorpusRun.resume(run, line -> {})
                .share(Integer.parseInt(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    }
}
