package dev.credence.lab.training;

import dev.credence.lab.Credence;
import dev.credence.torch.Backend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A training in a process of its own, to be killed: it loads the libraries, and waits for what to do, a line each. */
final class KilledTraining {
    private KilledTraining() {}

    public static void main(String[] none) throws IOException {
        Backend.shared();
        String[] asked = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1);
        Path run = Path.of(asked[0]);
        if (asked.length == 1) {
            Credence.resumeTraining(run, System.out::println);
        } else {
            long steps = Long.parseLong(asked[2]);
            Credence.train(run, List.of(asked[1]), TrainingTest.killed(steps), TrainingTest.SEED, System.out::println);
        }
    }
}
