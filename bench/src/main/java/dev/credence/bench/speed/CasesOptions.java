package dev.credence.bench.speed;

import dev.credence.core.provenance.InputException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the models of the benches are. */
final class CasesOptions {
    @Option(
            names = "--cases",
            paramLabel = "DIR",
            defaultValue = "../shared/cases",
            description = "Folder of the cases: plays/prior, letters/prior, corpora (default ../shared/cases).")
    private Path cases = Path.of("../shared/cases");

    Path folder() {
        return cases;
    }

    Path letters() {
        return cases.resolve("letters/prior");
    }

    Path plays() {
        return cases.resolve("plays/prior");
    }

    /** Refuses fewer turns than one. */
    static void requireRepeats(int repeats) {
        if (!(repeats >= 1)) {
            throw InputException.ofSetting("repeats", Integer.toString(repeats), "it must be 1 or more");
        }
    }
}
